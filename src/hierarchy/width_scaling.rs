//! The factors of interval widths after reconciliation, by the change of errors in each level.

use crate::forecast::quantile_forecast::Forecast;
use crate::hierarchy::aggregation::Hierarchy;
use crate::panel::series::TimeSeries;

/// Squared errors before and after reconciliation, at origins in the past.
#[derive(Debug, Default)]
pub(crate) struct WidthScaling {
    origins: Vec<Origin>,
}

#[derive(Debug)]
struct Origin {
    /// The number of steps from the end of the forecasts to the end of the panel.
    forecast_end: usize,
    /// The sums before and after for each level, with the errors of each series in units of its mean change.
    levels: Vec<[f64; 2]>,
}

/// Fewer origins give no factor.
const MIN_ORIGINS: usize = 2;
/// The largest factor; its inverse is the smallest.
const MAX_WIDTH_FACTOR: f64 = 2.0;

impl WidthScaling {
    /// Adds the forecasts before and after reconciliation at an origin `before_end` steps before the end of the panel.
    pub(crate) fn add(
        &mut self,
        hierarchy: &Hierarchy,
        (before_end, changes): (usize, &[f64]),
        base: &[&Forecast],
        reconciled: &[Forecast],
    ) {
        let panel = hierarchy.panel();
        let all_series: Vec<TimeSeries<'_>> = panel.iter().collect();
        let steps = reconciled.iter().map(|forecast| forecast.times().len()).max().unwrap_or(0).min(before_end);
        let mut levels = vec![[0.0; 2]; hierarchy.levels().len()];
        for (node, series) in all_series.iter().enumerate().filter(|(node, _)| changes[*node] > 0.0) {
            let cutoff = series.len() - before_end;
            for k in (0..steps).filter(|k| series.observed[cutoff + k]) {
                let error = |forecast: &Forecast| {
                    ((panel.actual(node, cutoff + k) - forecast.median()[k]) / changes[node]).powi(2)
                };
                let sums = &mut levels[hierarchy.level_of(node)];
                sums[0] += error(base[node]);
                sums[1] += error(&reconciled[node]);
            }
        }
        self.origins.push(Origin { forecast_end: before_end - steps, levels });
    }

    /// The factor of each level, from forecasts that end at least `before_end` steps before the end of the panel.
    pub(crate) fn factors(&self, before_end: usize, levels: usize) -> Vec<f64> {
        let known: Vec<&Origin> = self.origins.iter().filter(|origin| origin.forecast_end >= before_end).collect();
        let factor = |level: usize| {
            let sum = |which: usize| known.iter().map(|origin| origin.levels[level][which]).sum::<f64>();
            let ratio = (sum(1) / sum(0)).sqrt();
            // the ratio is undefined if all errors are 0 or overflow
            let is_known = known.len() >= MIN_ORIGINS && ratio.is_finite() && ratio > 0.0;
            if is_known { ratio.clamp(1.0 / MAX_WIDTH_FACTOR, MAX_WIDTH_FACTOR) } else { 1.0 }
        };
        (0..levels).map(factor).collect()
    }
}
