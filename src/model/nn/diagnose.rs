//! Diagnosis of a network: gradient norms by lag, the spectral norms of the recurrent weights, and hidden states.
//!
//! On its way back through time, the gradient of a loss is multiplied by a Jacobian at each step. Its norm therefore
//! shrinks or grows by about the same factor at each step. It vanishes or explodes (Hochreiter 1991, "Untersuchungen zu
//! dynamischen neuronalen Netzen"; Bengio, Simard, Frasconi 1994, "Learning long-term dependencies with gradient
//! descent is difficult"; Pascanu, Mikolov, Bengio 2013, "On the difficulty of training recurrent neural networks").

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use serde::Serialize;
use tch::{Kind, Tensor};

use crate::model::nn::batch::{Recurrent, Split, TrainingData, Window};
use crate::model::nn::cell::State;
use crate::model::nn::network::Network;
use crate::model::nn::tensor::to_numbers;

/// The spectral norm of the recurrent weights of a gate. It is their largest singular value, the largest factor by
/// which they lengthen a vector.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SpectralNorm {
    /// The number of the layer, from 1 for the lowest. The layer of a decoder comes last.
    pub layer: usize,
    /// The name of the gate, as in [`CellKind::gates`](crate::nn::CellKind::gates).
    pub gate: &'static str,
    /// The largest singular value.
    pub value: f64,
}

/// The norms of the gradient of the loss with respect to the hidden states, by lag. They are relative to lag 0, and means
/// over `windows` of equal lengths, with the loss at the last step. Steps that only warm up the state have no lag.
pub(crate) fn gradient_norm_by_lag(network: &Network, data: &dyn TrainingData, windows: &[Window]) -> Vec<f64> {
    let Some(Window { length, warm_up, .. }) = windows.first() else { return Vec::new() };
    let (last_step, warm_up) = (length - 1, *warm_up);
    let run = |step: usize, state: &[State]| {
        let features = data.batch(windows, step..step + 1, Split::Training).inputs.features; // [1, windows, features]
        network.hidden_states(&features, state, None)
    };
    let mut state = network.start(windows.len() as i64);
    for step in 0..warm_up {
        state = tch::no_grad(|| run(step, &state).1);
    }
    // h_t of every layer at every step [windows, hidden], the latest step last
    let mut states = Vec::new();
    for step in warm_up..last_step {
        state = run(step, &state).1;
        states.extend(state.iter().map(|layer| layer.hidden.shallow_clone()));
    }
    let (last, _) = run(last_step, &state); // [1, windows, hidden]
    states.push(last.shallow_clone());
    let head_is_zero = network.head()[0].abs().max().double_value(&[]) <= 0.0;
    let loss = if head_is_zero {
        let rng = &mut ChaCha8Rng::seed_from_u64(0);
        let direction: Vec<f32> = (0..last.numel()).map(|_| rng.sample(StandardNormal)).collect();
        (&last * Tensor::from_slice(&direction).view_as(&last)).sum(Kind::Float) // []
    } else {
        let batch = data.batch(windows, last_step..last_step + 1, Split::Training);
        let outputs = network.readout(&last, batch.inputs.future.as_ref(), true); // [1, windows, …]
        data.loss(&outputs, &batch) // []
    };
    let gradients = Tensor::run_backward(&[loss], &states, false, false); // [windows, hidden] each
    let norms = |gradient: &Tensor| {
        let rows = gradient.reshape([windows.len() as i64, -1]).to_kind(Kind::Double); // [windows, hidden]
        to_numbers(&rows.square().sum_dim_intlist(1, false, None::<Kind>).sqrt()) // [windows]
    };
    mean_by_lag(&gradients.iter().map(norms).collect::<Vec<_>>(), network.shape().layers)
}

/// The mean over positions of the norms at each lag, relative to that at lag 0. `norms[i][p]` is the norm at position
/// `p`: `layers` entries for each step, and only the top layer for the last step.
fn mean_by_lag(norms: &[Vec<f64>], layers: usize) -> Vec<f64> {
    let Some((last, before)) = norms.split_last() else { return Vec::new() };
    let all_layers = |layers: &[Vec<f64>]| -> Vec<f64> {
        (0..last.len()).map(|p| layers.iter().map(|norms| norms[p].powi(2)).sum::<f64>().sqrt()).collect()
    };
    let lags = std::iter::once(last.clone()).chain(before.chunks(layers).rev().map(all_layers));
    // positions without an observed target have neither a loss nor a gradient
    let used: Vec<usize> = (0..last.len()).filter(|p| last[*p] > 0.0).collect();
    let mean = |norms: Vec<f64>| used.iter().map(|p| norms[*p] / last[*p]).sum::<f64>() / used.len() as f64;
    if used.is_empty() { Vec::new() } else { lags.map(mean).collect() }
}

/// The spectral norms of `W_hh` for each gate of each layer.
pub(crate) fn spectral_norms(network: &Network) -> Vec<SpectralNorm> {
    let mut norms = Vec::new();
    for (layer, cell) in (1..).zip(network.cells()) {
        let gates = cell.kind.gates();
        let w_hh = cell.w_hh.detach().to_kind(Kind::Double); // [gates * hidden, hidden]
        for (gate, matrix) in gates.iter().zip(w_hh.chunk(gates.len() as i64, 0)) {
            let norm = matrix.f_linalg_norm(2, &[0, 1][..], false, Kind::Double); // []
            // libtorch has no norm of a matrix with infinite numbers
            norms.push(SpectralNorm { layer, gate, value: norm.map_or(f64::NAN, |norm| norm.double_value(&[])) });
        }
    }
    norms
}

/// The hidden states of the top layer at the last `count` steps of `window`: [unit][step].
pub(crate) fn last_hidden_states(
    network: &Network,
    data: &dyn TrainingData,
    window: Window,
    count: usize,
) -> Vec<Vec<f32>> {
    let features = data.batch(&[window], 0..window.length, Split::Training).inputs.features; // [time, 1, features]
    let (states, _) = tch::no_grad(|| network.hidden_states(&features, &network.start(1), None)); // [time, 1, hidden]
    let states = states.narrow(0, (window.length - count) as i64, count as i64).select(1, 0); // [count, hidden]
    let unit = |number: i64| to_numbers(&states.select(1, number));
    (0..states.size()[1]).map(unit).collect()
}
