//! Drawing paths: from the state after the conditioning range, step by step, each draw heard at the next step.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution as _, Gamma, Poisson, StudentT};

use crate::forecast::sample_paths::SamplePaths;
use crate::model::deepar::inputs::{Past, Scaling, Seen, View};
use crate::model::deepar::network::{DeepArNetwork, RecurrentState, SequenceBatch, StepInput};
use crate::panel::series::TimeSeries;

/// SamplePaths that are drawn side by side.
const ROWS: usize = 8192;

/// Whose paths are drawn: a series, and the numbers of its categories.
pub(crate) type Asked<'a> = (TimeSeries<'a>, &'a [usize]);

/// Draws `count` paths of each series over `horizon` steps.
pub(crate) fn draw(
    (network, view): (&DeepArNetwork, &View),
    series: &[Asked<'_>],
    horizon: usize,
    count: usize,
    seed: u64,
) -> Vec<SamplePaths> {
    let walked: Vec<usize> = series.iter().map(|(s, _)| (s.len() - 1).min(view.context)).collect();
    let mut order: Vec<usize> = (0..series.len()).collect();
    order.sort_by_key(|i| walked[*i]);
    let mut drawn: Vec<Option<SamplePaths>> = series.iter().map(|_| None).collect();
    // walks of one length need no padding before the first draw
    for alike in order.chunk_by(|a, b| walked[*a] == walked[*b]) {
        for places in alike.chunks((ROWS / count).max(1)) {
            let some: Vec<Asked<'_>> = places.iter().map(|i| series[*i]).collect();
            let scalings: Vec<Scaling> = some.iter().map(|(s, _)| view.scaling(range(view, s))).collect();
            let memory = after_the_past((network, view), &some, &scalings, walked[places[0]]);
            let mut walkers: Vec<Walker<'_>> =
                some.iter().zip(&scalings).map(|(one, scaling)| Walker::new(one, *scaling, view, seed)).collect();
            let paths = go_on((network, view), &mut walkers, memory.repeated(count), horizon, count);
            for ((place, (one, _)), values) in places.iter().zip(&some).zip(paths) {
                drawn[*place] = Some(SamplePaths::after(one, count, values));
            }
        }
    }
    drawn.into_iter().map(|paths| paths.expect("every series is in one group")).collect()
}

/// The conditioning range of a series.
fn range<'a>(view: &View, series: &TimeSeries<'a>) -> &'a [f64] {
    &series.values[series.len().saturating_sub(view.context)..]
}

/// The memory after so many values, of which a value that has none before it is only heard.
fn after_the_past(
    (network, view): (&DeepArNetwork, &View),
    series: &[Asked<'_>],
    scalings: &[Scaling],
    steps: usize,
) -> RecurrentState {
    if steps == 0 {
        return network.begin(series.len());
    }
    let mut trace = SequenceBatch::zeros(steps, series.len(), network.sizes());
    let (mut glance, lags) = (StepInput::default(), view.lags_seen());
    for (row, ((one, codes), scaling)) in series.iter().zip(scalings).enumerate() {
        let seen = Seen::of(one, codes);
        for step in 0..steps {
            let past = Past { history: &one.values[..one.len() - steps + step], drawn: &[] };
            view.look(&seen, &past, scaling, &lags, &mut glance);
            trace.set((step, row), &glance, (0.0, 0.0));
        }
    }
    network.after(&trace)
}

/// A series whose paths are under way.
struct Walker<'a> {
    series: TimeSeries<'a>,
    seen: Seen<'a>,
    scaling: Scaling,
    /// Values beyond which nothing is believed.
    limits: (f64, f64),
    rng: ChaCha8Rng,
}

impl<'a> Walker<'a> {
    fn new((series, codes): &Asked<'a>, scaling: Scaling, view: &View, seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        // its own numbers, whichever the others are
        rng.set_stream(hash(series.key));
        let limits = limits(series.values, view.counts());
        Self { series: *series, seen: Seen::of(series, codes), scaling, limits, rng }
    }

    /// The next value, from what was said of it.
    fn draw(&mut self, view: &View, [location, scale, shape]: [f64; 3]) -> f64 {
        let rng = &mut self.rng;
        let number = if view.counts() {
            // a Poisson variable whose rate is Gamma distributed (Greenwood, Yule 1920)
            let rate = Gamma::new(1.0 / shape, shape * location).map_or(location, |gamma| gamma.sample(rng));
            Poisson::new(rate.min(1e9)).map_or(0.0, |poisson| poisson.sample(rng))
        } else {
            StudentT::new(shape).map_or(location, |t| location + scale * t.sample(rng))
        };
        let value = view.value(&self.scaling, number);
        if value.is_finite() { value.clamp(self.limits.0, self.limits.1) } else { self.scaling.level }
    }
}

/// Draws the steps of all paths: [series][path * horizon].
fn go_on(
    (network, view): (&DeepArNetwork, &View),
    walkers: &mut [Walker<'_>],
    mut memory: RecurrentState,
    horizon: usize,
    count: usize,
) -> Vec<Vec<f64>> {
    let mut drawn: Vec<Vec<f64>> = walkers.iter().map(|_| vec![0.0; count * horizon]).collect();
    let mut trace = SequenceBatch::zeros(1, walkers.len() * count, network.sizes());
    let (mut glance, lags) = (StepInput::default(), view.lags_seen());
    for k in 0..horizon {
        for (w, walker) in walkers.iter().enumerate() {
            for path in 0..count {
                let before = &drawn[w][path * horizon..path * horizon + k];
                let past = Past { history: walker.series.values, drawn: before };
                view.look(&walker.seen, &past, &walker.scaling, &lags, &mut glance);
                trace.set((0, w * count + path), &glance, (0.0, 0.0));
            }
        }
        let said = network.next(&mut memory, &trace);
        for (w, walker) in walkers.iter_mut().enumerate() {
            for path in 0..count {
                drawn[w][path * horizon + k] = walker.draw(view, said[w * count + path]);
            }
        }
    }
    drawn
}

/// As far again as the series has ever ranged, twice over; below 0 only where it has been.
fn limits(values: &[f64], counts: bool) -> (f64, f64) {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let room = 2.0 * (high - low) + if counts { 3.0 } else { 0.1 * high.abs().max(low.abs()) };
    let floor = if low >= 0.0 { 0.0 } else { f64::MIN };
    ((low - room).max(floor), (high + room).min(f64::MAX))
}

/// FNV-1a over the values of a key.
fn hash(key: &[String]) -> u64 {
    let bytes = key.iter().flat_map(|part| part.bytes().chain([0]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
