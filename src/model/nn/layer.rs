//! One recurrent layer over a whole sequence, on libtorch's own kernels.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use tch::{Kind, Tensor, nn};

use crate::model::nn::cell::{CellKind, State, Weights};

/// One recurrent layer: weights, and the walk over a sequence. [`Cell`](super::Cell) shows what it computes.
#[derive(Debug)]
pub struct Layer {
    kind: CellKind,
    weights: Weights,
}

impl Layer {
    /// A layer with random weights.
    pub fn new(path: &nn::Path<'_>, kind: CellKind, inputs: usize, hidden: usize, rng: &mut ChaCha8Rng) -> Self {
        Self { kind, weights: Weights::new(path, kind, inputs, hidden, rng) }
    }

    /// The kind of cell.
    pub fn kind(&self) -> CellKind {
        self.kind
    }

    /// What it learns.
    pub fn weights(&self) -> &Weights {
        &self.weights
    }

    /// The state before anything was seen.
    pub fn start(&self, batch: i64) -> State {
        State::zeros(self.kind, batch, &self.weights)
    }

    /// Walks over `inputs` [time, batch, inputs] from `state`; gives the hidden states [time, batch, hidden] and the
    /// last state.
    ///
    /// # Panics
    /// If an LSTM is given a state without a cell state.
    pub fn forward(&self, inputs: &Tensor, state: &State) -> (Tensor, State) {
        let (h, w) = (state.hidden.unsqueeze(0), self.weights.list()); // [1, batch, hidden]
        let (outputs, hidden, cell) = match self.kind {
            CellKind::Rnn => {
                let (outputs, h) = inputs.rnn_tanh(&h, &w, true, 1, 0.0, false, false, false);
                (outputs, h, None)
            }
            CellKind::Gru => {
                let (outputs, h) = inputs.gru(&h, &w, true, 1, 0.0, false, false, false);
                (outputs, h, None)
            }
            CellKind::Lstm => {
                let c = state.cell.as_ref().expect("an LSTM's state has a cell state").unsqueeze(0); // [1, batch, hidden]
                let (outputs, h, c) = inputs.lstm(&[&h, &c], &w, true, 1, 0.0, false, false, false);
                (outputs, h, Some(c.squeeze_dim(0)))
            }
        };
        (outputs, State { hidden: hidden.squeeze_dim(0), cell })
    }
}

/// Zeroes a share of `x` and scales the rest up, so that the mean stays (Srivastava et al. 2014). The mask is drawn
/// from our own generator.
pub(crate) fn drop_out(x: &Tensor, share: f64, rng: &mut ChaCha8Rng) -> Tensor {
    let keep = (1.0 / (1.0 - share)) as f32;
    let mask: Vec<f32> = (0..x.numel()).map(|_| if rng.random::<f64>() < share { 0.0 } else { keep }).collect();
    x * Tensor::from_slice(&mask).view(x.size().as_slice()).to_kind(Kind::Float)
}
