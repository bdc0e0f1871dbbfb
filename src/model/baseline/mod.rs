//! The bar to beat: forecasts that need no training.
//!
//! Medians and standard errors follow Hyndman & Athanasopoulos, *Forecasting: Principles and Practice* (3rd ed.), sections
//! 5.2 and 5.5; the bands use Student's t, because the errors' spread is itself an estimate.

mod drift;
mod mean;
mod naive;
mod saved;
mod seasonal_naive;
mod student;

use serde::{Deserialize, Serialize};

use super::{Forecaster, Model, Observer, Task};
use crate::data::{Panel, TimeSeries};
use crate::error::Result;
use crate::forecast::Forecast;

pub(super) use saved::load;

/// A forecast without training. Each works from one observation up.
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
}

impl Baseline {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Naive, Self::SeasonalNaive, Self::Drift, Self::Mean];

    /// The one of this [`Model::name`].
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|baseline| baseline.name() == name)
    }

    fn outlook(self, history: &TimeSeries<'_>, season: usize, horizon: usize) -> Outlook {
        match self {
            Self::Naive => naive::outlook(history, horizon),
            Self::SeasonalNaive => seasonal_naive::outlook(history, season, horizon),
            Self::Drift => drift::outlook(history, horizon),
            Self::Mean => mean::outlook(history, horizon),
        }
    }
}

impl Model for Baseline {
    fn name(&self) -> &'static str {
        match self {
            Self::Naive => "naive",
            Self::SeasonalNaive => "seasonal-naive",
            Self::Drift => "drift",
            Self::Mean => "mean",
        }
    }

    fn fit(&self, train: &Panel, task: &Task, _: &mut dyn Observer) -> Result<Box<dyn Forecaster>> {
        let (horizon, levels) = (task.horizon, task.levels.clone());
        Ok(Box::new(Fitted { baseline: *self, season: train.season(), horizon, levels }))
    }
}

/// All that a baseline keeps from fitting; the rest it reads off the history that it forecasts.
#[derive(Debug, Clone, PartialEq)]
struct Fitted {
    baseline: Baseline,
    season: usize,
    horizon: usize,
    levels: Vec<f64>,
}

impl Forecaster for Fitted {
    fn predict(&self, history: &Panel) -> Result<Vec<Forecast>> {
        Ok(history.iter().map(|series| self.forecast(&series)).collect())
    }

    fn save(&self, folder: &std::path::Path) -> Result<()> {
        saved::save(self, folder)
    }
}

impl Fitted {
    fn forecast(&self, history: &TimeSeries<'_>) -> Forecast {
        let outlook = self.baseline.outlook(history, self.season, self.horizon);
        let floor = if history.values.iter().all(|v| *v >= 0.0) { 0.0 } else { f64::NEG_INFINITY };
        let row = |level: &f64| {
            let t = student::quantile(*level, outlook.freedom);
            outlook.median.iter().zip(&outlook.error).map(|(median, error)| (median + t * error).max(floor)).collect()
        };
        Forecast::after(history, &self.levels, self.levels.iter().map(row).collect())
    }
}

/// What a baseline says of one series.
struct Outlook {
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
