//! A model with its hindcasts and their scores.

use crate::backtest::scorecard::{Scorecard, Steps};
use crate::backtest::scores::Scores;
use crate::model::fit_report::Hindcast;
use crate::panel::Panel;

/// The backtest of one model.
#[derive(Debug, Clone)]
pub struct ModelBacktest {
    /// The name of the model.
    pub model: &'static str,
    /// Its hindcasts, sorted by series and then by origin, as [`run`](crate::backtest::run()) returns them.
    pub hindcasts: Vec<Hindcast>,
    /// Their scores.
    pub scorecard: Scorecard,
}

impl ModelBacktest {
    /// Scores the hindcasts of a model on `panel`.
    ///
    /// # Panics
    /// If a hindcast is of a series that the panel does not have.
    pub fn new(model: &'static str, panel: &Panel, hindcasts: Vec<Hindcast>) -> Self {
        let scorecard = Scorecard::new(panel, &hindcasts);
        Self { model, hindcasts, scorecard }
    }

    /// The scores over all series and steps.
    pub fn overall(&self) -> Scores {
        self.scorecard.overall(Steps::All)
    }
}

/// Sorts by mean MASE, lowest first. The mean absolute error decides between equal or undefined ones.
///
/// ```
/// use forecast::backtest::{Folds, ModelBacktest, run, sort_by_accuracy};
/// use forecast::model::stat::Baseline;
/// use forecast::model::{Model, SilentObserver, Task};
/// use forecast::panel::Panel;
///
/// let values: Vec<f64> = (0..60).map(|t| f64::from(t % 7 * 10 + t * 3 % 5)).collect();
/// let (panel, task) = (Panel::from_values(&values, 7), Task::new(7));
/// let folds = Folds::default_for(&panel, 7, 7, true).expect("the series has room for a fold");
/// let mut backtests = Vec::new();
/// for baseline in [Baseline::Naive, Baseline::SeasonalNaive] {
///     let hindcasts = run(&baseline, &panel, &task, &folds, true, &mut SilentObserver)?;
///     backtests.push(ModelBacktest::new(baseline.name(), &panel, hindcasts));
/// }
/// sort_by_accuracy(&mut backtests);
/// assert_eq!(backtests[0].model, "seasonal-naive");
/// # Ok::<(), forecast::Error>(())
/// ```
pub fn sort_by_accuracy(backtests: &mut [ModelBacktest]) {
    let errors = |backtest: &ModelBacktest| {
        let overall = backtest.overall();
        [overall.mase, overall.mae].map(|score| score.unwrap_or(f64::INFINITY))
    };
    backtests.sort_by(|a, b| {
        let (a, b) = (errors(a), errors(b));
        a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1]))
    });
}
