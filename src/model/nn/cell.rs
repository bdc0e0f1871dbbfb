//! The recurrent cells, written from their formulas in plain tensor operations.
//!
//! Read this file to see what a recurrent network is. [`Layer`](crate::nn::Layer) computes the same numbers with the
//! kernels of libtorch, several times faster. The forecasters use the layer, and a test compares the two.
//!
//! In the formulas `x` is the input, `h` the hidden state, `σ` the logistic function and `⊙` the elementwise product. A
//! vector of a formula is a column, as in the papers. A tensor holds one row for each sequence of the batch, hence
//! `x · Wᵀ` in the code.

use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use tch::Tensor;
use tch::nn::Path;

use crate::model::nn::init::{uniform, zeros};

/// The kind of recurrent cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CellKind {
    /// A tanh of the input and the previous state: [`Elman`].
    Rnn,
    /// Long short-term memory: [`Lstm`].
    Lstm,
    /// Gated recurrent unit: [`Gru`].
    Gru,
}

impl CellKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Rnn, Self::Lstm, Self::Gru];

    /// The kind with this [`CellKind::name`].
    ///
    /// ```
    /// use forecast::nn::CellKind;
    ///
    /// assert_eq!(CellKind::named("gru"), Some(CellKind::Gru));
    /// assert_eq!(CellKind::Lstm.gates(), ["input gate", "forget gate", "candidate", "output gate"]);
    /// ```
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

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

/// The weights of a cell, with the rows of all [`CellKind::gates`] in one matrix. The two biases are always added;
/// libtorch has two because the [`Gru`] needs both.
#[derive(Debug)]
pub struct CellWeights {
    /// From the input to the hidden state: [gates * hidden, input].
    pub w_xh: Tensor,
    /// From the previous hidden state: [gates * hidden, hidden].
    pub w_hh: Tensor,
    /// The bias of the product with the input: [gates * hidden].
    pub b_xh: Tensor,
    /// The bias of the product with the hidden state: [gates * hidden].
    pub b_hh: Tensor,
}

impl CellWeights {
    /// Initial weights. The matrices are drawn uniformly from ±1/√hidden, as in libtorch, and the biases are 0. Only
    /// the forget gate of an LSTM starts with a bias of 1, which keeps it open (Jozefowicz, Zaremba, Sutskever 2015,
    /// "An empirical exploration of recurrent network architectures").
    pub fn new(path: &Path<'_>, kind: CellKind, input: usize, hidden: usize, rng: &mut ChaCha8Rng) -> Self {
        let rows = (kind.gates().len() * hidden) as i64;
        let bound = 1.0 / (hidden as f32).sqrt();
        let w_xh = uniform(path, "w_xh", &[rows, input as i64], bound, rng);
        let w_hh = uniform(path, "w_hh", &[rows, hidden as i64], bound, rng);
        let (b_xh, b_hh) = (zeros(path, "b_xh", &[rows]), zeros(path, "b_hh", &[rows]));
        if kind == CellKind::Lstm {
            tch::no_grad(|| drop(b_xh.narrow(0, hidden as i64, hidden as i64).fill_(1.0)));
        }
        Self { w_xh, w_hh, b_xh, b_hh }
    }

    /// The four tensors in the order of libtorch.
    pub fn list(&self) -> [&Tensor; 4] {
        [&self.w_xh, &self.w_hh, &self.b_xh, &self.b_hh]
    }

    /// The size of the hidden state.
    pub fn hidden(&self) -> i64 {
        self.w_hh.size()[1]
    }
}

/// The simple recurrent cell (Elman 1990, "Finding structure in time"): `h_t = tanh(W_hh h_{t-1} + W_xh x_t + b_h)`.
///
/// ```
/// use forecast::nn::{CellWeights, Elman, Tensor};
///
/// let tensor = |numbers: &[f64], shape: &[i64]| Tensor::from_slice(numbers).view(shape);
/// let cell = Elman(CellWeights {
///     w_xh: tensor(&[0.5], &[1, 1]),
///     w_hh: tensor(&[0.8], &[1, 1]),
///     b_xh: tensor(&[0.1], &[1]),
///     b_hh: tensor(&[0.0], &[1]),
/// });
/// let h = cell.forward(&tensor(&[2.0], &[1, 1]), &tensor(&[0.25], &[1, 1])); // [batch, hidden]
/// let expected = (0.8 * 0.25 + 0.5 * 2.0 + 0.1_f64).tanh();
/// assert!((h.double_value(&[0, 0]) - expected).abs() < 1e-12);
/// ```
#[derive(Debug)]
pub struct Elman(pub CellWeights);

impl Elman {
    /// One step: x [batch, input], h [batch, hidden] -> h [batch, hidden].
    pub fn forward(&self, x: &Tensor, h: &Tensor) -> Tensor {
        let CellWeights { w_xh, w_hh, b_xh, b_hh } = &self.0;
        // h_t = tanh(W_hh h_{t-1} + W_xh x_t + b_h), with b_h = b_xh + b_hh
        (h.matmul(&w_hh.tr()) + x.matmul(&w_xh.tr()) + b_xh + b_hh).tanh() // [batch, hidden]
    }
}

/// Long short-term memory (Hochreiter, Schmidhuber 1997, "Long short-term memory") with a forget gate (Gers,
/// Schmidhuber, Cummins 2000, "Learning to forget: continual prediction with LSTM").
///
/// ```
/// use forecast::nn::{CellWeights, Lstm, Tensor};
///
/// let tensor = |numbers: &[f64], shape: &[i64]| Tensor::from_slice(numbers).view(shape);
/// // the rows: input gate, forget gate, candidate, output gate
/// let cell = Lstm(CellWeights {
///     w_xh: tensor(&[0.5, -0.3, 0.9, 0.2], &[4, 1]),
///     w_hh: tensor(&[0.1, 0.4, -0.2, 0.3], &[4, 1]),
///     b_xh: tensor(&[0.0, 1.0, 0.0, 0.0], &[4]),
///     b_hh: tensor(&[0.0; 4], &[4]),
/// });
/// let (x, h, c) = (2.0, 0.25, -0.5);
/// let one = |number: f64| tensor(&[number], &[1, 1]);
/// let (next_h, next_c) = cell.forward(&one(x), (&one(h), &one(c)));
///
/// let logistic = |a: f64| 1.0 / (1.0 + (-a).exp());
/// let i = logistic(0.5 * x + 0.1 * h);
/// let f = logistic(-0.3 * x + 0.4 * h + 1.0);
/// let g = (0.9 * x - 0.2 * h).tanh();
/// let o = logistic(0.2 * x + 0.3 * h);
/// let expected = f * c + i * g;
/// assert!((next_c.double_value(&[0, 0]) - expected).abs() < 1e-12);
/// assert!((next_h.double_value(&[0, 0]) - o * expected.tanh()).abs() < 1e-12);
/// ```
#[derive(Debug)]
pub struct Lstm(pub CellWeights);

impl Lstm {
    /// One step: x [batch, input], h and c [batch, hidden] -> h and c [batch, hidden].
    pub fn forward(&self, x: &Tensor, (h, c): (&Tensor, &Tensor)) -> (Tensor, Tensor) {
        let CellWeights { w_xh, w_hh, b_xh, b_hh } = &self.0;
        // a_t = W_hh h_{t-1} + W_xh x_t + b, for all gates in one product
        let a = h.matmul(&w_hh.tr()) + x.matmul(&w_xh.tr()) + b_xh + b_hh; // [batch, 4 * hidden]
        let gate = |n: i64| a.narrow(1, n * self.0.hidden(), self.0.hidden()); // [batch, hidden]
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
}

/// The gated recurrent unit (Cho et al. 2014, "Learning phrase representations using RNN encoder-decoder for
/// statistical machine translation"), in the form of libtorch. The reset gate acts after the product with `W_hh`, and
/// the update gate is the share of the previous state that stays.
///
/// ```
/// use forecast::nn::{CellWeights, Gru, Tensor};
///
/// let tensor = |numbers: &[f64], shape: &[i64]| Tensor::from_slice(numbers).view(shape);
/// // the rows: reset gate, update gate, candidate
/// let cell = Gru(CellWeights {
///     w_xh: tensor(&[0.5, -0.3, 0.9], &[3, 1]),
///     w_hh: tensor(&[0.1, 0.4, -0.2], &[3, 1]),
///     b_xh: tensor(&[0.0, 1.0, 0.3], &[3]),
///     b_hh: tensor(&[0.0, 0.0, 0.6], &[3]),
/// });
/// let (x, h) = (2.0, 0.25);
/// let next = cell.forward(&tensor(&[x], &[1, 1]), &tensor(&[h], &[1, 1])); // [batch, hidden]
///
/// let logistic = |a: f64| 1.0 / (1.0 + (-a).exp());
/// let r = logistic(0.5 * x + 0.1 * h);
/// let z = logistic(-0.3 * x + 0.4 * h + 1.0);
/// let n = (0.9 * x + 0.3 + r * (-0.2 * h + 0.6)).tanh();
/// assert!((next.double_value(&[0, 0]) - ((1.0 - z) * n + z * h)).abs() < 1e-12);
/// ```
#[derive(Debug)]
pub struct Gru(pub CellWeights);

impl Gru {
    /// One step: x [batch, input], h [batch, hidden] -> h [batch, hidden].
    pub fn forward(&self, x: &Tensor, h: &Tensor) -> Tensor {
        let CellWeights { w_xh, w_hh, b_xh, b_hh } = &self.0;
        let from_x = x.matmul(&w_xh.tr()) + b_xh; // [batch, 3 * hidden]
        let from_h = h.matmul(&w_hh.tr()) + b_hh; // [batch, 3 * hidden]
        let gate = |a: &Tensor, n: i64| a.narrow(1, n * self.0.hidden(), self.0.hidden()); // [batch, hidden]
        // r_t = σ(W_xr x_t + b_xr + W_hr h_{t-1} + b_hr), the reset gate: how much of the old state the candidate uses
        let r = (gate(&from_x, 0) + gate(&from_h, 0)).sigmoid(); // [batch, hidden]
        // z_t = σ(W_xz x_t + b_xz + W_hz h_{t-1} + b_hz), the update gate: the share of the old state that stays
        let z = (gate(&from_x, 1) + gate(&from_h, 1)).sigmoid(); // [batch, hidden]
        // n_t = tanh(W_xn x_t + b_xn + r_t ⊙ (W_hn h_{t-1} + b_hn)), the candidate
        let n = (gate(&from_x, 2) + r * gate(&from_h, 2)).tanh(); // [batch, hidden]
        // h_t = (1 - z_t) ⊙ n_t + z_t ⊙ h_{t-1}
        (1.0 - &z) * n + z * h // [batch, hidden]
    }
}

/// The state that a cell carries from step to step.
#[derive(Debug)]
pub struct State {
    /// The hidden state: [batch, hidden].
    pub hidden: Tensor,
    /// The cell state of an LSTM: [batch, hidden].
    pub cell: Option<Tensor>,
}

impl State {
    /// Zeros, with the number type and on the device of `weights`.
    pub fn zeros(kind: CellKind, batch: i64, weights: &CellWeights) -> Self {
        let zeros = || Tensor::zeros([batch, weights.hidden()], (weights.w_hh.kind(), weights.w_hh.device()));
        Self { hidden: zeros(), cell: (kind == CellKind::Lstm).then(zeros) }
    }

    /// Concatenates the states of single sequences into the state of a batch.
    pub(crate) fn concatenated(states: &[Self]) -> Self {
        let hidden: Vec<&Tensor> = states.iter().map(|state| &state.hidden).collect(); // each [1, hidden]
        let cell: Vec<&Tensor> = states.iter().filter_map(|state| state.cell.as_ref()).collect(); // each [1, hidden]
        Self { hidden: Tensor::cat(&hidden, 0), cell: (!cell.is_empty()).then(|| Tensor::cat(&cell, 0)) } // [batch, hidden]
    }

    /// The same states without the graph that computed them: gradients go no further back.
    pub fn detached(states: &[Self]) -> Vec<Self> {
        let detached =
            |state: &Self| Self { hidden: state.hidden.detach(), cell: state.cell.as_ref().map(Tensor::detach) };
        states.iter().map(detached).collect()
    }
}

/// A cell of any kind.
///
/// ```
/// use forecast::nn::{Cell, CellKind, Tensor, VarStore};
/// use rand::SeedableRng;
/// use rand_chacha::ChaCha8Rng;
///
/// let store = VarStore::new(forecast::nn::Device::Cpu);
/// let cell = Cell::new(&store.root(), CellKind::Lstm, 3, 8, &mut ChaCha8Rng::seed_from_u64(1));
/// let mut state = cell.start(2);
/// for _ in 0..5 {
///     state = cell.forward(&Tensor::ones([2, 3], (state.hidden.kind(), state.hidden.device())), &state);
/// }
/// assert_eq!(state.hidden.size(), [2, 8]); // [batch, hidden]
/// ```
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
    /// A cell with random weights under `path`, for `input` features and a hidden state of the size `hidden`.
    pub fn new(path: &Path<'_>, kind: CellKind, input: usize, hidden: usize, rng: &mut ChaCha8Rng) -> Self {
        let weights = CellWeights::new(path, kind, input, hidden, rng);
        match kind {
            CellKind::Rnn => Self::Rnn(Elman(weights)),
            CellKind::Lstm => Self::Lstm(Lstm(weights)),
            CellKind::Gru => Self::Gru(Gru(weights)),
        }
    }

    /// The state before the first step.
    pub fn start(&self, batch: i64) -> State {
        match self {
            Self::Rnn(Elman(w)) => State::zeros(CellKind::Rnn, batch, w),
            Self::Lstm(Lstm(w)) => State::zeros(CellKind::Lstm, batch, w),
            Self::Gru(Gru(w)) => State::zeros(CellKind::Gru, batch, w),
        }
    }

    /// One step over x [batch, input].
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
