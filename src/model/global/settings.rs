//! What can be set of a global model. Every default lives here.

use serde::{Deserialize, Serialize};

use crate::panel::Panel;

/// The settings of a global model: many small networks, each trained on all series, averaged. As a
/// [`Model`](crate::model::Model) it is one that has seen nothing yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Global {
    /// Networks that are averaged.
    pub members: usize,
    /// Size of the hidden state of each.
    pub hidden: usize,
    /// Passes over the data of each; `None`: as many as make about [`Global::UPDATES`] updates.
    pub epochs: Option<usize>,
    /// The highest learning rate of the schedule.
    pub learning_rate: f64,
    /// The members one by one, in place of the usual ones.
    pub kinds: Option<Vec<Kind>>,
}

impl Default for Global {
    fn default() -> Self {
        Self { members: 6, hidden: 48, epochs: None, learning_rate: 5e-3, kinds: None }
    }
}

impl Global {
    /// The name it is asked for by.
    pub const NAME: &str = "global";
    /// Updates that the training of each member aims at where the number of epochs is not set.
    pub const UPDATES: usize = 5000;
    /// Series from which on larger batches leave enough updates.
    const MANY: usize = 2000;
    /// Fewest and most passes over the data, where their number is not set.
    const EPOCHS: (usize, usize) = (4, 15);

    /// The members for a panel: they differ in how much they see and in which units, whether the season is taken out of
    /// it first, and in the loss. What they get wrong, they then get wrong less together.
    pub(crate) fn kinds(&self, panel: &Panel, periods: &[usize], horizon: usize) -> Vec<Kind> {
        if let Some(kinds) = &self.kinds {
            return kinds.clone();
        }
        let season = periods.first().copied().unwrap_or(1);
        let batch = if panel.count() >= Self::MANY { 32 } else { 8 };
        let updates = panel.count().div_ceil(batch);
        let epochs = Self::UPDATES.div_ceil(updates).clamp(Self::EPOCHS.0, Self::EPOCHS.1);
        // a season, or where there is none as much as tells a trend; and some horizons of recent past
        let window = season.clamp(6, 24);
        let context = (4 * horizon).max(2 * season).clamp(32, 192);
        let kind = |number: usize| Kind {
            units: [Units::Steps, Units::Level, Units::Steps][number / 2 % 3],
            window: [window, 2 * window, window + window / 2][number % 3],
            context: [context, context + context / 3][number % 2],
            hidden: self.hidden,
            adjusts: number.is_multiple_of(2),
            mixes: true,
            mase: [0.5, 0.8, 0.2][number / 2 % 3],
            batch,
            epochs: self.epochs.unwrap_or(epochs),
            learning_rate: self.learning_rate,
        };
        (0..self.members).map(kind).collect()
    }
}

/// What a member sees and says a series' moves in units of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Units {
    /// The same share of the level for all series: a move of 5 % is 1, whether that is usual or not.
    Level,
    /// The series' own usual step.
    Steps,
}

/// One kind of member of the ensemble.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    /// What moves are in units of.
    pub units: Units,
    /// Values that are seen at each position.
    pub window: usize,
    /// Positions that a series is walked over, up to its end.
    pub context: usize,
    /// Size of the hidden state.
    pub hidden: usize,
    /// Whether the season is taken out before the network sees the series.
    pub adjusts: bool,
    /// How much of the loss is in units of a series' own steps (as MASE), the rest being in shares of its level (as
    /// sMAPE), in [0, 1].
    pub mase: f64,
    /// Whether the network may lean on single paths of the bank.
    pub mixes: bool,
    /// Series that share an update.
    pub batch: usize,
    /// Passes over the data.
    pub epochs: usize,
    /// The highest learning rate of the schedule.
    pub learning_rate: f64,
}
