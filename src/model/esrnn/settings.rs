//! What can be set of the hybrid. Every default lives here.

use serde::{Deserialize, Serialize};

use crate::data::Panel;

/// The settings of the hybrid of exponential smoothing and recurrent networks. As a [`Model`](crate::model::Model) it is
/// one that has seen nothing yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Networks that are averaged, each with smoothing parameters of its own.
    pub members: usize,
    /// Size of the hidden state of each layer.
    pub hidden: usize,
    /// Passes over the data of each; `None`: as many as make about [`Settings::UPDATES`] updates.
    pub epochs: Option<usize>,
    /// The highest learning rate of the network's schedule.
    pub learning_rate: f64,
    /// The learning rate of the smoothing parameters of a series, as a multiple; 0: they stay as they start.
    pub smoothing_pace: f64,
    /// How much a level that changes its course counts in the loss where there is a season.
    pub level_penalty: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { members: 4, hidden: 40, epochs: None, learning_rate: 5e-3, smoothing_pace: 1.0, level_penalty: 0.3 }
    }
}

impl Settings {
    /// The name it is asked for by.
    pub const NAME: &str = "esrnn";
    /// Updates that the training of each member aims at where the number of epochs is not set.
    pub const UPDATES: usize = 5000;
    /// Series from which on larger batches leave enough updates.
    const MANY: usize = 2000;
    /// Fewest and most passes over the data, where their number is not set and that makes updates enough.
    const EPOCHS: (usize, usize) = (5, 15);
    /// Updates below which a network has hardly moved.
    const FEWEST_UPDATES: usize = 200;

    /// The members for a panel: they differ in how much they see and in the loss.
    pub(super) fn kinds(&self, panel: &Panel, periods: &[usize], horizon: usize) -> Vec<Kind> {
        let season = periods.first().copied().unwrap_or(1);
        let batch = if panel.count() >= Self::MANY { 32 } else { 8 };
        let updates = panel.count().div_ceil(batch);
        let epochs = Self::UPDATES.div_ceil(updates).clamp(Self::EPOCHS.0, Self::EPOCHS.1);
        let epochs = epochs.max(Self::FEWEST_UPDATES.div_ceil(updates));
        let window = season.clamp(6, 24);
        let context = (4 * horizon).max(2 * season).clamp(32, 192);
        let kind = |number: usize| {
            let odd = number % 2 == 1;
            Kind {
                window: if odd { window + window / 2 } else { window },
                context: if odd { context + context / 3 } else { context },
                hidden: self.hidden,
                dilations: dilations(season),
                mase: [0.5, 0.8, 0.2][number % 3],
                level_penalty: if periods.is_empty() { 0.0 } else { self.level_penalty },
                batch,
                epochs: self.epochs.unwrap_or(epochs),
                learning_rate: self.learning_rate,
                smoothing_pace: self.smoothing_pace,
            }
        };
        (0..self.members).map(kind).collect()
    }
}

/// Two blocks of two layers that reach back a season or two (Smyl 2020, table 1, has these for quarters and months); one
/// block where there is no season.
fn dilations(season: usize) -> Vec<Vec<usize>> {
    match season {
        0..=1 => vec![vec![1, 2]],
        2..=7 => vec![vec![1, (season / 3).max(2)], vec![season, 2 * season]],
        _ => vec![vec![1, season / 4], vec![season / 2, season]],
    }
}

/// One kind of member of the ensemble.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    /// Values that are seen at each position.
    pub window: usize,
    /// Positions that a series is walked over, up to its end.
    pub context: usize,
    /// Size of the hidden state of each layer.
    pub hidden: usize,
    /// Steps that the state of each layer goes back, by block.
    pub dilations: Vec<Vec<usize>>,
    /// How much of the loss is in units of a series' own steps (as MASE), the rest being in shares of its level (as
    /// sMAPE), in [0, 1].
    pub mase: f64,
    /// Weight of the squared second differences of the level, in units of a series' spread.
    pub level_penalty: f64,
    /// Series that share an update.
    pub batch: usize,
    /// Passes over the data.
    pub epochs: usize,
    /// The highest learning rate of the network's schedule.
    pub learning_rate: f64,
    /// The learning rate of the smoothing parameters, as a multiple.
    pub smoothing_pace: f64,
}
