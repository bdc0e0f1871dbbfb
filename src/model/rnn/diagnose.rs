//! What goes on inside a network: how far back credit reaches, how strong the recurrence is, what the hidden states do.
//!
//! The gradient of a loss on its way back through time is multiplied by a Jacobian at each step, so that its norm shrinks
//! or grows by about the same factor each time: it vanishes or explodes (Hochreiter 1991; Bengio, Simard, Frasconi 1994,
//! "Learning long-term dependencies with gradient descent is difficult"; Pascanu, Mikolov, Bengio 2013).

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use serde::Serialize;
use tch::{Kind, Tensor};

use crate::model::nn::batch::{Sequences, Window};
use crate::model::nn::cell::State;
use crate::model::nn::layer::Layer;
use crate::model::nn::network::{Network, Shape};
use crate::model::nn::train::Recurrent;
use crate::model::rnn::batches::{Batches, doubles};
use crate::model::rnn::features::{Inputs, Prepared};
use crate::model::rnn::forecaster::FittedRnn;
use crate::panel::Panel;

/// Numbers of one network on one series.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Diagnosis {
    /// The norm of `∂L/∂h_{t-k}` for `k = 0, 1, …`, as a share of that at `k = 0`, the mean over some positions `t`. `L` is
    /// the training loss at `t`; where the head is still zero and the loss says nothing of `h_t`, a random projection of
    /// `h_t`.
    pub credit: Vec<f64>,
    /// The largest singular value of each block of each layer's `W_hh`.
    pub recurrence: Vec<Block>,
    /// The top layer's hidden states: `states[u][i]` is that of unit `u` at position `first + i` of the series.
    pub states: Vec<Vec<f32>>,
    /// The position of the first of the states.
    pub first: usize,
    /// Which series of the panel.
    pub series: usize,
    /// The network's sizes.
    pub shape: Shape,
    /// How many numbers it learns.
    pub weights: usize,
}

/// A gate's or the candidate's square of recurrent weights.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Block {
    /// From 1, the lowest first; a decoder's comes last.
    pub layer: usize,
    /// As [`CellKind::blocks`](super::CellKind::blocks) has it.
    pub name: &'static str,
    /// The most that it can lengthen a vector.
    pub largest_singular_value: f64,
}

/// Most steps back that credit is followed.
const LAGS: usize = 100;
/// Steps before those that only warm up the state.
const WARM_UP: usize = 50;
/// Positions whose credit is averaged.
const POSITIONS: usize = 16;
/// Most steps of hidden states.
const SHOWN: usize = 240;

impl FittedRnn {
    /// Looks at the network on the longest series of a panel.
    pub fn diagnose(&self, panel: &Panel) -> Diagnosis {
        let lengths: Vec<usize> = panel.iter().map(|s| s.len()).collect();
        let series = (0..lengths.len()).rev().max_by_key(|i| lengths[*i]).unwrap_or(0);
        let inputs = Inputs::new(&self.seasons, self.horizon);
        let longest = panel.iter().nth(series).expect("a panel has at least one series");
        let prepared = [Prepared::new(&longest, &self.seasons, self.horizon)];
        let data = Batches { stride: 1, ..self.settings.batches(&prepared, &inputs, self.horizon, &self.levels) };
        let (first, states) = hidden_states(&self.network, &data);
        Diagnosis {
            credit: credit(&self.network, &data),
            recurrence: recurrence(&self.network),
            states,
            first,
            series,
            shape: self.network.shape(),
            weights: self.network.store().trainable_variables().iter().map(Tensor::numel).sum(),
        }
    }
}

/// The gradient's norm by lag, as a share of that at lag 0; empty where the series is too short.
fn credit(network: &Network, data: &Batches<'_>) -> Vec<f64> {
    let series = &data.series[0];
    // positions with something to say after them and a window before them
    let room = (series.len() - series.first()).saturating_sub(data.said());
    let (lags, warm_up) = (LAGS.min(2 * room / 3), WARM_UP.min(room / 6));
    if lags == 0 {
        return Vec::new();
    }
    let window = warm_up + lags + 1;
    let starts = (0..POSITIONS).map(|i| series.first() + (room - window) * i / (POSITIONS - 1));
    let walk = starts.map(|start| Window { sequence: 0, start, length: window, warm_up: 0 }).collect();
    let see = |step: usize, state: &Vec<State>| {
        let seen = data.inputs(&walk, step..step + 1).seen; // [1, positions, inputs]
        network.hidden_states(&seen, state, None)
    };
    let mut state = network.start(POSITIONS as i64);
    for step in 0..warm_up {
        state = tch::no_grad(|| see(step, &state).1);
    }
    // every layer's h_t [positions, hidden] on the way, the latest last
    let mut met = Vec::new();
    for step in warm_up..window - 1 {
        state = see(step, &state).1;
        met.extend(state.iter().map(|layer| layer.hidden.shallow_clone()));
    }
    let (last, _) = see(window - 1, &state); // [1, positions, hidden]
    met.push(last.shallow_clone());
    let said = network.read(&last, data.inputs(&walk, window - 1..window).ahead.as_ref(), true);
    let blind = network.head()[0].abs().max().double_value(&[]) <= 0.0;
    let loss = if blind {
        (&last * random(&last.size())).sum(Kind::Float)
    } else {
        data.loss(&said, &data.targets(&walk, window - 1..window, false))
    };
    let norms: Vec<Vec<f64>> = Tensor::run_backward(&[loss], &met, false, false)
        .iter()
        .map(|g| lengths(&g.reshape([POSITIONS as i64, -1])))
        .collect();
    by_lag(&norms, network.layers().len())
}

/// `norms[i][p]`: at position `p`, of the layers of one step after another, and of the top layer alone at the last.
fn by_lag(norms: &[Vec<f64>], layers: usize) -> Vec<f64> {
    let Some((last, before)) = norms.split_last() else { return Vec::new() };
    let step = |layers: &[Vec<f64>]| -> Vec<f64> {
        (0..last.len()).map(|p| layers.iter().map(|norms| norms[p].powi(2)).sum::<f64>().sqrt()).collect()
    };
    let steps = std::iter::once(last.clone()).chain(before.chunks(layers).rev().map(step));
    // where nothing was observed there is no loss and no credit
    let counted: Vec<usize> = (0..last.len()).filter(|p| last[*p] > 0.0).collect();
    let mean = |norms: Vec<f64>| counted.iter().map(|p| norms[*p] / last[*p]).sum::<f64>() / counted.len() as f64;
    if counted.is_empty() { Vec::new() } else { steps.map(mean).collect() }
}

/// The largest singular value of each block of `W_hh`.
fn recurrence(network: &Network) -> Vec<Block> {
    let layers = network.layers().iter().chain(network.decoder());
    let blocks = |(i, layer): (usize, &Layer)| {
        let matrices = layer.weights().w_hh.detach().to_kind(Kind::Double).chunk(layer.kind().blocks().len() as i64, 0);
        let named = layer.kind().blocks().iter().zip(matrices);
        let block = move |(name, matrix): (&&'static str, Tensor)| Block {
            layer: i + 1,
            name,
            largest_singular_value: largest_singular_value(&matrix),
        };
        named.map(block).collect::<Vec<Block>>()
    };
    layers.enumerate().flat_map(blocks).collect()
}

/// By power iteration on `WᵀW` from a random vector (von Mises, Pollaczek-Geiringer 1929).
fn largest_singular_value(matrix: &Tensor) -> f64 {
    const ITERATIONS: usize = 300;
    let mut v = random(&[matrix.size()[1]]).to_kind(Kind::Double);
    for _ in 0..ITERATIONS {
        v = matrix.tr().mv(&matrix.mv(&v));
        let length = v.norm().double_value(&[]);
        if length <= 0.0 {
            return 0.0;
        }
        v /= length;
    }
    matrix.mv(&v).norm().double_value(&[])
}

/// The position of the first and the top layer's states [unit][step] over the end of the series.
fn hidden_states(network: &Network, data: &Batches<'_>) -> (usize, Vec<Vec<f32>>) {
    let last = data.series[0].len() - 1;
    let walk = data.history(0, last, last);
    let (states, _) = tch::no_grad(|| {
        let seen = data.inputs(&walk, 0..walk[0].length).seen; // [time, 1, inputs]
        network.hidden_states(&seen, &network.start(1), None)
    }); // [time, 1, hidden]
    let shown = walk[0].length.min(SHOWN);
    let shown_states = states.narrow(0, (walk[0].length - shown) as i64, shown as i64).select(1, 0); // [shown, hidden]
    let unit = |number: i64| doubles(&shown_states.select(1, number)).into_iter().map(|state| state as f32).collect();
    (last + 1 - shown, (0..shown_states.size()[1]).map(unit).collect())
}

/// The length of each row.
fn lengths(rows: &Tensor) -> Vec<f64> {
    doubles(&rows.to_kind(Kind::Double).square().sum_dim_intlist(1, false, None::<Kind>).sqrt())
}

/// Normal numbers, always the same.
fn random(shape: &[i64]) -> Tensor {
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    let numbers: Vec<f32> = (0..shape.iter().product::<i64>()).map(|_| rng.sample(StandardNormal)).collect();
    Tensor::from_slice(&numbers).view(shape)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn power_iteration_finds_what_a_decomposition_finds() {
        for size in [1, 3, 20] {
            let matrix = random(&[size, size]).to_kind(Kind::Double);
            let (_, values, _) = matrix.svd(true, false);
            let (found, exact) = (largest_singular_value(&matrix), values.double_value(&[0]));
            assert!((found - exact).abs() < 1e-3 * exact, "{size}: {found} against {exact}");
        }
        assert!(largest_singular_value(&Tensor::zeros([4, 4], (Kind::Double, tch::Device::Cpu))) <= 0.0);
    }
}
