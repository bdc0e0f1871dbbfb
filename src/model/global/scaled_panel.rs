//! All series of a panel in one array, on the scale of the networks.

use std::ops::Range;

use crate::model::ensemble::holdout::mase_scale;
use crate::panel::Panel;
use crate::panel::series::TimeSeries;

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

    /// The scaled value.
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

/// The series of a panel, scaled, one after the other.
#[derive(Debug)]
pub(crate) struct ScaledPanel {
    values: Vec<f32>,
    /// Which of `values` were filled; empty if none was.
    filled: Vec<bool>,
    series: Vec<ScaledSeries>,
    /// The seasons that a series can have, the shortest first.
    periods: Vec<usize>,
}

#[derive(Debug, Clone)]
pub(crate) struct ScaledSeries {
    range: Range<usize>,
    pub(crate) scale: SeriesScale,
    /// The denominator of MASE, in the unit of the values: see [`mase_scale`].
    pub(crate) mase_scale: f64,
}

impl ScaledPanel {
    /// Scales a panel without the last `holdout` values of each series. At least one value of each is kept.
    pub(crate) fn new(panel: &Panel, periods: &[usize], holdout: usize) -> Self {
        let total = panel.iter().map(|s| s.len()).sum();
        let mut scaled = Self {
            values: Vec::with_capacity(total),
            filled: Vec::new(),
            series: Vec::with_capacity(panel.count()),
            periods: periods.to_vec(),
        };
        let has_gaps = panel.iter().any(|s| s.observed.contains(&false));
        for series in panel.iter() {
            scaled.push(&series, panel.season(), holdout, has_gaps);
        }
        scaled
    }

    fn push(&mut self, series: &TimeSeries<'_>, season: usize, holdout: usize, has_gaps: bool) {
        let values = &series.values[..series.len().saturating_sub(holdout).max(1)];
        let scale = SeriesScale::of(values);
        let start = self.values.len();
        self.values.extend(values.iter().map(|v| scale.scaled(*v) as f32));
        if has_gaps {
            self.filled.extend(series.observed[..values.len()].iter().map(|observed| !observed));
        }
        self.series.push(ScaledSeries {
            range: start..self.values.len(),
            scale,
            mase_scale: mase_scale(values, season),
        });
    }

    pub(crate) fn count(&self) -> usize {
        self.series.len()
    }

    pub(crate) fn series(&self, i: usize) -> &ScaledSeries {
        &self.series[i]
    }

    /// The scaled values of series `i`.
    pub(crate) fn values(&self, i: usize) -> &[f32] {
        &self.values[self.series[i].range.clone()]
    }

    /// Number of values of series `i`.
    pub(crate) fn len(&self, i: usize) -> usize {
        self.series[i].range.len()
    }

    /// Whether the value at position `t` of series `i` was observed.
    pub(crate) fn observed(&self, i: usize, t: usize) -> bool {
        self.filled.is_empty() || !self.filled[self.series[i].range.start + t]
    }

    /// The seasons that a series can have, the shortest first.
    pub(crate) fn periods(&self) -> &[usize] {
        &self.periods
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_holdout_has_no_influence() {
        let values: Vec<f64> = (0..40).map(|t| 5.0 + f64::from(t * 7 % 11)).collect();
        let mut changed = values.clone();
        changed[34..].iter_mut().for_each(|v| *v *= -100.0);
        let panels = [values, changed].map(|v| ScaledPanel::new(&Panel::from_values(&v, 4), &[4], 6));
        assert_eq!(panels[0].values, panels[1].values);
        assert_eq!(panels[0].series[0].scale, panels[1].series[0].scale);
        assert!((panels[0].series[0].mase_scale - panels[1].series[0].mase_scale).abs() < 1e-12);
    }

    #[test]
    fn unscaling_reverses_scaling() {
        for (values, scaled) in [(vec![3.0, 4.0], 0.0), (vec![-3.0, 3.0], 2.0), (vec![0.0, 0.0], 7.0)] {
            let scale = SeriesScale::of(&values);
            assert!((scale.scaled(scale.unscaled(scaled)) - scaled).abs() < 1e-12);
        }
    }
}
