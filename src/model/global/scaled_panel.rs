//! All series of a panel, on the scale of the networks.

use rayon::prelude::*;

use crate::model::ensemble::holdout::mase_scale;
use crate::model::global::covariate_effects::CovariateEffects;
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

    fn all_scaled(self, series: &TimeSeries<'_>) -> Vec<f64> {
        series.values.iter().map(|value| self.scaled(*value)).collect()
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
    /// Without the effect of covariates.
    pub(crate) values: Vec<f32>,
    /// The effect of covariates at each step for which it is known, scaled.
    effect: Vec<f64>,
    /// The denominator of MASE, in the unit of the panel: see [`mase_scale`].
    pub(crate) mase_scale: f64,
}

impl<'a> ScaledPanel<'a> {
    /// Scales a panel without the last `holdout` values of each series, and removes the effects of its covariates.
    pub(crate) fn new(
        panel: &'a Panel,
        periods: &'a [usize],
        holdout: usize,
        effects: Option<&CovariateEffects>,
    ) -> Self {
        let scaled = |(which, known): (usize, &TimeSeries<'a>)| {
            let scale = SeriesScale::of(known.values);
            let mut values = scale.all_scaled(known);
            let effect = effects.map_or_else(Vec::new, |all| all.of_series(panel, which, known, &values, periods));
            values.iter_mut().zip(&effect).for_each(|(value, effect)| *value -= effect);
            let mase_scale = mase_scale(known.values, panel.season());
            ScaledSeries {
                known: *known,
                scale,
                values: values.iter().map(|v| *v as f32).collect(),
                effect,
                mase_scale,
            }
        };
        Self { series: known_series(panel, holdout).par_iter().enumerate().map(scaled).collect(), periods }
    }

    /// Estimates the effects of covariates on a panel without the last `holdout` values of each series.
    pub(crate) fn covariate_effects(panel: &Panel, periods: &[usize], holdout: usize) -> Option<CovariateEffects> {
        if panel.covariates().is_empty() {
            return None;
        }
        let known = known_series(panel, holdout);
        let scaled: Vec<Vec<f64>> = known.iter().map(|known| SeriesScale::of(known.values).all_scaled(known)).collect();
        CovariateEffects::estimate(panel, periods, &known, &scaled)
    }
}

/// The series without their last `holdout` values. At least one value of each is kept.
fn known_series(panel: &Panel, holdout: usize) -> Vec<TimeSeries<'_>> {
    panel.iter().map(|series| series.first(series.len().saturating_sub(holdout).max(1))).collect()
}

impl ScaledSeries<'_> {
    /// Adds the effect of covariates to a path after the known values, which has `width` numbers at each step.
    pub(crate) fn add_effect(&self, path: &mut [f32], width: usize) {
        for (step, effect) in path.chunks_mut(width).zip(self.effect.iter().skip(self.values.len())) {
            step.iter_mut().for_each(|x| *x += *effect as f32);
        }
    }
}
