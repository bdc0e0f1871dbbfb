//! The features of an autoregression: lags, means around long lags, Fourier terms and covariates.

use std::f64::consts::TAU;
use std::ops::Range;

use crate::model::regression::exogenous_features::ExogenousFeatures;
use crate::model::regression::ridge::{NormalEquations, RidgeCoefficients};
use crate::model::regression::series_view::SeriesView;
use crate::model::transform::mean_and_deviation;
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

impl SeasonalDifference {
    fn mean_before(self, values: &[f64], t: usize) -> f64 {
        (1..=self.seasons).map(|i| values[t - i * self.lag]).sum::<f64>() / self.seasons as f64
    }
}

/// The features that form a row.
#[derive(Debug, Clone)]
pub(crate) struct FeatureLayout {
    /// Lags of single values, from 1, ascending.
    lags: Vec<usize>,
    /// Lag and width of means over a few values, for seasons too long for single lags.
    lag_means: Vec<(usize, usize)>,
    /// The number of last values whose mean is subtracted from lags and outputs.
    level_width: usize,
    /// If there is one, the mean of the last seasons is subtracted instead. Each lag has its own.
    difference: Option<SeasonalDifference>,
    /// Period in steps and number of harmonics of each season's Fourier series.
    fourier: Vec<(f64, usize)>,
    ordinal: i64,
    /// The standard deviation of the series. The constant, the Fourier terms and the covariates are multiplied by it, so
    /// that the penalty treats all features equally.
    scale: f64,
    exogenous: Option<ExogenousFeatures>,
}

impl FeatureLayout {
    /// The features of a forecast of one step. Covariates with a known future are taken at the step of the target, one
    /// step before, and a season before. `None` if the view has covariates and none of these varies.
    pub(crate) fn one_step(view: SeriesView<'_>, known: usize, difference: Option<SeasonalDifference>) -> Option<Self> {
        let mut lags = recent_lags(&view, known, 16);
        for &m in view.seasons {
            lags.extend([m - 1, m, m + 1, 2 * m, 3 * m, 7 * m].into_iter().filter(|lag| lag * 3 <= known));
        }
        let mut layout = Self::new(&view, known, lags, difference);
        if let Some(data) = view.exogenous {
            let season_lag = Some(view.season()).filter(|season| (2..=MAX_SINGLE_LAGS).contains(season));
            layout.exogenous = Some(ExogenousFeatures::known_future(data, known, season_lag)?);
        }
        Some(layout)
    }

    /// The features of a forecast of all steps of a horizon at once. They have the past of covariates without a known
    /// future.
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
        let exogenous = view.exogenous.and_then(|data| ExogenousFeatures::past_only(data, known, view.season()));
        Self { lag_means, exogenous, ..Self::new(view, known, lags, None) }
    }

    /// Fourier terms and covariates, without lags of the values.
    pub(crate) fn without_lags(view: &SeriesView<'_>, known: usize, exogenous: ExogenousFeatures) -> Self {
        Self { exogenous: Some(exogenous), ..Self::new(view, known, Vec::new(), None) }
    }

    fn new(view: &SeriesView<'_>, known: usize, mut lags: Vec<usize>, difference: Option<SeasonalDifference>) -> Self {
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
        let (_, deviation) = mean_and_deviation(&view.values[..known]);
        let (fourier, ordinal, scale) = (fourier.collect(), view.ordinal, deviation.max(1e-12));
        // a season of at least four values
        let level_width = view.season().max(4).min(known / 3).max(1);
        Self { lags, lag_means: Vec::new(), level_width, difference, fourier, ordinal, scale, exogenous: None }
    }

    /// Whether covariates with a known future are known for a target at position `t`.
    pub(crate) fn is_known_at(&self, t: usize) -> bool {
        self.exogenous.as_ref().is_none_or(|exogenous| t < exogenous.steps)
    }

    pub(crate) fn count(&self) -> usize {
        let trend = usize::from(self.difference.is_none());
        let exogenous = self.exogenous.as_ref().map_or(0, ExogenousFeatures::count);
        let fourier = self.fourier.iter().map(|(_, k)| 2 * k).sum::<usize>();
        1 + trend + self.lags.len() + self.lag_means.len() + fourier + exogenous
    }

    /// The first position whose features are all known.
    pub(crate) fn first_position(&self) -> usize {
        let covariates = self.exogenous.iter().flat_map(|exogenous| &exogenous.lags);
        let means = self.lag_means.iter().map(|(lag, width)| lag + width);
        let longest = self.lags.iter().chain(covariates).copied().chain(means).max().unwrap_or(1);
        match self.difference {
            None => longest.max(self.level_width),
            Some(SeasonalDifference { lag, seasons }) => longest + lag * seasons,
        }
    }

    /// Adds a row for each of the `positions` on the stride of the equations, from which all outputs were observed. All
    /// equations have the same stride and the same outputs.
    pub(crate) fn add_rows(&self, view: &SeriesView<'_>, positions: Range<usize>, equations: &mut [NormalEquations]) {
        let mut row = Vec::new();
        let (stride, outputs) = (equations[0].stride, equations[0].outputs);
        for t in positions.filter(|t| t.is_multiple_of(stride)) {
            let outputs = t..t + outputs;
            if view.observed[outputs.clone()].iter().all(|observed| *observed) {
                row.clear();
                let reference = self.append_row(view.values, t, &mut row);
                row.extend(view.values[outputs].iter().map(|value| value - reference));
                equations.iter_mut().for_each(|equations| equations.add(&row));
            }
        }
    }

    /// Appends the features of a target at position `t`, of which `values[..t]` are known. Returns the reference level
    /// that is subtracted from the outputs.
    pub(crate) fn append_row(&self, values: &[f64], t: usize, row: &mut Vec<f64>) -> f64 {
        let reference = match self.difference {
            None => {
                let level = values[t - self.level_width..t].iter().sum::<f64>() / self.level_width as f64;
                row.extend(self.lags.iter().map(|lag| values[t - lag] - level));
                row.extend(self.lag_means.iter().map(|&(lag, width)| {
                    values[t - lag - width + 1..=t - lag].iter().sum::<f64>() / width as f64 - level
                }));
                let long = self.first_position().min(t);
                row.push(values[t - long..t].iter().sum::<f64>() / long as f64 - level);
                level
            }
            Some(difference) => {
                row.extend(self.lags.iter().map(|lag| values[t - lag] - difference.mean_before(values, t - lag)));
                difference.mean_before(values, t)
            }
        };
        row.push(self.scale);
        for &(period, harmonics) in &self.fourier {
            let angle = TAU * ((self.ordinal + t as i64) as f64 / period).fract();
            for k in 1..=harmonics {
                let (sin, cos) = (angle * k as f64).sin_cos();
                row.extend([self.scale * sin, self.scale * cos]);
            }
        }
        self.append_covariates(t, row);
        reference
    }

    /// Appends the covariates of a target at position `t`, each relative to a level as the values are.
    fn append_covariates(&self, t: usize, row: &mut Vec<f64>) {
        let Some(exogenous) = &self.exogenous else { return };
        for (index, column) in exogenous.columns.iter().enumerate() {
            let lags = exogenous.lags.iter();
            match self.difference {
                None => {
                    let level = exogenous.mean(index, t - self.level_width..t);
                    row.extend(lags.map(|lag| self.scale * (column[t - lag] - level)));
                    if !exogenous.known_future {
                        row.push(self.scale * (level - exogenous.mean(index, 0..t)));
                    }
                }
                Some(difference) => {
                    let deviation = |t: usize| self.scale * (column[t] - difference.mean_before(column, t));
                    row.extend(lags.map(|lag| deviation(t - lag)));
                }
            }
        }
    }

    /// The effect of the covariates on a target at position `t`. Covariates before the first step have none.
    pub(crate) fn effect_of_covariates(&self, coefficients: &RidgeCoefficients, t: usize) -> f64 {
        let Some(exogenous) = &self.exogenous else { return 0.0 };
        let at_lag = |column: &[f64], lag: usize| t.checked_sub(lag).map_or(0.0, |t| column[t]);
        let columns = exogenous.columns.iter();
        let values = columns.flat_map(|column| exogenous.lags.iter().map(move |lag| at_lag(column, *lag)));
        let first = self.count() - exogenous.count();
        (first..).zip(values).map(|(feature, value)| coefficients.0[(0, feature)] * self.scale * value).sum()
    }

    /// The part of [`Self::effect_of_covariates`] of the covariate at a position.
    pub(crate) fn effect_of_covariate(&self, coefficients: &RidgeCoefficients, source: usize, t: usize) -> f64 {
        let Some(exogenous) = &self.exogenous else { return 0.0 };
        let (first, lags) = (self.count() - exogenous.count(), &exogenous.lags);
        let of_column = |column: usize| {
            let at_lag = |lag: usize| t.checked_sub(lag).map_or(0.0, |t| exogenous.columns[column][t]);
            let values = lags.iter().enumerate().map(move |(i, lag)| (first + column * lags.len() + i, at_lag(*lag)));
            values.map(|(feature, value)| coefficients.0[(0, feature)] * self.scale * value).sum::<f64>()
        };
        exogenous.columns_of(source).map(of_column).sum()
    }
}

/// The lags of the last steps: a season and one more, or `long_season_lags` for a season too long for that.
fn recent_lags(view: &SeriesView<'_>, known: usize, long_season_lags: usize) -> Vec<usize> {
    let season = view.season();
    let count = if season <= MAX_SINGLE_LAGS { season.max(8) + 1 } else { long_season_lags };
    (1..=count.min((known / 6).max(1))).collect()
}
