//! The scale that a model works on.

use serde::{Deserialize, Serialize};

/// How values are transformed before anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Transform {
    /// Not at all.
    Linear,
    /// The natural logarithm, for positive series whose spread grows with their level.
    Log,
}

impl Transform {
    /// By evidence (Guerrero 1993, "Time-series analysis supported by power transformations"): the logarithm where, from
    /// block to block of a season, the spread grows about as fast as the level, or the level grows manyfold.
    pub(crate) fn of(values: &[f64], season: usize) -> Self {
        if values.iter().any(|v| *v <= 0.0) {
            return Self::Linear;
        }
        let length = if season > 1 && values.len() >= 4 * season { season } else { (values.len() / 8).max(4) };
        let blocks: Vec<(f64, f64)> = values.chunks_exact(length).filter_map(level_and_spread).collect();
        if blocks.len() < 4 {
            return Self::Linear;
        }
        let n = blocks.len() as f64;
        let (mx, my) = (blocks.iter().map(|b| b.0).sum::<f64>() / n, blocks.iter().map(|b| b.1).sum::<f64>() / n);
        let sxx: f64 = blocks.iter().map(|b| (b.0 - mx).powi(2)).sum();
        let sxy: f64 = blocks.iter().map(|b| (b.0 - mx) * (b.1 - my)).sum();
        let syy: f64 = blocks.iter().map(|b| (b.1 - my).powi(2)).sum();
        // too little movement of the level says nothing
        let moved = (sxx / n).sqrt() > 0.1;
        let (slope, correlation) = (sxy / sxx.max(1e-12), sxy / (sxx * syy).sqrt().max(1e-12));
        if moved && slope > 0.5 && correlation > 0.4 { Self::Log } else { Self::Linear }
    }

    pub(crate) fn there(self, value: f64) -> f64 {
        match self {
            Self::Linear => value,
            Self::Log => value.ln(),
        }
    }

    pub(crate) fn back(self, value: f64) -> f64 {
        match self {
            Self::Linear => value,
            Self::Log => value.exp(),
        }
    }
}

/// The logarithms of a block's mean and of the spread around its own line; `None` where it does not spread.
fn level_and_spread(block: &[f64]) -> Option<(f64, f64)> {
    let n = block.len() as f64;
    let mean = block.iter().sum::<f64>() / n;
    let spread = (block.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt();
    (spread > 0.0).then(|| (mean.ln(), spread.ln()))
}
