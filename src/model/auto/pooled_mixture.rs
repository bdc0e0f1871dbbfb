//! The combination of a global model with local models, by their errors on a holdout.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::forecast::quantile_forecast::Forecast;
use crate::model::ensemble::conformal::{Bound, width_factors};
use crate::model::ensemble::holdout::{HoldoutCase, HoldoutErrors, estimate_weight, grid_minimum, mase_scale, shrunk};
use crate::model::fit_report::Hindcast;
use crate::panel::Panel;
use crate::panel::series::TimeSeries;

/// The weight of the global model without a holdout.
const PRIOR_GLOBAL_WEIGHT: f64 = 0.7;
/// Weight of the prior, in series of the holdout.
const SHRINKAGE_PRIOR_SERIES: f64 = 300.0;
/// Number of steps between weight 0 and weight 1 in the grid of weights.
const GRID_STEPS: usize = 20;
/// The minimum number of series of a holdout that changes the prior weight.
const MIN_SERIES: usize = 8;
const WIDTH_FACTOR_RANGE: RangeInclusive<f64> = 0.5..=3.0;

/// The weights of a global model and of local models, and the factors on the width of their mean intervals.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PooledMixture {
    /// In [0, 1]; the rest is the weight of the local models.
    pub(crate) global_weight: f64,
    /// Factors on the distance of each level from the median, [horizon * levels].
    pub(crate) width_factors: Vec<f64>,
    /// Mean absolute scaled errors of the global model and of the local models on the holdout; `None` without a holdout.
    pub(crate) holdout_errors: Option<[f64; 2]>,
}

/// The hindcasts of the global model and of the local models that have the same series and the same cutoff, in the order
/// of the series.
pub(crate) fn hindcast_pairs<'a>(
    series_count: usize,
    global: &'a [Hindcast],
    local: &'a [Hindcast],
) -> Vec<[&'a Hindcast; 2]> {
    let mut by_series: Vec<Option<&Hindcast>> = vec![None; series_count];
    for hindcast in global {
        by_series[hindcast.series] = Some(hindcast);
    }
    let pair = |local: &'a Hindcast| {
        let global = by_series[local.series].filter(|global| global.cutoff == local.cutoff)?;
        Some([global, local])
    };
    let mut pairs: Vec<[&Hindcast; 2]> = local.iter().filter_map(pair).collect();
    pairs.sort_by_key(|[global, _]| global.series);
    pairs
}

/// The actual values of a series, and what the global model and its local model predicted for them.
type Case<'a> = HoldoutCase<'a, [&'a Forecast; 2]>;

impl PooledMixture {
    /// The weight minimises the sum of sMAPE and MASE on the holdout, and is shrunk to the prior. With the width
    /// factors, each level has its nominal coverage on the holdout.
    pub(crate) fn fit<'a>(panel: &'a Panel, pairs: &[[&'a Hindcast; 2]], horizon: usize, levels: &[f64]) -> Self {
        let series: Vec<TimeSeries<'_>> = panel.iter().collect();
        let case = |pair: &[&'a Hindcast; 2]| {
            let Hindcast { series: index, cutoff, ref forecast } = *pair[0];
            let TimeSeries { values, observed, .. } = series[index];
            let end = (cutoff + forecast.median().len()).min(values.len());
            HoldoutCase {
                predicted: pair.map(|one| &one.forecast),
                actual: &values[cutoff..end],
                observed: &observed[cutoff..end],
                mase_scale: mase_scale(&values[..cutoff], panel.season()),
            }
        };
        let cases: Vec<Case<'_>> = pairs.iter().map(case).collect();
        let equal_widths = vec![1.0; horizon * levels.len()];
        if cases.len() < MIN_SERIES {
            let global_weight = PRIOR_GLOBAL_WEIGHT;
            return Self { global_weight, width_factors: equal_widths, holdout_errors: None };
        }
        let baseline = errors(&cases, 0.5);
        let loss = |weight: &f64| errors(&cases, *weight).relative_to(baseline, f64::MIN_POSITIVE);
        let grid = (0..=GRID_STEPS).map(|i| i as f64 / GRID_STEPS as f64);
        let best = grid_minimum(grid, f64::INFINITY, loss).unwrap_or(PRIOR_GLOBAL_WEIGHT);
        let global_weight = shrunk(PRIOR_GLOBAL_WEIGHT, best, estimate_weight(cases.len(), SHRINKAGE_PRIOR_SERIES));
        let steps: usize = cases.iter().map(|case| case.observed_steps().count()).sum();
        let component_errors = [1.0, 0.0].map(|weight| errors(&cases, weight).scaled / steps.max(1) as f64);
        let unscaled = Self { global_weight, width_factors: equal_widths, holdout_errors: Some(component_errors) };
        let width_factors = width_factors(&cases, horizon, levels, &WIDTH_FACTOR_RANGE, |case, q, k| {
            let (median, distance) = unscaled.median_and_distance(case.predicted, q, k);
            Bound { actual: case.actual[k], median, distance, min_distance: 1e-9 * median.abs().max(1e-9) }
        });
        Self { width_factors, ..unscaled }
    }

    /// Whether the numbers of a loaded mixture are consistent.
    pub(crate) fn is_valid(&self, width_factors: usize) -> bool {
        self.width_factors.len() == width_factors
            && self.width_factors.iter().all(|factor| factor.is_finite() && *factor >= 0.0)
            && (0.0..=1.0).contains(&self.global_weight)
    }

    /// The mixture of the global model alone, with its own intervals.
    pub(crate) fn global_only(self) -> Self {
        Self { global_weight: 1.0, ..self }
    }

    /// The weighted mean of two forecasts after `history`.
    pub(crate) fn combine(&self, history: &TimeSeries<'_>, pair: [&Forecast; 2], levels: &[f64]) -> Forecast {
        let floor = history.floor();
        let row = |q: usize| {
            let value_at = |k: usize| {
                let (median, distance) = self.median_and_distance(pair, q, k);
                (median + self.width_factors[k * levels.len() + q] * distance).clamp(floor, f64::MAX)
            };
            (0..pair[0].median().len()).map(value_at).collect()
        };
        Forecast::after(history, levels, (0..levels.len()).map(row).collect())
    }

    /// The mean median at step `k`, and the mean distance of the quantile with index `q` from it, without the width
    /// factor.
    fn median_and_distance(&self, [global, local]: [&Forecast; 2], q: usize, k: usize) -> (f64, f64) {
        let mean = |global: f64, local: f64| self.global_weight * global + (1.0 - self.global_weight) * local;
        let (g, l) = (global.median()[k], local.median()[k]);
        (mean(g, l), mean(global.quantiles()[q].values[k] - g, local.quantiles()[q].values[k] - l))
    }
}

/// The errors on the holdout for a weight of the global model.
fn errors(cases: &[Case<'_>], global_weight: f64) -> HoldoutErrors {
    HoldoutErrors::of(cases, |case, k| {
        let [global, local] = case.predicted;
        global_weight * global.median()[k] + (1.0 - global_weight) * local.median()[k]
    })
}
