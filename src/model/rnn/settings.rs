//! What can be set of a recurrent forecaster. Every default lives here.

use serde::{Deserialize, Serialize};

use super::CellKind;

/// How gradients are kept from exploding (Pascanu, Mikolov, Bengio 2013, "On the difficulty of training recurrent
/// neural networks", section 3.2).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clip {
    /// Scales the whole gradient so that its global norm is at most this.
    Norm(f64),
    /// Cuts every component to at most this, either way.
    Value(f64),
    /// Leaves the gradient as it is.
    Off,
}

/// The settings of a recurrent forecaster; as a [`Model`](crate::model::Model) it is one that has seen nothing yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Elman, LSTM or GRU.
    pub cell: CellKind,
    /// Size of the hidden state of each layer.
    pub hidden: usize,
    /// Layers on top of each other, at least 1.
    pub layers: usize,
    /// Share of a layer's outputs that is dropped on the way to the next layer, in [0, 1).
    pub dropout: f64,
    /// Steps in a chunk of truncated BPTT: how many steps share one update.
    pub bptt: usize,
    /// How many steps back gradients reach; `None`: as far as the chunk's beginning.
    pub reach: Option<usize>,
    /// Whether the hidden state is carried from chunk to chunk, or starts anew in each.
    pub carry: bool,
    /// How gradients are kept from exploding.
    pub clip: Clip,
    /// Passes over the data; `None`: as many as make about [`Settings::UPDATES`] updates.
    pub epochs: Option<usize>,
    /// The highest learning rate of the schedule.
    pub learning_rate: f64,
    /// `AdamW`'s decoupled weight decay.
    pub weight_decay: f64,
    /// Passes without a better validation loss after which training stops.
    pub patience: usize,
}

impl Settings {
    /// Updates that training aims at where the number of epochs is not set.
    pub const UPDATES: usize = 400;
    /// Parallel streams that are walked together.
    pub(super) const STREAMS: usize = 32;
    /// Steps of a stream, unless the series are shorter.
    pub(super) const STREAM_LENGTH: usize = 128;
    /// Steps that warm up the state of a stream that starts within a series; they bear no loss.
    pub(super) const WARM_UP: usize = 24;
    /// Steps of history that a forecast is made from.
    pub(super) const CONTEXT: usize = 1024;

    /// The defaults with another cell.
    pub fn with_cell(cell: CellKind) -> Self {
        Self { cell, ..Self::default() }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            cell: CellKind::Lstm,
            hidden: 40,
            layers: 1,
            dropout: 0.0,
            bptt: 32,
            reach: None,
            carry: true,
            clip: Clip::Norm(1.0),
            epochs: None,
            learning_rate: 5e-3,
            weight_decay: 1e-2,
            patience: 12,
        }
    }
}
