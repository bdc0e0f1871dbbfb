//! A loss at every step: at each position of a series the whole horizon is said, relative to a base known there, so that
//! one walk gives as many forecasts as there are positions (Wen, Torkkola, Narayanaswamy, Madeka 2017, "A multi-horizon
//! quantile recurrent forecaster", section 3.3, "forking sequences").

use std::cell::RefCell;
use std::ops::Range;

use rand_chacha::ChaCha8Rng;
use tch::{Kind, Tensor};

use crate::error::Result;
use crate::model::nn::batch::{Batch, Input, Sequences, Targets, Window};
use crate::model::nn::cell::CellKind;
use crate::model::nn::network::{Network, Readout, Shape};
use crate::model::nn::train::{Recurrent, Training, train};
use crate::model::nn::weights;
use crate::model::observer::Observer;
use crate::model::weights::Weights;

/// Many series as plain numbers: what is seen at each position, and what is to be said there.
pub(crate) trait Windows {
    /// Numbers seen at each position.
    fn inputs(&self) -> usize;

    /// SamplePaths beside the base that can be leaned on at each position.
    fn paths(&self) -> usize;

    /// The walks of one epoch.
    fn walks(&self, rng: &mut ChaCha8Rng) -> Vec<Batch>;

    /// The numbers of all steps of a walk.
    fn fill(&self, walk: &Batch, with_targets: bool) -> Numbers;
}

/// The numbers of a walk, [step][stream][…] in a row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Numbers {
    steps: usize,
    batch: usize,
    inputs: usize,
    horizon: usize,
    seen: Vec<f32>,
    values: Vec<f32>,
    weights: Vec<f32>,
    /// How far other paths are from the base: [step][stream][horizon][paths].
    paths: Vec<f32>,
}

impl Numbers {
    /// All zero: nothing is seen and nothing counts. Without targets, `horizon` is 0.
    pub(crate) fn zeros(steps: usize, batch: usize, inputs: usize, horizon: usize, paths: usize) -> Self {
        let said = steps * batch * horizon;
        let seen = vec![0.0; steps * batch * inputs];
        Self {
            steps,
            batch,
            inputs,
            horizon,
            seen,
            values: vec![0.0; said],
            weights: vec![0.0; said],
            paths: vec![0.0; said * paths],
        }
    }

    /// What is seen at a step of a stream.
    pub(crate) fn set_inputs(&mut self, step: usize, stream: usize, row: &[f32]) {
        let at = (step * self.batch + stream) * self.inputs;
        self.seen[at..at + self.inputs].copy_from_slice(row);
    }

    /// How far the other paths are from the base: [horizon][paths].
    pub(crate) fn set_paths(&mut self, step: usize, stream: usize, row: &[f32]) {
        let at = (step * self.batch + stream) * row.len();
        self.paths[at..at + row.len()].copy_from_slice(row);
    }

    /// What is to be said at a step of a stream of `ahead` steps later (from 0), and how much it counts.
    pub(crate) fn set_target(&mut self, step: usize, stream: usize, ahead: usize, value: f32, weight: f32) {
        let at = (step * self.batch + stream) * self.horizon + ahead;
        (self.values[at], self.weights[at]) = (value, weight);
    }
}

/// [`Windows`] as the training loop walks over them.
pub(crate) struct Forking<'a, W> {
    windows: &'a W,
    levels: &'a [f32],
    /// The walk that was filled last, since the loop asks for its parts one by one.
    filled: RefCell<(Batch, Option<Numbers>)>,
}

impl<'a, W: Windows> Forking<'a, W> {
    pub(crate) fn new(windows: &'a W, levels: &'a [f32]) -> Self {
        Self { windows, levels, filled: RefCell::default() }
    }

    fn with<T>(&self, walk: &Batch, what: impl FnOnce(&Numbers) -> T) -> T {
        let mut filled = self.filled.borrow_mut();
        if filled.1.is_none() || filled.0 != *walk {
            *filled = (walk.clone(), Some(self.windows.fill(walk, true)));
        }
        what(filled.1.as_ref().expect("it was filled just now"))
    }
}

impl<W: Windows> Sequences for Forking<'_, W> {
    fn walks(&self, rng: &mut ChaCha8Rng) -> Vec<Batch> {
        self.windows.walks(rng)
    }

    fn validation(&self) -> Vec<Batch> {
        Vec::new()
    }

    fn inputs(&self, walk: &Batch, steps: Range<usize>) -> Input {
        self.with(walk, |numbers| {
            let size = numbers.batch * numbers.inputs;
            let shape = [steps.len(), numbers.batch, numbers.inputs].map(|n| n as i64);
            Tensor::from_slice(&numbers.seen[steps.start * size..steps.end * size]).view(shape).into()
        })
    }

    /// Values and weights: [time, batch, horizon, 1].
    fn targets(&self, walk: &Batch, steps: Range<usize>, _: bool) -> Targets {
        self.with(walk, |numbers| {
            let size = numbers.batch * numbers.horizon;
            let shape = [steps.len() as i64, numbers.batch as i64, numbers.horizon as i64, 1];
            let part = |all: &[f32]| Tensor::from_slice(&all[steps.start * size..steps.end * size]).view(shape);
            Targets { values: part(&numbers.values), mask: part(&numbers.weights) }
        })
    }

    /// Pinball loss (Koenker, Bassett 1978), twice the mean over the levels: the absolute error of a median alone.
    fn loss(&self, outputs: &Tensor, targets: &Targets) -> Tensor {
        let count = self.levels.len();
        let filled = self.filled.borrow();
        let numbers = filled.1.as_ref().expect("what is said was asked for");
        let said = mixed(outputs, numbers, count, &numbers.paths); // [time, batch, horizon, levels]
        if count == 1 {
            return ((&targets.values - said).abs() * &targets.mask).sum(Kind::Float);
        }
        let levels = Tensor::from_slice(self.levels); // [levels]
        let short = &targets.values - said; // [time, batch, horizon, levels]
        let loss = (&short * &levels).maximum(&(&short * (&levels - 1.0)));
        (loss * &targets.mask).sum(Kind::Float) * (2.0 / count as f64)
    }
}

/// What is said with the other paths leaned on: outputs [time, batch, horizon * levels + paths] to [time, batch, horizon,
/// levels].
fn mixed(outputs: &Tensor, numbers: &Numbers, levels: usize, paths: &[f32]) -> Tensor {
    let size = outputs.size();
    let (horizon, levels) = (numbers.horizon as i64, levels as i64);
    let free = outputs.narrow(2, 0, horizon * levels).reshape([size[0], size[1], horizon, levels]);
    let count = size[2] - horizon * levels;
    if count == 0 {
        return free;
    }
    let share = outputs.narrow(2, horizon * levels, count).unsqueeze(2); // [time, batch, 1, paths]
    let paths = Tensor::from_slice(paths).view([size[0], size[1], horizon, count]);
    free + (paths * share).sum_dim_intlist(-1, true, Kind::Float)
}

/// A network that says the whole horizon at every step, by itself or as one of many.
#[derive(Debug)]
pub(crate) struct MemberNetwork(Network);

impl MemberNetwork {
    /// A network with one layer of LSTM that has learned nothing: it says 0 of the median and `bias` of each level
    /// [horizon * levels].
    pub(crate) fn new(inputs: usize, hidden: usize, paths: usize, bias: &[f32], rng: &mut ChaCha8Rng) -> Self {
        let (cell, readout) = (CellKind::Lstm, Readout::Linear);
        let shape = Shape { cell, inputs, hidden, layers: 1, outputs: bias.len() + paths, dropout: 0.0, readout };
        let network = Network::new(shape, rng);
        tch::no_grad(|| network.head()[1].narrow(0, 0, bias.len() as i64).copy_(&Tensor::from_slice(bias)));
        Self(network)
    }

    /// Learns by the one training loop; see [`train`].
    ///
    /// # Errors
    /// As [`train`].
    pub(crate) fn train<W: Windows>(
        &mut self,
        windows: &W,
        levels: &[f64],
        training: &Training,
        observer: &mut dyn Observer,
    ) -> Result<usize> {
        let levels: Vec<f32> = levels.iter().map(|level| *level as f32).collect();
        train(&mut self.0, &Forking::new(windows, &levels), training, observer)
    }

    /// A copy of its weights.
    pub(crate) fn weights(&self) -> Weights {
        weights::copy_out(self.0.store())
    }

    /// Takes over weights.
    ///
    /// # Errors
    /// If they do not fit the network, in words.
    pub(crate) fn set_weights(&mut self, weights: Weights) -> std::result::Result<(), String> {
        weights::copy_in(self.0.store(), weights)
    }

    /// What it says at the last step of each stream of a walk: [stream][horizon * levels] in a row.
    pub(crate) fn predict_last<W: Windows>(&self, windows: &W, walk: &Batch, levels: usize) -> Vec<f32> {
        tch::set_num_threads(1);
        let _guard = tch::no_grad_guard();
        let numbers = windows.fill(walk, false);
        let shape = [numbers.steps, numbers.batch, numbers.inputs].map(|n| n as i64);
        let seen = Tensor::from_slice(&numbers.seen).view(shape); // [time, batch, inputs]
        let (states, _) = self.0.hidden_states(&seen, &self.0.start(numbers.batch as i64), None); // [time, batch, hidden]
        let last = |(b, stream): (usize, &Window)| ((stream.length - 1) * numbers.batch + b) as i64;
        let rows: Vec<i64> = walk.iter().enumerate().map(last).collect();
        let hidden = states.view([-1, states.size()[2]]).index_select(0, &Tensor::from_slice(&rows)); // [batch, hidden]
        let said = self.0.read(&hidden.unsqueeze(0), None, false); // [1, batch, horizon * levels + paths]
        let row = numbers.paths.len() / (numbers.steps * numbers.batch);
        let ends = rows.iter().flat_map(|at| &numbers.paths[*at as usize * row..(*at as usize + 1) * row]);
        let said = mixed(&said, &numbers, levels, &ends.copied().collect::<Vec<_>>()).contiguous().view([-1]);
        let mut plain = vec![0.0; said.numel()];
        said.copy_data(&mut plain, said.numel());
        plain
    }
}
