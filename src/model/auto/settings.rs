//! The settings of the automatic model, and the task of fitting one series that they give.

use serde::{Deserialize, Serialize};

use crate::budget::{Budget, shares};
use crate::model::fit::Task;
use crate::panel::Panel;

/// The maximum number of hindcasts of a series.
const MAX_HINDCASTS: usize = 5;

/// The automatic model: an ensemble of candidates, selected and weighted by their errors at rolling origins.
///
/// Its components for each series are statistical baselines, ridge autoregressions and recurrent networks. A large panel
/// is forecast by one [global](crate::model::global) model and the models of each series together.
///
/// ```
/// use forecast::model::auto::Auto;
/// use forecast::model::{Model, SilentObserver, Task};
/// use forecast::panel::Panel;
///
/// let values: Vec<f64> = (0..56).map(|t| f64::from(100 + t + 10 * (t % 7))).collect();
/// let history = Panel::from_values(&values, 7);
/// // without networks, which take most of the time
/// let auto = Auto { max_network_series: 0, ..Auto::default() };
/// let fitted = auto.fit(&history, &Task::new(7), &mut SilentObserver)?;
/// let forecast = fitted.predict(&history)?.remove(0);
/// assert!((forecast.median()[0] - 156.0).abs() < 5.0);
/// // the components of the ensemble, the largest weight first
/// let weights = &fitted.report.ensemble_weights[0];
/// assert!(weights.components[0].weight >= weights.components[1].weight);
/// # Ok::<(), forecast::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Auto {
    /// The largest number of series of a panel for which networks are trained, separately for each series.
    pub max_network_series: usize,
    /// The largest number of series of a panel for which every form of ETS is a candidate.
    pub max_ets_series: usize,
    /// The smallest number of series of a panel that is also forecast by one [global](crate::model::global) model.
    pub min_pooled_series: usize,
}

impl Default for Auto {
    fn default() -> Self {
        Self {
            // networks take most of the time, and a budget of minutes is enough for those of a few series only
            max_network_series: 4,
            // the search over all forms of ETS takes longer than all other candidates that are not networks
            max_ets_series: 50,
            // in panels of at least this size, a global model is more accurate than a model for each series
            min_pooled_series: 400,
        }
    }
}

/// The task of fitting one series of a panel.
#[derive(Debug)]
pub(crate) struct SeriesTask<'a> {
    /// Season lengths of the panel in steps, ascending.
    pub(crate) seasons: Vec<usize>,
    pub(crate) horizon: usize,
    pub(crate) levels: &'a [f64],
    /// Whether networks are trained.
    pub(crate) with_networks: bool,
    /// Whether every form of ETS is a candidate.
    pub(crate) with_ets: bool,
    /// The maximum number of hindcasts of a series.
    pub(crate) max_hindcasts: usize,
    pub(crate) seed: u64,
    pub(crate) budget: Budget,
}

impl Auto {
    /// The name by which a user selects the model.
    pub const NAME: &str = "auto";

    /// The task of fitting each series of `train`.
    pub(crate) fn series_task<'a>(&self, train: &Panel, task: &'a Task) -> SeriesTask<'a> {
        SeriesTask {
            seasons: train.seasons(),
            horizon: task.horizon,
            levels: &task.levels,
            with_networks: train.count() <= self.max_network_series,
            with_ets: train.count() <= self.max_ets_series,
            // the global model has a single holdout, with which the local models are compared
            max_hindcasts: if train.count() < self.min_pooled_series { MAX_HINDCASTS } else { 1 },
            seed: task.seed,
            budget: task.budget.split(shares::CANDIDATES),
        }
    }
}

impl<'a> SeriesTask<'a> {
    /// The task of fitting a series that was not in the training panel, right before its forecast: without networks.
    pub(crate) fn of_new_series(seasons: Vec<usize>, horizon: usize, levels: &'a [f64]) -> Self {
        let budget = Budget::unlimited();
        Self { seasons, horizon, levels, with_networks: false, with_ets: true, max_hindcasts: 0, seed: 0, budget }
    }
}
