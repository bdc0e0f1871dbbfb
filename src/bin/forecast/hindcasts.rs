//! The hindcasts of a model, on which its verdict is based.

use std::time::Duration;

use forecast::backtest::{Folds, NoVerdict};
use forecast::budget::Budget;
use forecast::error::ErrorKind;
use forecast::model::{Hindcast, Model, Task};
use forecast::panel::Panel;

use crate::fit::{self, Fitted};
use crate::interrupt;
use crate::report::terminal::Terminal;

/// The time that remains for hindcasts.
#[derive(Debug, Clone)]
pub(crate) struct TimeLeft {
    pub(crate) budget: Budget,
    /// The duration of one prediction.
    pub(crate) prediction: Duration,
}

/// The hindcasts of the fit, or else those of the same model fitted again on a shorter history.
pub(crate) fn hindcasts(
    model: &dyn Model,
    fitted: &Fitted,
    panel: &Panel,
    task: &Task,
    time: &TimeLeft,
    terminal: &Terminal,
) -> anyhow::Result<Result<Vec<Hindcast>, NoVerdict>> {
    let kept = &fitted.fit.report.hindcasts;
    if kept.is_empty() { backtest_again(model, panel, task, time, terminal) } else { Ok(Ok(kept.clone())) }
}

/// Backtests the model on as many folds as the history and the budget allow.
fn backtest_again(
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
    fn a_model_with_hindcasts_of_its_fit_is_not_fitted_again() {
        let values: Vec<f64> = (0..40).map(|t| f64::from(t * t % 11)).collect();
        let panel = Panel::from_values(&values, 7);
        let series = panel.iter().next().expect("one series");
        let recorded = [30, 35].map(|cutoff| {
            let history = TimeSeries { values: &values[..cutoff], ..series };
            let rows = vec![values[cutoff..cutoff + 5].to_vec(); LEVELS.len()];
            Hindcast { series: 0, cutoff, forecast: Forecast::after(&history, &LEVELS, rows) }
        });
        let naive = Baseline::Naive.fit(&panel, &Task::new(5), &mut SilentObserver).expect("a baseline fits anything");
        let fitted = Fitted { fit: naive.with_hindcasts(recorded.clone().into()), log: TrainingLog::default() };
        // a second fit would never end
        let model = Rnn { epochs: Some(usize::MAX), ..Rnn::default() };
        let terminal = Terminal::new(Verbosity::Quiet);
        let time = TimeLeft { budget: Budget::unlimited(), prediction: Duration::ZERO };
        let found = hindcasts(&model, &fitted, &panel, &Task::new(5), &time, &terminal).expect("no fit");
        assert_eq!(found, Ok(recorded.into()));
    }
}
