//! The recursive strategy: each step is forecast from the forecasts of the steps before it.

use crate::model::regression::features::{FeatureLayout, SeasonalDifference};
use crate::model::regression::ridge::{CachedCoefficients, NormalEquations, RidgeCoefficients};
use crate::model::regression::series_view::SeriesView;

/// The minimum number of rows of the regression, in seasons, and the minimum season length in this product.
const MIN_SEASONS: usize = 2;
const MIN_SEASON: usize = 6;

/// The forecast at each of `cutoffs`, ascending numbers of known values. It is `None` if too few values are known, or if
/// the view has covariates and none with a known future varies.
///
/// With a `difference`, the target is the distance from the seasonal mean instead of that from the level.
pub(crate) fn forecast(
    view: SeriesView<'_>,
    difference: Option<SeasonalDifference>,
    horizon: usize,
    cutoffs: &[usize],
) -> Vec<Option<Vec<f64>>> {
    let mut layout = FeatureLayout::one_step(&view, cutoffs[0], difference);
    if view.exogenous.is_some() {
        let Some(with_covariates) = layout.with_known_future(&view, cutoffs[0]) else {
            return vec![None; cutoffs.len()];
        };
        layout = with_covariates;
    }
    let mut equations = NormalEquations::new(layout.count(), 1, None);
    let mut next = layout.first_position();
    let mut row = Vec::new();
    let mut forecasts = Vec::with_capacity(cutoffs.len());
    let mut cached = CachedCoefficients::default();
    for (i, &cutoff) in cutoffs.iter().enumerate() {
        while next < cutoff {
            if view.observed[next] {
                row.clear();
                let reference = layout.append_row(view.values, next, &mut row);
                row.push(view.values[next] - reference);
                equations.add(&row);
            }
            next += 1;
        }
        if equations.rows() >= MIN_SEASONS * layout.season().max(MIN_SEASON) {
            cached.update(&equations, 1.0, i + 1 == cutoffs.len());
        }
        let roll_out = |coefficients: &RidgeCoefficients| {
            layout.is_known_at(cutoff + horizon - 1).then_some(())?;
            let mut path = view.values[..cutoff].to_vec();
            for t in cutoff..cutoff + horizon {
                row.clear();
                let reference = layout.append_row(&path, t, &mut row);
                path.push(reference + coefficients.predict(&row)[0]);
            }
            Some(path.split_off(cutoff))
        };
        forecasts.push(cached.get().and_then(roll_out));
    }
    forecasts
}
