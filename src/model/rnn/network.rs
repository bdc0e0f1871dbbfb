//! The recurrent forecaster in tensors: batches, the loss, and the predictions of the three heads.
//!
//! The recursive head and the decoder are trained on the true previous value and predict from their own median of it.
//! The quantiles that they learn are therefore those of the next step only. Their intervals come from the errors of
//! their paths from past positions instead.

use std::ops::Range;

use rand_chacha::ChaCha8Rng;

use crate::model::nn::batch::{Batch, FutureInputs, Inputs, Recurrent, Split, TrainingData, Window};
use crate::model::nn::cell::State;
use crate::model::nn::decoder::{DecoderShape, Feedback};
use crate::model::nn::network::{Network, NetworkShape, Readout};
use crate::model::nn::tensor::{Tensor, from_numbers, no_grad, no_grad_guard, to_numbers};
use crate::model::rnn::dataset::{RnnDataset, quantile};
use crate::model::rnn::features::{Features, PreparedSeries};
use crate::model::rnn::settings::{Head, Rnn};

/// The approximate limit of past positions, over all series, for the errors of paths.
const MAX_ERROR_ORIGINS: usize = 256;

impl Rnn {
    /// The sizes of the network for the season lengths of a panel and a task.
    pub(crate) fn shape(&self, seasons: &[usize], horizon: usize, levels: &[f64]) -> NetworkShape {
        let features = Features::new(seasons, horizon);
        let median = levels.iter().position(|level| *level >= 0.5).unwrap_or(0);
        let (outputs, readout) = match self.head {
            Head::Direct => (horizon * levels.len(), Readout::Linear),
            Head::Recursive => (levels.len(), Readout::Linear),
            Head::Decoder => {
                let (known, feedback) = (features.known_count(), Feedback::Output(median));
                (levels.len(), Readout::Decoder(DecoderShape { steps: horizon, known, feedback }))
            }
        };
        let Self { cell, hidden, layers, dropout, .. } = *self;
        NetworkShape { cell, inputs: features.count(), hidden, layers, outputs, dropout, readout }
    }
}

impl TrainingData for RnnDataset<'_> {
    fn training_windows(&self, rng: &mut ChaCha8Rng) -> Vec<Vec<Window>> {
        self.cut_windows(rng)
    }

    fn validation_windows(&self) -> Vec<Vec<Window>> {
        self.end_windows()
    }

    fn batch(&self, windows: &[Window], steps: Range<usize>, split: Split) -> Batch {
        let output_steps = self.output_steps(&steps);
        let shape = [output_steps.len(), windows.len(), self.output_horizon(), 1];
        let tensors = |split: Split| {
            let (values, weights) = self.target_numbers(windows, &output_steps, split);
            (from_numbers(&values, shape), from_numbers(&weights, shape)) // [output steps, batch, output horizon, 1] each
        };
        let mut inputs = Inputs::from(self.feature_tensor(windows, steps.clone()));
        if self.head == Head::Decoder {
            let known = self.known_numbers(windows, &output_steps);
            let shape = [output_steps.len(), windows.len(), self.horizon, self.features.known_count()];
            // validation uses no teacher forcing, so that the teacher always has the targets of training
            let teacher = Some(tensors(Split::Training).0);
            inputs.future = Some(FutureInputs { known: from_numbers(&known, shape), teacher }); // [output steps, batch, horizon, known]
            inputs.output_steps = Some(output_steps.iter().map(|step| (step - steps.start) as i64).collect());
        }
        let (targets, weights) = tensors(split);
        Batch { inputs, targets, weights, context: None }
    }

    /// Pinball loss, the mean over the quantile levels.
    fn loss(&self, outputs: &Tensor, batch: &Batch) -> Tensor {
        let size = batch.targets.size();
        let quantiles = outputs.view([size[0], size[1], size[2], self.levels.len() as i64]); // [output steps, batch, output horizon, levels]
        let levels: Vec<f32> = self.levels.iter().map(|level| *level as f32).collect();
        batch.pinball_loss(&quantiles, &levels) / self.levels.len() as f64 // []
    }
}

impl RnnDataset<'_> {
    /// The features of `steps`: [time, batch, features].
    fn feature_tensor(&self, windows: &[Window], steps: Range<usize>) -> Tensor {
        let shape = [steps.len(), windows.len(), self.features.count()];
        from_numbers(&self.feature_numbers(windows, steps), shape) // [time, batch, features]
    }

    /// The quantiles that a direct head predicts from the last position: [levels][horizon], in units of the error of
    /// the base forecast there.
    pub(crate) fn direct_quantiles(&self, network: &Network, sequence: usize) -> Vec<Vec<f64>> {
        let last = self.series[sequence].len() - 1;
        let window = self.history(sequence, last, last);
        let mut inputs = Inputs::from(self.feature_tensor(&[window], 0..window.length));
        inputs.output_steps = Some(vec![window.length as i64 - 1]);
        let (outputs, _) = no_grad(|| network.forward(&inputs, &network.start(1), None)); // [1, 1, horizon * levels]
        let outputs = to_numbers(&outputs);
        let levels = self.levels.len();
        (0..levels).map(|q| (0..self.horizon).map(|k| outputs[k * levels + q]).collect()).collect()
    }

    /// The quantiles of the errors of the paths from past positions [horizon * levels]. Their unit is the error of the
    /// base forecast at the position.
    pub(crate) fn path_error_quantiles(&self, network: &Network) -> Vec<f32> {
        let mut errors = vec![Vec::new(); self.horizon];
        let total: usize = self.series.iter().map(PreparedSeries::len).sum();
        let stride = total.div_ceil(MAX_ERROR_ORIGINS);
        // The stride continues from series to series. Otherwise short series would have their last positions only, from
        // which no errors of later steps are known.
        let mut passed = 0;
        for (sequence, series) in self.series.iter().enumerate() {
            let positions = series.first()..series.len() - 1;
            let skipped = (stride - passed % stride) % stride;
            passed += positions.len();
            let origins: Vec<usize> = positions.rev().skip(skipped).step_by(stride).collect();
            let origins: Vec<usize> = origins.into_iter().rev().collect();
            for (t, path) in origins.iter().zip(self.paths(network, sequence, &origins)) {
                for (k, predicted) in (1..=self.horizon).zip(path) {
                    if t + k < series.len() && series.observed[t + k] {
                        errors[k - 1].push(series.target(*t, k) - predicted);
                    }
                }
            }
        }
        let mut quantiles = Vec::with_capacity(self.horizon * self.levels.len());
        for errors in &mut errors {
            errors.sort_by(f64::total_cmp);
            quantiles.extend(self.levels.iter().map(|level| quantile(errors, *level) as f32));
        }
        quantiles
    }

    /// The quantiles of a path from the last position: [levels][horizon], in units of the error of the base forecast
    /// there. `error_quantiles` [horizon * levels] are those of the paths from past positions.
    pub(crate) fn path_quantiles(&self, network: &Network, sequence: usize, error_quantiles: &[f32]) -> Vec<Vec<f64>> {
        let last = self.series[sequence].len() - 1;
        let path = &self.paths(network, sequence, &[last])[0];
        let levels = self.levels.len();
        let at = |q: usize, k: usize| path[k] + f64::from(error_quantiles[k * levels + q]);
        (0..levels).map(|q| (0..self.horizon).map(|k| at(q, k)).collect()).collect()
    }

    /// The path of medians from each origin: [origins][horizon]. The origins ascend.
    fn paths(&self, network: &Network, sequence: usize, origins: &[usize]) -> Vec<Vec<f64>> {
        if origins.is_empty() {
            return Vec::new();
        }
        let _guard = no_grad_guard();
        match self.head {
            Head::Recursive => self.recursive_paths(network, sequence, origins),
            Head::Decoder | Head::Direct => self.decoder_paths(network, sequence, origins),
        }
    }

    fn median(&self) -> usize {
        self.levels.iter().position(|level| *level >= 0.5).expect("the median is among the levels")
    }

    fn decoder_paths(&self, network: &Network, sequence: usize, origins: &[usize]) -> Vec<Vec<f64>> {
        let window = self.history(sequence, origins[0], origins[origins.len() - 1]);
        let mut known = Vec::new();
        for t in origins {
            self.push_known(&self.series[sequence], *t, &mut known);
        }
        let known = from_numbers(&known, [origins.len(), 1, self.horizon, self.features.known_count()]); // [origins, 1, horizon, known]
        let inputs = Inputs {
            features: self.feature_tensor(&[window], 0..window.length), // [time, 1, features]
            output_steps: Some(origins.iter().map(|t| (t - window.start) as i64).collect()),
            future: Some(FutureInputs { known, teacher: None }),
        };
        let (outputs, _) = network.forward(&inputs, &network.start(1), None); // [origins, 1, horizon, levels]
        let medians = to_numbers(&outputs.select(3, self.median() as i64)); // [origins * horizon]
        medians.chunks(self.horizon).map(<[f64]>::to_vec).collect()
    }

    /// All origins in parallel, step by step. The median of each step becomes the next value.
    fn recursive_paths(&self, network: &Network, sequence: usize, origins: &[usize]) -> Vec<Vec<f64>> {
        let series = &self.series[sequence];
        let mut extended: Vec<PreparedSeries> = origins.iter().map(|t| series.until(*t)).collect();
        let state = self.states_before(network, sequence, origins);
        network.generate(&self.last_features(&extended).unsqueeze(0), &state, self.horizon, |outputs| {
            let medians = to_numbers(&outputs.select(1, self.median() as i64)); // [origins]
            extended.iter_mut().zip(medians).for_each(|(series, median)| series.push(median));
            self.last_features(&extended)
        });
        let path = |(extended, t): (&PreparedSeries, &usize)| {
            (1..=self.horizon).map(|k| series.target_of(extended, *t, k)).collect()
        };
        extended.iter().zip(origins).map(path).collect()
    }

    /// The features at the last position of each series: [series, features].
    fn last_features(&self, series: &[PreparedSeries]) -> Tensor {
        let mut numbers = Vec::new();
        for s in series {
            self.features.push(s, s.len() - 1, &mut numbers);
        }
        from_numbers(&numbers, [series.len(), self.features.count()]) // [series, features]
    }

    /// The state of each layer before each origin: [origins, hidden].
    fn states_before(&self, network: &Network, sequence: usize, origins: &[usize]) -> Vec<State> {
        let window = self.history(sequence, origins[0], origins[origins.len() - 1]);
        let (mut state, mut at) = (network.start(1), 0);
        let mut states: Vec<Vec<State>> = state.iter().map(|_| Vec::new()).collect();
        for t in origins {
            let step = t - window.start;
            if step > at {
                let inputs = Inputs::from(self.feature_tensor(&[window], at..step)).without_outputs();
                state = network.forward(&inputs, &state, None).1;
                at = step;
            }
            states.iter_mut().zip(State::detached(&state)).for_each(|(all, one)| all.push(one));
        }
        states.iter().map(|layer| State::concatenated(layer)).collect()
    }
}
