//! The settings of a recurrent forecaster, with all their defaults.

use serde::{Deserialize, Serialize};

use crate::model::nn::{CellKind, Clip};

/// How the outputs of a network become a forecast of several steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Head {
    /// All quantiles of all steps at once, from the last hidden state.
    Direct,
    /// One step at a time. The median of each step is the input of the next.
    Recursive,
    /// An encoder-decoder. The decoder predicts step by step and reads its median of the previous step.
    Decoder,
}

/// The settings of a recurrent forecaster. They are a [`Model`](crate::model::Model) that can be fitted to a panel.
///
/// ```
/// use forecast::model::{Model, SilentObserver, Task};
/// use forecast::panel::Panel;
/// use forecast::rnn::{CellKind, Head, Rnn};
///
/// let values: Vec<f64> = (0..60).map(|t| 10.0 + f64::from(t % 7)).collect();
/// let history = Panel::from_values(&values, 7);
///
/// let settings = Rnn { head: Head::Recursive, hidden: 8, epochs: Some(2), ..Rnn::with_cell(CellKind::Gru) };
/// assert_eq!((settings.name(), Rnn::seq2seq().name()), ("gru", "seq2seq"));
/// let fitted = settings.fit(&history, &Task::new(7), &mut SilentObserver)?;
/// assert_eq!(fitted.predict(&history)?[0].median().len(), 7);
/// # Ok::<(), forecast::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rnn {
    /// The kind of cell.
    pub cell: CellKind,
    /// How outputs become a forecast of several steps.
    pub head: Head,
    /// Size of the hidden state of each layer.
    pub hidden: usize,
    /// Number of layers, at least 1.
    pub layers: usize,
    /// Share of values that is dropped between layers in training, in [0, 1).
    pub dropout: f64,
    /// Factor on the initial recurrent weights `W_hh`. With a factor far above 1 gradients explode on their way back
    /// through time. With one far below 1 they vanish.
    pub initial_scale: f64,
    /// Steps of a chunk of truncated BPTT. Each chunk gives one update.
    pub bptt: usize,
    /// Steps that gradients reach back; `None` means as far as the beginning of the chunk.
    pub reach: Option<usize>,
    /// Whether the hidden state is carried from chunk to chunk. If not, each chunk starts from zeros.
    pub carry: bool,
    /// How gradients are kept from exploding.
    pub clip: Clip,
    /// Passes over the data; `None` means as many as give about [`Rnn::UPDATES`] updates.
    pub epochs: Option<usize>,
    /// The highest learning rate of the schedule.
    pub learning_rate: f64,
    /// Decoupled weight decay of `AdamW`.
    pub weight_decay: f64,
    /// Epochs without a better validation loss after which training stops.
    pub patience: usize,
}

impl Rnn {
    /// Planned number of updates if the number of epochs is not set.
    pub const UPDATES: usize = 400;

    /// The defaults of an encoder-decoder.
    pub fn seq2seq() -> Self {
        Self { head: Head::Decoder, ..Self::default() }
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
