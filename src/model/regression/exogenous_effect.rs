//! The effect of covariates on a series, for models that cannot use covariates themselves.
//!
//! A regression gives the effect at each step. Its values and covariates are differences from their levels over the
//! last season. A model forecasts the series without the effect, and the effect is added to its forecast.

use crate::model::regression::exogenous_features::ExogenousFeatures;
use crate::model::regression::features::FeatureLayout;
use crate::model::regression::ridge::NormalEquations;
use crate::model::regression::series_view::SeriesView;

const MIN_ROWS_PER_FEATURE: usize = 3;

/// The effect of the covariates with a known future, step by step.
#[derive(Debug, Clone)]
pub(crate) struct ExogenousEffect(Vec<f64>);

impl ExogenousEffect {
    /// Estimates the effect on the first `known` values, and the location of the columns on the first `first_cutoff`.
    /// `None` if they are too few.
    pub(crate) fn estimate(view: &SeriesView<'_>, first_cutoff: usize, known: usize) -> Option<Self> {
        let exogenous = ExogenousFeatures::known_future(view.exogenous?, first_cutoff, None)?;
        let steps = exogenous.steps;
        let layout = FeatureLayout::without_lags(view, known, exogenous);
        let mut equations = NormalEquations::new(layout.count(), 1, None);
        layout.add_rows(view, layout.first_position()..known.min(steps), &mut equations);
        if equations.rows < MIN_ROWS_PER_FEATURE * layout.count() {
            return None;
        }
        let coefficients = equations.solve()?;
        Some(Self((0..steps).map(|t| layout.effect_of_covariates(&coefficients, t)).collect()))
    }

    /// The effect at each step for which it is known.
    pub(crate) fn into_steps(self) -> Vec<f64> {
        self.0
    }

    /// The values without the effect.
    pub(crate) fn remove(&self, values: &[f64]) -> Vec<f64> {
        values.iter().zip(&self.0).map(|(value, effect)| value - effect).collect()
    }

    /// Adds the effect to a path that begins at `cutoff`; `None` if it is not known for every step.
    pub(crate) fn restore(&self, path: Vec<f64>, cutoff: usize) -> Option<Vec<f64>> {
        let effects = self.0.get(cutoff..cutoff + path.len())?;
        Some(path.into_iter().zip(effects).map(|(value, effect)| value + effect).collect())
    }
}
