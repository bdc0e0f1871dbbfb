//! The effect of covariates on a series, for models that cannot use covariates themselves.
//!
//! A regression gives the effect at each step. Its values and covariates are differences from their levels over the
//! last season. A model forecasts the series without the effect, and the effect is added to its forecast.

use crate::model::effect::{is_amount, usual_value};
use crate::model::regression::exogenous_features::ExogenousFeatures;
use crate::model::regression::features::FeatureLayout;
use crate::model::regression::ridge::{NormalEquations, RidgeCoefficients};
use crate::model::regression::series_view::SeriesView;

const MIN_ROWS_PER_FEATURE: usize = 3;

/// The regression of a series on its seasons and its covariates with a known future.
struct Regression {
    layout: FeatureLayout,
    coefficients: RidgeCoefficients,
    /// Steps for which all covariates are known.
    steps: usize,
}

impl Regression {
    /// Fits the first `known` values. The location of the columns is that of the first `first_cutoff`.
    fn fit(view: &SeriesView<'_>, first_cutoff: usize, known: usize) -> Option<Self> {
        let exogenous = ExogenousFeatures::known_future(view.exogenous?, first_cutoff, None)?;
        let steps = exogenous.steps;
        let layout = FeatureLayout::without_lags(view, known, exogenous);
        let mut equations = NormalEquations::new(layout.count(), 1, None);
        layout.add_rows(view, layout.first_position()..known.min(steps), std::slice::from_mut(&mut equations));
        if equations.rows < MIN_ROWS_PER_FEATURE * layout.count() {
            return None;
        }
        Some(Self { layout, coefficients: equations.solve()?, steps })
    }
}

/// What each covariate with a known future adds to the values of a series, compared with its usual value: the positions of
/// the covariates, and one amount for each value. Empty if the values are too few for a regression.
pub(crate) fn past_by_covariate(view: &SeriesView<'_>) -> Vec<(usize, Vec<f64>)> {
    let known = view.values.len();
    let (Some(exogenous), Some(regression)) = (view.exogenous, Regression::fit(view, known, known)) else {
        return Vec::new();
    };
    let Regression { layout, coefficients, .. } = regression;
    let of_covariate = |source: usize| {
        let values = &exogenous.values[source];
        let usual = usual_value(&exogenous.columns[source], &values[..known]);
        let amounts: Vec<f64> = (0..known).map(|t| layout.effect_of_covariate(&coefficients, source, t)).collect();
        let of_usual = if is_amount(&exogenous.columns[source], &values[..known]) {
            // the effect is linear, so its mean is that of the mean value
            amounts.iter().sum::<f64>() / known as f64
        } else {
            // the effect at the first two steps whose values are the usual one, or one of them
            let differs = |t: usize| usize::from(values[t].total_cmp(&usual).is_ne());
            let nearest = (1..known).min_by_key(|t| differs(*t) + differs(*t - 1));
            nearest.map_or(0.0, |t| amounts[t])
        };
        (source, amounts.into_iter().map(|amount| amount - of_usual).collect())
    };
    (0..exogenous.columns.len()).filter(|source| exogenous.columns[*source].known_future).map(of_covariate).collect()
}

/// The effect of the covariates with a known future, step by step.
#[derive(Debug, Clone)]
pub(crate) struct ExogenousEffect(Vec<f64>);

impl ExogenousEffect {
    /// Estimates the effect on the first `known` values, and the location of the columns on the first `first_cutoff`.
    /// `None` if they are too few.
    pub(crate) fn estimate(view: &SeriesView<'_>, first_cutoff: usize, known: usize) -> Option<Self> {
        let Regression { layout, coefficients, steps } = Regression::fit(view, first_cutoff, known)?;
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
