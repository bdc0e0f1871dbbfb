//! Residuals: actual minus forecast, of forecasts at past cutoffs.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::backtest::folds::Folds;
use crate::backtest::residual_tests::{MIN_TESTED, ResidualTests};
use crate::backtest::run::run;
use crate::error::Result;
use crate::model::fit::{Forecaster, Hindcast, Model, StandInForecasts, Task};
use crate::model::observer::Observer;
use crate::panel::{Panel, TimeSeries};

/// The maximum number of one-step residuals of a series.
const MAX_ONE_STEP: usize = 240;
/// The seconds of fits again of all series, and the length of series for which a model states its speed.
const SECONDS: f64 = 5.0;
const USUAL_LENGTH: usize = 1_000;
/// The maximum number of refits of a series.
const MAX_REFITS: usize = 60;
/// The approximate number of one-step residuals of a panel.
const MAX_ONE_STEP_OF_PANEL: usize = 60_000;

/// The error of a forecast value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Residual {
    /// The position of the series in the panel.
    pub series: usize,
    /// The number of values before the forecast.
    pub cutoff: usize,
    /// The step of the forecast, counted from 1.
    pub step: usize,
    /// The value in the file.
    pub actual: f64,
    /// The median of the forecast.
    pub forecast: f64,
}

impl Residual {
    /// Actual minus forecast, in the unit of the values.
    pub fn value(&self) -> f64 {
        self.actual - self.forecast
    }

    /// The position of the forecast value in its series.
    pub fn position(&self) -> usize {
        self.cutoff + self.step - 1
    }
}

/// Which forecasts the one-step residuals are of, or why there are none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "one_step", content = "candidates", rename_all = "snake_case")]
pub enum OneStepForecasts {
    /// Those of the model, which is fitted again at each cutoff.
    OfModel,
    /// Those of the closed-form candidates of `auto` with the largest weights, as a weighted mean. The weights are those of
    /// the whole history. The names are empty if they differ between series.
    OfCandidates(Vec<String>),
    /// None: the model would have to be trained again at each cutoff.
    Trained,
    /// None: the ensemble has no closed-form candidate with enough values.
    NoCandidates,
    /// None: the series are too short.
    TooShort,
    /// None: the panel has too many series to fit each again and again.
    TooMany,
    /// None: the fits were stopped, or the budget had ended.
    Stopped,
    /// None: the forecasts are reconciled, which one-step forecasts are not.
    Reconciled,
}

impl fmt::Display for OneStepForecasts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OfModel => f.write_str("one-step forecasts of the model, fitted again at each cutoff"),
            Self::OfCandidates(names) if names.is_empty() => {
                f.write_str("one-step forecasts of closed-form candidates, weighted as on the whole history")
            }
            Self::OfCandidates(names) => {
                let names = names.join(", ");
                write!(f, "one-step forecasts of {names}, weighted as on the whole history, stand for the ensemble")
            }
            Self::Trained => f.write_str("there are no one-step forecasts: each would take a training"),
            Self::NoCandidates => {
                f.write_str("there are no one-step forecasts: no closed-form candidate has enough values")
            }
            Self::TooShort => f.write_str("there are no one-step forecasts: the series are too short"),
            Self::TooMany => f.write_str("there are no one-step forecasts: the series are too many for the time"),
            Self::Stopped => f.write_str("there are no one-step forecasts: the run was stopped before them"),
            Self::Reconciled => f.write_str("there are no one-step forecasts: they would not be reconciled"),
        }
    }
}

/// The residuals of a panel.
///
/// ```
/// use forecast::backtest::{OneStepForecasts, Residuals};
/// use forecast::{Baseline, Model, Panel, SilentObserver, Task};
///
/// let values: Vec<f64> = (0..60).map(|t| f64::from(t * t % 13)).collect();
/// let (panel, task) = (Panel::from_values(&values, 1), Task::new(3));
/// let fit = Baseline::Naive.fit(&panel, &task, &mut SilentObserver)?;
/// let residuals = Residuals::new(&Baseline::Naive, fit.forecaster.as_ref(), &panel, &task, &[], &mut SilentObserver)?;
/// assert_eq!(residuals.forecasts, OneStepForecasts::OfModel);
/// let last = residuals.one_step.last().expect("residuals of the last cutoffs");
/// assert_eq!(last.value(), values[59] - values[58]);
/// assert!(residuals.tests(&panel, 0).is_some());
/// # Ok::<(), forecast::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Residuals {
    /// Which forecasts the one-step residuals are of.
    pub forecasts: OneStepForecasts,
    /// The residuals of one-step forecasts from cutoffs in a row, sorted by series and cutoff.
    pub one_step: Vec<Residual>,
    /// The residuals of all steps of the hindcasts, sorted by series and cutoff.
    pub hindcasts: Vec<Residual>,
}

impl Residuals {
    /// The residuals of a fitted model. `hindcasts` are its forecasts at past cutoffs, sorted by series and cutoff. Filled
    /// values have no residual. If the observer stops or the budget of the task ends, there are fewer one-step residuals.
    ///
    /// # Errors
    /// If the model cannot be used.
    ///
    /// # Panics
    /// If a hindcast is of none of the series.
    pub fn new(
        model: &dyn Model,
        forecaster: &dyn Forecaster,
        panel: &Panel,
        task: &Task,
        hindcasts: &[Hindcast],
        observer: &mut dyn Observer,
    ) -> Result<Self> {
        let count = (MAX_ONE_STEP_OF_PANEL / panel.count().max(1)).min(MAX_ONE_STEP);
        let stand_ins = if count < MIN_TESTED {
            StandInForecasts::default()
        } else {
            forecaster.stand_in_forecasts(panel, count)?
        };
        let (forecasts, one_step) = if !stand_ins.forecasts.is_empty() {
            let of_candidates = OneStepForecasts::OfCandidates(stand_ins.candidates);
            (if stand_ins.is_of_model { OneStepForecasts::OfModel } else { of_candidates }, stand_ins.forecasts)
        } else if model.is_trained() {
            let reason = match model.records_hindcasts() {
                true if count < MIN_TESTED => OneStepForecasts::TooMany,
                true => OneStepForecasts::NoCandidates,
                false => OneStepForecasts::Trained,
            };
            (reason, Vec::new())
        } else {
            refitted(model, panel, task, observer)?
        };
        Ok(Self { forecasts, one_step: of(panel, &one_step), hindcasts: of(panel, hindcasts) })
    }

    /// The residuals of the hindcasts alone, as of forecasts that were reconciled.
    ///
    /// # Panics
    /// If a hindcast is of none of the series.
    pub fn of_hindcasts(panel: &Panel, hindcasts: &[Hindcast]) -> Self {
        Self { forecasts: OneStepForecasts::Reconciled, one_step: Vec::new(), hindcasts: of(panel, hindcasts) }
    }

    /// Whether there is no residual, since the series are too short for any forecast at a past cutoff.
    pub fn is_empty(&self) -> bool {
        self.one_step.is_empty() && self.hindcasts.is_empty()
    }

    /// The one-step residuals of a series.
    pub fn one_step_of(&self, series: usize) -> &[Residual] {
        of_series(&self.one_step, series)
    }

    /// The residuals of the hindcasts of a series.
    pub fn hindcasts_of(&self, series: usize) -> &[Residual] {
        of_series(&self.hindcasts, series)
    }

    /// The tests of the one-step residuals of a series, of the longest run without a missing value. `None` if the run is too
    /// short.
    pub fn tests(&self, panel: &Panel, series: usize) -> Option<ResidualTests> {
        let run = longest_run(self.one_step_of(series));
        let values: Vec<f64> = run.iter().map(Residual::value).collect();
        let forecasts: Vec<f64> = run.iter().map(|residual| residual.forecast).collect();
        ResidualTests::new(&values, &forecasts, panel.season())
    }
}

/// How often each series of a panel can be fitted again in `seconds`.
fn refits(model: &dyn Model, panel: &Panel, seconds: f64) -> usize {
    let values: usize = panel.iter().map(|series| series.len()).sum();
    let fits = seconds * (model.fits_in_a_second() * USUAL_LENGTH) as f64 / values.max(1) as f64;
    (fits as usize).min(MAX_REFITS)
}

/// Fits the model again at each of the last cutoffs that have enough values, as many as the time allows.
fn refitted(
    model: &dyn Model,
    panel: &Panel,
    task: &Task,
    observer: &mut dyn Observer,
) -> Result<(OneStepForecasts, Vec<Hindcast>)> {
    if refits(model, panel, SECONDS) < MIN_TESTED {
        return Ok((OneStepForecasts::TooMany, Vec::new()));
    }
    let seconds = task.budget.left().map_or(SECONDS, |left| left.as_secs_f64().min(SECONDS));
    let count = refits(model, panel, seconds);
    if count < MIN_TESTED {
        return Ok((OneStepForecasts::Stopped, Vec::new()));
    }
    let min_history = (2 * panel.season() + 2).max(model.needed_values(panel.season()));
    let Some(folds) = (Folds { count, step: 1, horizon: 1, min_history }).limited_to(panel) else {
        return Ok((OneStepForecasts::TooShort, Vec::new()));
    };
    let task = Task { horizon: 1, checkpoints: None, ..task.clone() };
    let forecasts = run(model, panel, &task, &folds, true, observer)?;
    let reason = if forecasts.is_empty() { OneStepForecasts::Stopped } else { OneStepForecasts::OfModel };
    Ok((reason, forecasts))
}

/// The residuals of the observed values.
fn of(panel: &Panel, hindcasts: &[Hindcast]) -> Vec<Residual> {
    let all: Vec<TimeSeries<'_>> = panel.iter().collect();
    let of_hindcast = |hindcast: &Hindcast| {
        let (series, cutoff, median) = (hindcast.series, hindcast.cutoff, hindcast.forecast.median());
        let residual = |(k, actual)| Residual { series, cutoff, step: k + 1, actual, forecast: median[k] };
        hindcast.observed_steps(panel, &all[series]).map(residual).collect::<Vec<_>>()
    };
    hindcasts.iter().flat_map(of_hindcast).collect()
}

fn of_series(residuals: &[Residual], series: usize) -> &[Residual] {
    let start = residuals.partition_point(|residual| residual.series < series);
    let end = residuals.partition_point(|residual| residual.series <= series);
    &residuals[start..end]
}

/// The longest run of residuals at cutoffs in a row, and the latest of several.
fn longest_run(residuals: &[Residual]) -> &[Residual] {
    let runs = residuals.chunk_by(|a, b| a.cutoff + 1 == b.cutoff);
    runs.max_by_key(|run| run.len()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_run_has_no_gap() {
        let residual = |cutoff| Residual { series: 0, cutoff, step: 1, actual: 1.0, forecast: 0.0 };
        let all: Vec<Residual> = [3, 4, 6, 7, 8, 10, 11, 12].map(residual).to_vec();
        let cutoffs: Vec<usize> = longest_run(&all).iter().map(|residual| residual.cutoff).collect();
        assert_eq!(cutoffs, [10, 11, 12]);
        assert!(longest_run(&[]).is_empty());
    }
}
