//! One sequence through a GRU or a simple cell, without gradients.
//!
//! libtorch has one kernel for all steps of an LSTM. The other cells take up to nineteen operations a step. For one
//! sequence, their calls take ten times as long as the arithmetic, so it is a loop here. The products with the inputs
//! are one matrix product of libtorch.
//!
//! No sum depends on the width of the registers, so every x86-64 processor has the same order of additions.

use tch::{Kind, Tensor};

use crate::model::nn::cell::{Cell, CellKind, State};
use crate::model::nn::tensor::{from_numbers, to_numbers};

/// The number of rows of the recurrent weights whose products are summed together, in registers.
const ROWS: usize = 32;

impl Cell {
    /// As [`Cell::run`], without gradients. One sequence in single precision is faster.
    pub(crate) fn predict(&self, inputs: &Tensor, state: &State) -> (Tensor, State) {
        let _guard = tch::no_grad_guard();
        let is_one_sequence = inputs.size()[1] == 1 && inputs.kind() == Kind::Float;
        let Some(step) = Step::of(self.kind).filter(|_| is_one_sequence) else {
            return self.run(inputs, state);
        };
        let from_x = inputs.linear(&self.w_xh, Some(&self.b_xh)); // [time, 1, gates * hidden]
        let recurrence = Recurrence::new(self, step);
        let start = to_numbers(&state.hidden); // [hidden]
        let states = pulp::Arch::new().dispatch(
            #[inline(always)]
            || recurrence.run(&to_numbers::<f32>(&from_x), start),
        ); // [time * hidden]
        let (steps, hidden) = (inputs.size()[0] as usize, recurrence.hidden);
        let states = from_numbers(&states, [steps, 1, hidden]); // [time, 1, hidden]
        let last = states.get(steps as i64 - 1); // [1, hidden]
        (states, State { hidden: last, cell: None })
    }
}

/// The step of a cell without a kernel for all steps.
#[derive(Debug, Clone, Copy)]
enum Step {
    Rnn,
    Gru,
}

impl Step {
    fn of(kind: CellKind) -> Option<Self> {
        match kind {
            CellKind::Rnn => Some(Self::Rnn),
            CellKind::Gru => Some(Self::Gru),
            CellKind::Lstm => None,
        }
    }
}

/// The recurrent weights of a cell as numbers.
struct Recurrence {
    step: Step,
    hidden: usize,
    /// For each block of rows and each element of the state, the weights of the block. The last block has rows of zeros.
    weights: Vec<[f32; ROWS]>,
    /// The bias of each row.
    bias: Vec<f32>,
}

impl Recurrence {
    fn new(cell: &Cell, step: Step) -> Self {
        let (weights, hidden) = (to_numbers::<f32>(&cell.w_hh), cell.w_hh.size()[1] as usize); // [gates * hidden, hidden]
        let rows = weights.len() / hidden;
        let weight = |row: usize, element: usize| if row < rows { weights[row * hidden + element] } else { 0.0 };
        let block = |first: usize, element: usize| std::array::from_fn(|i| weight(first + i, element));
        let blocks = (0..rows).step_by(ROWS).flat_map(|first| (0..hidden).map(move |element| (first, element)));
        let weights = blocks.map(|(first, element)| block(first, element)).collect();
        Self { step, hidden, weights, bias: to_numbers(&cell.b_hh) }
    }

    /// The states [time * hidden] after each step, from the products with the inputs [time, gates * hidden] and the state
    /// before the first step.
    #[expect(clippy::inline_always, reason = "only inlined code is compiled for the registers of this processor")]
    #[inline(always)]
    fn run(&self, from_x: &[f32], start: Vec<f32>) -> Vec<f32> {
        let mut states = Vec::with_capacity(from_x.len() / self.bias.len() * self.hidden);
        let (mut state, mut from_h) = (start, vec![0.0; self.bias.len()]);
        for from_x in from_x.chunks_exact(self.bias.len()) {
            self.multiply(&state, &mut from_h);
            match self.step {
                Step::Gru => gru(from_x, &from_h, &mut state),
                // h_t = tanh(W_xh x_t + b_xh + W_hh h_{t-1} + b_hh)
                Step::Rnn => {
                    state.iter_mut().zip(from_x.iter().zip(&from_h)).for_each(|(h, (x, of_h))| *h = tanh(x + of_h));
                }
            }
            states.extend_from_slice(&state);
        }
        states
    }

    /// `W_hh h + b_hh`: [gates * hidden].
    #[expect(clippy::inline_always, reason = "only inlined code is compiled for the registers of this processor")]
    #[inline(always)]
    fn multiply(&self, state: &[f32], into: &mut [f32]) {
        let blocks = self.weights.chunks_exact(self.hidden).zip(into.chunks_mut(ROWS).zip(self.bias.chunks(ROWS)));
        for (weights, (into, bias)) in blocks {
            let mut sums = [0.0; ROWS];
            for (weights, h) in weights.iter().zip(state) {
                for i in 0..ROWS {
                    sums[i] += weights[i] * h;
                }
            }
            into.iter_mut().zip(bias).zip(sums).for_each(|((into, bias), sum)| *into = bias + sum);
        }
    }
}

/// One step of a GRU, by the formulas of [`Cell::step`]. `from_x` and `from_h` are the sums of the gates: [3 * hidden].
#[expect(clippy::inline_always, reason = "only inlined code is compiled for the registers of this processor")]
#[inline(always)]
fn gru(from_x: &[f32], from_h: &[f32], state: &mut [f32]) {
    let hidden = state.len();
    for (i, h) in state.iter_mut().enumerate() {
        let gate = |number: usize| (from_x[number * hidden + i], from_h[number * hidden + i]);
        let [(x_r, h_r), (x_z, h_z), (x_n, h_n)] = [gate(0), gate(1), gate(2)];
        let (r, z) = (logistic(x_r + h_r), logistic(x_z + h_z));
        let n = tanh(x_n + r * h_n);
        *h = (1.0 - z) * n + z * *h;
    }
}

fn logistic(a: f32) -> f32 {
    1.0 / (1.0 + (-a).exp())
}

/// The hyperbolic tangent from one exponential, within 2e-7. It takes less time than that of the standard library.
fn tanh(a: f32) -> f32 {
    1.0 - 2.0 / (1.0 + (2.0 * a).exp())
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;
    use tch::{Device, nn::VarStore};

    use super::*;
    use crate::model::nn::tensor::uniform;
    use crate::model::nn::{Inputs, Network, NetworkShape, Recurrent};

    #[test]
    fn a_prediction_has_the_states_of_the_kernels() {
        for kind in CellKind::ALL {
            // the second size has rows of zeros in its last block, and the third one has several blocks
            for (batch, inputs, hidden) in [(1, 3, 32), (1, 5, 7), (1, 31, 40), (2, 5, 7)] {
                let (store, rng) = (VarStore::new(Device::Cpu), &mut ChaCha8Rng::seed_from_u64(7));
                let root = store.root();
                let cell = Cell::new(&root, kind, inputs, hidden, rng);
                let shape = [50, batch, inputs as i64];
                let features = uniform(&root, "features", &shape, 6.0, rng).detach();
                let (first, rest) = (features.narrow(0, 0, 10), features.narrow(0, 10, 40));
                let start = cell.run(&first, &cell.start(batch)).1.map(Tensor::detach);
                let (expected, expected_last) = cell.run(&rest, &start);
                let (states, last) = cell.predict(&rest, &start);
                assert_eq!((states.size(), last.hidden.size()), (expected.size(), expected_last.hidden.size()));
                let largest = |a: &Tensor, b: &Tensor| (a - b).abs().max().double_value(&[]);
                assert!(largest(&states, &expected) < 1e-6, "{kind:?}");
                assert!(largest(&last.hidden, &expected_last.hidden) < 1e-6, "{kind:?}");
                assert!(!states.requires_grad());
            }
        }
    }

    #[test]
    fn a_network_of_two_layers_has_the_states_of_the_kernels() {
        let rng = &mut ChaCha8Rng::seed_from_u64(8);
        for cell in [CellKind::Rnn, CellKind::Gru] {
            let shape = NetworkShape { cell, layers: 2, ..NetworkShape::lstm(3, 9, 1) };
            let network = Network::new(shape, rng);
            let store = VarStore::new(Device::Cpu);
            let features = uniform(&store.root(), "features", &[40, 1, 3], 2.0, rng).detach();
            let inputs = Inputs::from(features);
            let (_, expected) = network.forward(&inputs, &network.start(1), None);
            let (_, states) = network.predict(&inputs, &network.start(1));
            for (state, expected) in states.iter().zip(&expected) {
                let largest = (&state.hidden - &expected.hidden).abs().max().double_value(&[]);
                assert!(largest < 1e-6 && state.hidden.size() == [1, 9], "{cell:?}: {largest}");
            }
            assert_eq!(states.len(), 2);
        }
    }

    #[test]
    fn the_activations_are_within_2e_7() {
        for a in [-1e3, -200.0, -2.0, -0.5, 0.01, 3.0, 200.0, 1e3] {
            assert!((tanh(a) - a.tanh()).abs() < 2e-7, "{a}");
            assert!((logistic(a) - f32::midpoint(1.0, (a / 2.0).tanh())).abs() < 2e-7, "{a}");
        }
    }
}
