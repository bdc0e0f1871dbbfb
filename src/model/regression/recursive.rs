//! The recursive strategy: one step at a time, each on the forecast of the step before.

use crate::model::regression::features::{FeatureLayout, SeasonalDifference};
use crate::model::regression::ridge::{CachedCoefficients, NormalEquations, RidgeCoefficients};
use crate::model::regression::series_view::SeriesView;

/// Seasons of rows that the regression needs, and the season length that is assumed for shorter ones.
const MIN_SEASONS: usize = 2;
const MIN_SEASON: usize = 6;

/// The forecast at each of `cutoffs`, ascending numbers of known values; `None` where too few values are known.
///
/// With a `difference` the target is the distance from the seasonal mean, in place of that from the level.
pub(crate) fn forecast(
    view: SeriesView<'_>,
    difference: Option<SeasonalDifference>,
    horizon: usize,
    cutoffs: &[usize],
) -> Vec<Option<Vec<f64>>> {
    forecast_with(&FeatureLayout::one_step(&view, cutoffs[0], difference), view, horizon, cutoffs)
}

/// As [`forecast`], with the covariates whose future is known.
pub(crate) fn forecast_with_covariates(
    view: SeriesView<'_>,
    difference: Option<SeasonalDifference>,
    horizon: usize,
    cutoffs: &[usize],
) -> Vec<Option<Vec<f64>>> {
    match FeatureLayout::one_step(&view, cutoffs[0], difference).with_known_future(&view, cutoffs[0]) {
        Some(layout) => forecast_with(&layout, view, horizon, cutoffs),
        None => vec![None; cutoffs.len()],
    }
}

fn forecast_with(
    layout: &FeatureLayout,
    view: SeriesView<'_>,
    horizon: usize,
    cutoffs: &[usize],
) -> Vec<Option<Vec<f64>>> {
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
