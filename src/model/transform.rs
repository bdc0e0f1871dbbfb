//! The transform that a model applies to the values of a series, their moments, and a scale that rounds nothing.

use serde::{Deserialize, Serialize};

/// A transform of values that can be inverted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Transform {
    Identity,
    /// The natural logarithm, for positive series whose spread grows with their level.
    Log,
}

/// The minimum number of blocks from which the transform is selected.
const MIN_BLOCKS: usize = 4;
/// The minimum standard deviation of the logarithm of the level.
const MIN_LEVEL_DEVIATION: f64 = 0.1;
/// The minimum slope and correlation in the regression of the logarithm of the spread on that of the level.
const MIN_SLOPE: f64 = 0.5;
const MIN_CORRELATION: f64 = 0.4;

impl Transform {
    /// The transform that stabilises the variance (Guerrero 1993, *Time-series analysis supported by power
    /// transformations*, Journal of Forecasting 12(1)): the logarithm, if the spread of the blocks of a season grows
    /// about as fast as their level.
    pub(crate) fn select(values: &[f64], season: usize) -> Self {
        if values.iter().any(|v| *v <= 0.0) {
            return Self::Identity;
        }
        let length = if season > 1 && values.len() >= 4 * season { season } else { (values.len() / 8).max(4) };
        let blocks: Vec<(f64, f64)> = values.chunks_exact(length).filter_map(level_and_spread).collect();
        if blocks.len() < MIN_BLOCKS {
            return Self::Identity;
        }
        let n = blocks.len() as f64;
        let (mx, my) = (blocks.iter().map(|b| b.0).sum::<f64>() / n, blocks.iter().map(|b| b.1).sum::<f64>() / n);
        let sxx: f64 = blocks.iter().map(|b| (b.0 - mx).powi(2)).sum();
        let sxy: f64 = blocks.iter().map(|b| (b.0 - mx) * (b.1 - my)).sum();
        let syy: f64 = blocks.iter().map(|b| (b.1 - my).powi(2)).sum();
        // a level that hardly varies is no evidence
        let level_varies = (sxx / n).sqrt() > MIN_LEVEL_DEVIATION;
        let (slope, correlation) = (sxy / sxx.max(1e-12), sxy / (sxx * syy).sqrt().max(1e-12));
        if level_varies && slope > MIN_SLOPE && correlation > MIN_CORRELATION { Self::Log } else { Self::Identity }
    }

    pub(crate) fn apply(self, value: f64) -> f64 {
        match self {
            Self::Identity => value,
            Self::Log => value.ln(),
        }
    }

    pub(crate) fn invert(self, value: f64) -> f64 {
        match self {
            Self::Identity => value,
            Self::Log => value.exp(),
        }
    }
}

/// The logarithms of the mean and of the standard deviation of a block; `None` for a constant block.
fn level_and_spread(block: &[f64]) -> Option<(f64, f64)> {
    let (mean, spread) = mean_and_deviation(block);
    (spread > 0.0).then(|| (mean.ln(), spread.ln()))
}

/// The mean and the standard deviation around it.
pub(crate) fn mean_and_deviation(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (mean, (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt())
}

/// The power of two by which `values` are divided so that the largest lies in [512, 1024); 1 if all are 0.
///
/// Such a division rounds nothing. The squares of the scaled values neither overflow nor underflow.
pub(crate) fn power_of_two_scale(values: &[f64]) -> f64 {
    let largest = values.iter().fold(0.0_f64, |most, v| most.max(v.abs()));
    if largest == 0.0 { 1.0 } else { 2.0_f64.powi((largest.log2().floor() as i32 - 9).clamp(-1000, 1014)) }
}
