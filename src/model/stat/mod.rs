//! The bar to beat: forecasts by statistics, which read all they need off the history they forecast.
//!
//! Medians and standard errors of the simple ones follow Hyndman & Athanasopoulos, *Forecasting: Principles and Practice*
//! (3rd ed.), sections 5.2 and 5.5; the bands use Student's t, because the errors' spread is itself an estimate.

pub(crate) mod arima;
pub(crate) mod comb;
pub(crate) mod croston;
pub(crate) mod drift;
pub(crate) mod ets;
pub(crate) mod fit;
pub(crate) mod mean;
pub(crate) mod mstl;
pub(crate) mod naive;
pub(crate) mod nelder_mead;
pub(crate) mod persist;
pub(crate) mod ridge;
pub(crate) mod seasonal_adjustment;
pub(crate) mod seasonal_naive;
pub(crate) mod stl;
pub(crate) mod student_t;
pub(crate) mod theta;

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::forecast::quantile_forecast::Forecast;
use crate::model::forecaster::{Forecaster, Model};
use crate::model::model_files::ModelFiles;
use crate::model::observer::Observer;
use crate::model::persist::Persist;
use crate::model::task::Task;
use crate::panel::Panel;
use crate::panel::series::TimeSeries;

/// A statistical forecast. Each works from one observation up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Baseline {
    /// The last value.
    Naive,
    /// The value of a season ago; the last value where the history is no longer than a season.
    SeasonalNaive,
    /// The line through the first and the last value.
    Drift,
    /// The mean of all values.
    Mean,
    /// The mean of simple, Holt's and damped exponential smoothing.
    Comb,
    /// Exponential smoothing, the form chosen by an information criterion.
    Ets,
    /// The optimised Theta method.
    Theta,
    /// Autoregression and moving averages of differences, the orders found stepwise.
    Arima,
    /// Several seasons taken out by loess, the rest by exponential smoothing.
    Mstl,
    /// Ridge autoregression on lags and the calendar.
    Ridge,
    /// The mean rate of intermittent counts.
    Croston,
}

impl Baseline {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Naive,
        Self::SeasonalNaive,
        Self::Drift,
        Self::Mean,
        Self::Comb,
        Self::Ets,
        Self::Theta,
        Self::Arima,
        Self::Mstl,
        Self::Ridge,
        Self::Croston,
    ];

    /// The one of this [`Model::name`].
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|baseline| baseline.name() == name)
    }

    fn outlook(self, history: &TimeSeries<'_>, season: usize, horizon: usize) -> PointWithStdErr {
        match self {
            Self::Naive => naive::outlook(history, horizon),
            Self::SeasonalNaive => seasonal_naive::outlook(history, season, horizon),
            Self::Drift => drift::outlook(history, horizon),
            Self::Mean => mean::outlook(history, horizon),
            Self::Comb => comb::outlook(history, season, horizon),
            Self::Ets => ets::outlook(history, season, horizon),
            Self::Theta => theta::outlook(history, season, horizon),
            Self::Arima => arima::outlook(history, season, horizon),
            Self::Mstl => mstl::outlook(history, &seasons(history, season), horizon),
            Self::Ridge => ridge::outlook(history, &seasons(history, season), horizon),
            Self::Croston => croston::outlook(history, horizon),
        }
    }
}

/// The season, and the longer ones that the calendar suggests beside it; none beside no season.
fn seasons(history: &TimeSeries<'_>, season: usize) -> Vec<usize> {
    let longer = history.frequency.seasons().into_iter().filter(|m| season > 1 && *m > season);
    std::iter::once(season).chain(longer).collect()
}

impl Model for Baseline {
    fn name(&self) -> &'static str {
        match self {
            Self::Naive => "naive",
            Self::SeasonalNaive => "seasonal-naive",
            Self::Drift => "drift",
            Self::Mean => "mean",
            Self::Comb => "comb",
            Self::Ets => "ets",
            Self::Theta => "theta",
            Self::Arima => "arima",
            Self::Mstl => "mstl",
            Self::Ridge => "ridge",
            Self::Croston => "croston",
        }
    }

    fn fit(&self, train: &Panel, task: &Task, _: &mut dyn Observer) -> Result<Box<dyn Forecaster>> {
        let (horizon, levels) = (task.horizon, task.levels.clone());
        Ok(Box::new(FittedBaseline { baseline: *self, season: train.season(), horizon, levels }))
    }
}

/// All that a baseline keeps from fitting; the rest it reads off the history that it forecasts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FittedBaseline {
    baseline: Baseline,
    season: usize,
    horizon: usize,
    levels: Vec<f64>,
}

impl Forecaster for FittedBaseline {
    fn predict(&self, history: &Panel) -> Result<Vec<Forecast>> {
        Ok(history.iter().map(|series| self.forecast(&series)).collect())
    }

    fn to_files(&self) -> ModelFiles {
        self.files()
    }
}

impl FittedBaseline {
    fn forecast(&self, history: &TimeSeries<'_>) -> Forecast {
        let outlook = self.baseline.outlook(history, self.season, self.horizon);
        let floor = if history.values.iter().all(|v| *v >= 0.0) { 0.0 } else { f64::NEG_INFINITY };
        let last = history.values[history.len() - 1];
        let within = |v: f64| if v.is_nan() { last } else { v.clamp(f64::MIN, f64::MAX) };
        let row = |level: &f64| {
            let t = student_t::quantile(*level, outlook.freedom);
            // squares of huge errors and sums of huge values leave the range of numbers, a quantile does not
            let quantile = |(median, error): (&f64, &f64)| within(within(*median) + t * error.min(f64::MAX));
            outlook.median.iter().zip(&outlook.error).map(|pair| quantile(pair).max(floor)).collect()
        };
        Forecast::after(history, &self.levels, self.levels.iter().map(row).collect())
    }
}

/// What a baseline says of one series.
#[derive(Debug)]
pub(crate) struct PointWithStdErr {
    /// A value a step of the horizon.
    median: Vec<f64>,
    /// The standard error of each step; 0 where the history has no errors to learn it from.
    error: Vec<f64>,
    /// The degrees of freedom of the errors' spread.
    freedom: usize,
}

/// The errors of guessing each value by the one `lag` steps before plus `slope`, where both were observed.
fn errors(history: &TimeSeries<'_>, lag: usize, slope: f64) -> Vec<f64> {
    (lag..history.len())
        .filter(|&t| history.observed[t] && history.observed[t - lag])
        .map(|t| history.values[t] - history.values[t - lag] - slope)
        .collect()
}

/// The errors' standard deviation around 0 after `parameters` were estimated, and its degrees of freedom.
fn spread(errors: &[f64], parameters: usize) -> (f64, usize) {
    let freedom = errors.len().saturating_sub(parameters);
    if freedom == 0 {
        return (0.0, 1);
    }
    ((errors.iter().map(|e| e * e).sum::<f64>() / freedom as f64).sqrt(), freedom)
}
