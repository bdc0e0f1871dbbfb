//! The network that predicts the distribution of the next value. A path is sampled step by step, and each draw is an
//! input of the next step. A path is therefore a draw from the joint distribution of all steps (Salinas, Flunkert,
//! Gasthaus, Januschowski 2020, "DeepAR: probabilistic forecasting with autoregressive recurrent networks", sections
//! 3.1 and 3.2).

use std::f64::consts::PI;
use std::ops::Range;

use rand_chacha::ChaCha8Rng;

use crate::model::deepar::inputs::{InputConfig, StepInputs};
use crate::model::deepar::settings::{DeepAr, Distribution};
use crate::model::deepar::static_features::StaticFeature;
use crate::model::deepar::windows::TrainingWindows;
use crate::model::nn::tensor::{self, Device, Kind, StepNumbers, Tensor, VarStore, no_grad_guard, to_numbers, uniform};
use crate::model::nn::{Batch, CellKind, Inputs, Network, NetworkShape, Readout, Recurrent, Split, State};
use crate::model::nn::{TrainingData, Window};

/// The minimum degrees of freedom. Above 2 the variance is finite.
pub(crate) const MIN_DEGREES_OF_FREEDOM: f64 = 2.1;
/// The minimum scale, for scaled values.
const MIN_SCALE: f64 = 1e-3;
/// The minimum dispersion of counts.
const MIN_DISPERSION: f64 = 1e-3;

/// All numbers of `steps`: [time, batch, width].
fn tensor_of(numbers: &StepNumbers, steps: &Range<usize>) -> Tensor {
    numbers.tensor(steps, [numbers.width]) // [time, batch, width]
}

impl TrainingData for TrainingWindows<'_> {
    fn training_windows(&self, rng: &mut ChaCha8Rng) -> Vec<Vec<Window>> {
        self.random_windows(rng)
    }

    fn validation_windows(&self) -> Vec<Vec<Window>> {
        self.end_windows()
    }

    fn batch(&self, windows: &[Window], steps: Range<usize>, split: Split) -> Batch {
        let (inputs, [values, weights]) = self.fill(windows, split);
        Batch {
            inputs: tensor_of(&inputs.features, &steps).into(), // [time, batch, features]
            targets: values.tensor(&steps, []),                 // [time, batch]
            weights: weights.tensor(&steps, []),                // [time, batch]
            context: Some(tensor_of(&inputs.context, &steps)),  // [time, batch, 1 + references]
        }
    }

    /// The negative log-likelihood.
    fn loss(&self, outputs: &Tensor, batch: &Batch) -> Tensor {
        let context = batch.context.as_ref().expect("a batch of this dataset has units and references");
        let parameters = distribution(self.config.distribution, outputs, context); // [time, batch] each
        let values = batch.targets.to_kind(Kind::Double); // [time, batch]
        let log_likelihood = match self.config.distribution {
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
    distribution: Distribution,
    /// [categories, width] for each static column.
    embeddings: Vec<Tensor>,
    network: Network,
}

impl DeepArNetwork {
    /// A network with random layers and a head of zeros. It predicts the plain mean of the references.
    pub(crate) fn new(
        settings: &DeepAr,
        config: &InputConfig,
        static_features: &[StaticFeature],
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let store = VarStore::new(Device::Cpu);
        let root = store.root();
        let embed = |(i, feature): (usize, &StaticFeature)| {
            let (categories, width) = (feature.codes(), feature.codes().div_ceil(2).min(8));
            uniform(&root, &format!("category_{i}"), &[categories as i64, width as i64], 0.5, rng) // [categories, width]
        };
        let embeddings: Vec<Tensor> = static_features.iter().enumerate().map(embed).collect();
        let shape = NetworkShape {
            cell: CellKind::Lstm,
            inputs: config.inputs() + embeddings.iter().map(|table| table.size()[1] as usize).sum::<usize>(),
            hidden: settings.hidden,
            layers: settings.layers,
            outputs: config.references() + 3,
            dropout: settings.dropout,
            readout: Readout::Linear,
        };
        Self { distribution: config.distribution, embeddings, network: Network::in_store(store, shape, rng) }
    }

    /// The state after `steps` steps of `batch` sequences, repeated `times` times for each sequence.
    pub(crate) fn state_after(&self, inputs: &StepInputs<'_>, steps: usize, batch: usize, times: usize) -> Vec<State> {
        tensor::use_one_thread();
        let _guard = no_grad_guard();
        let mut state = self.start(batch as i64);
        if steps > 0 {
            state = self.states(&tensor_of(&inputs.features, &(0..steps)), &state, None).1;
        }
        let repeated = |t: &Tensor| t.repeat_interleave_self_int(times as i64, 0, None); // [batch * times, hidden]
        state.iter().map(|state| state.map(repeated)).collect()
    }

    /// One step: the location, scale and shape of the next value of each sequence. `inputs` has one step.
    pub(crate) fn next(&self, state: &mut Vec<State>, inputs: &StepInputs<'_>) -> Vec<[f64; 3]> {
        let _guard = no_grad_guard();
        let context = tensor_of(&inputs.context, &(0..1)); // [1, batch, 1 + references]
        // [1, batch, references + 3]
        let (outputs, last) = self.forward(&tensor_of(&inputs.features, &(0..1)).into(), state, None);
        *state = last;
        let parameters = distribution(self.distribution, &outputs, &context); // [1, batch] each
        let [location, scale, shape] = parameters.map(|part| to_numbers(&part));
        location.into_iter().zip(scale).zip(shape).map(|((location, scale), shape)| [location, scale, shape]).collect()
    }

    /// The top layer's hidden states [time, batch, hidden] over `features` [time, batch, features], and the last
    /// states.
    fn states(&self, features: &Tensor, state: &[State], training: Option<&mut ChaCha8Rng>) -> (Tensor, Vec<State>) {
        let (steps, inputs) = (features.size()[0], features.size()[2] - self.embeddings.len() as i64);
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
