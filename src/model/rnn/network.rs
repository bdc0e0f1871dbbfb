//! The network: recurrent layers on top of each other and a linear head. Shapes in, shapes out.

use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use tch::nn::{Init, VarStore};
use tch::{Device, Tensor};

use super::layer::drop_out;
use super::{CellKind, Layer, State};

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
    /// Numbers that the head gives at each step.
    pub outputs: usize,
    /// Share dropped between layers while training, in [0, 1).
    pub dropout: f64,
}

/// Recurrent layers and a linear head that reads the top hidden state at every step: `y_t = W_hy h_t + b_y`.
#[derive(Debug)]
pub struct Network {
    shape: Shape,
    store: VarStore,
    layers: Vec<Layer>,
    /// `W_hy` [outputs, hidden] and `b_y` [outputs].
    head: [Tensor; 2],
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
        let head =
            [path.var("w_hy", &[outputs, hidden], Init::Const(0.0)), path.var("b_y", &[outputs], Init::Const(0.0))];
        Self { shape, store, layers, head }
    }

    /// The sizes it was made with.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// All weights by name.
    pub fn store(&self) -> &VarStore {
        &self.store
    }

    /// All weights by name, to load them.
    pub fn store_mut(&mut self) -> &mut VarStore {
        &mut self.store
    }

    /// The recurrent layers, the lowest first.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// `W_hy` [outputs, hidden] and `b_y` [outputs].
    pub fn head(&self) -> &[Tensor; 2] {
        &self.head
    }

    /// The state before anything was seen.
    pub fn start(&self, batch: i64) -> Vec<State> {
        self.layers.iter().map(|layer| layer.start(batch)).collect()
    }

    /// Walks over `inputs` [time, batch, inputs]; gives the head's outputs [time, batch, outputs] and the last state.
    /// With `training` a random share of what passes between layers is dropped.
    pub fn forward(&self, inputs: &Tensor, state: &[State], training: Option<&mut ChaCha8Rng>) -> (Tensor, Vec<State>) {
        let (hidden, state) = self.hidden_states(inputs, state, training); // [time, batch, hidden]
        (hidden.linear(&self.head[0], Some(&self.head[1])), state)
    }

    /// As [`Network::forward`], but stops below the head: the top layer's hidden states [time, batch, hidden].
    pub fn hidden_states(
        &self,
        inputs: &Tensor,
        state: &[State],
        mut training: Option<&mut ChaCha8Rng>,
    ) -> (Tensor, Vec<State>) {
        let mut x = inputs.shallow_clone(); // [time, batch, inputs]
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
}
