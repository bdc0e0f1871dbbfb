//! One recurrent layer over a whole sequence, on libtorch's own kernels.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use tch::nn::{self, Init};
use tch::{Kind, Tensor};

/// The kind of recurrent cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CellKind {
    /// `h_t = tanh(W_xh x_t + W_hh h_{t-1} + b)` (Elman 1990, "Finding structure in time").
    Rnn,
    /// Long short-term memory (Hochreiter, Schmidhuber 1997), with a forget gate (Gers, Schmidhuber, Cummins 2000).
    Lstm,
    /// Gated recurrent unit (Cho et al. 2014), in libtorch's form: the reset gate acts after the product with `W_hh`.
    Gru,
}

impl CellKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Rnn, Self::Lstm, Self::Gru];

    /// The one of this [`CellKind::name`].
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Blocks of `hidden` rows in the weight matrices: one for the candidate and one for each gate.
    pub fn blocks(self) -> usize {
        match self {
            Self::Rnn => 1,
            Self::Gru => 3,
            Self::Lstm => 4,
        }
    }

    /// The name it is asked for by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rnn => "rnn",
            Self::Lstm => "lstm",
            Self::Gru => "gru",
        }
    }
}

/// The state that a layer carries from step to step.
#[derive(Debug)]
pub struct State {
    /// Hidden state: [1, batch, hidden].
    pub hidden: Tensor,
    /// Cell state of an LSTM: [1, batch, hidden].
    pub cell: Option<Tensor>,
}

impl State {
    /// The same numbers, cut off from the graph that made them.
    #[must_use]
    pub fn detached(&self) -> Self {
        Self { hidden: self.hidden.detach(), cell: self.cell.as_ref().map(Tensor::detach) }
    }
}

/// One recurrent layer: weights, and the walk over a sequence.
#[derive(Debug)]
pub struct Layer {
    kind: CellKind,
    hidden: i64,
    /// `W_xh` [blocks * hidden, inputs], `W_hh` [blocks * hidden, hidden], `b_xh` and `b_hh` [blocks * hidden].
    weights: [Tensor; 4],
}

impl Layer {
    /// A layer with weights drawn uniformly from ±1/√hidden, as libtorch's own; an LSTM's forget gate starts open
    /// (bias 1: Jozefowicz, Zaremba, Sutskever 2015).
    pub fn new(path: &nn::Path<'_>, kind: CellKind, inputs: usize, hidden: usize, rng: &mut ChaCha8Rng) -> Self {
        let rows = (kind.blocks() * hidden) as i64;
        let bound = 1.0 / (hidden as f32).sqrt();
        let mut uniform = |name: &str, shape: &[i64]| {
            let count = shape.iter().product::<i64>() as usize;
            let numbers: Vec<f32> = (0..count).map(|_| rng.random_range(-bound..bound)).collect();
            path.var_copy(name, &Tensor::from_slice(&numbers).view(shape).to_kind(path.kind()))
        };
        let weights = [
            uniform("w_xh", &[rows, inputs as i64]),
            uniform("w_hh", &[rows, hidden as i64]),
            path.var("b_xh", &[rows], Init::Const(0.0)),
            path.var("b_hh", &[rows], Init::Const(0.0)),
        ];
        if kind == CellKind::Lstm {
            tch::no_grad(|| {
                let _ = weights[2].narrow(0, hidden as i64, hidden as i64).fill_(1.0);
            });
        }
        Self { kind, hidden: hidden as i64, weights }
    }

    /// The kind of cell.
    pub fn kind(&self) -> CellKind {
        self.kind
    }

    /// `W_xh`, `W_hh`, `b_xh`, `b_hh`, the gates' blocks one above the other in libtorch's order.
    pub fn weights(&self) -> &[Tensor; 4] {
        &self.weights
    }

    /// The state before anything was seen: zeros.
    pub fn start(&self, batch: i64) -> State {
        let zeros = || Tensor::zeros([1, batch, self.hidden], (self.weights[0].kind(), self.weights[0].device()));
        State { hidden: zeros(), cell: (self.kind == CellKind::Lstm).then(zeros) }
    }

    /// Walks over `inputs` [time, batch, inputs] from `state`; gives the hidden states [time, batch, hidden] and the
    /// last state.
    pub fn forward(&self, inputs: &Tensor, state: &State) -> (Tensor, State) {
        let (h, w) = (&state.hidden, &self.weights);
        let (outputs, hidden, cell) = match (self.kind, &state.cell) {
            (CellKind::Lstm, Some(c)) => {
                let (outputs, h, c) = inputs.lstm(&[h, c], &w.each_ref(), true, 1, 0.0, false, false, false);
                (outputs, h, Some(c))
            }
            (CellKind::Gru, _) => {
                let (outputs, h) = inputs.gru(h, &w.each_ref(), true, 1, 0.0, false, false, false);
                (outputs, h, None)
            }
            (CellKind::Rnn | CellKind::Lstm, _) => {
                let (outputs, h) = inputs.rnn_tanh(h, &w.each_ref(), true, 1, 0.0, false, false, false);
                (outputs, h, None)
            }
        };
        (outputs, State { hidden, cell })
    }
}

/// Zeroes a share of `x` and scales the rest up, so that the mean stays (Srivastava et al. 2014). The mask is drawn
/// from our own generator.
pub(super) fn drop_out(x: &Tensor, share: f64, rng: &mut ChaCha8Rng) -> Tensor {
    let keep = (1.0 / (1.0 - share)) as f32;
    let mask: Vec<f32> = (0..x.numel()).map(|_| if rng.random::<f64>() < share { 0.0 } else { keep }).collect();
    x * Tensor::from_slice(&mask).view(x.size().as_slice()).to_kind(Kind::Float)
}
