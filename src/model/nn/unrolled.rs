//! A recurrent network from its formulas: a cell that is run over a sequence step by step, with a linear head.

use rand_chacha::ChaCha8Rng;
use tch::nn::VarStore;
use tch::{Device, Tensor};

use crate::model::nn::batch::{Inputs, Recurrent};
use crate::model::nn::cell::{Cell, CellKind, State};
use crate::model::nn::tensor::{uniform, zeros};

/// A cell that is run over a sequence step by step, and a linear head at every step: `y_t = W_hy h_t + b_y`.
///
/// Its weights have the names of a [`Network`](crate::nn::Network) of one layer, so that either can load those of the
/// other.
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
    /// A network with random weights.
    pub fn new(kind: CellKind, input: usize, hidden: usize, output: usize, rng: &mut ChaCha8Rng) -> Self {
        let store = VarStore::new(Device::Cpu);
        let cell = Cell::new(&(store.root() / "layer_0"), kind, input, hidden, rng);
        let path = store.root() / "head";
        let w_hy = uniform(&path, "w_hy", &[output as i64, hidden as i64], 1.0 / (hidden as f32).sqrt(), rng);
        let b_y = zeros(&path, "b_y", &[output as i64]);
        Self { store, cell, w_hy, b_y }
    }

    /// All weights by name, to load them or to change their number type.
    pub fn store_mut(&mut self) -> &mut VarStore {
        &mut self.store
    }
}

impl Recurrent for Unrolled {
    fn store(&self) -> &VarStore {
        &self.store
    }

    fn start(&self, batch: i64) -> Vec<State> {
        vec![self.cell.start(batch)]
    }

    fn forward(&self, inputs: &Inputs, state: &[State], _: Option<&mut ChaCha8Rng>) -> (Tensor, Vec<State>) {
        let mut state = state[0].map(Tensor::shallow_clone);
        let mut states = Vec::new();
        for x_t in inputs.features.unbind(0) {
            // h_t = cell(x_t, h_{t-1}): the same weights at every step
            state = self.cell.step(&x_t, &state);
            states.push(state.hidden.shallow_clone()); // [batch, hidden]
        }
        let states = inputs.at_output_steps(&Tensor::stack(&states, 0)); // [output steps, batch, hidden]
        // y_t = W_hy h_t + b_y
        (states.matmul(&self.w_hy.tr()) + &self.b_y, vec![state]) // [output steps, batch, output]
    }
}
