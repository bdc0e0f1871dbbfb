//! The sizes of the network of a recurrent forecaster, and the predictions of its three heads.
//!
//! The recursive head and the decoder are trained on the previous value, and predict from their own median of it.
//! The quantiles that they learn are therefore those of the next step only. Their intervals come from the errors of
//! their paths from past positions instead.

use crate::model::nn::tensor::{Tensor, from_numbers, no_grad_guard, to_numbers};
use crate::model::nn::{
    DecoderShape, Feedback, FutureInputs, Inputs, Network, NetworkShape, Readout, Recurrent, State,
};
use crate::model::rnn::features::{Features, PreparedSeries};
use crate::model::rnn::settings::{Head, Rnn};
use crate::model::{ensemble::conformal::median_index, rnn::dataset::RnnDataset};

/// The approximate limit of past positions, over all series, for the errors of paths.
const MAX_ERROR_ORIGINS: usize = 256;

impl Rnn {
    /// The sizes of the network for the season lengths of a panel and a task.
    pub(crate) fn shape(&self, seasons: &[usize], horizon: usize, levels: &[f64]) -> NetworkShape {
        let features = Features::new(seasons, horizon);
        let (outputs, readout) = match self.head {
            Head::Direct => (horizon * levels.len(), Readout::Linear),
            Head::Recursive => (levels.len(), Readout::Linear),
            Head::Decoder => {
                let (known, feedback) = (features.known_count(), Feedback::Output(median_index(levels)));
                (levels.len(), Readout::Decoder(DecoderShape { steps: horizon, known, feedback }))
            }
        };
        let Self { cell, hidden, layers, dropout, .. } = *self;
        NetworkShape { cell, inputs: features.count(), hidden, layers, outputs, dropout, readout }
    }
}

impl RnnDataset<'_> {
    /// The quantiles after the last position of the first series: [levels][horizon], in units of the error of the base
    /// forecast there. A direct head has no `error_quantiles` [horizon * levels], which are those of paths from past
    /// positions.
    pub(crate) fn quantiles(&self, network: &Network, error_quantiles: Option<&[f32]>) -> Vec<Vec<f64>> {
        let (last, levels) = (self.series[0].len() - 1, self.levels.len());
        let numbers: Vec<f64> = match error_quantiles {
            None => to_numbers(&self.outputs_at(network, 0, &[last])),
            Some(errors) => {
                let path = &self.paths(network, 0, &[last])[0];
                errors.iter().enumerate().map(|(i, error)| path[i / levels] + f64::from(*error)).collect()
            }
        }; // [horizon * levels]
        (0..levels).map(|q| numbers.iter().skip(q).step_by(levels).copied().collect()).collect()
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
            let mut origins: Vec<usize> = positions.rev().skip(skipped).step_by(stride).collect();
            origins.reverse();
            for (t, path) in origins.iter().zip(self.paths(network, sequence, &origins)) {
                for (k, predicted) in (1..=self.horizon).zip(path) {
                    if t + k < series.len() && series.observed[t + k] {
                        errors[k - 1].push(series.target(*t, k) - predicted);
                    }
                }
            }
        }
        self.quantiles_of_errors(errors)
    }

    /// The path of medians from each origin: [origins][horizon]. The origins ascend.
    fn paths(&self, network: &Network, sequence: usize, origins: &[usize]) -> Vec<Vec<f64>> {
        if origins.is_empty() {
            return Vec::new();
        }
        if self.head == Head::Recursive {
            return self.recursive_paths(network, sequence, origins);
        }
        let outputs = self.outputs_at(network, sequence, origins); // [origins, 1, horizon, levels]
        let medians = to_numbers(&outputs.select(3, median_index(self.levels) as i64)); // [origins * horizon]
        medians.chunks(self.horizon).map(<[f64]>::to_vec).collect()
    }

    /// The outputs of a direct head or a decoder at each origin: [origins, 1, …]. The origins ascend.
    fn outputs_at(&self, network: &Network, sequence: usize, origins: &[usize]) -> Tensor {
        let window = self.history(sequence, origins[0], origins[origins.len() - 1]);
        let future = (self.head == Head::Decoder).then(|| {
            let mut known = Vec::new();
            origins.iter().for_each(|t| self.push_known(&self.series[sequence], *t, &mut known));
            let shape = [origins.len(), 1, self.horizon, self.features.known_count()];
            FutureInputs { known: from_numbers(&known, shape), teacher: None } // [origins, 1, horizon, known]
        });
        let features = self.features(&[window], 0..window.length); // [time, 1, features]
        let output_steps = Some(origins.iter().map(|t| (t - window.start) as i64).collect());
        network.predict(&Inputs { features, output_steps, future }, &network.start(1)).0
    }

    /// All origins in parallel, step by step. The median of each step becomes the next value.
    fn recursive_paths(&self, network: &Network, sequence: usize, origins: &[usize]) -> Vec<Vec<f64>> {
        let _guard = no_grad_guard();
        let series = &self.series[sequence];
        let mut extended: Vec<PreparedSeries> = origins.iter().map(|t| series.until(*t)).collect();
        let state = self.states_before(network, sequence, origins);
        network.generate(&self.last_features(&extended).unsqueeze(0), &state, self.horizon, |outputs| {
            let medians = to_numbers(&outputs.select(1, median_index(self.levels) as i64)); // [origins]
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
        series.iter().for_each(|s| self.features.push(s, s.len() - 1, &mut numbers));
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
                let inputs = Inputs::from(self.features(&[window], at..step)).without_outputs();
                state = network.predict(&inputs, &state).1;
                at = step;
            }
            states.iter_mut().zip(State::detached(&state)).for_each(|(all, one)| all.push(one));
        }
        states.iter().map(|layer| State::concatenated(layer)).collect()
    }
}
