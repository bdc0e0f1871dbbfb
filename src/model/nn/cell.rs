//! The recurrent cells, written from their formulas in plain tensor operations.
//!
//! Read [`Cell::step`] and [`Cell::unroll`] to see what a recurrent network is. [`Cell::run`] computes the same numbers
//! with the kernels of libtorch, several times faster. The forecasters are trained with `run`, and a test compares the two.
//! Forecasts of one series with a GRU or a simple cell come from a faster loop, which another test compares with `run`.
//!
//! In the formulas `x` is the input, `h` the hidden state, `σ` the logistic function and `⊙` the elementwise product. A
//! vector of a formula is a column, as in the papers. A tensor holds one row for each sequence of the batch, hence
//! `x · Wᵀ` in the code.

use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use tch::Tensor;
use tch::nn::Path;

use crate::model::nn::tensor::{InitialWeights, zeros};

/// The kind of a recurrent cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CellKind {
    /// The simple recurrent cell (Elman 1990, "Finding structure in time"): a tanh of the input and the previous state.
    Rnn,
    /// Long short-term memory (Hochreiter, Schmidhuber 1997, "Long short-term memory") with a forget gate (Gers,
    /// Schmidhuber, Cummins 2000, "Learning to forget: continual prediction with LSTM").
    Lstm,
    /// The gated recurrent unit (Cho et al. 2014, "Learning phrase representations using RNN encoder-decoder for
    /// statistical machine translation"), in the form of libtorch. The reset gate acts after the product with `W_hh`. The
    /// update gate is the share of the previous state that stays.
    Gru,
}

impl CellKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Rnn, Self::Lstm, Self::Gru];

    /// The names of the gates and of the candidate, in the order of libtorch. Each has `hidden` rows of the weight
    /// matrices.
    pub fn gates(self) -> &'static [&'static str] {
        match self {
            Self::Rnn => &["state"],
            Self::Lstm => &["input gate", "forget gate", "candidate", "output gate"],
            Self::Gru => &["reset gate", "update gate", "candidate"],
        }
    }

    /// The name on the command line and in saved settings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rnn => "rnn",
            Self::Lstm => "lstm",
            Self::Gru => "gru",
        }
    }
}

/// A recurrent cell with its weights. Each matrix has the rows of all [`CellKind::gates`]. The two biases are always
/// added; libtorch has two because the GRU needs both.
///
/// ```
/// use forecast::nn::{Cell, CellKind, State, Tensor};
///
/// let tensor = |numbers: &[f64], shape: &[i64]| Tensor::from_slice(numbers).view(shape);
/// let cell = Cell {
///     kind: CellKind::Lstm,
///     w_xh: tensor(&[0.5, -0.3, 0.9, 0.2], &[4, 1]),
///     w_hh: tensor(&[0.1, 0.4, -0.2, 0.3], &[4, 1]),
///     b_xh: tensor(&[0.0, 1.0, 0.0, 0.0], &[4]),
///     b_hh: tensor(&[0.0; 4], &[4]),
/// };
/// let (x, h, c) = (2.0, 0.25, -0.5);
/// let one = |number: f64| tensor(&[number], &[1, 1]);
/// let next = cell.step(&one(x), &State { hidden: one(h), cell: Some(one(c)) });
///
/// let logistic = |a: f64| 1.0 / (1.0 + (-a).exp());
/// let i = logistic(0.5 * x + 0.1 * h);
/// let f = logistic(-0.3 * x + 0.4 * h + 1.0);
/// let g = (0.9 * x - 0.2 * h).tanh();
/// let o = logistic(0.2 * x + 0.3 * h);
/// let expected = f * c + i * g;
/// assert!((next.cell.unwrap().double_value(&[0, 0]) - expected).abs() < 1e-12);
/// assert!((next.hidden.double_value(&[0, 0]) - o * expected.tanh()).abs() < 1e-12);
/// ```
#[derive(Debug)]
pub struct Cell {
    /// The kind of the cell.
    pub kind: CellKind,
    /// From the input to the hidden state: [gates * hidden, input].
    pub w_xh: Tensor,
    /// From the previous hidden state: [gates * hidden, hidden].
    pub w_hh: Tensor,
    /// The bias of the product with the input: [gates * hidden].
    pub b_xh: Tensor,
    /// The bias of the product with the hidden state: [gates * hidden].
    pub b_hh: Tensor,
}

/// The state that a cell carries from step to step.
#[derive(Debug)]
pub struct State {
    /// The hidden state: [batch, hidden].
    pub hidden: Tensor,
    /// The cell state of an LSTM: [batch, hidden].
    pub cell: Option<Tensor>,
}

impl Cell {
    /// A cell with initial weights. The matrices are drawn uniformly from ±1/√hidden, as in libtorch, and the biases are
    /// 0. Only the forget gate of an LSTM starts with a bias of 1, which keeps it open (Jozefowicz, Zaremba, Sutskever
    /// 2015, "An empirical exploration of recurrent network architectures").
    pub fn new(path: &Path<'_>, kind: CellKind, input: usize, hidden: usize, rng: &mut ChaCha8Rng) -> Self {
        Self::with_initial(path, kind, (input, hidden), &mut InitialWeights::Random(rng))
    }

    pub(crate) fn with_initial(
        path: &Path<'_>,
        kind: CellKind,
        (input, hidden): (usize, usize),
        initial: &mut InitialWeights<'_>,
    ) -> Self {
        let rows = (kind.gates().len() * hidden) as i64;
        let bound = 1.0 / (hidden as f32).sqrt();
        let w_xh = initial.variable(path, "w_xh", &[rows, input as i64], bound);
        let w_hh = initial.variable(path, "w_hh", &[rows, hidden as i64], bound);
        let (b_xh, b_hh) = (zeros(path, "b_xh", &[rows]), zeros(path, "b_hh", &[rows]));
        if kind == CellKind::Lstm {
            tch::no_grad(|| drop(b_xh.narrow(0, hidden as i64, hidden as i64).fill_(1.0)));
        }
        Self { kind, w_xh, w_hh, b_xh, b_hh }
    }

    /// The state before the first step: zeros, with the number type and on the device of the weights.
    pub fn start(&self, batch: i64) -> State {
        let zeros = || Tensor::zeros([batch, self.hidden()], (self.w_hh.kind(), self.w_hh.device()));
        State { hidden: zeros(), cell: (self.kind == CellKind::Lstm).then(zeros) }
    }

    /// One step over x [batch, input], computed from the formulas.
    ///
    /// # Panics
    /// If the state of an LSTM has no cell state. [`Cell::unroll`] and [`Cell::run`] then panic too.
    pub fn step(&self, x: &Tensor, state: &State) -> State {
        match self.kind {
            CellKind::Rnn => State { hidden: self.elman(x, &state.hidden), cell: None },
            CellKind::Gru => State { hidden: self.gru(x, &state.hidden), cell: None },
            CellKind::Lstm => {
                let (hidden, c) = self.lstm(x, &state.hidden, state.cell_of_lstm());
                State { hidden, cell: Some(c) }
            }
        }
    }

    /// x [batch, input], h [batch, hidden] -> h [batch, hidden].
    fn elman(&self, x: &Tensor, h: &Tensor) -> Tensor {
        let Self { w_xh, w_hh, b_xh, b_hh, .. } = self;
        // h_t = tanh(W_hh h_{t-1} + W_xh x_t + b_h), with b_h = b_xh + b_hh
        (h.matmul(&w_hh.tr()) + x.matmul(&w_xh.tr()) + b_xh + b_hh).tanh() // [batch, hidden]
    }

    /// x [batch, input], h and c [batch, hidden] -> h and c [batch, hidden].
    fn lstm(&self, x: &Tensor, h: &Tensor, c: &Tensor) -> (Tensor, Tensor) {
        let Self { w_xh, w_hh, b_xh, b_hh, .. } = self;
        // a_t = W_hh h_{t-1} + W_xh x_t + b, for all gates in one product
        let a = h.matmul(&w_hh.tr()) + x.matmul(&w_xh.tr()) + b_xh + b_hh; // [batch, 4 * hidden]
        let gate = |n: i64| a.narrow(1, n * self.hidden(), self.hidden()); // [batch, hidden]
        // i_t = σ(W_xi x_t + W_hi h_{t-1} + b_i), the input gate: the share of the candidate that is written
        let i = gate(0).sigmoid(); // [batch, hidden]
        // f_t = σ(W_xf x_t + W_hf h_{t-1} + b_f), the forget gate: the share of the old cell state that is kept
        let f = gate(1).sigmoid(); // [batch, hidden]
        // g_t = tanh(W_xg x_t + W_hg h_{t-1} + b_g), the candidate
        let g = gate(2).tanh(); // [batch, hidden]
        // o_t = σ(W_xo x_t + W_ho h_{t-1} + b_o), the output gate: the share of the cell state that is visible
        let o = gate(3).sigmoid(); // [batch, hidden]
        // c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t: a sum, not a product of matrices, so that gradients last
        let c = f * c + i * g; // [batch, hidden]
        // h_t = o_t ⊙ tanh(c_t)
        let h = o * c.tanh(); // [batch, hidden]
        (h, c)
    }

    /// x [batch, input], h [batch, hidden] -> h [batch, hidden].
    fn gru(&self, x: &Tensor, h: &Tensor) -> Tensor {
        let from_x = x.matmul(&self.w_xh.tr()) + &self.b_xh; // [batch, 3 * hidden]
        let from_h = h.matmul(&self.w_hh.tr()) + &self.b_hh; // [batch, 3 * hidden]
        let gate = |a: &Tensor, n: i64| a.narrow(1, n * self.hidden(), self.hidden()); // [batch, hidden]
        // r_t = σ(W_xr x_t + b_xr + W_hr h_{t-1} + b_hr), the reset gate: how much of the old state the candidate uses
        let r = (gate(&from_x, 0) + gate(&from_h, 0)).sigmoid(); // [batch, hidden]
        // z_t = σ(W_xz x_t + b_xz + W_hz h_{t-1} + b_hz), the update gate: the share of the old state that stays
        let z = (gate(&from_x, 1) + gate(&from_h, 1)).sigmoid(); // [batch, hidden]
        // n_t = tanh(W_xn x_t + b_xn + r_t ⊙ (W_hn h_{t-1} + b_hn)), the candidate
        let n = (gate(&from_x, 2) + r * gate(&from_h, 2)).tanh(); // [batch, hidden]
        // h_t = (1 - z_t) ⊙ n_t + z_t ⊙ h_{t-1}
        (1.0 - &z) * n + z * h // [batch, hidden]
    }

    /// Runs over `inputs` [time, batch, input] from `state` step by step. Returns the hidden states [time, batch, hidden]
    /// and the last state.
    pub fn unroll(&self, inputs: &Tensor, state: &State) -> (Tensor, State) {
        let mut state = state.map(Tensor::shallow_clone);
        let mut states = Vec::new();
        for x_t in inputs.unbind(0) {
            // h_t = cell(x_t, h_{t-1}): the same weights at every step
            state = self.step(&x_t, &state);
            states.push(state.hidden.shallow_clone()); // [batch, hidden]
        }
        (Tensor::stack(&states, 0), state) // [time, batch, hidden]
    }

    /// As [`Cell::unroll`], with the kernels of libtorch.
    pub fn run(&self, inputs: &Tensor, state: &State) -> (Tensor, State) {
        let h = state.hidden.unsqueeze(0); // [1, batch, hidden]
        let weights = [&self.w_xh, &self.w_hh, &self.b_xh, &self.b_hh];
        let (states, h, c) = match self.kind {
            CellKind::Rnn => {
                let (states, h) = inputs.rnn_tanh(&h, &weights, true, 1, 0.0, false, false, false); // [time, batch, hidden]
                (states, h, None)
            }
            CellKind::Gru => {
                let (states, h) = inputs.gru(&h, &weights, true, 1, 0.0, false, false, false); // [time, batch, hidden]
                (states, h, None)
            }
            CellKind::Lstm => {
                let c = state.cell_of_lstm().unsqueeze(0); // [1, batch, hidden]
                let (states, h, c) = inputs.lstm(&[&h, &c], &weights, true, 1, 0.0, false, false, false); // [time, batch, hidden]
                (states, h, Some(c.squeeze_dim(0)))
            }
        };
        (states, State { hidden: h.squeeze_dim(0), cell: c }) // [batch, hidden]
    }

    /// The size of the hidden state.
    fn hidden(&self) -> i64 {
        self.w_hh.size()[1]
    }
}

impl State {
    /// The same states without the graph that computed them: gradients go no further back.
    pub fn detached(states: &[Self]) -> Vec<Self> {
        states.iter().map(|state| state.map(Tensor::detach)).collect()
    }

    /// Concatenates the states of single sequences into the state of a batch.
    pub(crate) fn concatenated(states: &[Self]) -> Self {
        let hidden: Vec<&Tensor> = states.iter().map(|state| &state.hidden).collect(); // each [1, hidden]
        let cell: Vec<&Tensor> = states.iter().filter_map(|state| state.cell.as_ref()).collect(); // each [1, hidden]
        Self { hidden: Tensor::cat(&hidden, 0), cell: (!cell.is_empty()).then(|| Tensor::cat(&cell, 0)) } // [batch, hidden]
    }

    pub(crate) fn map(&self, change: impl Fn(&Tensor) -> Tensor) -> Self {
        Self { hidden: change(&self.hidden), cell: self.cell.as_ref().map(change) }
    }

    fn cell_of_lstm(&self) -> &Tensor {
        self.cell.as_ref().expect("an LSTM's state has a cell state")
    }
}
