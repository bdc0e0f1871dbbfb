//! A recurrent layer over whole sequences, computed by the kernels of libtorch.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use tch::{Kind, Tensor, nn};

use crate::model::nn::cell::{CellKind, CellWeights, State};

/// A recurrent layer over whole sequences. [`Cell`](crate::nn::Cell) computes the same numbers step by step.
///
/// ```
/// use forecast::nn::{CellKind, Device, Kind, Layer, Tensor, VarStore};
/// use rand::SeedableRng;
/// use rand_chacha::ChaCha8Rng;
///
/// let store = VarStore::new(Device::Cpu);
/// let layer = Layer::new(&store.root(), CellKind::Gru, 3, 8, &mut ChaCha8Rng::seed_from_u64(1));
/// let inputs = Tensor::ones([10, 2, 3], (Kind::Float, Device::Cpu)); // [time, batch, inputs]
/// let (states, last) = layer.forward(&inputs, &layer.start(2));
/// assert_eq!(states.size(), [10, 2, 8]); // [time, batch, hidden]
/// assert_eq!(last.hidden, states.get(9));
/// ```
#[derive(Debug)]
pub struct Layer {
    kind: CellKind,
    weights: CellWeights,
}

impl Layer {
    /// A layer with random weights.
    pub fn new(path: &nn::Path<'_>, kind: CellKind, inputs: usize, hidden: usize, rng: &mut ChaCha8Rng) -> Self {
        Self { kind, weights: CellWeights::new(path, kind, inputs, hidden, rng) }
    }

    /// The kind of cell.
    pub fn kind(&self) -> CellKind {
        self.kind
    }

    /// The weights of its cell.
    pub fn weights(&self) -> &CellWeights {
        &self.weights
    }

    /// The state before the first step.
    pub fn start(&self, batch: i64) -> State {
        State::zeros(self.kind, batch, &self.weights)
    }

    /// Runs over `inputs` [time, batch, inputs] from `state`. Returns the hidden states [time, batch, hidden] and the
    /// last state.
    ///
    /// # Panics
    /// If an LSTM is given a state without a cell state.
    pub fn forward(&self, inputs: &Tensor, state: &State) -> (Tensor, State) {
        let (h, w) = (state.hidden.unsqueeze(0), self.weights.list()); // [1, batch, hidden]
        let (outputs, hidden, cell) = match self.kind {
            CellKind::Rnn => {
                let (outputs, h) = inputs.rnn_tanh(&h, &w, true, 1, 0.0, false, false, false); // [time, batch, hidden]
                (outputs, h, None)
            }
            CellKind::Gru => {
                let (outputs, h) = inputs.gru(&h, &w, true, 1, 0.0, false, false, false); // [time, batch, hidden]
                (outputs, h, None)
            }
            CellKind::Lstm => {
                let c = state.cell.as_ref().expect("an LSTM's state has a cell state").unsqueeze(0); // [1, batch, hidden]
                let (outputs, h, c) = inputs.lstm(&[&h, &c], &w, true, 1, 0.0, false, false, false); // [time, batch, hidden]
                (outputs, h, Some(c.squeeze_dim(0)))
            }
        };
        (outputs, State { hidden: hidden.squeeze_dim(0), cell }) // [batch, hidden]
    }
}

/// Dropout: sets a random share of `x` to zero and scales the rest up, so that the mean stays (Srivastava et al. 2014,
/// "Dropout: a simple way to prevent neural networks from overfitting"). The mask comes from our own generator.
pub(crate) fn dropout(x: &Tensor, share: f64, rng: &mut ChaCha8Rng) -> Tensor {
    let keep = (1.0 / (1.0 - share)) as f32;
    let mask: Vec<f32> = (0..x.numel()).map(|_| if rng.random::<f64>() < share { 0.0 } else { keep }).collect();
    x * Tensor::from_slice(&mask).view(x.size().as_slice()).to_kind(Kind::Float) // the shape of `x`
}
