//! A model's forecasts of the past, by which its verdict is reached.

use std::time::Duration;

use forecast::backtest::{Folds, NoVerdict};
use forecast::budget::Budget;
use forecast::error::ErrorKind;
use forecast::model::{Hindcast, Model, Task};
use forecast::panel::Panel;

use crate::fit::{self, Fitted};
use crate::interrupt;
use crate::report::terminal::Terminal;

/// The time that is there for forecasts of the past.
#[derive(Debug, Clone)]
pub(crate) struct TimeLeft {
    pub(crate) budget: Budget,
    /// How long one prediction takes.
    pub(crate) prediction: Duration,
}

/// The forecasts of the past that a fitted model kept, or those of the same model fitted again on less.
pub(crate) fn past_forecasts(
    model: &dyn Model,
    fitted: &Fitted,
    panel: &Panel,
    task: &Task,
    time: &TimeLeft,
    terminal: &Terminal,
) -> anyhow::Result<Result<Vec<Hindcast>, NoVerdict>> {
    let kept = &fitted.fit.report.hindcasts;
    if kept.is_empty() { fit_on_less(model, panel, task, time, terminal) } else { Ok(Ok(kept.clone())) }
}

/// Holds out the last horizons, as many as the history allows, and forecasts them.
fn fit_on_less(
    model: &dyn Model,
    panel: &Panel,
    task: &Task,
    time: &TimeLeft,
    terminal: &Terminal,
) -> anyhow::Result<Result<Vec<Hindcast>, NoVerdict>> {
    let (trained, label) = (model.is_trained(), format!("checking {}", model.name()));
    let Some(usual) = Folds::default_for(panel, task.horizon, task.horizon, !trained) else {
        return Ok(Err(NoVerdict::TooShort));
    };
    for count in (1..=usual.count).rev() {
        if trained && interrupt::requested() {
            return Ok(Err(NoVerdict::Interrupted));
        }
        let budget = time.budget.reserving(time.prediction.saturating_mul(count as u32));
        if trained && budget.left().is_some_and(|left| left < time.prediction) {
            if count > 1 {
                continue;
            }
            return Ok(Err(NoVerdict::OutOfTime));
        }
        let (folds, task) = (Folds { count, ..usual }, Task { budget, checkpoints: None, ..task.clone() });
        match fit::backtest(model, panel, &task, &folds, false, terminal, &label) {
            Ok(_) if trained && interrupt::requested() => return Ok(Err(NoVerdict::Interrupted)),
            Ok(hindcasts) => return Ok(Ok(hindcasts)),
            // fewer folds leave a longer history before the first
            Err(error) if error.kind() == ErrorKind::Data => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Err(NoVerdict::TooShort))
}

#[cfg(test)]
mod tests {
    use forecast::forecast::{Forecast, LEVELS};
    use forecast::model::SilentObserver;
    use forecast::model::rnn::Rnn;
    use forecast::model::stat::Baseline;
    use forecast::panel::TimeSeries;

    use super::*;
    use crate::report::terminal::Verbosity;
    use crate::report::training_log::TrainingLog;

    #[test]
    fn a_model_that_kept_forecasts_of_the_past_is_not_fitted_again() {
        let values: Vec<f64> = (0..40).map(|t| f64::from(t * t % 11)).collect();
        let panel = Panel::from_values(&values, 7);
        let series = panel.iter().next().expect("one series");
        let hindcasts = [30, 35].map(|cutoff| {
            let history = TimeSeries { values: &values[..cutoff], ..series };
            let rows = vec![values[cutoff..cutoff + 5].to_vec(); LEVELS.len()];
            Hindcast { series: 0, cutoff, forecast: Forecast::after(&history, &LEVELS, rows) }
        });
        let naive = Baseline::Naive.fit(&panel, &Task::new(5), &mut SilentObserver).expect("a baseline fits anything");
        let fitted = Fitted { fit: naive.with_hindcasts(hindcasts.clone().into()), log: TrainingLog::default() };
        // a second fit would never end
        let model = Rnn { epochs: Some(usize::MAX), ..Rnn::default() };
        let terminal = Terminal::new(Verbosity::Quiet);
        let time = TimeLeft { budget: Budget::unlimited(), prediction: Duration::ZERO };
        let past = past_forecasts(&model, &fitted, &panel, &Task::new(5), &time, &terminal).expect("no fit");
        assert_eq!(past, Ok(hindcasts.into()));
    }
}
