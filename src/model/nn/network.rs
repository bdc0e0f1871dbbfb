//! The network: recurrent layers on top of each other, and the readout of the top hidden state.

use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use tch::nn::VarStore;
use tch::{Device, Tensor};

use crate::model::nn::batch::{FutureInputs, Inputs, Recurrent};
use crate::model::nn::cell::{CellKind, State};
use crate::model::nn::decoder::{Decoder, DecoderShape};
use crate::model::nn::init::zeros;
use crate::model::nn::layer::Layer;
use crate::model::nn::layer_stack::{LayerSizes, LayerStack};

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
///
/// ```
/// use forecast::nn::{CellKind, Device, Inputs, Kind, Network, NetworkShape, Readout, Recurrent, Tensor};
/// use rand::SeedableRng;
/// use rand_chacha::ChaCha8Rng;
///
/// let shape = NetworkShape {
///     cell: CellKind::Lstm,
///     inputs: 3,
///     hidden: 8,
///     layers: 2,
///     outputs: 5,
///     dropout: 0.0,
///     readout: Readout::Linear,
/// };
/// let network = Network::new(shape, &mut ChaCha8Rng::seed_from_u64(1));
/// let features = Tensor::ones([10, 2, 3], (Kind::Float, Device::Cpu)); // [time, batch, features]
/// let inputs = Inputs { output_steps: Some(vec![9]), ..Inputs::from(features) };
/// let (outputs, _state) = network.forward(&inputs, &network.start(2), None);
/// assert_eq!(outputs.size(), [1, 2, 5]); // [output steps, batch, outputs]
/// ```
#[derive(Debug)]
pub struct Network {
    shape: NetworkShape,
    store: VarStore,
    layers: LayerStack,
    head: ReadoutWeights,
}

#[derive(Debug)]
enum ReadoutWeights {
    /// `W_hy` [outputs, hidden] and `b_y` [outputs].
    Linear([Tensor; 2]),
    Decoder(Decoder),
}

impl Network {
    /// A network with random layers and a head of zeros: before training it predicts 0 for all inputs.
    pub fn new(shape: NetworkShape, rng: &mut ChaCha8Rng) -> Self {
        let store = VarStore::new(Device::Cpu);
        let root = store.root();
        let NetworkShape { inputs, hidden, layers, dropout, .. } = shape;
        let layers = LayerStack::new(&root, shape.cell, LayerSizes { inputs, hidden, layers, dropout }, rng);
        let path = &root / "head";
        let (outputs, hidden) = (shape.outputs as i64, shape.hidden as i64);
        let head = match shape.readout {
            Readout::Linear => ReadoutWeights::Linear([
                zeros(&path, "w_hy", &[outputs, hidden]), // [outputs, hidden]
                zeros(&path, "b_y", &[outputs]),          // [outputs]
            ]),
            Readout::Decoder(decoder) => {
                let sizes = (shape.hidden, shape.outputs);
                ReadoutWeights::Decoder(Decoder::new(&(&root / "decoder"), shape.cell, decoder, sizes, rng))
            }
        };
        Self { shape, store, layers, head }
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
        for layer in self.layers().iter().chain(self.decoder()) {
            tch::no_grad(|| drop(layer.weights().w_hh.shallow_clone().g_mul_scalar_(factor)));
        }
    }

    /// Sets the first numbers of the head's bias, in row-major order.
    ///
    /// # Panics
    /// If there are more numbers than the bias has.
    pub fn set_bias(&mut self, bias: &[f32]) {
        let target = self.head()[1].view([-1]).narrow(0, 0, bias.len() as i64); // [numbers]
        tch::no_grad(|| target.shallow_clone().copy_(&Tensor::from_slice(bias)));
    }

    /// The recurrent layers, the lowest first. The layer of a decoder is not among them.
    pub fn layers(&self) -> &[Layer] {
        self.layers.layers()
    }

    /// The layer of the decoder, if there is one.
    pub fn decoder(&self) -> Option<&Layer> {
        match &self.head {
            ReadoutWeights::Linear(_) => None,
            ReadoutWeights::Decoder(decoder) => Some(decoder.layer()),
        }
    }

    /// `W_hy` of shape `[outputs, hidden]` and `b_y` of shape `[outputs]`; the bias of a decoder is `[steps, outputs]`.
    pub fn head(&self) -> &[Tensor; 2] {
        match &self.head {
            ReadoutWeights::Linear(head) => head,
            ReadoutWeights::Decoder(decoder) => decoder.head(),
        }
    }

    /// The top layer's hidden states [time, batch, hidden] over `features` [time, batch, features], and the last state
    /// of each layer. `training` is the source of random numbers for dropout, which only training has.
    pub fn hidden_states(
        &self,
        features: &Tensor,
        state: &[State],
        training: Option<&mut ChaCha8Rng>,
    ) -> (Tensor, Vec<State>) {
        self.layers.forward(features, state, training)
    }

    /// The outputs for hidden states [output steps, batch, hidden]. With `training` a decoder uses teacher forcing.
    pub(crate) fn readout(&self, states: &Tensor, future: Option<&FutureInputs>, training: bool) -> Tensor {
        match (&self.head, future) {
            (ReadoutWeights::Linear([w_hy, b_y]), _) => states.linear(w_hy, Some(b_y)), // [output steps, batch, outputs]
            (ReadoutWeights::Decoder(decoder), Some(future)) => decoder.forward(states, future, training), // [output steps, batch, steps, outputs]
            (ReadoutWeights::Decoder(_), None) => {
                assert_eq!(states.size()[0], 0, "a decoder with output steps needs future inputs");
                states.shallow_clone() // [0, batch, hidden]
            }
        }
    }

    /// Generates a sequence autoregressively, without gradients. The network reads `begin` [time, batch, features] from
    /// `state`. Then `next_features` turns its last outputs [batch, outputs] into the features [batch, features] of the
    /// next step, `steps` times in all. The features of the last call are not used.
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
        self.layers.start(batch)
    }

    fn forward(&self, inputs: &Inputs, state: &[State], training: Option<&mut ChaCha8Rng>) -> (Tensor, Vec<State>) {
        let is_training = training.is_some();
        let (states, last) = self.hidden_states(&inputs.features, state, training); // [time, batch, hidden]
        let states = inputs.at_output_steps(&states); // [output steps, batch, hidden]
        (self.readout(&states, inputs.future.as_ref(), is_training), last)
    }
}
