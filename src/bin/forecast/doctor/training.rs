//! A small training, which shows that libtorch computes.

use std::time::{Duration, Instant};

use forecast::model::Task;
use forecast::rnn::CellKind;
use forecast::{Budget, Model, Panel, Rnn, SilentObserver};

use crate::doctor::check::Check;

/// The time that the training may take.
const LIMIT: Duration = Duration::from_secs(2);
/// The values of a week, which the network learns.
const WEEK: [f64; 7] = [0.0, 4.0, 6.0, 5.0, 9.0, 30.0, 20.0];
/// The number of weeks that it learns from.
const WEEKS: usize = 20;
/// The greatest error of a training that converged, as a share of the mean deviation within a week. An untrained network
/// has about 1.
const MAX_ERROR: f64 = 0.3;
const HINT: &str = "unpack or build the program again, as its libraries may be damaged; if that does not help, report the \
                    lines above with the output of `lscpu`";

pub(super) fn check() -> Check {
    let start = Instant::now();
    let error = weekly_error();
    verdict(error, start.elapsed())
}

/// The mean error of a forecast of the next week, as a share of the mean deviation within a week.
fn weekly_error() -> forecast::Result<f64> {
    let values: Vec<f64> = WEEK.iter().cycle().take(WEEK.len() * WEEKS).copied().collect();
    let history = Panel::from_values(&values, WEEK.len());
    let task = Task { budget: Budget::new(Some(LIMIT)), ..Task::new(WEEK.len()) };
    let fit = Rnn::with_cell(CellKind::Gru).fit(&history, &task, &mut SilentObserver)?;
    let forecast = fit.predict(&history)?;
    let mean = WEEK.iter().sum::<f64>() / WEEK.len() as f64;
    let deviation: f64 = WEEK.iter().map(|value| (value - mean).abs()).sum();
    Ok(forecast[0].median().iter().zip(WEEK).map(|(step, value)| (step - value).abs()).sum::<f64>() / deviation)
}

fn verdict(error: forecast::Result<f64>, duration: Duration) -> Check {
    let subject = "training";
    match error {
        Ok(error) if error <= MAX_ERROR => {
            let (seconds, percent) = (duration.as_secs_f64(), 100.0 * error);
            Check::good(subject, format!("libtorch trained a network in {seconds:.1} s, to an error of {percent:.0} %"))
        }
        Ok(error) => {
            let percent = 100.0 * error;
            Check::bad(subject, format!("a network did not learn a weekly pattern: its error is {percent:.0} %"), HINT)
        }
        Err(error) => Check::bad(subject, format!("a network could not be trained: {error}"), HINT),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_training_that_fails_or_does_not_converge_has_a_hint() {
        assert!(verdict(Ok(0.1), LIMIT).is_good());
        let poor = verdict(Ok(0.95), LIMIT);
        assert_eq!(poor.finding, "a network did not learn a weekly pattern: its error is 95 %");
        let failed = verdict(Err(forecast::Error::Diverged { epoch: 1, undone: 20 }), LIMIT);
        assert!(poor.hint.is_some() && failed.hint.is_some());
        assert!(!verdict(Ok(f64::NAN), LIMIT).is_good());
    }
}
