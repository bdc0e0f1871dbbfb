//! A candidate: a kind of forecast, and the transform on which it works. One table has what is to know of each kind.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::auto::candidates::forecast_series::ForecastSeries;
use crate::model::global::pretrained::PretrainedFrequency;
use crate::model::regression::features::SeasonalDifference;
use crate::model::regression::series_view::SeriesView;
use crate::model::regression::{direct_forecast, recursive_forecast};
use crate::model::smoothing::SmoothedSeries;
use crate::model::stat::count_distribution::CountDistribution;
use crate::model::stat::method_fit::MethodFit;
use crate::model::stat::{climatology, croston, ets, theta};
use crate::model::transform::Transform;

/// The number of seasons of a seasonal mean, and the maximum of a seasonal difference.
pub(crate) const SEASONS_OF_MEAN: usize = 4;
/// The maximum number of last values that are smoothed.
pub(crate) const MAX_SMOOTHED_VALUES: usize = 5_000;
/// The half-life of discounted rows is the length of the history divided by this. It has a minimum in seasons and in
/// rows.
const HALF_LIFE_DIVISOR: f64 = 6.0;
const MIN_HALF_LIFE_SEASONS: f64 = 30.0;
const MIN_HALF_LIFE: f64 = 60.0;

/// The growth of the known values, as a factor, with which the form of ETS is selected again.
const MIN_GROWTH_OF_SELECTION: f64 = 1.2;

/// A kind of forecast of one series. Saved models name the kinds as here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CandidateKind {
    Naive,
    /// The number is the season length in steps.
    SeasonalNaive(usize),
    /// The mean of the same step in the last [`SEASONS_OF_MEAN`] seasons.
    SeasonalMean(usize),
    Mean,
    /// The rate of intermittent counts.
    Croston,
    /// The median of intermittent counts. Its intervals are quantiles of the same distribution.
    Counts,
    /// Exponential smoothing with a damped trend and seasons; its parameters minimise the error over the whole horizon.
    Smoothing,
    Theta,
    /// Exponential smoothing of the form with the smallest `AICc`.
    Ets,
    /// The mean of the same date in earlier years, and the last anomaly, which fades with the step.
    Climatology,
    RecursiveRidge,
    /// Recursive ridge autoregression of the distances from the mean of the last `seasons` seasons of `lag` steps.
    DifferencedRidge {
        lag: usize,
        seasons: usize,
    },
    /// Ridge autoregression of all steps at once.
    DirectRidge,
    /// As `DirectRidge`, with smaller weights of older rows.
    DiscountedRidge,
    /// The networks of the global model that ship with the crate.
    Pretrained(PretrainedFrequency),
    /// A recurrent network over segments of a season. The number distinguishes networks of one series.
    Network(u64),
    /// A recurrent network that forecasts the residuals of the direct ridge autoregression.
    ResidualNetwork(u64),
}

/// A path at each cutoff; `None` if too few values were known, or the budget was over.
pub(crate) type Paths = Vec<Option<Vec<f64>>>;

/// The name of a kind, and how it forecasts.
pub(crate) struct Method {
    name: String,
    /// Whether it is fast enough to be fitted even after the budget is over.
    pub(crate) is_fast: bool,
    covariates: CovariateUse,
    pub(crate) strategy: Strategy,
}

#[derive(PartialEq)]
enum CovariateUse {
    Never,
    /// Covariates with a known future are features.
    Features,
    /// The method has no features for a known future. Its effect is removed from the series, and added to the forecast.
    RemovedEffect,
    /// As `RemovedEffect`, and past values of all covariates are features.
    RemovedEffectAndPast,
}

pub(crate) type FitAtCutoffs = dyn Fn(ForecastSeries<'_>, &[usize]) -> Paths;

pub(crate) enum Strategy {
    /// Forecasts of a series at cutoffs, ascending.
    Fit(Box<FitAtCutoffs>),
    /// A network, which is trained at the first cutoff.
    Network { on_ridge: bool, number: u64 },
}

impl CandidateKind {
    /// The name of the distribution of counts.
    pub(crate) const COUNTS: &str = "counts";

    /// Whether a neural network makes the forecast, or corrects that of a regression.
    pub(crate) fn is_network(self) -> bool {
        matches!(self, Self::Pretrained(_) | Self::Network(_) | Self::ResidualNetwork(_))
    }

    /// The table of all kinds. A new kind needs a row here, and its condition in the selection.
    pub(crate) fn method(self) -> Method {
        use CovariateUse::{Features, Never, RemovedEffect, RemovedEffectAndPast};
        let (name, is_fast, covariates, strategy) = match self {
            Self::Naive => ("naive".into(), true, Never, each_cutoff(|known, h| Some(vec![*known.values.last()?; h]))),
            Self::SeasonalNaive(m) => (format!("seasonal naive {m}"), true, Never, seasonal_mean(m, 1)),
            Self::SeasonalMean(m) => (format!("seasonal mean {m}"), true, Never, seasonal_mean(m, SEASONS_OF_MEAN)),
            Self::Mean => ("mean".into(), true, Never, each_cutoff(|known, h| Some(mean(known, h)))),
            Self::Croston => ("croston".into(), false, Never, statistical(|y, _, h| croston::fit(y, h))),
            Self::Counts => (Self::COUNTS.into(), true, Never, each_cutoff(counts)),
            Self::Pretrained(frequency) => ("pretrained networks".into(), false, Never, pretrained(frequency)),
            Self::Smoothing => {
                ("smoothing".into(), false, RemovedEffect, each_cutoff(|known, h| Some(smoothing(known, h))))
            }
            Self::Theta => ("theta".into(), true, Never, statistical(theta::fit)),
            Self::Ets => ("ets".into(), false, Never, ets()),
            Self::Climatology => ("climatology".into(), true, RemovedEffect, climatology()),
            Self::RecursiveRidge => ("recursive ridge".into(), false, Features, recursive_ridge(None)),
            Self::DifferencedRidge { lag, seasons } => {
                let lags = if seasons == 1 { lag.to_string() } else { format!("{seasons}x{lag}") };
                let difference = SeasonalDifference { lag, seasons };
                (format!("differenced ridge {lags}"), false, Features, recursive_ridge(Some(difference)))
            }
            Self::DirectRidge => ("direct ridge".into(), false, RemovedEffectAndPast, direct_ridge(false)),
            Self::DiscountedRidge => ("discounted ridge".into(), false, RemovedEffectAndPast, direct_ridge(true)),
            Self::Network(n) => {
                (format!("network {n}"), false, Never, Strategy::Network { on_ridge: false, number: n })
            }
            Self::ResidualNetwork(number) => {
                let strategy = Strategy::Network { on_ridge: true, number };
                (format!("network {number} on ridge"), false, RemovedEffectAndPast, strategy)
            }
        };
        Method { name, is_fast, covariates, strategy }
    }
}

/// A method that is fitted separately to the values known at each cutoff.
fn each_cutoff(forecast: impl Fn(SeriesView<'_>, usize) -> Option<Vec<f64>> + 'static) -> Strategy {
    Strategy::Fit(Box::new(move |ForecastSeries { view, horizon, .. }, cutoffs| {
        let known = |at: usize| SeriesView { values: &view.values[..at], observed: &view.observed[..at], ..view };
        cutoffs.iter().map(|cutoff| forecast(known(*cutoff), horizon)).collect()
    }))
}

/// A method that is fitted to values and a season length.
fn statistical(fit: fn(&[f64], usize, usize) -> MethodFit) -> Strategy {
    each_cutoff(move |known, horizon| Some(fit(known.values, known.season(), horizon).median))
}

/// Exponential smoothing. Its form is selected at the first cutoff, where many more values are known, and at the last.
fn ets() -> Strategy {
    Strategy::Fit(Box::new(|ForecastSeries { view, horizon, .. }, cutoffs| {
        let (mut form, mut selected_at) = (None, 0);
        let path = |&known: &usize| {
            if cutoffs.last() == Some(&known) || known as f64 >= MIN_GROWTH_OF_SELECTION * selected_at as f64 {
                (form, selected_at) = (None, known);
            }
            Some(ets::fit_form(&view.values[..known], view.season(), horizon, &mut form).median)
        };
        cutoffs.iter().map(path).collect()
    }))
}

/// The mean of the same step in the last `count` seasons of `m` steps.
fn seasonal_mean(m: usize, count: usize) -> Strategy {
    each_cutoff(move |SeriesView { values, .. }, horizon| {
        let from = values.len().checked_sub(m * count)?;
        let sum = |k: usize| (0..count).map(|i| values[from + i * m + k % m]).sum::<f64>();
        Some((0..horizon).map(|k| sum(k) / count as f64).collect())
    })
}

fn mean(SeriesView { values, .. }: SeriesView<'_>, horizon: usize) -> Vec<f64> {
    vec![values.iter().sum::<f64>() / values.len().max(1) as f64; horizon]
}

fn counts(SeriesView { values, .. }: SeriesView<'_>, horizon: usize) -> Option<Vec<f64>> {
    (!values.is_empty()).then(|| vec![CountDistribution::fit(values).quantile(0.5); horizon])
}

fn pretrained(frequency: PretrainedFrequency) -> Strategy {
    Strategy::Fit(Box::new(move |ForecastSeries { view, horizon, .. }, cutoffs| {
        frequency.paths(view.values, view.season(), horizon, cutoffs)
    }))
}

fn smoothing(known: SeriesView<'_>, horizon: usize) -> Vec<f64> {
    let from = known.values.len().saturating_sub(MAX_SMOOTHED_VALUES);
    let values = &known.values[from..];
    let smoothed = SmoothedSeries::fit(values, &known.observed[from..], known.seasons, horizon);
    (1..=horizon).map(|k| smoothed.forecast(values.len() - 1, k)).collect()
}

fn recursive_ridge(difference: Option<SeasonalDifference>) -> Strategy {
    Strategy::Fit(Box::new(move |ForecastSeries { view, horizon, first_cutoff }, cutoffs| {
        recursive_forecast(view, difference, horizon, first_cutoff, cutoffs)
    }))
}

fn climatology() -> Strategy {
    Strategy::Fit(Box::new(|ForecastSeries { view, horizon, .. }, cutoffs| climatology::paths(view, horizon, cutoffs)))
}

/// A discounted regression halves the weight of a row after a number of rows.
fn direct_ridge(is_discounted: bool) -> Strategy {
    Strategy::Fit(Box::new(move |series, cutoffs| {
        let ForecastSeries { view, horizon, first_cutoff } = series;
        direct_forecast(view, is_discounted.then(|| half_life(series)), horizon, first_cutoff, cutoffs)
    }))
}

/// The half-life in rows of a discounted regression.
pub(crate) fn half_life(ForecastSeries { view, first_cutoff, .. }: ForecastSeries<'_>) -> f64 {
    let of_seasons = MIN_HALF_LIFE_SEASONS * view.season() as f64;
    (first_cutoff as f64 / HALF_LIFE_DIVISOR).max(of_seasons).max(MIN_HALF_LIFE)
}

/// A kind of forecast, the transform of its input values, and whether it uses covariates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Candidate {
    pub(crate) kind: CandidateKind,
    pub(crate) transform: Transform,
    pub(crate) with_covariates: bool,
}

impl Candidate {
    /// A candidate on untransformed values and without covariates.
    pub(crate) fn plain(kind: CandidateKind) -> Self {
        Self { kind, transform: Transform::Identity, with_covariates: false }
    }

    /// Whether its season lengths are in the range of `1..=max_season`.
    pub(crate) fn is_valid(self, max_season: usize) -> bool {
        match self.kind {
            CandidateKind::SeasonalNaive(m) | CandidateKind::SeasonalMean(m) => (1..=max_season).contains(&m),
            CandidateKind::DifferencedRidge { lag, seasons } => {
                (1..=max_season).contains(&lag) && (1..=SEASONS_OF_MEAN).contains(&seasons)
            }
            _ => true,
        }
    }

    /// Whether the method can use the covariates of a series.
    pub(crate) fn can_use_covariates(self, view: &SeriesView<'_>) -> bool {
        view.exogenous.is_some_and(|exogenous| match self.kind.method().covariates {
            CovariateUse::Never => false,
            CovariateUse::Features | CovariateUse::RemovedEffect => exogenous.has_known_future(),
            CovariateUse::RemovedEffectAndPast => true,
        })
    }

    /// Whether it forecasts the series without the effect of the covariates.
    pub(crate) fn needs_effect_removed(self, view: &SeriesView<'_>) -> bool {
        self.with_covariates
            && self.kind.method().covariates != CovariateUse::Features
            && view.exogenous.is_some_and(|exogenous| exogenous.has_known_future())
    }
}

impl fmt::Display for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let covariates = if self.with_covariates { " with covariates" } else { "" };
        let transform = match self.transform {
            Transform::Identity => "",
            Transform::Log => " (log)",
        };
        write!(f, "{}{covariates}{transform}", self.kind.method().name)
    }
}
