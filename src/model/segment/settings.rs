//! The settings of a network over segments, and the base forecast that it corrects.

use crate::model::regression::DirectRidge;
use crate::model::segment::layout::Layout;

/// The settings of a network over segments.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct SegmentSettings {
    /// Size of the hidden state.
    pub(crate) hidden: usize,
    pub(crate) updates: usize,
    pub(crate) learning_rate: f64,
    pub(crate) weight_decay: f64,
    pub(crate) seed: u64,
}

/// The base forecast, whose errors the network learns.
#[derive(Debug, Clone)]
pub(crate) enum Base {
    /// The mean of the last season.
    Level,
    /// A direct autoregression.
    Direct(DirectRidge),
}

impl Base {
    /// The first position with a base forecast.
    pub(crate) fn first(&self) -> usize {
        match self {
            Self::Level => 0,
            Self::Direct(direct) => direct.first_position(),
        }
    }

    /// The base forecast [horizon] from position `t`, of which `values[..t]` are known.
    pub(crate) fn path(&self, values: &[f64], t: usize, layout: &Layout) -> Vec<f64> {
        match self {
            Self::Level => vec![layout.level_at(values, t); layout.horizon],
            Self::Direct(direct) => direct.predict(values, t),
        }
    }
}
