//! The network that predicts the distribution of the next value. A path is sampled step by step, and each draw is an
//! input of the next step. A path is therefore a draw from the joint distribution of all steps (sections 3.1 and 3.2
//! of the paper).

use std::f64::consts::PI;

use rand_chacha::ChaCha8Rng;

use crate::model::deepar::inputs::{InputConfig, StaticFeature, StepInputs};
use crate::model::deepar::settings::{DeepAr, Distribution};
use crate::model::nn::tensor::{
    self, Device, InitialWeights, Kind, Tensor, VarStore, no_grad_guard, to_numbers, uniform,
};
use crate::model::nn::{Inputs, Network, NetworkShape, Recurrent, State};

/// The minimum degrees of freedom. Above 2 the variance is finite.
const MIN_DEGREES_OF_FREEDOM: f64 = 2.1;
/// The minimum scale, for scaled values.
const MIN_SCALE: f64 = 1e-3;
/// The minimum dispersion of counts.
const MIN_DISPERSION: f64 = 1e-3;

/// The logarithm of the likelihood of `values` [time, batch]; arguments as for [`distribution`].
pub(crate) fn log_likelihood(family: Distribution, values: &Tensor, outputs: &Tensor, context: &Tensor) -> Tensor {
    let (values, parameters) = (values.to_kind(Kind::Double), distribution(family, outputs, context)); // [time, batch] each
    match family {
        Distribution::StudentT => student_t(&values, &parameters), // [time, batch]
        Distribution::NegativeBinomial => negative_binomial(&values, &parameters), // [time, batch]
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
            let categories = feature.values.len() + 1;
            let width = categories.div_ceil(2).min(8);
            uniform(&root, &format!("category_{i}"), &[categories as i64, width as i64], 0.5, rng) // [categories, width]
        };
        let embeddings: Vec<Tensor> = static_features.iter().enumerate().map(embed).collect();
        let DeepAr { hidden, layers, dropout, .. } = *settings;
        let inputs = config.inputs() + embeddings.iter().map(|table| table.size()[1] as usize).sum::<usize>();
        let shape = NetworkShape { layers, dropout, ..NetworkShape::lstm(inputs, hidden, config.references() + 3) };
        Self { embeddings, network: Network::in_store(store, shape, &mut InitialWeights::Random(rng)) }
    }

    /// The state after all steps of some sequences, which may be none, repeated `times` times for each sequence.
    pub(crate) fn state_after(&self, inputs: &StepInputs<'_>, times: usize) -> Vec<State> {
        tensor::use_one_thread();
        let _guard = no_grad_guard();
        let mut state = self.start(inputs.features.batch as i64);
        if inputs.features.steps > 0 {
            state = self.states(&inputs.features.all(), &state, None).1;
        }
        let repeated = |t: &Tensor| t.repeat_interleave_self_int(times as i64, 0, None); // [batch * times, hidden]
        state.iter().map(|state| state.map(repeated)).collect()
    }

    /// One step: the location, scale and shape of the next value of each sequence. `inputs` has one step.
    pub(crate) fn next(&self, state: &mut Vec<State>, inputs: &StepInputs<'_>) -> Vec<[f64; 3]> {
        let _guard = no_grad_guard();
        let (outputs, last) = self.forward(&inputs.features.all().into(), state, None); // [1, batch, references + 3]
        *state = last;
        let parameters = distribution(inputs.config.distribution, &outputs, &inputs.context.all()); // [1, batch] each
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
mod tests {
    use std::ops::Range;

    use rand::SeedableRng;

    use super::*;
    use crate::model::deepar::inputs::{PastValues, WindowInputs};
    use crate::panel::Panel;

    fn numbers(numbers: [f64; 3]) -> [Tensor; 3] {
        numbers.map(|x| Tensor::from_slice(&[x]))
    }

    /// `scipy.stats.t.logpdf(x, df, loc, scale)` and `nbinom.logpmf(y, 1 / dispersion, 1 / (1 + dispersion * mean))`.
    #[test]
    fn log_densities_agree_with_scipy() {
        type LogDensity = fn(&Tensor, &[Tensor; 3]) -> Tensor;
        let cases: [(LogDensity, f64, [f64; 3], f64, f64); 6] = [
            (student_t, 0.0, [0.0, 1.0, 3.0], -1.000_888_849_624, 1e-9),
            (student_t, 2.5, [1.0, 0.5, 4.5], -3.302_097_302_568, 1e-9),
            (student_t, -40.0, [2.0, 3.0, 2.1], -9.180_492_620_011, 1e-9),
            (negative_binomial, 0.0, [0.3, 0.3, 0.5], -0.279_523_884_750, 1e-8),
            (negative_binomial, 7.0, [4.0, 4.0, 0.25], -2.837_127_243_377, 1e-8),
            (negative_binomial, 120.0, [90.0, 90.0, 0.01], -5.977_146_442_553, 1e-8),
        ];
        for (log_density, value, parameters, expected, tolerance) in cases {
            let found = log_density(&Tensor::from_slice(&[value]), &numbers(parameters)).double_value(&[0]);
            assert!((found - expected).abs() < tolerance, "{found} instead of {expected}");
        }
    }

    #[test]
    fn sampling_step_by_step_agrees_with_training_on_all_steps_at_once() {
        let panel = Panel::from_values(&[3.0, 5.0, 4.0, 8.0, 6.0], 1);
        let series = panel.iter().next().expect("a panel has a series");
        let config = InputConfig::of(&panel, Distribution::StudentT, Vec::new(), 1);
        let settings = DeepAr { hidden: 5, layers: 2, dropout: 0.5, ..DeepAr::default() };
        let feature = StaticFeature { column: "shop".into(), values: vec!["a".into(), "b".into()] };
        let network = DeepArNetwork::new(&settings, &config, &[feature], &mut ChaCha8Rng::seed_from_u64(5));
        let weights = Tensor::linspace(-1.0, 1.0, 30, (Kind::Float, Device::Cpu)).view([6, 5]);
        tensor::no_grad(|| network.network.head()[0].shallow_clone().copy_(&weights));
        let inputs = |steps: Range<usize>, batch: usize| {
            let mut inputs = StepInputs::zeros(&config, 1, steps.len(), batch);
            let of_window = WindowInputs::new(&series, &[2], config.scale(series.values));
            for (step, t) in steps.enumerate() {
                let past = PastValues { history: &series.values[..=t], sampled: &[] };
                (0..batch).for_each(|b| inputs.write((step, b), &of_window, &past));
            }
            inputs
        };
        let whole = inputs(0..4, 1);
        let (outputs, _) = network.forward(&whole.features.all().into(), &network.start(1), None);
        let all = distribution(config.distribution, &outputs, &whole.context.all());
        let mut state = network.state_after(&inputs(0..3, 1), 2);
        for parameters in network.next(&mut state, &inputs(3..4, 2)) {
            for part in 0..3 {
                assert!((parameters[part] - all[part].double_value(&[3, 0])).abs() < 1e-5);
            }
        }
    }
}
