//! The settings of a global model, with all defaults.

use serde::{Deserialize, Serialize};

use crate::panel::Panel;

/// The settings of a global model, which is the mean of several small networks. Each is trained on all series.
///
/// As a [`Model`](crate::model::Model) it has not been fitted yet. With the defaults the number of epochs and the
/// configuration of each member follow from the panel.
///
/// ```
/// use forecast::model::global::Global;
/// use forecast::model::{Model, SilentObserver, Task};
/// use forecast::panel::Panel;
///
/// let sales: Vec<f64> = (0..36).map(|t| 100.0 + [0.0, 8.0, -5.0, 3.0][t % 4]).collect();
/// let panel = Panel::from_values(&sales, 4);
/// let settings = Global { members: 1, hidden: 8, epochs: Some(1), ..Global::default() };
/// let fit = settings.fit(&panel, &Task::new(4), &mut SilentObserver)?;
/// let forecasts = fit.predict(&panel)?;
/// assert_eq!(forecasts[0].median().len(), 4);
/// # Ok::<(), forecast::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Global {
    /// Number of networks that are averaged.
    pub members: usize,
    /// Size of the hidden state of each network.
    pub hidden: usize,
    /// Epochs of each network, which then starts at random. `None`: pretrained networks take part where they fit. On few
    /// series they are trained further, on more they are further members. Others get about [`Global::TARGET_UPDATES`]
    /// updates.
    pub epochs: Option<usize>,
    /// The highest learning rate of the schedule of a network that starts at random.
    pub learning_rate: f64,
    /// The configuration of each member; `None` for one that follows from the panel. If it is set, the other settings
    /// have no effect.
    pub member_configs: Option<Vec<MemberConfig>>,
}

impl Default for Global {
    fn default() -> Self {
        Self { members: 6, hidden: 48, epochs: None, learning_rate: 5e-3, member_configs: None }
    }
}

impl Global {
    /// The name of the model.
    pub const NAME: &str = "global";
    /// Updates of each member if the number of epochs is not set.
    pub const TARGET_UPDATES: usize = 5000;

    /// The configuration of each member. Members differ in window, context, normalization, seasonal adjustment and
    /// loss. So their errors differ too, and partly cancel in the mean.
    pub(crate) fn configs(&self, panel: &Panel, periods: &[usize], horizon: usize) -> Vec<MemberConfig> {
        if let Some(configs) = &self.member_configs {
            return configs.clone();
        }
        let season = periods.first().copied().unwrap_or(1);
        // with many series, larger batches still give enough updates
        let batch_size = if panel.count() >= 2000 { 32 } else { 8 };
        let updates = panel.count().div_ceil(batch_size);
        let epochs = Self::TARGET_UPDATES.div_ceil(updates).clamp(4, 15);
        // the window is a season, or long enough to show a trend; the context is several horizons
        let window = season.clamp(6, 24);
        let context = (4 * horizon).max(2 * season).clamp(32, 192);
        let config = |number: usize| MemberConfig {
            normalization: [Normalization::MeanAbsoluteStep, Normalization::Level, Normalization::MeanAbsoluteStep]
                [number / 2 % 3],
            window: [window, 2 * window, window + window / 2][number % 3],
            context: [context, context + context / 3][number % 2],
            hidden: self.hidden,
            seasonally_adjusted: number.is_multiple_of(2),
            adds_bank_paths: true,
            mase_weight: [0.5, 0.8, 0.2][number / 2 % 3],
            batch_size,
            epochs: self.epochs.unwrap_or(epochs),
            learning_rate: self.learning_rate,
        };
        (0..self.members).map(config).collect()
    }
}

/// The unit of a member's inputs and outputs, which are differences from the level of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Normalization {
    /// 5 % of the level, for every series.
    Level,
    /// The mean absolute change of the series from step to step, without the season.
    MeanAbsoluteStep,
}

/// The configuration of one member of the ensemble.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberConfig {
    /// The unit of inputs and outputs.
    pub normalization: Normalization,
    /// The number of lagged values among the inputs of each position.
    pub window: usize,
    /// The number of last positions of a series that are inputs of the network.
    pub context: usize,
    /// Size of the hidden state.
    pub hidden: usize,
    /// Whether the season is removed from the lagged values.
    pub seasonally_adjusted: bool,
    /// The weight of the error that is scaled by the denominator of MASE, in [0, 1]. The error relative to the level,
    /// as in sMAPE, has the remaining weight.
    pub mase_weight: f64,
    /// Whether the network also weights the single paths of the smoothing bank.
    pub adds_bank_paths: bool,
    /// The number of series in an update.
    pub batch_size: usize,
    /// The number of passes over the data.
    pub epochs: usize,
    /// The highest learning rate of the schedule.
    pub learning_rate: f64,
}
