//! All series of a panel, on the scale of the networks.

use crate::model::ensemble::holdout::mase_scale;
use crate::panel::{Panel, TimeSeries};

/// The scale of a series, with which the values of all series are of similar size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum SeriesScale {
    /// Logarithms, for a series whose values are all positive. Errors and seasons are then relative.
    Log,
    /// Division by the mean absolute value.
    MeanAbsolute(f64),
}

impl SeriesScale {
    fn of(values: &[f64]) -> Self {
        if values.iter().all(|v| *v > f64::MIN_POSITIVE) {
            return Self::Log;
        }
        let size = values.iter().map(|v| v.abs() / values.len() as f64).sum::<f64>();
        Self::MeanAbsolute(if size > 0.0 { size } else { 1.0 })
    }

    pub(crate) fn scaled(self, value: f64) -> f64 {
        match self {
            // a later value may be 0 even if no earlier value is
            Self::Log => value.max(f64::MIN_POSITIVE).ln(),
            Self::MeanAbsolute(size) => value / size,
        }
    }

    /// The inverse of [`SeriesScale::scaled`].
    pub(crate) fn unscaled(self, scaled: f64) -> f64 {
        match self {
            Self::Log => scaled.exp(),
            Self::MeanAbsolute(size) => scaled * size,
        }
    }

    /// The derivative of [`SeriesScale::unscaled`].
    pub(crate) fn derivative(self, scaled: f64) -> f64 {
        match self {
            Self::Log => scaled.exp(),
            Self::MeanAbsolute(size) => size,
        }
    }
}

/// The series of a panel, scaled.
#[derive(Debug)]
pub(crate) struct ScaledPanel<'a> {
    pub(crate) series: Vec<ScaledSeries<'a>>,
    /// The seasons that a series can have, the shortest first.
    pub(crate) periods: &'a [usize],
}

#[derive(Debug)]
pub(crate) struct ScaledSeries<'a> {
    /// The series before it was scaled, without the holdout.
    pub(crate) known: TimeSeries<'a>,
    pub(crate) scale: SeriesScale,
    pub(crate) values: Vec<f32>,
    /// The denominator of MASE, in the unit of the panel: see [`mase_scale`].
    pub(crate) mase_scale: f64,
}

impl<'a> ScaledPanel<'a> {
    /// Scales a panel without the last `holdout` values of each series. At least one value of each is kept.
    pub(crate) fn new(panel: &'a Panel, periods: &'a [usize], holdout: usize) -> Self {
        let scaled = |series: TimeSeries<'a>| {
            let known = series.first(series.len().saturating_sub(holdout).max(1));
            let scale = SeriesScale::of(known.values);
            let values = known.values.iter().map(|v| scale.scaled(*v) as f32).collect();
            ScaledSeries { known, scale, values, mase_scale: mase_scale(known.values, panel.season()) }
        };
        Self { series: panel.iter().map(scaled).collect(), periods }
    }
}
