//! Ancestral sampling: each value is drawn from its distribution given the earlier values, including sampled ones.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution as _, Gamma, Poisson, StudentT};

use crate::forecast::SamplePaths;
use crate::model::deepar::fitted::{DeepArState, FittedDeepAr};
use crate::model::deepar::inputs::{InputConfig, PastValues, StepInputs, WindowInputs, category_codes};
use crate::panel::{Panel, TimeSeries};

const PATHS_PER_BATCH: usize = 8192;

impl FittedDeepAr {
    /// Samples `count` paths of each series over the steps after its end, without width factors.
    ///
    /// The paths of a series do not depend on the other series.
    pub(crate) fn sample_unscaled(&self, panel: &Panel, count: usize, seed: u64) -> Vec<SamplePaths> {
        let DeepArState { input_config: config, static_features, .. } = &self.state;
        let series: Vec<TimeSeries<'_>> = panel.iter().collect();
        let codes = category_codes(static_features, panel);
        let conditioning_steps = |i: &usize| (series[*i].len() - 1).min(config.context);
        let mut order: Vec<usize> = (0..series.len()).collect();
        order.sort_by_key(conditioning_steps);
        let mut sampled: Vec<(usize, SamplePaths)> = Vec::with_capacity(series.len());
        // conditioning ranges of one length need no padding
        for same_length in order.chunk_by(|a, b| conditioning_steps(a) == conditioning_steps(b)) {
            for numbers in same_length.chunks((PATHS_PER_BATCH / count).max(1)) {
                let mut samplers: Vec<PathSampler<'_>> =
                    numbers.iter().map(|i| PathSampler::new(series[*i], &codes[*i], config, seed)).collect();
                let steps = conditioning_steps(&numbers[0]);
                let paths = self.sample_steps(&mut samplers, steps, count);
                for (i, paths) in numbers.iter().zip(paths.chunks(count)) {
                    sampled.push((*i, SamplePaths::after(&series[*i], count, paths.concat())));
                }
            }
        }
        sampled.sort_unstable_by_key(|(i, _)| *i);
        sampled.into_iter().map(|(_, paths)| paths).collect()
    }

    /// Samples `count` paths of each series, after its last `conditioning_steps` values: [series * count][horizon].
    fn sample_steps(&self, samplers: &mut [PathSampler<'_>], conditioning_steps: usize, count: usize) -> Vec<Vec<f64>> {
        let config = &self.state.input_config;
        let categories = samplers[0].inputs.codes.len();
        let mut inputs = StepInputs::zeros(config, categories, conditioning_steps, samplers.len());
        for (s, sampler) in samplers.iter().enumerate() {
            for step in 0..conditioning_steps {
                let known = sampler.values.len() - conditioning_steps + step;
                let past = PastValues { history: &sampler.values[..known], sampled: &[] };
                inputs.write((step, s), &sampler.inputs, &past);
            }
        }
        let mut state = self.network.state_after(&inputs, count);
        let mut paths = vec![Vec::new(); samplers.len() * count];
        let mut inputs = StepInputs::zeros(config, categories, 1, paths.len());
        for _ in 0..self.state.horizon {
            for (row, path) in paths.iter().enumerate() {
                let sampler = &samplers[row / count];
                inputs.write((0, row), &sampler.inputs, &PastValues { history: sampler.values, sampled: path });
            }
            for (row, distribution) in self.network.next(&mut state, &inputs).into_iter().enumerate() {
                paths[row].push(samplers[row / count].sample(config, distribution));
            }
        }
        paths
    }
}

/// Samples the values of one series.
struct PathSampler<'a> {
    values: &'a [f64],
    inputs: WindowInputs<'a>,
    /// The range to which sampled values are clamped.
    range: (f64, f64),
    rng: ChaCha8Rng,
}

impl<'a> PathSampler<'a> {
    fn new(series: TimeSeries<'a>, codes: &'a [usize], config: &InputConfig, seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        // a separate stream for each series, so that its paths do not depend on the other series
        rng.set_stream(hash(series.key));
        let scale = config.scale(&series.values[series.len().saturating_sub(config.context)..]);
        let range = plausible_range(series.values, config.is_count());
        Self { values: series.values, inputs: WindowInputs::new(&series, codes, scale), range, rng }
    }

    /// Draws a value from a distribution.
    fn sample(&mut self, config: &InputConfig, [location, scale, shape]: [f64; 3]) -> f64 {
        let rng = &mut self.rng;
        let scaled = if config.is_count() {
            // a Poisson variable with a Gamma distributed rate is negative binomial (Greenwood, Yule 1920)
            let rate = Gamma::new(1.0 / shape, shape * location).map_or(location, |gamma| gamma.sample(rng));
            Poisson::new(rate.min(1e9)).map_or(0.0, |poisson| poisson.sample(rng))
        } else {
            StudentT::new(shape).map_or(location, |t| location + scale * t.sample(rng))
        };
        let value = config.unscaled(&self.inputs.scale, scaled);
        if value.is_finite() { value.clamp(self.range.0, self.range.1) } else { self.inputs.scale.level }
    }
}

/// The range of the values, extended on each side by twice its width. It starts below 0 only if the values do.
fn plausible_range(values: &[f64], is_count: bool) -> (f64, f64) {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let margin = 2.0 * (high - low) + if is_count { 3.0 } else { 0.1 * high.abs().max(low.abs()) };
    let floor = if low >= 0.0 { 0.0 } else { f64::MIN };
    ((low - margin).max(floor), (high + margin).min(f64::MAX))
}

/// The FNV-1a hash of the values of a key.
fn hash(key: &[String]) -> u64 {
    let bytes = key.iter().flat_map(|part| part.bytes().chain([0]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
