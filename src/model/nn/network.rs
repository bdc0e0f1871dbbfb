//! The network: recurrent layers on top of each other and what reads them. Shapes in, shapes out.

use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use tch::nn::{Init, VarStore};
use tch::{Device, Tensor};

use crate::model::nn::batch::{Ahead, Input};
use crate::model::nn::cell::{CellKind, State};
use crate::model::nn::decoder::{Decoder, DecoderShape};
use crate::model::nn::layer::Layer;
use crate::model::nn::layer::drop_out;
use crate::model::nn::train::Recurrent;

/// The sizes that make a network; saved with the weights.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Shape {
    /// The kind of cell.
    pub cell: CellKind,
    /// Numbers at each step.
    pub inputs: usize,
    /// Size of each layer's hidden state.
    pub hidden: usize,
    /// Layers on top of each other, at least 1.
    pub layers: usize,
    /// Numbers said at each step.
    pub outputs: usize,
    /// Share dropped between layers while training, in [0, 1).
    pub dropout: f64,
    /// What turns hidden states into outputs.
    pub readout: Readout,
}

/// What turns hidden states into outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Readout {
    /// A linear head, `y_t = W_hy h_t + b_y`: one output for each step at which the network speaks.
    Linear,
    /// A decoder that walks some steps of its own from each step at which the network speaks.
    Decoder(DecoderShape),
}

/// Recurrent layers and what reads the top hidden state.
#[derive(Debug)]
pub struct Network {
    shape: Shape,
    store: VarStore,
    layers: Vec<Layer>,
    reader: Reader,
}

/// A [`Readout`] with its weights.
#[derive(Debug)]
enum Reader {
    /// `W_hy` [outputs, hidden] and `b_y` [outputs].
    Linear([Tensor; 2]),
    Decoder(Decoder),
}

impl Network {
    /// A network with random layers and a head of zeros: before training it says 0, whatever it sees.
    pub fn new(shape: Shape, rng: &mut ChaCha8Rng) -> Self {
        let store = VarStore::new(Device::Cpu);
        let root = store.root();
        let layer = |i: usize| {
            let inputs = if i == 0 { shape.inputs } else { shape.hidden };
            Layer::new(&(&root / format!("layer_{i}")), shape.cell, inputs, shape.hidden, rng)
        };
        let layers = (0..shape.layers).map(layer).collect();
        let path = &root / "head";
        let (outputs, hidden) = (shape.outputs as i64, shape.hidden as i64);
        let reader = match shape.readout {
            Readout::Linear => Reader::Linear([
                path.var("w_hy", &[outputs, hidden], Init::Const(0.0)),
                path.var("b_y", &[outputs], Init::Const(0.0)),
            ]),
            Readout::Decoder(decoder) => {
                let sizes = (shape.hidden, shape.outputs);
                Reader::Decoder(Decoder::new(&(&root / "decoder"), shape.cell, decoder, sizes, rng))
            }
        };
        Self { shape, store, layers, reader }
    }

    /// The sizes it was made with.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// All weights by name, to load them.
    pub fn store_mut(&mut self) -> &mut VarStore {
        &mut self.store
    }

    /// Multiplies the recurrent weights `W_hh` of every layer.
    pub fn scale_recurrence(&mut self, factor: f64) {
        for layer in self.layers.iter().chain(self.decoder()) {
            tch::no_grad(|| drop(layer.weights().w_hh.shallow_clone().g_mul_scalar_(factor)));
        }
    }

    /// The recurrent layers, the lowest first; a decoder's own layer is not among them.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// A decoder's own layer.
    pub fn decoder(&self) -> Option<&Layer> {
        match &self.reader {
            Reader::Linear(_) => None,
            Reader::Decoder(decoder) => Some(decoder.layer()),
        }
    }

    /// `W_hy`: outputs × hidden, and `b_y`: outputs; of a decoder steps × outputs.
    pub fn head(&self) -> &[Tensor; 2] {
        match &self.reader {
            Reader::Linear(head) => head,
            Reader::Decoder(decoder) => decoder.head(),
        }
    }

    /// The top layer's hidden states [time, batch, hidden] over `seen` [time, batch, inputs], and the last state of each
    /// layer. With `training` a random share of what passes between layers is dropped.
    pub fn hidden_states(
        &self,
        seen: &Tensor,
        state: &[State],
        mut training: Option<&mut ChaCha8Rng>,
    ) -> (Tensor, Vec<State>) {
        let mut x = seen.shallow_clone(); // [time, batch, inputs]
        let mut last = Vec::with_capacity(self.layers.len());
        for (i, (layer, state)) in self.layers.iter().zip(state).enumerate() {
            if let (true, Some(rng)) = (i > 0 && self.shape.dropout > 0.0, training.as_deref_mut()) {
                x = drop_out(&x, self.shape.dropout, rng);
            }
            let (outputs, next) = layer.forward(&x, state); // [time, batch, hidden]
            x = outputs;
            last.push(next);
        }
        (x, last)
    }

    /// What is said of hidden states [spoken, batch, hidden]; `training` lets a decoder hear its teacher.
    pub(crate) fn read(&self, spoken: &Tensor, ahead: Option<&Ahead>, training: bool) -> Tensor {
        match (&self.reader, ahead) {
            (Reader::Linear([w_hy, b_y]), _) => spoken.linear(w_hy, Some(b_y)), // [spoken, batch, outputs]
            (Reader::Decoder(decoder), Some(ahead)) => decoder.forward(spoken, ahead, training),
            (Reader::Decoder(_), None) => {
                assert_eq!(spoken.size()[0], 0, "a decoder that speaks is given what lies ahead");
                spoken.shallow_clone()
            }
        }
    }

    /// Goes on by itself: sees `begin` [time, batch, inputs], then `steps - 1` times what `hear` makes of what was said,
    /// from outputs [batch, outputs] to the inputs [batch, inputs] of the following step. `hear` is called for the last
    /// outputs too. Nothing is learned from them.
    pub fn generate(&self, begin: &Tensor, state: &[State], steps: usize, mut hear: impl FnMut(&Tensor) -> Tensor) {
        let _guard = tch::no_grad_guard();
        let (mut seen, mut state) = (begin.shallow_clone(), state.iter().map(State::detached).collect::<Vec<_>>());
        for _ in 0..steps {
            let input = Input { speaks: Some(vec![seen.size()[0] - 1]), ..seen.into() };
            let (output, next) = self.forward(&input, &state, None); // [1, batch, outputs]
            seen = hear(&output.squeeze_dim(0)).unsqueeze(0); // [1, batch, inputs]
            state = next;
        }
    }
}

impl Recurrent for Network {
    type State = Vec<State>;

    fn store(&self) -> &VarStore {
        &self.store
    }

    fn start(&self, batch: i64) -> Vec<State> {
        self.layers.iter().map(|layer| layer.start(batch)).collect()
    }

    fn detached(&self, state: &Vec<State>) -> Vec<State> {
        state.iter().map(State::detached).collect()
    }

    fn forward(&self, input: &Input, state: &Vec<State>, training: Option<&mut ChaCha8Rng>) -> (Tensor, Vec<State>) {
        let trains = training.is_some();
        let (states, last) = self.hidden_states(&input.seen, state, training); // [time, batch, hidden]
        (self.read(&input.spoken(&states), input.ahead.as_ref(), trains), last)
    }
}
