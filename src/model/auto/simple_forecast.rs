//! A simple forecast to which the mixture of a panel is shrunk.

use serde::{Deserialize, Serialize};

/// A forecast that repeats the last season, or the mean of its values, and its weight.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SimpleForecast {
    /// In steps; 1 for the last value.
    pub(crate) season: usize,
    pub(crate) is_mean: bool,
    /// In (0, 1].
    pub(crate) weight: f64,
}

impl SimpleForecast {
    pub(crate) fn value(self, known: &[f64], k: usize) -> f64 {
        let last = &known[known.len() - self.season.min(known.len())..];
        if self.is_mean { last.iter().sum::<f64>() / last.len() as f64 } else { last[k % last.len()] }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self { season: 1, .. } => "naive (all series)",
            Self { is_mean: true, .. } => "mean of the last season (all series)",
            Self { is_mean: false, .. } => "seasonal naive (all series)",
        }
    }
}
