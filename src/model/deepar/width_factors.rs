//! How far paths are spread about their median, learned on what was held out.

use crate::model::ensemble::conformal;
use serde::{Deserialize, Serialize};

use crate::forecast::sample_paths::SamplePaths;

/// The bounds at which a side is measured: of the 80 % and of the 95 % band.
const TAILS: [f64; 2] = [0.1, 0.025];
/// Least and most that a side is narrowed and widened.
const FACTORS: (f64, f64) = (0.5, 3.0);
/// Held-out paths at which half of the trust in a factor is there.
const DOUBT: f64 = 20.0;

/// Factors on how far values below and above the median of a step are from it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Widths {
    pub(crate) below: f64,
    pub(crate) above: f64,
}

/// What was said of a stretch of the past, and what happened: a value a step, `None` where nothing was observed.
pub(crate) type Held<'a> = (&'a SamplePaths, Vec<Option<f64>>);

impl Widths {
    /// SamplePaths as they are drawn.
    pub(crate) const NONE: Self = Self { below: 1.0, above: 1.0 };

    /// The factors at which the bounds of both bands hold their share of what was held out; nearer to 1, the less that is.
    pub(crate) fn learned(held: &[Held<'_>]) -> Self {
        let trust = held.len() as f64 / (held.len() as f64 + DOUBT);
        let side = |below: bool| {
            let mean = TAILS.iter().filter_map(|tail| needed(held, *tail, below)).map(f64::ln).sum::<f64>();
            (trust * mean / TAILS.len() as f64).exp()
        };
        Self { below: side(true), above: side(false) }
    }

    /// The same paths, spread out about the median of each step. The order of paths at each step stays.
    pub(crate) fn applied(self, paths: &SamplePaths, history: &crate::panel::TimeSeries<'_>) -> SamplePaths {
        let medians = &paths.quantiles(&[0.5])[0];
        let floor = history.floor();
        let spread = |(value, median): (&f64, &f64)| {
            let apart = value - median;
            let factor = if apart < 0.0 { self.below } else { self.above };
            (median + factor * apart).clamp(floor, f64::MAX)
        };
        let values = paths.iter().flat_map(|path| path.iter().zip(medians).map(spread)).collect();
        SamplePaths::after(history, paths.count(), values)
    }
}

/// The factor at which one bound holds its share; `None` where nothing is known.
fn needed(held: &[Held<'_>], tail: f64, below: bool) -> Option<f64> {
    let level = if below { tail } else { 1.0 - tail };
    let mut needed = Vec::new();
    for (paths, actual) in held {
        let rows = paths.quantiles(&[0.5, level]);
        for (k, value) in actual.iter().enumerate() {
            let apart = rows[1][k] - rows[0][k];
            if let (Some(value), true) = (value, apart != 0.0) {
                needed.push((value - rows[0][k]) / apart);
            }
        }
    }
    conformal::factor(needed, level).map(|factor| factor.clamp(FACTORS.0, FACTORS.1))
}
