//! What can be set of a recurrent forecaster. Every default lives here.

use serde::{Deserialize, Serialize};

use crate::model::nn::cell::CellKind;

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

/// How a network's outputs make a forecast of many steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Head {
    /// All steps at once from the last hidden state, the quantiles of each among its outputs.
    Direct,
    /// One step, many times: many-to-one, rolled forward on its own median.
    Recursive,
    /// Step by step with a decoder of its own that hears its median of the step before: encoder-decoder.
    Decoder,
}

/// The settings of a recurrent forecaster; as a [`Model`](crate::model::Model) it is one that has seen nothing yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rnn {
    /// Elman, LSTM or GRU.
    pub cell: CellKind,
    /// How outputs make a forecast of many steps.
    pub head: Head,
    /// Size of the hidden state of each layer.
    pub hidden: usize,
    /// Layers on top of each other, at least 1.
    pub layers: usize,
    /// Share of a layer's outputs that is dropped on the way to the next layer, in [0, 1).
    pub dropout: f64,
    /// Factor on the recurrent weights `W_hh` that training starts with: well above 1 gradients explode on their way back
    /// through time, well below 1 they vanish.
    pub initial_scale: f64,
    /// Steps in a chunk of truncated BPTT: how many steps share one update.
    pub bptt: usize,
    /// How many steps back gradients reach; `None`: as far as the chunk's beginning.
    pub reach: Option<usize>,
    /// Whether the hidden state is carried from chunk to chunk, or starts anew in each.
    pub carry: bool,
    /// How gradients are kept from exploding.
    pub clip: Clip,
    /// Passes over the data; `None`: as many as make about [`Rnn::UPDATES`] updates.
    pub epochs: Option<usize>,
    /// The highest learning rate of the schedule.
    pub learning_rate: f64,
    /// `AdamW`'s decoupled weight decay.
    pub weight_decay: f64,
    /// Passes without a better validation loss after which training stops.
    pub patience: usize,
}

impl Rnn {
    /// Updates that training aims at where the number of epochs is not set.
    pub const UPDATES: usize = 400;
    /// The name of an encoder-decoder, whichever its cell.
    pub(crate) const SEQ2SEQ: &str = "seq2seq";
    /// Parallel streams that are walked together.
    pub(crate) const STREAMS: usize = 32;
    /// Steps of a stream, unless the series are shorter.
    pub(crate) const STREAM_LENGTH: usize = 128;
    /// Steps that warm up the state of a stream that starts within a series; they bear no loss.
    pub(crate) const WARM_UP: usize = 24;
    /// Steps of history that a forecast is made from.
    pub(crate) const CONTEXT: usize = 1024;
    /// Past positions at which a head that hears itself is tried, to learn how far off it is.
    pub(crate) const TRIALS: usize = 256;
    /// A decoder starts from each position; where it walks more steps than this, from as many fewer positions.
    pub(crate) const DECODED: usize = 8;

    /// The defaults of an encoder-decoder.
    pub fn seq2seq() -> Self {
        Self { head: Head::Decoder, ..Self::default() }
    }

    /// The defaults of the network of this name: a cell's, or `seq2seq`.
    pub fn named(name: &str) -> Option<Self> {
        if name == Self::SEQ2SEQ { Some(Self::seq2seq()) } else { CellKind::named(name).map(Self::with_cell) }
    }

    /// The defaults with another cell.
    pub fn with_cell(cell: CellKind) -> Self {
        Self { cell, ..Self::default() }
    }
}

impl Default for Rnn {
    fn default() -> Self {
        Self {
            cell: CellKind::Lstm,
            head: Head::Direct,
            hidden: 40,
            layers: 1,
            dropout: 0.0,
            initial_scale: 1.0,
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
