//! The settings of the automatic model.

use serde::{Deserialize, Serialize};

/// Networks for each series take most of the time. A budget of minutes is enough for a few series only.
const MAX_NETWORK_SERIES: usize = 4;
/// The search over all forms of ETS takes longer than all other candidates that are not networks.
const MAX_ETS_SERIES: usize = 50;
/// In panels of at least this size, a global model is more accurate than a model for each series.
const MIN_POOLED_SERIES: usize = 400;

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

impl Auto {
    /// The name by which a user selects the model.
    pub const NAME: &str = "auto";
}

impl Default for Auto {
    fn default() -> Self {
        Self {
            max_network_series: MAX_NETWORK_SERIES,
            max_ets_series: MAX_ETS_SERIES,
            min_pooled_series: MIN_POOLED_SERIES,
        }
    }
}
