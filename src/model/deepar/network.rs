//! The network that predicts the distribution of the next value. A path is sampled step by step, and each draw is an
//! input of the next step. A path is therefore a draw from the joint distribution of all steps (Salinas, Flunkert,
//! Gasthaus, Januschowski 2020, "DeepAR: probabilistic forecasting with autoregressive recurrent networks", sections
//! 3.1 and 3.2).

use std::f64::consts::PI;
use std::ops::Range;

use rand_chacha::ChaCha8Rng;

use crate::error::Result;
use crate::model::deepar::settings::Distribution;
use crate::model::nn::batch::{Batch, Inputs, Recurrent, Split, TrainingData, Window};
use crate::model::nn::cell::{CellKind, State};
use crate::model::nn::network::{Network, NetworkShape, Readout};
use crate::model::nn::tensor::{self, Device, Kind, Tensor, VarStore, no_grad_guard, to_numbers, uniform};
use crate::model::nn::train::train;
use crate::model::nn::training::TrainingSettings;
use crate::model::observer::Observer;

/// The sizes of a network.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DeepArConfig {
    /// Number of features at each step, without categories.
    pub(crate) inputs: usize,
    /// Number of reference values, whose weighted mean is the location.
    pub(crate) references: usize,
    /// Number of categories of each static column, with one for unknown categories.
    pub(crate) categories: Vec<usize>,
    pub(crate) hidden: usize,
    pub(crate) layers: usize,
    pub(crate) dropout: f64,
    pub(crate) distribution: Distribution,
}

impl DeepArConfig {
    /// Number of features at each step, with one for the category of each column.
    fn features(&self) -> usize {
        self.inputs + self.categories.len()
    }

    /// The number of inputs of the distribution in addition to the outputs: the unit and the references.
    fn context(&self) -> usize {
        1 + self.references
    }
}

/// The minimum degrees of freedom. Above 2 the variance is finite.
pub(crate) const MIN_DEGREES_OF_FREEDOM: f64 = 2.1;
/// The minimum scale, for scaled values.
const MIN_SCALE: f64 = 1e-3;
/// The minimum dispersion of counts.
const MIN_DISPERSION: f64 = 1e-3;

/// The numbers of a batch of windows, in row-major order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SequenceBatch {
    steps: usize,
    batch: usize,
    /// Features, then categories: [time, batch, features].
    features: Vec<f32>,
    /// [time, batch].
    values: Vec<f32>,
    /// [time, batch].
    weights: Vec<f32>,
    /// The unit, then the references: [time, batch, 1 + references].
    context: Vec<f32>,
}

impl SequenceBatch {
    /// Zeros, with all loss weights 0.
    pub(crate) fn zeros(steps: usize, batch: usize, config: &DeepArConfig) -> Self {
        let rows = steps * batch;
        Self {
            steps,
            batch,
            features: vec![0.0; rows * config.features()],
            values: vec![0.0; rows],
            weights: vec![0.0; rows],
            context: vec![0.0; rows * config.context()],
        }
    }

    /// Sets the input at a step of a window, and the target value with its loss weight.
    pub(crate) fn set(&mut self, (step, window): (usize, usize), input: &StepInput, (value, weight): (f32, f32)) {
        let row = step * self.batch + window;
        let (features, context) = (input.features.len(), 1 + input.references.len());
        self.features[row * features..(row + 1) * features].copy_from_slice(&input.features);
        let place = &mut self.context[row * context..(row + 1) * context];
        place[0] = input.unit;
        place[1..].copy_from_slice(&input.references);
        (self.values[row], self.weights[row]) = (value, weight);
    }

    /// The part for `steps` of an array with some numbers for each step of a window: [time, batch, numbers].
    fn tensor(&self, numbers: &[f32], steps: &Range<usize>) -> Tensor {
        let width = numbers.len() / (self.steps * self.batch);
        let row = self.batch * width;
        let shape = [steps.len(), self.batch, width];
        tensor::from_numbers(&numbers[steps.start * row..steps.end * row], shape) // [time, batch, numbers]
    }
}

/// The input of one step, which is known before its value.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct StepInput {
    /// Features, then the category of each column.
    pub(crate) features: Vec<f32>,
    /// The reference values, whose weighted mean is the location.
    pub(crate) references: Vec<f32>,
    /// The unit of the network's correction of this mean.
    pub(crate) unit: f32,
}

/// The training data of a network, as plain numbers.
pub(crate) trait SequenceDataset {
    /// The windows of one epoch, grouped into batches.
    fn training_windows(&self, rng: &mut ChaCha8Rng) -> Vec<Vec<Window>>;

    /// The windows of the validation loss, grouped into batches. Empty if there is no validation.
    fn validation_windows(&self) -> Vec<Vec<Window>>;

    /// The numbers of all steps of a batch of windows. The steps without loss have the weight 0.
    fn fill(&self, windows: &[Window], split: Split) -> SequenceBatch;
}

/// A [`SequenceDataset`] with the negative log-likelihood as its loss.
struct LikelihoodDataset<'a, D> {
    data: &'a D,
    distribution: Distribution,
}

impl<D: SequenceDataset> TrainingData for LikelihoodDataset<'_, D> {
    fn training_windows(&self, rng: &mut ChaCha8Rng) -> Vec<Vec<Window>> {
        self.data.training_windows(rng)
    }

    fn validation_windows(&self) -> Vec<Vec<Window>> {
        self.data.validation_windows()
    }

    fn batch(&self, windows: &[Window], steps: Range<usize>, split: Split) -> Batch {
        let numbers = self.data.fill(windows, split);
        Batch {
            inputs: numbers.tensor(&numbers.features, &steps).into(), // [time, batch, features]
            targets: numbers.tensor(&numbers.values, &steps).squeeze_dim(2), // [time, batch]
            weights: numbers.tensor(&numbers.weights, &steps).squeeze_dim(2), // [time, batch]
            context: Some(numbers.tensor(&numbers.context, &steps)),  // [time, batch, 1 + references]
        }
    }

    /// The negative log-likelihood.
    fn loss(&self, outputs: &Tensor, batch: &Batch) -> Tensor {
        let context = batch.context.as_ref().expect("a batch of this dataset has units and references");
        let parameters = distribution(self.distribution, outputs, context); // [time, batch] each
        let values = batch.targets.to_kind(Kind::Double); // [time, batch]
        let log_likelihood = match self.distribution {
            Distribution::StudentT => student_t(&values, &parameters),
            Distribution::NegativeBinomial => negative_binomial(&values, &parameters),
        }; // [time, batch]
        -(log_likelihood * &batch.weights).sum(Kind::Double) // []
    }
}

/// Location, scale and shape in double precision, [time, batch] each. The outputs are [time, batch, references + 3],
/// and the context is [time, batch, 1 + references]. The location is a weighted mean of the references plus a
/// correction in the unit.
fn distribution(family: Distribution, outputs: &Tensor, context: &Tensor) -> [Tensor; 3] {
    let references = context.size()[2] - 1;
    let context = context.to_kind(Kind::Double); // [time, batch, 1 + references]
    let outputs = outputs.to_kind(Kind::Double); // [time, batch, references + 3]
    // [time, batch], [time, batch, references]
    let (unit, values) = (context.select(2, 0), context.narrow(2, 1, references));
    let shares = outputs.narrow(2, 0, references).softmax(-1, Kind::Double); // [time, batch, references]
    let mean = (shares * values).sum_dim_intlist(-1, false, Kind::Double); // [time, batch]
    let output = |i: i64| outputs.select(2, references + i); // [time, batch]
    match family {
        Distribution::StudentT => {
            let location = mean + output(0) * &unit; // [time, batch]
            let scale = output(1).softplus() * unit + MIN_SCALE; // [time, batch]
            [location, scale, output(2).softplus() + MIN_DEGREES_OF_FREEDOM]
        }
        Distribution::NegativeBinomial => {
            // the recent values of a sparse series are often all 0, but the mean of its future values is not
            let mean = output(0).sigmoid() * mean + (output(1) - 1.0).softplus() * unit + 1e-6; // [time, batch]
            [mean.shallow_clone(), mean, output(2).softplus() + MIN_DISPERSION]
        }
    }
}

/// The log-density of Student's t distribution; the parameters are location, scale and degrees of freedom.
fn student_t(values: &Tensor, [location, scale, freedom]: &[Tensor; 3]) -> Tensor {
    let z = (values - location) / scale; // the shape of `values`
    let half: Tensor = (freedom + 1.0) * 0.5; // the shape of `values`
    half.lgamma()
        - (freedom * 0.5).lgamma()
        - (freedom * PI).log() * 0.5
        - scale.log()
        - half * (z.square() / freedom).log1p() // the shape of `values`
}

/// The log-probability of the negative binomial distribution; the parameters are the mean (twice) and the dispersion.
fn negative_binomial(values: &Tensor, [mean, _, dispersion]: &[Tensor; 3]) -> Tensor {
    let size = dispersion.reciprocal(); // the shape of `values`
    let coefficient = (values + &size).lgamma() - size.lgamma() - (values + 1.0).lgamma(); // the shape of `values`
    let log_sum = (mean + &size).log(); // the shape of `values`
    coefficient + &size * (size.log() - &log_sum) + values * (mean.log() - log_sum) // the shape of `values`
}

/// The network: embedded categories with the features, a stack of LSTM layers, and a linear head.
#[derive(Debug)]
pub(crate) struct DeepArNetwork {
    config: DeepArConfig,
    /// [categories, width] for each static column.
    embeddings: Vec<Tensor>,
    network: Network,
}

/// The state of sequences that are run step by step.
#[derive(Debug)]
pub(crate) struct RecurrentState(Vec<State>);

impl DeepArNetwork {
    /// A network with random layers and a head of zeros. It predicts the plain mean of the references.
    pub(crate) fn new(config: DeepArConfig, rng: &mut ChaCha8Rng) -> Self {
        let store = VarStore::new(Device::Cpu);
        let root = store.root();
        let width = |categories: usize| categories.div_ceil(2).min(8);
        let embed = |(i, categories): (usize, &usize)| {
            let shape = [*categories as i64, width(*categories) as i64];
            uniform(&root, &format!("category_{i}"), &shape, 0.5, rng)
        };
        let embeddings: Vec<Tensor> = config.categories.iter().enumerate().map(embed).collect();
        let inputs = config.inputs + config.categories.iter().map(|n| width(*n)).sum::<usize>();
        let DeepArConfig { hidden, layers, dropout, .. } = config;
        let (cell, outputs, readout) = (CellKind::Lstm, config.references + 3, Readout::Linear);
        let shape = NetworkShape { cell, inputs, hidden, layers, outputs, dropout, readout };
        Self { network: Network::in_store(store, shape, rng), config, embeddings }
    }

    /// The sizes of the network.
    pub(crate) fn config(&self) -> &DeepArConfig {
        &self.config
    }

    /// Trains the network from its current weights. Returns the epoch whose weights it has afterwards.
    ///
    /// # Errors
    /// As [`train`].
    pub(crate) fn train<D: SequenceDataset>(
        &mut self,
        data: &D,
        settings: &TrainingSettings,
        observer: &mut dyn Observer,
    ) -> Result<usize> {
        let data = LikelihoodDataset { data, distribution: self.config.distribution };
        train(self, &data, settings, observer)
    }

    /// The state of `batch` sequences before their first step.
    pub(crate) fn begin(&self, batch: usize) -> RecurrentState {
        tensor::use_one_thread();
        RecurrentState(self.start(batch as i64))
    }

    /// The state after sequences of equal length.
    pub(crate) fn after(&self, sequences: &SequenceBatch) -> RecurrentState {
        let _guard = no_grad_guard();
        let start = self.begin(sequences.batch);
        let features = sequences.tensor(&sequences.features, &(0..sequences.steps)); // [time, batch, features]
        RecurrentState(self.states(&features, &start.0, None).1)
    }

    /// One step: the location, scale and shape of the next value of each sequence. `input` has one step.
    pub(crate) fn next(&self, state: &mut RecurrentState, input: &SequenceBatch) -> Vec<[f64; 3]> {
        let _guard = no_grad_guard();
        let features = input.tensor(&input.features, &(0..1)); // [1, batch, features]
        let context = input.tensor(&input.context, &(0..1)); // [1, batch, 1 + references]
        let (states, last) = self.states(&features, &state.0, None); // [1, batch, hidden]
        state.0 = last;
        let outputs = self.network.readout(&states, None, false); // [1, batch, references + 3]
        // [batch] each
        let parameters = distribution(self.config.distribution, &outputs, &context).map(|part| to_numbers(&part));
        (0..input.batch).map(|row| [0, 1, 2].map(|part| parameters[part][row])).collect()
    }

    /// The top layer's hidden states [time, batch, hidden] over `features` [time, batch, features], and the last
    /// states.
    fn states(&self, features: &Tensor, state: &[State], training: Option<&mut ChaCha8Rng>) -> (Tensor, Vec<State>) {
        let (steps, inputs) = (features.size()[0], self.config.inputs as i64);
        let mut parts = vec![features.narrow(2, 0, inputs)]; // [time, batch, inputs]
        for (i, table) in self.embeddings.iter().enumerate() {
            // the category of a series is the same at all steps
            let category = features.select(0, 0).select(1, inputs + i as i64).to_kind(Kind::Int64); // [batch]
            let embedded = table.index_select(0, &category).unsqueeze(0); // [1, batch, width]
            parts.push(embedded.expand([steps, -1, -1], false)); // [time, batch, width]
        }
        let x = Tensor::cat(&parts, 2); // [time, batch, inputs + widths]
        self.network.hidden_states(&x, state, training)
    }
}

impl RecurrentState {
    /// Repeats the state of each sequence `times` times, one after the other.
    pub(crate) fn repeated(&self, times: usize) -> Self {
        let repeat = |t: &Tensor| t.repeat_interleave_self_int(times as i64, 0, None); // [batch * times, hidden]
        Self(self.0.iter().map(|state| state.map(repeat)).collect())
    }
}

impl Recurrent for DeepArNetwork {
    fn store(&self) -> &VarStore {
        self.network.store()
    }

    fn start(&self, batch: i64) -> Vec<State> {
        self.network.start(batch)
    }

    fn forward(&self, inputs: &Inputs, state: &[State], training: Option<&mut ChaCha8Rng>) -> (Tensor, Vec<State>) {
        let (states, last) = self.states(&inputs.features, state, training); // [time, batch, hidden]
        let states = inputs.at_output_steps(&states); // [output steps, batch, hidden]
        (self.network.readout(&states, None, false), last) // [output steps, batch, references + 3]
    }
}

#[cfg(test)]
mod tests;
