//! The network: recurrent layers on top of each other, and the readout of the top hidden state.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use tch::nn::VarStore;
use tch::{Device, Kind, Tensor};

use crate::model::nn::batch::{FutureInputs, Inputs, Recurrent};
use crate::model::nn::cell::{Cell, CellKind, State};
use crate::model::nn::decoder::{Decoder, DecoderShape};
use crate::model::nn::tensor::{InitialWeights, zeros};

/// The sizes of a network. They are saved with its weights.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct NetworkShape {
    /// The kind of cell.
    pub cell: CellKind,
    /// Number of features at each step.
    pub inputs: usize,
    /// Size of the hidden state of each layer.
    pub hidden: usize,
    /// Number of layers, at least 1.
    pub layers: usize,
    /// Number of outputs at each output step, or at each step of a decoder.
    pub outputs: usize,
    /// Share of values that is dropped between layers in training, in [0, 1).
    pub dropout: f64,
    /// How hidden states become outputs.
    pub readout: Readout,
}

impl NetworkShape {
    /// One LSTM layer with a linear head.
    pub(crate) fn lstm(inputs: usize, hidden: usize, outputs: usize) -> Self {
        let (cell, readout) = (CellKind::Lstm, Readout::Linear);
        Self { cell, inputs, hidden, layers: 1, outputs, dropout: 0.0, readout }
    }
}

/// How hidden states become outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Readout {
    /// A linear head, `y_t = W_hy h_t + b_y`: one vector of outputs for each output step.
    Linear,
    /// A decoder that starts at each output step and makes several steps of its own.
    Decoder(DecoderShape),
}

/// Recurrent layers on top of each other, and the readout of the top hidden state.
#[derive(Debug)]
pub struct Network {
    shape: NetworkShape,
    store: VarStore,
    /// The cells of the layers, the lowest first.
    layers: Vec<Cell>,
    /// How a cell runs over a sequence.
    run: fn(&Cell, &Tensor, &State) -> (Tensor, State),
    decoder: Option<Decoder>,
    head: [Tensor; 2],
}

impl Network {
    /// A network with random layers and a head of zeros: before training it predicts 0 for all inputs.
    pub fn new(shape: NetworkShape, rng: &mut ChaCha8Rng) -> Self {
        Self::in_store(VarStore::new(Device::Cpu), shape, &mut InitialWeights::Random(rng))
    }

    /// A network for weights that are set next. It draws no random numbers, which take longer than to set the weights.
    pub(crate) fn without_weights(shape: NetworkShape) -> Self {
        Self::in_store(VarStore::new(Device::Cpu), shape, &mut InitialWeights::Zeros)
    }

    /// As [`Network::new`], but the layers are computed from their formulas, with [`Cell::unroll`]. This is slower.
    pub fn unrolled(shape: NetworkShape, rng: &mut ChaCha8Rng) -> Self {
        Self { run: Cell::unroll, ..Self::new(shape, rng) }
    }

    /// As [`Network::new`], in a store that may have further weights.
    pub(crate) fn in_store(store: VarStore, shape: NetworkShape, initial: &mut InitialWeights<'_>) -> Self {
        let root = store.root();
        let NetworkShape { hidden, outputs, .. } = shape;
        let layer = |i: usize| {
            let inputs = if i == 0 { shape.inputs } else { hidden };
            Cell::with_initial(&(&root / format!("layer_{i}")), shape.cell, (inputs, hidden), initial)
        };
        let layers = (0..shape.layers).map(layer).collect();
        let (path, decoder, bias) = match shape.readout {
            Readout::Linear => (&root / "head", None, vec![outputs as i64]),
            Readout::Decoder(decoder) => {
                let (path, bias) = (&root / "decoder", vec![decoder.steps as i64, outputs as i64]);
                let decoder = Decoder::new(&path, shape.cell, decoder, (hidden, outputs), initial);
                (path, Some(decoder), bias)
            }
        };
        let head = [zeros(&path, "w_hy", &[outputs as i64, hidden as i64]), zeros(&path, "b_y", &bias)];
        Self { shape, store, layers, run: Cell::run, decoder, head }
    }

    /// The sizes of the network.
    pub fn shape(&self) -> NetworkShape {
        self.shape
    }

    /// All weights by name, to load them or to change their number type.
    pub fn store_mut(&mut self) -> &mut VarStore {
        &mut self.store
    }

    /// The number of weights.
    pub fn weight_count(&self) -> usize {
        self.store.trainable_variables().iter().map(Tensor::numel).sum()
    }

    /// Multiplies the recurrent weights `W_hh` of every layer by `factor`.
    pub fn scale_recurrent_weights(&mut self, factor: f64) {
        for cell in self.cells() {
            tch::no_grad(|| drop(cell.w_hh.shallow_clone().g_mul_scalar_(factor)));
        }
    }

    /// Sets the first numbers of the head's bias, in row-major order.
    ///
    /// # Panics
    /// If there are more numbers than the bias has.
    pub fn set_bias(&mut self, bias: &[f32]) {
        let target = self.head[1].view([-1]).narrow(0, 0, bias.len() as i64); // [numbers]
        tch::no_grad(|| target.shallow_clone().copy_(&Tensor::from_slice(bias)));
    }

    /// The cells of the layers, the lowest first, then the cell of the decoder, if there is one.
    pub(crate) fn cells(&self) -> impl Iterator<Item = &Cell> {
        self.layers.iter().chain(self.decoder.as_ref().map(Decoder::cell))
    }

    /// `W_hy` of shape `[outputs, hidden]` and `b_y` of shape `[outputs]`; the bias of a decoder is `[steps, outputs]`.
    pub fn head(&self) -> &[Tensor; 2] {
        &self.head
    }

    /// The top layer's hidden states [time, batch, hidden] over `features` [time, batch, features], and the last state
    /// of each layer. `training` is the source of random numbers for dropout, which only training has.
    pub(crate) fn hidden_states(
        &self,
        features: &Tensor,
        state: &[State],
        mut training: Option<&mut ChaCha8Rng>,
    ) -> (Tensor, Vec<State>) {
        let mut x = features.shallow_clone(); // [time, batch, features]
        let mut last = Vec::with_capacity(self.layers.len());
        for (i, (cell, state)) in self.layers.iter().zip(state).enumerate() {
            if let (true, Some(rng)) = (i > 0 && self.shape.dropout > 0.0, training.as_deref_mut()) {
                x = dropout(&x, self.shape.dropout, rng); // [time, batch, hidden]
            }
            let (states, next) = (self.run)(cell, &x, state); // [time, batch, hidden]
            x = states;
            last.push(next);
        }
        (x, last)
    }

    /// The outputs for hidden states [output steps, batch, hidden]. In training a decoder uses teacher forcing.
    pub(crate) fn readout(&self, states: &Tensor, future: Option<&FutureInputs>, is_training: bool) -> Tensor {
        let [w_hy, b_y] = &self.head;
        match (&self.decoder, future) {
            (None, _) => states.linear(w_hy, Some(b_y)), // [output steps, batch, outputs]
            (Some(decoder), Some(future)) => decoder.forward(states, &self.head, future, is_training), // [output steps, batch, steps, outputs]
            (Some(_), None) => {
                assert_eq!(states.size()[0], 0, "a decoder with output steps needs future inputs");
                states.shallow_clone() // [0, batch, hidden]
            }
        }
    }

    /// As [`Recurrent::forward`], without gradients and dropout. One sequence is faster.
    pub(crate) fn predict(&self, inputs: &Inputs, state: &[State]) -> (Tensor, Vec<State>) {
        let _guard = tch::no_grad_guard();
        let mut x = inputs.features.shallow_clone(); // [time, batch, features]
        let mut last = Vec::with_capacity(self.layers.len());
        for (cell, state) in self.layers.iter().zip(state) {
            let (states, next) = cell.predict(&x, state); // [time, batch, hidden]
            x = states;
            last.push(next);
        }
        (self.readout(&inputs.at_output_steps(&x), inputs.future.as_ref(), false), last)
    }

    /// Generates a sequence autoregressively, without gradients. The network reads `begin` [time, batch, features] from
    /// `state`. Then, `steps` times, `next_features` turns the last outputs [batch, outputs] into the next features
    /// [batch, features]. The features of the last call are not used.
    pub fn generate(
        &self,
        begin: &Tensor,
        state: &[State],
        steps: usize,
        mut next_features: impl FnMut(&Tensor) -> Tensor,
    ) {
        let _guard = tch::no_grad_guard();
        let mut features = begin.shallow_clone(); // [time, batch, features]
        let mut state = State::detached(state);
        for _ in 0..steps {
            let inputs = Inputs { output_steps: Some(vec![features.size()[0] - 1]), ..features.into() };
            let (outputs, next) = self.forward(&inputs, &state, None); // [1, batch, outputs]
            features = next_features(&outputs.squeeze_dim(0)).unsqueeze(0); // [1, batch, features]
            state = next;
        }
    }
}

impl Recurrent for Network {
    fn store(&self) -> &VarStore {
        &self.store
    }

    fn start(&self, batch: i64) -> Vec<State> {
        self.layers.iter().map(|cell| cell.start(batch)).collect()
    }

    fn forward(&self, inputs: &Inputs, state: &[State], training: Option<&mut ChaCha8Rng>) -> (Tensor, Vec<State>) {
        let is_training = training.is_some();
        let (states, last) = self.hidden_states(&inputs.features, state, training); // [time, batch, hidden]
        let states = inputs.at_output_steps(&states); // [output steps, batch, hidden]
        (self.readout(&states, inputs.future.as_ref(), is_training), last)
    }
}

/// Dropout: sets a random share of `x` to zero and scales the rest up, so that the mean stays (Srivastava et al. 2014,
/// "Dropout: a simple way to prevent neural networks from overfitting"). The mask comes from our own generator.
fn dropout(x: &Tensor, share: f64, rng: &mut ChaCha8Rng) -> Tensor {
    let keep = (1.0 / (1.0 - share)) as f32;
    let mask: Vec<f32> = (0..x.numel()).map(|_| if rng.random::<f64>() < share { 0.0 } else { keep }).collect();
    x * Tensor::from_slice(&mask).view(x.size().as_slice()).to_kind(Kind::Float) // the shape of `x`
}
