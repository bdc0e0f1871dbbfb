//! Whether the errors of a saved model have grown since it was trained.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::backtest::scorecard::Scorecard;
use crate::error::Result;
use crate::model::fit::{Forecaster, Hindcast};
use crate::model::stat::student_t::two_sided_probability;
use crate::panel::Panel;

/// The maximum number of forecasts of each series since the training.
const MAX_ORIGINS: usize = 8;
/// The minimum number of origins of a backtest whose errors have a variance that says something.
const MIN_BACKTEST_ORIGINS: usize = 3;
/// Errors that have grown by less are no reason to train again.
const MIN_GROWTH: f64 = 1.25;
/// The probability below which a growth is not taken for chance.
const SIGNIFICANCE: f64 = 0.05;

/// The errors of a saved model on values after its training, against those of its backtest.
///
/// Both are mean absolute scaled errors of the same steps. All series at one time are subject to the same events, so the
/// mean of their errors is one observation. A new observation is compared with those of the backtest by the prediction
/// interval of Student's t distribution (Hahn & Meeker 1991, *Statistical Intervals*, section 4.5).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Drift {
    /// The mean error of the forecasts of values after the training.
    pub error: f64,
    /// The mean error of the same steps in the backtest.
    pub backtest_error: f64,
    /// The number of steps of each forecast.
    pub steps: usize,
    /// The number of times from which forecasts were made.
    pub origins: usize,
    /// The probability of errors at least this large without a change; `None` if the backtest has too few origins.
    pub p_value: Option<f64>,
}

/// The backtest of a saved model, and the panel of its training.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::exhaustive_structs, reason = "a caller fills both fields")]
pub struct TrainingBacktest<'a> {
    /// The panel that the model was fitted on.
    pub panel: &'a Panel,
    /// The hindcasts of the model on this panel.
    pub hindcasts: &'a [Hindcast],
}

impl Drift {
    /// Forecasts the values of `panel` after the end of the training, and compares the errors. `None` without such values,
    /// or if one of both has no error.
    ///
    /// # Errors
    /// If the model cannot forecast from the history before these values.
    pub fn measure(forecaster: &dyn Forecaster, panel: &Panel, backtest: TrainingBacktest<'_>) -> Result<Option<Self>> {
        let horizon = backtest.hindcasts.iter().map(|own| own.forecast.times().len()).max().unwrap_or(0);
        let known = |key: &[String]| backtest.panel.position(key).map(|at| backtest.panel.series(at).len());
        let trained: Vec<Option<usize>> = panel.iter().map(|series| known(series.key)).collect();
        let new = panel.iter().zip(&trained).filter_map(|(series, trained)| Some(series.len() - (*trained)?));
        let new = new.max().unwrap_or(0);
        let steps = new.min(horizon);
        if steps == 0 {
            return Ok(None);
        }
        let blocks = new / steps;
        let mut since = Vec::new();
        for block in (0..blocks).step_by(blocks.div_ceil(MAX_ORIGINS)) {
            // a series that the training did not have is not judged
            let end = |(series, trained): (usize, &Option<usize>)| {
                trained.map_or(panel.series(series).len(), |trained| trained + block * steps)
            };
            let ends: Vec<usize> = trained.iter().enumerate().map(end).collect();
            let Some(history) = panel.before(&ends) else { continue };
            for (series, forecast) in history.iter().zip(forecaster.predict(&history)?) {
                let at = panel.position(series.key).expect("a history has series of its panel");
                // where the last values before the origin are missing, the history ends earlier, and so the steps differ
                if trained[at].is_some() && series.len() == ends[at] {
                    since.push(Hindcast { series: at, cutoff: series.len(), forecast: forecast.first(steps) });
                }
            }
        }
        let first = |own: &Hindcast| Hindcast { forecast: own.forecast.clone().first(steps), ..*own };
        let before: Vec<Hindcast> = backtest.hindcasts.iter().map(first).collect();
        let errors = |panel, hindcasts: &[Hindcast]| errors_by_time(&Scorecard::new(panel, hindcasts));
        Ok(Self::of_errors(&errors(panel, &since), &errors(backtest.panel, &before), steps))
    }

    /// Compares the errors at origins after the training with those at origins of the backtest.
    fn of_errors(since: &[f64], before: &[f64], steps: usize) -> Option<Self> {
        let (new, count) = (since.len() as f64, before.len() as f64);
        if since.is_empty() || before.is_empty() {
            return None;
        }
        let mean = |errors: &[f64]| errors.iter().sum::<f64>() / errors.len() as f64;
        let (error, backtest_error) = (mean(since), mean(before));
        let variance = before.iter().map(|own| (own - backtest_error).powi(2)).sum::<f64>() / (count - 1.0);
        let deviation = (variance * (1.0 / new + 1.0 / count)).sqrt();
        let p_value = (before.len() >= MIN_BACKTEST_ORIGINS && deviation > 0.0).then(|| {
            let t = (error - backtest_error) / deviation;
            let tail = two_sided_probability(t, count - 1.0) / 2.0;
            if t > 0.0 { tail } else { 1.0 - tail }
        });
        Some(Self { error, backtest_error, steps, origins: since.len(), p_value })
    }

    /// The ratio of the errors since the training to those of the backtest.
    pub fn growth(&self) -> f64 {
        if self.backtest_error > 0.0 { self.error / self.backtest_error } else { f64::INFINITY }
    }

    /// Whether the errors have grown, and this is unlikely to be chance. A new training may help then.
    pub fn has_drifted(&self) -> bool {
        self.growth() >= MIN_GROWTH && self.p_value.is_some_and(|p| p < SIGNIFICANCE)
    }
}

/// The mean error over the series at each time.
fn errors_by_time(scorecard: &Scorecard) -> Vec<f64> {
    let mut by_time: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
    for error in scorecard.origin_errors() {
        by_time.entry(error.time).or_default().push(error.scaled);
    }
    by_time.values().map(|errors| errors.iter().sum::<f64>() / errors.len() as f64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn larger_errors_are_drift_only_if_the_backtest_never_had_such() {
        let before = [1.0, 1.2, 0.8, 1.1, 0.9, 1.0, 1.05, 0.95];
        let drift = |since: &[f64]| Drift::of_errors(since, &before, 7).unwrap();
        assert!(drift(&[2.0]).has_drifted());
        assert!((drift(&[2.0]).growth() - 2.0).abs() < 1e-12);
        assert!(!drift(&[1.2]).has_drifted());
        assert!(!drift(&[0.5]).has_drifted() && drift(&[0.5]).p_value.unwrap() > 0.99);
        let wide = [0.2, 3.0, 0.1, 2.5, 1.0, 0.3];
        assert!(!Drift::of_errors(&[2.4], &wide, 7).unwrap().has_drifted(), "the backtest had such errors");
        assert_eq!(Drift::of_errors(&[2.0], &[1.0, 1.1], 7).unwrap().p_value, None, "two origins say little");
        assert_eq!(Drift::of_errors(&[], &before, 7), None);
    }
}
