//! Forecasts by heads that hear themselves: the recursive one and the decoder.
//!
//! Both are trained on what did happen one step before and used on their own median of it, so the quantiles that they say
//! are of the next step only. Their bands come from how far off their paths were from past positions instead.

use tch::Tensor;

use crate::model::nn::batch::{Ahead, Sequences};
use crate::model::nn::cell::State;
use crate::model::nn::network::Network;
use crate::model::nn::train::Recurrent;
use crate::model::rnn::batches::{Batches, doubles, quantile};
use crate::model::rnn::features::Prepared;
use crate::model::rnn::settings::{Head, Rnn};

impl Batches<'_> {
    /// How far off the paths from past positions were: the errors' quantiles, step by step [horizon * levels], in units
    /// of the base's error at the position.
    pub(crate) fn bands(&self, network: &Network) -> Vec<f32> {
        let mut errors = vec![Vec::new(); self.horizon];
        let total: usize = self.series.iter().map(Prepared::len).sum();
        let stride = total.div_ceil(Rnn::TRIALS);
        // counted on from series to series: where they are short, the last positions alone would tell of early steps only
        let mut passed = 0;
        for (sequence, series) in self.series.iter().enumerate() {
            let positions = series.first()..series.len() - 1;
            let skipped = (stride - passed % stride) % stride;
            passed += positions.len();
            let origins: Vec<usize> = positions.rev().skip(skipped).step_by(stride).collect();
            let origins: Vec<usize> = origins.into_iter().rev().collect();
            for (t, path) in origins.iter().zip(self.paths(network, sequence, &origins)) {
                for (k, said) in (1..=self.horizon).zip(path) {
                    if t + k < series.len() && series.observed[t + k] {
                        errors[k - 1].push(series.target(*t, k) - said);
                    }
                }
            }
        }
        let mut bands = Vec::with_capacity(self.horizon * self.levels.len());
        for errors in &mut errors {
            errors.sort_by(f64::total_cmp);
            bands.extend(self.levels.iter().map(|level| quantile(errors, *level) as f32));
        }
        bands
    }

    /// The forecast from the last position with its bands: [levels][horizon], in units of the base's error there.
    pub(crate) fn say_along(&self, network: &Network, sequence: usize, bands: &[f32]) -> Vec<Vec<f64>> {
        let last = self.series[sequence].len() - 1;
        let path = &self.paths(network, sequence, &[last])[0];
        let at = |q: usize, k: usize| path[k] + f64::from(bands[k * self.levels.len() + q]);
        (0..self.levels.len()).map(|q| (0..self.horizon).map(|k| at(q, k)).collect()).collect()
    }

    /// The path of medians from each of some positions, ascending: [origins][horizon].
    fn paths(&self, network: &Network, sequence: usize, origins: &[usize]) -> Vec<Vec<f64>> {
        if origins.is_empty() {
            return Vec::new();
        }
        let _guard = tch::no_grad_guard();
        match self.head {
            Head::Recursive => self.rolled(network, sequence, origins),
            Head::Decoder | Head::Direct => self.decoded(network, sequence, origins),
        }
    }

    fn median(&self) -> usize {
        self.levels.iter().position(|level| *level >= 0.5).expect("the median is among the levels")
    }

    fn decoded(&self, network: &Network, sequence: usize, origins: &[usize]) -> Vec<Vec<f64>> {
        let (series, count) = (&self.series[sequence], origins.len() as i64);
        let walk = self.history(sequence, origins[0], origins[origins.len() - 1]);
        let mut known = Vec::new();
        for t in origins {
            self.push_known(series, *t, &mut known);
        }
        let shape = [count, 1, self.horizon as i64, self.inputs.count_ahead() as i64];
        let mut input = self.inputs(&walk, 0..walk[0].length);
        input.speaks = Some(origins.iter().map(|t| (t - walk[0].start) as i64).collect());
        input.ahead = Some(Ahead { known: Tensor::from_slice(&known).view(shape), teacher: None });
        let (said, _) = network.forward(&input, &network.start(1), None); // [origins, 1, horizon, levels]
        let medians = doubles(&said.select(3, self.median() as i64)); // [origins * horizon]
        medians.chunks(self.horizon).map(<[f64]>::to_vec).collect()
    }

    /// All positions side by side, step by step: each step's median is taken for the next value.
    fn rolled(&self, network: &Network, sequence: usize, origins: &[usize]) -> Vec<Vec<f64>> {
        let series = &self.series[sequence];
        let mut ahead: Vec<Prepared> = origins.iter().map(|t| series.until(*t)).collect();
        let state = self.states_before(network, sequence, origins);
        network.generate(&self.seen_last(&ahead).unsqueeze(0), &state, self.horizon, |said| {
            let medians = doubles(&said.select(1, self.median() as i64)); // [origins]
            ahead.iter_mut().zip(medians).for_each(|(series, median)| series.push(median));
            self.seen_last(&ahead)
        });
        let path = |(rolled, t): (&Prepared, &usize)| (1..=self.horizon).map(|k| series.units(*t, k, rolled)).collect();
        ahead.iter().zip(origins).map(path).collect()
    }

    /// What is seen at the last position of each: [series, inputs].
    fn seen_last(&self, series: &[Prepared]) -> Tensor {
        let mut numbers = Vec::new();
        for s in series {
            self.inputs.push(s, s.len() - 1, &mut numbers);
        }
        Tensor::from_slice(&numbers).view([series.len() as i64, -1])
    }

    /// The state of each layer right before each position is seen, side by side: [origins, hidden].
    fn states_before(&self, network: &Network, sequence: usize, origins: &[usize]) -> Vec<State> {
        let walk = self.history(sequence, origins[0], origins[origins.len() - 1]);
        let (mut state, mut at) = (network.start(1), 0);
        let mut states: Vec<Vec<State>> = network.layers().iter().map(|_| Vec::new()).collect();
        for t in origins {
            let step = t - walk[0].start;
            if step > at {
                state = network.forward(&self.inputs(&walk, at..step).silent(), &state, None).1;
                at = step;
            }
            states.iter_mut().zip(network.detached(&state)).for_each(|(all, one)| all.push(one));
        }
        states.iter().map(|all| State::side_by_side(all)).collect()
    }
}
