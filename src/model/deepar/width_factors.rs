//! The width factors of sample paths, chosen on a holdout.
//!
//! Split conformal prediction as in [`conformal`](crate::model::ensemble::conformal), with two differences. Whole
//! paths are scaled, so each side of the median has one factor, not one for each level and step. With few
//! holdout paths, the logarithms of the factors are shrunk to 0.

use serde::{Deserialize, Serialize};

use crate::forecast::sample_paths::SamplePaths;
use crate::model::{ensemble::conformal::conformal_quantile, ensemble::holdout::estimate_weight};
use crate::panel::TimeSeries;

/// The levels for the calibration of a side: the bounds of the 80 % and of the 95 % interval.
const TAIL_LEVELS: [f64; 2] = [0.1, 0.025];
/// The smallest and the largest factor of a side.
const WIDTH_FACTOR_RANGE: std::ops::RangeInclusive<f64> = 0.5..=3.0;
/// Weight of the prior, in holdout forecasts.
const SHRINKAGE_PRIOR_FORECASTS: f64 = 20.0;

/// Factors on the distance of values from the median of their step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct WidthFactors {
    pub(crate) below: f64,
    pub(crate) above: f64,
}

/// Sample paths of a series after a cutoff, with the actual values.
#[derive(Debug)]
pub(crate) struct HoldoutPaths {
    /// The index of the series in its panel.
    pub(crate) series: usize,
    pub(crate) cutoff: usize,
    pub(crate) paths: SamplePaths,
    /// `None` where no value was observed.
    pub(crate) actual: Vec<Option<f64>>,
}

impl WidthFactors {
    /// Factors that change nothing.
    pub(crate) const ONE: Self = Self { below: 1.0, above: 1.0 };

    /// The factors with which the bounds of both intervals cover their share of the holdout, shrunk to 1.
    pub(crate) fn fit(holdout: &[HoldoutPaths]) -> Self {
        let estimate_weight = estimate_weight(holdout.len(), SHRINKAGE_PRIOR_FORECASTS);
        let side = |below: bool| {
            let factors = TAIL_LEVELS.iter().filter_map(|tail| factor(holdout, *tail, below));
            (estimate_weight * factors.map(f64::ln).sum::<f64>() / TAIL_LEVELS.len() as f64).exp()
        };
        Self { below: side(true), above: side(false) }
    }

    /// The paths, with the factors applied to distances from the median of each step. The order of the paths at each
    /// step does not change.
    pub(crate) fn apply(self, paths: &SamplePaths, history: &TimeSeries<'_>) -> SamplePaths {
        let medians = &paths.quantiles(&[0.5])[0];
        let bounds = history.bounds();
        let scaled = |(value, median): (&f64, &f64)| {
            let distance = value - median;
            let factor = if distance < 0.0 { self.below } else { self.above };
            bounds.clamp(median + factor * distance)
        };
        let values = paths.iter().flat_map(|path| path.iter().zip(medians).map(scaled)).collect();
        SamplePaths::after(history, paths.count(), values)
    }
}

/// The factor with which one bound covers its share; `None` if no value was observed.
fn factor(holdout: &[HoldoutPaths], tail: f64, below: bool) -> Option<f64> {
    let level = if below { tail } else { 1.0 - tail };
    let mut factors = Vec::new();
    for HoldoutPaths { paths, actual, .. } in holdout {
        let rows = paths.quantiles(&[0.5, level]);
        for (k, value) in actual.iter().enumerate() {
            let distance = rows[1][k] - rows[0][k];
            if let (Some(value), true) = (value, distance != 0.0) {
                factors.push((value - rows[0][k]) / distance);
            }
        }
    }
    let factor = conformal_quantile(factors, level)?;
    Some(factor.clamp(*WIDTH_FACTOR_RANGE.start(), *WIDTH_FACTOR_RANGE.end()))
}
