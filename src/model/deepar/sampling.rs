//! Ancestral sampling: each value is drawn from its distribution given the earlier values, including sampled ones.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution as _, Gamma, Poisson, StudentT};

use crate::forecast::sample_paths::SamplePaths;
use crate::model::deepar::inputs::{InputConfig, PastValues, StaticInputs, WindowScale};
use crate::model::deepar::network::{DeepArNetwork, RecurrentState, SequenceBatch, StepInput};
use crate::panel::series::TimeSeries;

const PATHS_PER_BATCH: usize = 8192;

/// A series, and the codes of its categories.
pub(crate) type CodedSeries<'a> = (TimeSeries<'a>, &'a [usize]);

/// Samples `count` paths of each series over the `horizon` steps after its end.
///
/// The paths of a series do not depend on the other series.
pub(crate) fn sample_paths(
    (network, config): (&DeepArNetwork, &InputConfig),
    series: &[CodedSeries<'_>],
    horizon: usize,
    count: usize,
    seed: u64,
) -> Vec<SamplePaths> {
    let conditioning_steps: Vec<usize> = series.iter().map(|(s, _)| (s.len() - 1).min(config.context)).collect();
    let mut order: Vec<usize> = (0..series.len()).collect();
    order.sort_by_key(|i| conditioning_steps[*i]);
    let mut sampled: Vec<Option<SamplePaths>> = series.iter().map(|_| None).collect();
    // conditioning ranges of one length need no padding
    for same_length in order.chunk_by(|a, b| conditioning_steps[*a] == conditioning_steps[*b]) {
        for numbers in same_length.chunks((PATHS_PER_BATCH / count).max(1)) {
            let batch: Vec<CodedSeries<'_>> = numbers.iter().map(|i| series[*i]).collect();
            let scales: Vec<WindowScale> =
                batch.iter().map(|(s, _)| config.scale(conditioning_range(config, s))).collect();
            let state = condition((network, config), &batch, &scales, conditioning_steps[numbers[0]]);
            let mut samplers: Vec<PathSampler<'_>> = batch
                .iter()
                .zip(&scales)
                .map(|(series, scale)| PathSampler::new(series, *scale, config, seed))
                .collect();
            let paths = sample_steps((network, config), &mut samplers, state.repeated(count), horizon, count);
            for ((number, (series, _)), values) in numbers.iter().zip(&batch).zip(paths) {
                sampled[*number] = Some(SamplePaths::after(series, count, values));
            }
        }
    }
    sampled.into_iter().map(|paths| paths.expect("every series is in one batch")).collect()
}

fn conditioning_range<'a>(config: &InputConfig, series: &TimeSeries<'a>) -> &'a [f64] {
    &series.values[series.len().saturating_sub(config.context)..]
}

/// The hidden state after the last `steps` values of each series.
fn condition(
    (network, config): (&DeepArNetwork, &InputConfig),
    series: &[CodedSeries<'_>],
    scales: &[WindowScale],
    steps: usize,
) -> RecurrentState {
    if steps == 0 {
        return network.begin(series.len());
    }
    let mut batch = SequenceBatch::zeros(steps, series.len(), network.config());
    let (mut input, lags) = (StepInput::default(), config.lags());
    for (row, ((one, codes), scale)) in series.iter().zip(scales).enumerate() {
        let static_inputs = StaticInputs::of(one, codes);
        for step in 0..steps {
            let past = PastValues { history: &one.values[..one.len() - steps + step], sampled: &[] };
            config.write_step_input(&static_inputs, &past, scale, &lags, &mut input);
            batch.set((step, row), &input, (0.0, 0.0));
        }
    }
    network.after(&batch)
}

/// Samples the values of one series.
struct PathSampler<'a> {
    series: TimeSeries<'a>,
    static_inputs: StaticInputs<'a>,
    scale: WindowScale,
    /// The range to which sampled values are clamped.
    range: (f64, f64),
    rng: ChaCha8Rng,
}

impl<'a> PathSampler<'a> {
    fn new((series, codes): &CodedSeries<'a>, scale: WindowScale, config: &InputConfig, seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        // a separate stream for each series, so that its paths do not depend on the other series
        rng.set_stream(hash(series.key));
        let range = plausible_range(series.values, config.is_count());
        Self { series: *series, static_inputs: StaticInputs::of(series, codes), scale, range, rng }
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
        let value = config.unscaled(&self.scale, scaled);
        if value.is_finite() { value.clamp(self.range.0, self.range.1) } else { self.scale.level }
    }
}

/// Samples all steps of all paths: [series][path * horizon].
fn sample_steps(
    (network, config): (&DeepArNetwork, &InputConfig),
    samplers: &mut [PathSampler<'_>],
    mut state: RecurrentState,
    horizon: usize,
    count: usize,
) -> Vec<Vec<f64>> {
    let mut sampled: Vec<Vec<f64>> = samplers.iter().map(|_| vec![0.0; count * horizon]).collect();
    let mut batch = SequenceBatch::zeros(1, samplers.len() * count, network.config());
    let (mut input, lags) = (StepInput::default(), config.lags());
    for k in 0..horizon {
        for (s, sampler) in samplers.iter().enumerate() {
            for path in 0..count {
                let before = &sampled[s][path * horizon..path * horizon + k];
                let past = PastValues { history: sampler.series.values, sampled: before };
                config.write_step_input(&sampler.static_inputs, &past, &sampler.scale, &lags, &mut input);
                batch.set((0, s * count + path), &input, (0.0, 0.0));
            }
        }
        let distributions = network.next(&mut state, &batch);
        for (s, sampler) in samplers.iter_mut().enumerate() {
            for path in 0..count {
                sampled[s][path * horizon + k] = sampler.sample(config, distributions[s * count + path]);
            }
        }
    }
    sampled
}

/// The range of the series, extended on each side by twice its width. It is below 0 only if the series is.
fn plausible_range(values: &[f64], is_count: bool) -> (f64, f64) {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let margin = 2.0 * (high - low) + if is_count { 3.0 } else { 0.1 * high.abs().max(low.abs()) };
    let floor = if low >= 0.0 { 0.0 } else { f64::MIN };
    ((low - margin).max(floor), (high + margin).min(f64::MAX))
}

/// FNV-1a over the values of a key.
fn hash(key: &[String]) -> u64 {
    let bytes = key.iter().flat_map(|part| part.bytes().chain([0]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
