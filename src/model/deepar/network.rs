//! A network that says the distribution of the next value, to be sampled step by step: each draw is heard at the next step,
//! so that a path is drawn from the joint distribution of all steps (Salinas, Flunkert, Gasthaus, Januschowski 2020,
//! "DeepAR: probabilistic forecasting with autoregressive recurrent networks", sections 3.1 and 3.2).

use std::cell::RefCell;
use std::f64::consts::PI;
use std::ops::Range;

use rand_chacha::ChaCha8Rng;
use tch::nn::{Init, VarStore};
use tch::{Device, Kind, Tensor};

use crate::error::Result;
use crate::model::nn::batch::{Batch, Input, Sequences, Targets};
use crate::model::nn::cell::uniform;
use crate::model::nn::cell::{CellKind, State};
use crate::model::nn::layer::Layer;
use crate::model::nn::layer::drop_out;
use crate::model::nn::train::{Recurrent, Training, train};
use crate::model::observer::Observer;

/// The family of distributions that a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// Student's t, by location, scale and degrees of freedom.
    StudentT,
    /// The negative binomial, by mean and dispersion: the variance is `mean + dispersion * mean²`.
    NegativeBinomial,
}

/// The sizes that make a network.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DeepArConfig {
    /// Numbers seen at each step, without categories.
    pub(crate) inputs: usize,
    /// Values that the location is a mixture of.
    pub(crate) anchors: usize,
    /// Categories of each static column, the unknown one included.
    pub(crate) categories: Vec<usize>,
    pub(crate) hidden: usize,
    pub(crate) layers: usize,
    pub(crate) dropout: f64,
    pub(crate) family: Family,
}

impl DeepArConfig {
    /// Numbers at each step: what is seen, then the category of each column.
    fn seen(&self) -> usize {
        self.inputs + self.categories.len()
    }

    /// Numbers that say what is to be learned: the value, its unit and the anchors.
    fn told(&self) -> usize {
        2 + self.anchors
    }
}

/// Degrees of freedom stay above this, where the variance is finite.
pub(crate) const LEAST_FREEDOM: f64 = 2.1;
/// The least scale of a distribution, in units of the series' steps, and the least dispersion.
const LEAST_SCALE: f64 = 1e-3;
const LEAST_DISPERSION: f64 = 1e-3;

/// The numbers of a walk, [step][stream][…] in a row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SequenceBatch {
    steps: usize,
    batch: usize,
    /// [step][stream][seen]: inputs, then categories.
    seen: Vec<f32>,
    /// [step][stream][told]: the value, its unit, the anchors.
    told: Vec<f32>,
    /// [step][stream].
    weights: Vec<f32>,
}

impl SequenceBatch {
    /// All zero: nothing is seen and nothing counts.
    pub(crate) fn zeros(steps: usize, batch: usize, sizes: &DeepArConfig) -> Self {
        let rows = steps * batch;
        let (seen, told) = (vec![0.0; rows * sizes.seen()], vec![0.0; rows * sizes.told()]);
        Self { steps, batch, seen, told, weights: vec![0.0; rows] }
    }

    /// What is seen at a step of a stream, and, for who learns, the value, its unit and how much it counts.
    pub(crate) fn set(&mut self, (step, stream): (usize, usize), glance: &StepInput, value: (f32, f32)) {
        let row = step * self.batch + stream;
        let (seen, told) = (glance.seen.len(), 2 + glance.anchors.len());
        self.seen[row * seen..(row + 1) * seen].copy_from_slice(&glance.seen);
        let place = &mut self.told[row * told..(row + 1) * told];
        (place[0], place[1]) = (value.0, glance.unit);
        place[2..].copy_from_slice(&glance.anchors);
        self.weights[row] = value.1;
    }
}

/// What is known before a value.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct StepInput {
    /// Inputs, then the category of each column.
    pub(crate) seen: Vec<f32>,
    /// The values that the location is a mixture of.
    pub(crate) anchors: Vec<f32>,
    /// What is said on top of the mixture is in this unit.
    pub(crate) unit: f32,
}

/// What a network of this kind learns from.
pub(crate) trait SequenceDataset {
    /// The walks of one epoch.
    fn walks(&self, rng: &mut ChaCha8Rng) -> Vec<Batch>;

    /// The walks that tell when to stop; empty for none.
    fn validation(&self) -> Vec<Batch>;

    /// The numbers of all steps of a walk; those of its warm-up bear no weight.
    fn fill(&self, walk: &Batch) -> SequenceBatch;
}

/// [`SequenceDataset`] as the training loop walks over them.
struct Taught<'a, T> {
    traces: &'a T,
    sizes: &'a DeepArConfig,
    /// The walk that was filled last, since the loop asks for its parts one by one.
    filled: RefCell<Option<(Batch, SequenceBatch)>>,
}

impl<T: SequenceDataset> Taught<'_, T> {
    fn part(&self, walk: &Batch, what: impl FnOnce(&SequenceBatch) -> Tensor) -> Tensor {
        let mut filled = self.filled.borrow_mut();
        if filled.as_ref().is_none_or(|(known, _)| known != walk) {
            *filled = Some((walk.clone(), self.traces.fill(walk)));
        }
        what(&filled.as_ref().expect("it was filled just now").1)
    }
}

impl<T: SequenceDataset> Sequences for Taught<'_, T> {
    fn walks(&self, rng: &mut ChaCha8Rng) -> Vec<Batch> {
        // what a walk stands for changes from epoch to epoch
        *self.filled.borrow_mut() = None;
        self.traces.walks(rng)
    }

    fn validation(&self) -> Vec<Batch> {
        self.traces.validation()
    }

    fn inputs(&self, walk: &Batch, steps: Range<usize>) -> Input {
        let seen = |trace: &SequenceBatch| rows(&trace.seen, trace.batch, self.sizes.seen(), steps);
        self.part(walk, seen).into() // [time, batch, seen]
    }

    /// Values with their units and anchors [time, batch, told], weights [time, batch].
    fn targets(&self, walk: &Batch, steps: Range<usize>, _: bool) -> Targets {
        let values = self.part(walk, |trace| rows(&trace.told, trace.batch, self.sizes.told(), steps.clone()));
        let mask = self.part(walk, |trace| rows(&trace.weights, trace.batch, 1, steps).squeeze_dim(2));
        Targets { values, mask }
    }

    /// Minus the log-likelihood.
    fn loss(&self, outputs: &Tensor, targets: &Targets) -> Tensor {
        let said = distribution(self.sizes.family, outputs, &targets.values); // each [time, batch]
        let values = targets.values.select(2, 0).to_kind(Kind::Double); // [time, batch]
        let likelihood = match self.sizes.family {
            Family::StudentT => student_t(&values, &said),
            Family::NegativeBinomial => negative_binomial(&values, &said),
        };
        -(likelihood * &targets.mask).sum(Kind::Double)
    }
}

fn rows(numbers: &[f32], batch: usize, width: usize, steps: Range<usize>) -> Tensor {
    let shape = [steps.len(), batch, width].map(|n| n as i64);
    let size = batch * width;
    Tensor::from_slice(&numbers[steps.start * size..steps.end * size]).view(shape)
}

/// Location, scale and shape in double precision, each [time, batch], from outputs [time, batch, anchors + 3] and `told`
/// [time, batch, told]: a mixture of the anchors with what is said on top of it.
fn distribution(family: Family, outputs: &Tensor, told: &Tensor) -> [Tensor; 3] {
    let anchors = told.size()[2] - 2;
    let told = told.to_kind(Kind::Double);
    let outputs = outputs.to_kind(Kind::Double);
    let (unit, values) = (told.select(2, 1), told.narrow(2, 2, anchors)); // [time, batch], [time, batch, anchors]
    let shares = outputs.narrow(2, 0, anchors).softmax(-1, Kind::Double);
    let mixture = (shares * values).sum_dim_intlist(-1, false, Kind::Double); // [time, batch]
    let free = |i: i64| outputs.select(2, anchors + i); // [time, batch]
    match family {
        Family::StudentT => {
            [mixture + free(0) * &unit, free(1).softplus() * unit + LEAST_SCALE, free(2).softplus() + LEAST_FREEDOM]
        }
        Family::NegativeBinomial => {
            // a sparse series' recent values are often all 0, the mean of what is to come is not
            let mean = free(0).sigmoid() * mixture + (free(1) - 1.0).softplus() * unit + 1e-6;
            [mean.shallow_clone(), mean, free(2).softplus() + LEAST_DISPERSION]
        }
    }
}

/// The log-density of Student's t: location, scale, degrees of freedom.
fn student_t(values: &Tensor, [location, scale, freedom]: &[Tensor; 3]) -> Tensor {
    let z = (values - location) / scale;
    let half: Tensor = (freedom + 1.0) * 0.5;
    half.lgamma()
        - (freedom * 0.5).lgamma()
        - (freedom * PI).log() * 0.5
        - scale.log()
        - half * (z.square() / freedom).log1p()
}

/// The log-mass of the negative binomial: mean (twice), dispersion.
fn negative_binomial(values: &Tensor, [mean, _, dispersion]: &[Tensor; 3]) -> Tensor {
    let size = dispersion.reciprocal(); // the number of failures, where it is whole
    let choices = (values + &size).lgamma() - size.lgamma() - (values + 1.0).lgamma();
    let both = (mean + &size).log();
    choices + &size * (size.log() - &both) + values * (mean.log() - both)
}

/// The network: embedded categories beside what is seen, LSTM layers on top of each other, a linear head.
#[derive(Debug)]
pub(crate) struct DeepArNetwork {
    sizes: DeepArConfig,
    store: VarStore,
    embeddings: Vec<Tensor>,
    layers: Vec<Layer>,
    head: [Tensor; 2],
}

/// The state of walks that go on step by step.
#[derive(Debug)]
pub(crate) struct RecurrentState(Vec<State>);

impl DeepArNetwork {
    /// A network that has learned nothing: it says the mean of the anchors.
    pub(crate) fn new(sizes: DeepArConfig, rng: &mut ChaCha8Rng) -> Self {
        let store = VarStore::new(Device::Cpu);
        let root = store.root();
        let width = |categories: usize| categories.div_ceil(2).min(8);
        let embed = |(i, categories): (usize, &usize)| {
            let shape = [*categories as i64, width(*categories) as i64];
            uniform(&root, &format!("category_{i}"), &shape, 0.5, rng)
        };
        let embeddings: Vec<Tensor> = sizes.categories.iter().enumerate().map(embed).collect();
        let inputs = sizes.inputs + sizes.categories.iter().map(|n| width(*n)).sum::<usize>();
        let layer = |i: usize| {
            let inputs = if i == 0 { inputs } else { sizes.hidden };
            Layer::new(&(&root / format!("layer_{i}")), CellKind::Lstm, inputs, sizes.hidden, rng)
        };
        let layers = (0..sizes.layers).map(layer).collect();
        let path = &root / "head";
        let outputs = (sizes.anchors + 3) as i64;
        let head = [
            path.var("w_hy", &[outputs, sizes.hidden as i64], Init::Const(0.0)),
            path.var("b_y", &[outputs], Init::Const(0.0)),
        ];
        Self { sizes, store, embeddings, layers, head }
    }

    /// The sizes it was made with.
    pub(crate) fn sizes(&self) -> &DeepArConfig {
        &self.sizes
    }

    /// Learns by the one training loop; gives the epoch whose weights are kept. See [`train`].
    ///
    /// # Errors
    /// As [`train`].
    pub(crate) fn train<T: SequenceDataset>(
        &mut self,
        traces: &T,
        training: &Training,
        observer: &mut dyn Observer,
    ) -> Result<usize> {
        let sizes = self.sizes.clone();
        let data = Taught { traces, sizes: &sizes, filled: RefCell::default() };
        train(self, &data, training, observer)
    }

    /// The memory of so many walks before anything was seen.
    pub(crate) fn begin(&self, batch: usize) -> RecurrentState {
        tch::set_num_threads(1);
        RecurrentState(self.start(batch as i64))
    }

    /// The memory after walks of equal length.
    pub(crate) fn after(&self, trace: &SequenceBatch) -> RecurrentState {
        let _guard = tch::no_grad_guard();
        let memory = self.begin(trace.batch);
        let seen = rows(&trace.seen, trace.batch, self.sizes.seen(), 0..trace.steps);
        RecurrentState(self.states(&seen, &memory.0, None).1)
    }

    /// One step further: location, scale and shape of the next value of each walk; `trace` has one step.
    pub(crate) fn next(&self, memory: &mut RecurrentState, trace: &SequenceBatch) -> Vec<[f64; 3]> {
        let _guard = tch::no_grad_guard();
        let seen = rows(&trace.seen, trace.batch, self.sizes.seen(), 0..1); // [1, batch, seen]
        let told = rows(&trace.told, trace.batch, self.sizes.told(), 0..1); // [1, batch, told]
        let (states, last) = self.states(&seen, &memory.0, None);
        memory.0 = last;
        let outputs = states.linear(&self.head[0], Some(&self.head[1])); // [1, batch, outputs]
        let said = distribution(self.sizes.family, &outputs, &told).map(|part| {
            let mut plain = vec![0.0; trace.batch];
            part.contiguous().view([-1]).copy_data(&mut plain, trace.batch);
            plain
        });
        (0..trace.batch).map(|row| [0, 1, 2].map(|part| said[part][row])).collect()
    }

    /// The top layer's hidden states [time, batch, hidden] over `seen` [time, batch, seen], and the last states.
    fn states(&self, seen: &Tensor, state: &[State], mut training: Option<&mut ChaCha8Rng>) -> (Tensor, Vec<State>) {
        let (steps, inputs) = (seen.size()[0], self.sizes.inputs as i64);
        let mut parts = vec![seen.narrow(2, 0, inputs)];
        for (i, table) in self.embeddings.iter().enumerate() {
            // a category is that of the whole series
            let category = seen.select(0, 0).select(1, inputs + i as i64).to_kind(Kind::Int64); // [batch]
            let embedded = table.index_select(0, &category).unsqueeze(0); // [1, batch, width]
            parts.push(embedded.expand([steps, -1, -1], false));
        }
        let mut x = Tensor::cat(&parts, 2); // [time, batch, inputs + widths]
        let mut last = Vec::with_capacity(self.layers.len());
        for (i, (layer, state)) in self.layers.iter().zip(state).enumerate() {
            if let (true, Some(rng)) = (i > 0 && self.sizes.dropout > 0.0, training.as_deref_mut()) {
                x = drop_out(&x, self.sizes.dropout, rng);
            }
            let (outputs, next) = layer.forward(&x, state); // [time, batch, hidden]
            x = outputs;
            last.push(next);
        }
        (x, last)
    }
}

impl RecurrentState {
    /// Each walk so many times, one after the other.
    pub(crate) fn repeated(&self, times: usize) -> Self {
        let repeat = |t: &Tensor| t.repeat_interleave_self_int(times as i64, 0, None); // [batch * times, hidden]
        let state = |state: &State| State { hidden: repeat(&state.hidden), cell: state.cell.as_ref().map(repeat) };
        Self(self.0.iter().map(state).collect())
    }
}

impl Recurrent for DeepArNetwork {
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
        let (states, last) = self.states(&input.seen, state, training); // [time, batch, hidden]
        (input.spoken(&states).linear(&self.head[0], Some(&self.head[1])), last) // [time, batch, outputs]
    }
}

#[cfg(test)]
mod tests;
