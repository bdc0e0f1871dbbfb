//! The features of an autoregression: lags, means around long lags, Fourier terms and covariates.

use std::f64::consts::TAU;

use crate::model::regression::exogenous_columns::{Availability, ExogenousColumns};
use crate::model::regression::exogenous_features::ExogenousFeatures;
use crate::model::regression::series_view::SeriesView;
use crate::time::frequency::exact_period;

/// The maximum number of adjacent lags with one feature each. A longer range has means over a few lags.
const MAX_SINGLE_LAGS: usize = 48;
/// The longest season that has one feature for each lag of the last season.
const MAX_SINGLE_LAG_SEASON: usize = 400;
/// The maximum number of harmonics of a season's Fourier series.
const MAX_HARMONICS: usize = 8;

/// The mean of the values one, two … `seasons` times `lag` steps before a value, which is subtracted from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SeasonalDifference {
    pub(crate) lag: usize,
    pub(crate) seasons: usize,
}

/// The features that form a row.
#[derive(Debug, Clone)]
pub(crate) struct FeatureLayout {
    /// Lags of single values, from 1, ascending.
    lags: Vec<usize>,
    /// Lag and width of means over a few values, for seasons too long for single lags.
    lag_means: Vec<(usize, usize)>,
    /// The level that is subtracted from lags and outputs.
    reference: Reference,
    /// Period in steps and number of harmonics of each season's Fourier series.
    fourier: Vec<(f64, usize)>,
    ordinal: i64,
    /// The standard deviation of the series. The constant and the Fourier terms are multiplied by it, so that the
    /// penalty treats all features equally.
    scale: f64,
    season: usize,
    exogenous: Option<Box<ExogenousFeatures>>,
}

#[derive(Debug, Clone, Copy)]
enum Reference {
    /// The mean of the last values. The number is their count.
    TrailingMean(usize),
    /// The mean of the last seasons. Each lag has its own reference.
    Seasonal(SeasonalDifference),
}

impl FeatureLayout {
    /// The features of a forecast of one step.
    pub(crate) fn one_step(view: &SeriesView<'_>, known: usize, difference: Option<SeasonalDifference>) -> Self {
        let mut lags = recent_lags(view, known, 16);
        for &m in view.seasons {
            for lag in [m - 1, m, m + 1, 2 * m, 3 * m, 7 * m] {
                if lag * 3 <= known {
                    lags.push(lag);
                }
            }
        }
        let reference = difference.map_or_else(|| trailing_mean(view, known), Reference::Seasonal);
        Self::new(view, known, lags, Vec::new(), reference)
    }

    /// The features of a forecast of all steps of a horizon at once.
    pub(crate) fn whole_horizon(view: &SeriesView<'_>, known: usize, horizon: usize) -> Self {
        let mut lags = recent_lags(view, known, 24);
        let mut lag_means = Vec::new();
        for &m in view.seasons {
            // the steps of the horizon, one season before
            let steps = horizon.min(m);
            if 3 * m > known {
                continue;
            }
            if steps <= MAX_SINGLE_LAGS && m <= MAX_SINGLE_LAG_SEASON {
                lags.extend((0..steps).map(|k| m - k));
            } else {
                let width = steps.div_ceil(MAX_SINGLE_LAGS);
                lag_means.extend((0..steps / width).map(|i| (m - i * width - width + 1, width)));
            }
        }
        Self::new(view, known, lags, lag_means, trailing_mean(view, known))
    }

    /// The features of the effect of `columns`: Fourier terms and covariates, without lags of the values.
    pub(crate) fn exogenous_effect(view: &SeriesView<'_>, known: usize, columns: ExogenousColumns) -> Self {
        let mut layout = Self::new(view, known, Vec::new(), Vec::new(), trailing_mean(view, known));
        layout.exogenous = Some(Box::new(ExogenousFeatures::at_target(columns, None, layout.scale)));
        layout
    }

    fn new(
        view: &SeriesView<'_>,
        known: usize,
        mut lags: Vec<usize>,
        lag_means: Vec<(usize, usize)>,
        reference: Reference,
    ) -> Self {
        lags.retain(|lag| *lag > 0);
        lags.sort_unstable();
        lags.dedup();
        let fourier = view.seasons.iter().filter(|m| 2 * **m <= known).map(|&m| {
            let harmonics = match m {
                0..=24 => m / 2,
                25..=100 => 8,
                _ => 6,
            };
            (exact_period(m), harmonics.clamp(1, MAX_HARMONICS))
        });
        let (past, n) = (&view.values[..known], known as f64);
        let mean = past.iter().sum::<f64>() / n;
        let scale = (past.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt().max(1e-12);
        let (fourier, ordinal, season) = (fourier.collect(), view.ordinal, view.season());
        Self { lags, lag_means, reference, fourier, ordinal, scale, season, exogenous: None }
    }

    /// Adds the covariates with a known future; `None` if none varies.
    pub(crate) fn with_known_future(mut self, view: &SeriesView<'_>, known: usize) -> Option<Self> {
        let columns = ExogenousColumns::new(view.exogenous?, Availability::KnownFuture, known)?;
        let season_lag = (2..=MAX_SINGLE_LAGS).contains(&self.season).then_some(self.season);
        self.exogenous = Some(Box::new(ExogenousFeatures::at_target(columns, season_lag, self.scale)));
        Some(self)
    }

    /// Adds the past of the covariates without a known future; `None` if none varies.
    pub(crate) fn with_past(mut self, view: &SeriesView<'_>, known: usize) -> Option<Self> {
        let columns = ExogenousColumns::new(view.exogenous?, Availability::PastOnly, known)?;
        self.exogenous = Some(Box::new(ExogenousFeatures::before_target(columns, self.season, self.scale)));
        Some(self)
    }

    /// The position of the first covariate in a row, the lags of each column, and their scale.
    pub(crate) fn exogenous_position(&self) -> Option<(usize, &[usize], f64)> {
        let exogenous = self.exogenous.as_ref()?;
        Some((self.count() - exogenous.count(), exogenous.lags(), self.scale))
    }

    /// Whether the covariates are known for a target at position `t`.
    pub(crate) fn is_known_at(&self, t: usize) -> bool {
        self.exogenous.as_ref().is_none_or(|exogenous| exogenous.is_known_at(t))
    }

    pub(crate) fn season(&self) -> usize {
        self.season
    }

    pub(crate) fn count(&self) -> usize {
        let trend = usize::from(matches!(self.reference, Reference::TrailingMean(_)));
        let exogenous = self.exogenous.as_ref().map_or(0, |exogenous| exogenous.count());
        let fourier = self.fourier.iter().map(|(_, k)| 2 * k).sum::<usize>();
        1 + trend + self.lags.len() + self.lag_means.len() + fourier + exogenous
    }

    /// The first position whose features are all known.
    pub(crate) fn first_position(&self) -> usize {
        let longest_mean = self.lag_means.iter().map(|(m, w)| m + w).max().unwrap_or(0);
        let longest = self.lags.last().copied().unwrap_or(1).max(longest_mean);
        let longest = longest.max(self.exogenous.as_ref().map_or(0, |exogenous| exogenous.longest_lag()));
        match self.reference {
            Reference::TrailingMean(width) => longest.max(width),
            Reference::Seasonal(SeasonalDifference { lag, seasons }) => longest + lag * seasons,
        }
    }

    /// Appends the features of a target at position `t`, of which `values[..t]` are known. Returns the reference level
    /// that is subtracted from the outputs.
    pub(crate) fn append_row(&self, values: &[f64], t: usize, row: &mut Vec<f64>) -> f64 {
        let reference = match self.reference {
            Reference::TrailingMean(width) => {
                let level = values[t - width..t].iter().sum::<f64>() / width as f64;
                row.extend(self.lags.iter().map(|lag| values[t - lag] - level));
                row.extend(self.lag_means.iter().map(|&(lag, width)| {
                    values[t - lag - width + 1..=t - lag].iter().sum::<f64>() / width as f64 - level
                }));
                let long = self.first_position().min(t);
                row.push(values[t - long..t].iter().sum::<f64>() / long as f64 - level);
                level
            }
            Reference::Seasonal(SeasonalDifference { lag: back, seasons }) => {
                let seasonal_mean =
                    |t: usize| (1..=seasons).map(|i| values[t - i * back]).sum::<f64>() / seasons as f64;
                row.extend(self.lags.iter().map(|lag| values[t - lag] - seasonal_mean(t - lag)));
                seasonal_mean(t)
            }
        };
        row.push(self.scale);
        self.append_fourier_terms(t, row);
        if let Some(exogenous) = &self.exogenous {
            match self.reference {
                Reference::TrailingMean(width) => exogenous.append_relative_to_window(t, (t - width, t), row),
                Reference::Seasonal(SeasonalDifference { lag, seasons }) => {
                    exogenous.append_differenced(t, (lag, seasons), row);
                }
            }
        }
        reference
    }

    fn append_fourier_terms(&self, t: usize, row: &mut Vec<f64>) {
        for &(period, harmonics) in &self.fourier {
            let angle = TAU * ((self.ordinal + t as i64) as f64 / period).fract();
            for k in 1..=harmonics {
                let (sin, cos) = (angle * k as f64).sin_cos();
                row.extend([self.scale * sin, self.scale * cos]);
            }
        }
    }
}

/// The lags of the last steps: a season and one more, or `long_season_lags` for a season too long for that.
fn recent_lags(view: &SeriesView<'_>, known: usize, long_season_lags: usize) -> Vec<usize> {
    let season = view.season();
    let count = if season <= MAX_SINGLE_LAGS { season.max(8) + 1 } else { long_season_lags };
    (1..=count.min((known / 6).max(1))).collect()
}

/// The mean of the last season, of at least four values.
fn trailing_mean(view: &SeriesView<'_>, known: usize) -> Reference {
    Reference::TrailingMean(view.season().max(4).min(known / 3).max(1))
}
