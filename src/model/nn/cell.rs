//! The recurrent cells from their formulas, and the walk of one over a sequence, in plain tensor operations.
//!
//! This is the file to read to see what a recurrent network is. [`Layer`](super::Layer) computes the same numbers with
//! libtorch's own kernels, several times faster: the forecaster uses that one, and a test holds the two against each
//! other.
//!
//! Throughout: `x` is what is seen, `h` the hidden state, `σ` the logistic function, `⊙` the product of elements.
//! Formulas stand columns upright, as in the papers; tensors hold a row for each member of a batch, hence `x · Wᵀ`.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use tch::nn::{Init, Path, VarStore};
use tch::{Device, Tensor};

use crate::model::nn::batch::Input;
use crate::model::nn::train::Recurrent;

/// The kind of recurrent cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CellKind {
    /// A tanh of the input and the state before: [`Elman`].
    Rnn,
    /// Long short-term memory: [`Lstm`].
    Lstm,
    /// Gated recurrent unit: [`Gru`].
    Gru,
}

impl CellKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Rnn, Self::Lstm, Self::Gru];

    /// The one of this [`CellKind::name`].
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The blocks of `hidden` rows in the weight matrices, one for the candidate and one for each gate, in libtorch's
    /// order.
    pub fn blocks(self) -> &'static [&'static str] {
        match self {
            Self::Rnn => &["state"],
            Self::Lstm => &["input gate", "forget gate", "candidate", "output gate"],
            Self::Gru => &["reset gate", "update gate", "candidate"],
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

/// A cell's weights, the blocks of [`CellKind::blocks`] one above the other. The two biases are always added; libtorch
/// keeps two because the [`Gru`] needs them apart.
#[derive(Debug)]
pub struct Weights {
    /// [blocks * hidden, input].
    pub w_xh: Tensor,
    /// [blocks * hidden, hidden].
    pub w_hh: Tensor,
    /// [blocks * hidden].
    pub b_xh: Tensor,
    /// [blocks * hidden].
    pub b_hh: Tensor,
}

impl Weights {
    /// Matrices drawn uniformly from ±1/√hidden, as libtorch's own, and biases of 0; but an LSTM's forget gate starts
    /// open (bias 1: Jozefowicz, Zaremba, Sutskever 2015, "An empirical exploration of recurrent network
    /// architectures").
    pub fn new(path: &Path<'_>, kind: CellKind, input: usize, hidden: usize, rng: &mut ChaCha8Rng) -> Self {
        let rows = (kind.blocks().len() * hidden) as i64;
        let bound = 1.0 / (hidden as f32).sqrt();
        let w_xh = uniform(path, "w_xh", &[rows, input as i64], bound, rng);
        let w_hh = uniform(path, "w_hh", &[rows, hidden as i64], bound, rng);
        let (b_xh, b_hh) = (path.var("b_xh", &[rows], Init::Const(0.0)), path.var("b_hh", &[rows], Init::Const(0.0)));
        if kind == CellKind::Lstm {
            tch::no_grad(|| drop(b_xh.narrow(0, hidden as i64, hidden as i64).fill_(1.0)));
        }
        Self { w_xh, w_hh, b_xh, b_hh }
    }

    /// In libtorch's order.
    pub fn list(&self) -> [&Tensor; 4] {
        [&self.w_xh, &self.w_hh, &self.b_xh, &self.b_hh]
    }

    /// Size of the hidden state.
    pub fn hidden(&self) -> i64 {
        self.w_hh.size()[1]
    }
}

/// A variable drawn uniformly from ±`bound` with our own generator, so that a rerun gives the same bytes.
pub(crate) fn uniform(path: &Path<'_>, name: &str, shape: &[i64], bound: f32, rng: &mut ChaCha8Rng) -> Tensor {
    let count = shape.iter().product::<i64>() as usize;
    let numbers: Vec<f32> = (0..count).map(|_| rng.random_range(-bound..bound)).collect();
    path.var_copy(name, &Tensor::from_slice(&numbers).view(shape).to_kind(path.kind()))
}

/// The simple recurrent cell (Elman 1990, "Finding structure in time").
#[derive(Debug)]
pub struct Elman(pub Weights);

impl Elman {
    /// One step: x [batch, input], h [batch, hidden] -> h [batch, hidden].
    pub fn forward(&self, x: &Tensor, h: &Tensor) -> Tensor {
        let Weights { w_xh, w_hh, b_xh, b_hh } = &self.0;
        // h_t = tanh(W_hh h_{t-1} + W_xh x_t + b_h), with b_h = b_xh + b_hh
        (h.matmul(&w_hh.tr()) + x.matmul(&w_xh.tr()) + b_xh + b_hh).tanh() // [batch, hidden]
    }
}

/// Long short-term memory (Hochreiter, Schmidhuber 1997, "Long short-term memory") with a forget gate (Gers,
/// Schmidhuber, Cummins 2000, "Learning to forget: continual prediction with LSTM").
#[derive(Debug)]
pub struct Lstm(pub Weights);

impl Lstm {
    /// One step: x [batch, input], h and c [batch, hidden] -> h and c [batch, hidden].
    pub fn forward(&self, x: &Tensor, (h, c): (&Tensor, &Tensor)) -> (Tensor, Tensor) {
        let Weights { w_xh, w_hh, b_xh, b_hh } = &self.0;
        // a_t = W_hh h_{t-1} + W_xh x_t + b, the blocks of all gates in one product
        let a = h.matmul(&w_hh.tr()) + x.matmul(&w_xh.tr()) + b_xh + b_hh; // [batch, 4 * hidden]
        let block = |n: i64| a.narrow(1, n * self.0.hidden(), self.0.hidden()); // [batch, hidden]
        // i_t = σ(a_t's first block): how much of the candidate is written
        let i = block(0).sigmoid(); // [batch, hidden]
        // f_t = σ(a_t's second block): how much of the old cell state is kept
        let f = block(1).sigmoid(); // [batch, hidden]
        // g_t = tanh(a_t's third block): the candidate
        let g = block(2).tanh(); // [batch, hidden]
        // o_t = σ(a_t's fourth block): how much of the cell state is shown
        let o = block(3).sigmoid(); // [batch, hidden]
        // c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t: a sum, not a product of matrices, so that gradients last
        let c = f * c + i * g; // [batch, hidden]
        // h_t = o_t ⊙ tanh(c_t)
        let h = o * c.tanh(); // [batch, hidden]
        (h, c)
    }
}

/// The gated recurrent unit (Cho et al. 2014, "Learning phrase representations using RNN encoder-decoder for
/// statistical machine translation"), in libtorch's form: the reset gate acts after the product with `W_hh`, and the
/// update gate says how much of the old state stays.
#[derive(Debug)]
pub struct Gru(pub Weights);

impl Gru {
    /// One step: x [batch, input], h [batch, hidden] -> h [batch, hidden].
    pub fn forward(&self, x: &Tensor, h: &Tensor) -> Tensor {
        let Weights { w_xh, w_hh, b_xh, b_hh } = &self.0;
        let from_x = x.matmul(&w_xh.tr()) + b_xh; // [batch, 3 * hidden]
        let from_h = h.matmul(&w_hh.tr()) + b_hh; // [batch, 3 * hidden]
        let block = |a: &Tensor, n: i64| a.narrow(1, n * self.0.hidden(), self.0.hidden()); // [batch, hidden]
        // r_t = σ(W_xr x_t + b_xr + W_hr h_{t-1} + b_hr): how much of the old state the candidate sees
        let r = (block(&from_x, 0) + block(&from_h, 0)).sigmoid(); // [batch, hidden]
        // z_t = σ(W_xz x_t + b_xz + W_hz h_{t-1} + b_hz): how much of the old state stays
        let z = (block(&from_x, 1) + block(&from_h, 1)).sigmoid(); // [batch, hidden]
        // n_t = tanh(W_xn x_t + b_xn + r_t ⊙ (W_hn h_{t-1} + b_hn)): the candidate
        let n = (block(&from_x, 2) + r * block(&from_h, 2)).tanh(); // [batch, hidden]
        // h_t = (1 - z_t) ⊙ n_t + z_t ⊙ h_{t-1}
        (1.0 - &z) * n + z * h // [batch, hidden]
    }
}

/// What a cell carries from step to step.
#[derive(Debug)]
pub struct State {
    /// Hidden state: [batch, hidden].
    pub hidden: Tensor,
    /// Cell state of an LSTM: [batch, hidden].
    pub cell: Option<Tensor>,
}

impl State {
    /// Zeros: nothing was seen yet. In the kind of number and on the device of `weights`.
    pub fn zeros(kind: CellKind, batch: i64, weights: &Weights) -> Self {
        let zeros = || Tensor::zeros([batch, weights.hidden()], (weights.w_hh.kind(), weights.w_hh.device()));
        Self { hidden: zeros(), cell: (kind == CellKind::Lstm).then(zeros) }
    }

    /// States of single walks as the state of all of them.
    pub(crate) fn side_by_side(states: &[Self]) -> Self {
        let hidden: Vec<&Tensor> = states.iter().map(|state| &state.hidden).collect(); // each [1, hidden]
        let cell: Vec<&Tensor> = states.iter().filter_map(|state| state.cell.as_ref()).collect();
        Self { hidden: Tensor::cat(&hidden, 0), cell: (!cell.is_empty()).then(|| Tensor::cat(&cell, 0)) }
    }

    /// The same numbers, cut off from the graph that made them.
    #[must_use]
    pub fn detached(&self) -> Self {
        Self { hidden: self.hidden.detach(), cell: self.cell.as_ref().map(Tensor::detach) }
    }
}

/// One of the three cells.
#[derive(Debug)]
pub enum Cell {
    /// The simple cell.
    Rnn(Elman),
    /// Long short-term memory.
    Lstm(Lstm),
    /// The gated recurrent unit.
    Gru(Gru),
}

impl Cell {
    /// A cell with random weights under `path`, for `input` numbers a step and a hidden state of `hidden`.
    pub fn new(path: &Path<'_>, kind: CellKind, input: usize, hidden: usize, rng: &mut ChaCha8Rng) -> Self {
        let weights = Weights::new(path, kind, input, hidden, rng);
        match kind {
            CellKind::Rnn => Self::Rnn(Elman(weights)),
            CellKind::Lstm => Self::Lstm(Lstm(weights)),
            CellKind::Gru => Self::Gru(Gru(weights)),
        }
    }

    /// The state before anything was seen.
    pub fn start(&self, batch: i64) -> State {
        match self {
            Self::Rnn(Elman(w)) => State::zeros(CellKind::Rnn, batch, w),
            Self::Lstm(Lstm(w)) => State::zeros(CellKind::Lstm, batch, w),
            Self::Gru(Gru(w)) => State::zeros(CellKind::Gru, batch, w),
        }
    }

    /// One step, x: [batch, input].
    ///
    /// # Panics
    /// If an LSTM is given a state without a cell state.
    pub fn forward(&self, x: &Tensor, state: &State) -> State {
        match self {
            Self::Rnn(cell) => State { hidden: cell.forward(x, &state.hidden), cell: None },
            Self::Gru(cell) => State { hidden: cell.forward(x, &state.hidden), cell: None },
            Self::Lstm(cell) => {
                let c = state.cell.as_ref().expect("an LSTM's state has a cell state");
                let (hidden, c) = cell.forward(x, (&state.hidden, c));
                State { hidden, cell: Some(c) }
            }
        }
    }
}

/// A cell walked over a sequence, and a linear head that reads the hidden state at every step: `y_t = W_hy h_t + b_y`.
///
/// Its variables have the names of a [`Network`](super::Network) of one layer, so that either can take the other's.
#[derive(Debug)]
pub struct Unrolled {
    store: VarStore,
    cell: Cell,
    /// [output, hidden].
    w_hy: Tensor,
    /// [output].
    b_y: Tensor,
}

impl Unrolled {
    /// With random weights.
    pub fn new(kind: CellKind, input: usize, hidden: usize, output: usize, rng: &mut ChaCha8Rng) -> Self {
        let store = VarStore::new(Device::Cpu);
        let cell = Cell::new(&(store.root() / "layer_0"), kind, input, hidden, rng);
        let path = store.root() / "head";
        let w_hy = uniform(&path, "w_hy", &[output as i64, hidden as i64], 1.0 / (hidden as f32).sqrt(), rng);
        let b_y = path.var("b_y", &[output as i64], Init::Const(0.0));
        Self { store, cell, w_hy, b_y }
    }

    /// Walks over x [batch, time, input] from `h0`, or from zeros; gives the outputs [batch, time, output] and the last
    /// state, whose `hidden` is [batch, hidden].
    pub fn forward(&self, x: &Tensor, h0: Option<&State>) -> (Tensor, State) {
        let (states, last) = self.hidden_states(x, h0); // [batch, time, hidden]
        // y_t = W_hy h_t + b_y
        (states.matmul(&self.w_hy.tr()) + &self.b_y, last) // [batch, time, output]
    }

    fn hidden_states(&self, x: &Tensor, h0: Option<&State>) -> (Tensor, State) {
        let start = self.cell.start(x.size()[0]);
        let (mut states, mut last) = (Vec::new(), None);
        for x_t in x.unbind(1) {
            // h_t = cell(x_t, h_{t-1}): the same weights at every step
            let state = self.cell.forward(&x_t, last.as_ref().or(h0).unwrap_or(&start));
            states.push(state.hidden.shallow_clone()); // [batch, hidden]
            last = Some(state);
        }
        (Tensor::stack(&states, 1), last.unwrap_or(start)) // [batch, time, hidden]
    }

    /// All weights by name, to read or load them.
    pub fn store_mut(&mut self) -> &mut VarStore {
        &mut self.store
    }
}

impl Recurrent for Unrolled {
    type State = State;

    fn store(&self) -> &VarStore {
        &self.store
    }

    fn start(&self, batch: i64) -> State {
        self.cell.start(batch)
    }

    fn detached(&self, state: &State) -> State {
        state.detached()
    }

    fn forward(&self, input: &Input, state: &State, _: Option<&mut ChaCha8Rng>) -> (Tensor, State) {
        let (states, last) = self.hidden_states(&input.seen.transpose(0, 1), Some(state)); // [batch, time, hidden]
        let spoken = input.spoken(&states.transpose(0, 1)); // [spoken, batch, hidden]
        (spoken.matmul(&self.w_hy.tr()) + &self.b_y, last) // [spoken, batch, output]
    }
}
