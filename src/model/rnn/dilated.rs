//! LSTM layers that look back further the higher they are: a layer of dilation d takes its state from d steps before
//! (Chang et al. 2017, "Dilated recurrent neural networks"), in blocks with a link around each but the first (Kim,
//! El-Khamy, Lee 2017, "Residual LSTM"; Smyl 2020, section 3.3).

use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use tch::nn::{Init, VarStore};
use tch::{Device, Tensor};

use super::cell::uniform;
use super::sequences::Input;
use super::train::Recurrent;
use super::{CellKind, Layer};

/// The sizes that make such a network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::model) struct DilatedShape {
    /// Numbers at each step.
    pub(in crate::model) inputs: usize,
    /// Size of each layer's hidden state.
    pub(in crate::model) hidden: usize,
    /// Numbers said at each step.
    pub(in crate::model) outputs: usize,
    /// The dilations of each block's layers, the lowest first.
    pub(in crate::model) dilations: Vec<Vec<usize>>,
}

/// Blocks of dilated layers, a layer of tanh, and a linear adapter; beside all of it a linear path from what is seen to what
/// is said (Lai, Chang, Yang, Liu 2018, "Modeling long- and short-term temporal patterns with deep neural networks",
/// section 3.6). It is always walked from a sequence's first step.
#[derive(Debug)]
pub(super) struct Dilated {
    store: VarStore,
    blocks: Vec<Vec<(usize, Layer)>>,
    /// [hidden, hidden] and [hidden].
    squash: [Tensor; 2],
    /// [outputs, hidden] and [outputs].
    adapter: [Tensor; 2],
    /// [outputs, inputs].
    straight: Tensor,
}

impl Dilated {
    /// Random layers, and an adapter that says `bias` [outputs] whatever was seen.
    pub(super) fn new(shape: &DilatedShape, bias: &[f32], rng: &mut ChaCha8Rng) -> Self {
        let store = VarStore::new(Device::Cpu);
        let root = store.root();
        let mut inputs = shape.inputs;
        let mut blocks = Vec::with_capacity(shape.dilations.len());
        for (b, dilations) in shape.dilations.iter().enumerate() {
            let mut block = Vec::with_capacity(dilations.len());
            for (i, dilation) in dilations.iter().enumerate() {
                let path = &root / format!("block_{b}_layer_{i}");
                block.push((*dilation, Layer::new(&path, CellKind::Lstm, inputs, shape.hidden, rng)));
                inputs = shape.hidden;
            }
            blocks.push(block);
        }
        let (outputs, hidden) = (shape.outputs as i64, shape.hidden as i64);
        let path = &root / "head";
        let bound = 1.0 / (shape.hidden as f32).sqrt();
        let squash = [
            uniform(&path, "w_squash", &[hidden, hidden], bound, rng),
            path.var("b_squash", &[hidden], Init::Const(0.0)),
        ];
        let adapter = [
            path.var("w_adapter", &[outputs, hidden], Init::Const(0.0)),
            path.var_copy("b_adapter", &Tensor::from_slice(bias)),
        ];
        let straight = path.var("w_straight", &[outputs, shape.inputs as i64], Init::Const(0.0));
        Self { store, blocks, squash, adapter, straight }
    }

    /// All weights by name, to load them.
    pub(super) fn store_mut(&mut self) -> &mut VarStore {
        &mut self.store
    }

    /// The top hidden states [time, batch, hidden] over `seen` [time, batch, inputs].
    pub(super) fn states(&self, seen: &Tensor) -> Tensor {
        let mut x = seen.shallow_clone(); // [time, batch, inputs]
        for (b, block) in self.blocks.iter().enumerate() {
            let below = x.shallow_clone();
            for (dilation, layer) in block {
                x = dilated(layer, &x, *dilation as i64); // [time, batch, hidden]
            }
            if b > 0 {
                // not in place: the layer below keeps what it said for its gradient
                x = below + x;
            }
        }
        x
    }

    /// What is said of hidden states [time, batch, hidden] where `seen` [time, batch, inputs] was seen: [time, batch,
    /// outputs].
    pub(super) fn read(&self, states: &Tensor, seen: &Tensor) -> Tensor {
        let [w, b] = &self.squash;
        let squashed = states.linear(w, Some(b)).tanh(); // [time, batch, hidden]
        let [w, b] = &self.adapter;
        squashed.linear(w, Some(b)) + seen.linear(&self.straight, None::<Tensor>) // [time, batch, outputs]
    }
}

/// A layer whose state comes from `d` steps before: the steps of each remainder of `d` are sequences of their own, walked
/// side by side. Steps are added at the end, where nothing that counts comes after them.
fn dilated(layer: &Layer, x: &Tensor, d: i64) -> Tensor {
    let size = x.size();
    let (time, batch, inputs) = (size[0], size[1], size[2]);
    let short = (d - time % d) % d;
    let padded = if short > 0 {
        Tensor::cat(&[x, &x.new_zeros([short, batch, inputs], (x.kind(), x.device()))], 0)
    } else {
        x.contiguous()
    };
    let rows = (time + short) / d;
    let side_by_side = padded.view([rows, d * batch, inputs]); // [time / d, d * batch, inputs]
    let (states, _) = layer.forward(&side_by_side, &layer.start(d * batch)); // [time / d, d * batch, hidden]
    let hidden = states.size()[2];
    states.contiguous().view([rows * d, batch, hidden]).narrow(0, 0, time) // [time, batch, hidden]
}

impl Recurrent for Dilated {
    type State = ();

    fn store(&self) -> &VarStore {
        &self.store
    }

    fn start(&self, _: i64) {}

    fn detached(&self, (): &()) {}

    fn forward(&self, input: &Input, (): &(), _: Option<&mut ChaCha8Rng>) -> (Tensor, ()) {
        (self.read(&self.states(&input.seen), &input.seen), ())
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use tch::Kind;

    use super::*;

    fn layer(rng: &mut ChaCha8Rng) -> (VarStore, Layer) {
        let store = VarStore::new(Device::Cpu);
        let layer = Layer::new(&store.root(), CellKind::Lstm, 2, 3, rng);
        (store, layer)
    }

    fn steps(count: i64) -> Tensor {
        (Tensor::arange(count * 2 * 2, (Kind::Float, Device::Cpu)) * 0.37).sin().view([count, 2, 2])
    }

    #[test]
    fn a_dilated_layer_walks_every_dth_step() {
        let (_store, layer) = layer(&mut ChaCha8Rng::seed_from_u64(1));
        let x = steps(7); // [7, 2, 2]
        let all = dilated(&layer, &x, 3); // [7, 2, 3]
        for first in 0..3 {
            let own: Vec<i64> = (first..7).step_by(3).collect();
            let own = Tensor::from_slice(&own);
            let (alone, _) = layer.forward(&x.index_select(0, &own), &layer.start(2));
            assert!((all.index_select(0, &own) - alone).abs().max().double_value(&[]) < 1e-6);
        }
    }

    #[test]
    fn a_step_knows_nothing_of_what_comes_after_it() {
        let shape = DilatedShape { inputs: 2, hidden: 4, outputs: 1, dilations: vec![vec![1, 2], vec![4, 8]] };
        let network = Dilated::new(&shape, &[0.0], &mut ChaCha8Rng::seed_from_u64(2));
        let (long, short) = (network.states(&steps(11)), network.states(&steps(6)));
        assert!((long.narrow(0, 0, 6) - short).abs().max().double_value(&[]) < 1e-6);
    }
}
