//! The settings of the automatic model, and the search for candidates that they give.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::budget::shares;
use crate::model::auto::panel_prior::PanelPrior;
use crate::model::fit::Task;
use crate::model::global::model::holdout_origins;
use crate::model::global::pretrained::PretrainedFrequency;
use crate::panel::{Panel, SeasonSource};

/// The maximum number of hindcasts of a series.
const MAX_HINDCASTS: usize = 5;

/// The maximum number of last values of a series that the models see. Older ones take time, and change little.
const MAX_VALUES: usize = 60_000;
/// The models see at least so many horizons, and so many of the longest season.
const MIN_HORIZONS: usize = 30;

/// The maximum number of series for which pretrained networks are a candidate.
const MAX_PRETRAINED_SERIES: usize = 1_000;

/// The automatic model: an ensemble of candidates, selected and weighted by their errors at rolling origins.
///
/// Its members for each series are statistical baselines, ridge autoregressions and recurrent networks. Several series
/// are forecast by one [global](crate::model::global) model and the models of each series together.
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
/// assert!((fitted.predict(&history)?[0].median()[0] - 156.0).abs() < 5.0);
/// // the members of the ensemble, the largest weight first
/// let members = &fitted.report.ensemble_weights[0].members;
/// assert!(members[0].weight >= members[1].weight);
/// # Ok::<(), forecast::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Auto {
    /// The largest number of series of a panel for which networks are trained, separately for each series.
    pub max_network_series: usize,
    /// The largest number of values of a panel for which every form of ETS is a candidate.
    pub max_ets_values: usize,
    /// The smallest number of series of a panel that is also forecast by one [global](crate::model::global) model.
    pub min_pooled_series: usize,
}

impl Default for Auto {
    fn default() -> Self {
        Self {
            // networks take most of the time, and a budget of minutes is enough for those of a few series only
            max_network_series: 4,
            // the search over all forms of ETS takes longer than all other candidates that are not networks
            max_ets_values: 50_000,
            min_pooled_series: 2,
        }
    }
}

/// The maximum number of last values of a series of `panel` that the models see.
pub(crate) fn max_values(panel: &Panel, horizon: usize) -> usize {
    let longest = panel.seasons().lengths().iter().copied().fold(horizon, usize::max);
    MAX_VALUES.max(longest.saturating_mul(MIN_HORIZONS))
}

/// Which candidates are evaluated for each series of a panel.
#[derive(Debug)]
pub(crate) struct CandidateSearch {
    /// The task of the fit. Its budget ends with the search.
    pub(crate) task: Task,
    /// Season lengths of the panel in steps, ascending.
    pub(crate) seasons: Vec<usize>,
    /// Where they are from. The values may not show those of the calendar.
    pub(crate) season_source: SeasonSource,
    /// Whether networks are trained.
    pub(crate) with_networks: bool,
    /// Whether every form of ETS is a candidate.
    pub(crate) with_ets: bool,
    /// The networks that ship with the crate and suit the panel.
    pub(crate) pretrained: Option<PretrainedFrequency>,
    /// What is known of the errors of the candidates from other series of the panel.
    pub(crate) prior: Arc<PanelPrior>,
    /// Whether the errors of the candidates are recorded, for the prior of the panel.
    pub(crate) records_errors: bool,
    /// The maximum number of hindcasts of a series.
    pub(crate) max_hindcasts: usize,
    /// See [`Panel::steps_with_known_seasons`]: earlier cutoffs are no origins.
    pub(crate) steps_with_known_seasons: usize,
}

impl CandidateSearch {
    /// The search of each series of a panel by itself, with the pretrained networks and without others.
    pub(crate) fn of(panel: &Panel, task: &Task) -> Self {
        Self {
            task: Task { budget: task.budget.split(shares::CANDIDATES), ..task.clone() },
            seasons: panel.seasons().lengths().to_vec(),
            season_source: panel.seasons().source(),
            with_networks: false,
            with_ets: true,
            pretrained: PretrainedFrequency::of(panel),
            prior: Arc::default(),
            records_errors: false,
            max_hindcasts: MAX_HINDCASTS,
            steps_with_known_seasons: panel.steps_with_known_seasons(),
        }
    }
}

impl Auto {
    /// The name by which a user selects the model.
    pub const NAME: &str = "auto";

    /// The search for the candidates of each series of `train`.
    pub(crate) fn search(&self, train: &Panel, task: &Task) -> CandidateSearch {
        CandidateSearch {
            with_networks: train.count() <= self.max_network_series,
            with_ets: train.iter().map(|series| series.len()).sum::<usize>() <= self.max_ets_values,
            // with more series the networks of a global model are as good, and cost less
            pretrained: PretrainedFrequency::of(train).filter(|_| train.count() <= MAX_PRETRAINED_SERIES),
            // local models are compared with the global model at its holdouts
            max_hindcasts: if train.count() < self.min_pooled_series {
                MAX_HINDCASTS
            } else {
                holdout_origins(train, task.horizon)
            },
            ..CandidateSearch::of(train, task)
        }
    }
}
