//! Further training series that are made from those of a panel: shorter ones, and counts.

use forecast::panel::{Panel, Series, TimeSeries};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Gamma, Poisson};

use super::Result;

/// The probabilities that a series is used a second time: up to an earlier end, and as counts.
const SHORTER: f64 = 0.3;
const COUNTS: f64 = 0.3;
/// The minimum number of values of a variant, and the number that one from a later start has at least.
const MIN_LENGTH: usize = 30;
const MIN_LENGTH_AFTER_START: usize = 60;
/// The lowest and the highest mean of the counts of a series.
const MEANS: (f64, f64) = (5.0, 500.0);
/// The maximum variance of counts, relative to that of a Poisson variable.
const MAX_DISPERSION: f64 = 3.0;

/// The series of a panel and their variants.
///
/// The noise of counts follows from their size. Counts with the trend and season of a series of the M4 competition, and with
/// the noise of a negative binomial variable, show the networks when not to follow the last values.
pub(crate) fn with_variants(panel: &Panel) -> Result<Panel> {
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    let mut all = Vec::with_capacity(2 * panel.count());
    for series in panel.iter() {
        all.push(variant(&series, "", series.values.to_vec()));
        if rng.random_bool(SHORTER) {
            let end = random_end(&series, &mut rng);
            all.push(variant(&series, " shorter", series.values[..end].to_vec()));
        }
        if rng.random_bool(COUNTS) {
            let end = random_end(&series, &mut rng);
            let start = rng.random_range(0..=end.saturating_sub(MIN_LENGTH_AFTER_START));
            let counts = as_counts(&series.values[start..end], &mut rng)?;
            all.push(variant(&series, " counts", counts));
        }
    }
    Ok(Panel::new(panel.columns().clone(), panel.frequency(), panel.season(), all)?)
}

fn random_end(series: &TimeSeries<'_>, rng: &mut ChaCha8Rng) -> usize {
    let length = series.values.len();
    rng.random_range(MIN_LENGTH.min(length)..=length)
}

fn variant(series: &TimeSeries<'_>, name: &str, values: Vec<f64>) -> Series {
    let observed = vec![true; values.len()];
    Series { key: vec![format!("{}{name}", series.key[0])], start: series.start, values, observed }
}

/// Random counts whose expectation is proportional to values.
fn as_counts(values: &[f64], rng: &mut ChaCha8Rng) -> Result<Vec<f64>> {
    let (lowest, highest) = MEANS;
    let mean = lowest * (highest / lowest).powf(rng.random());
    let scale = mean * values.len() as f64 / values.iter().sum::<f64>();
    // a Poisson variable whose mean has a gamma distribution
    let spread = (MAX_DISPERSION - 1.0) * rng.random::<f64>() + f64::EPSILON;
    let mut counts = Vec::with_capacity(values.len());
    for value in values {
        let rate = Gamma::new(scale * value / spread, spread)?.sample(rng);
        counts.push(if rate > 0.0 { Poisson::new(rate)?.sample(rng) } else { 0.0 });
    }
    Ok(counts)
}
