//! How much larger or smaller errors became by adding up, level by level: what bands are scaled by.

use crate::forecast::quantile_forecast::Forecast;
use crate::hierarchy::aggregation::Hierarchy;
use crate::panel::series::TimeSeries;

/// Squared errors before and after adding up, at origins of the past.
#[derive(Debug, Default)]
pub(crate) struct WidthScaling {
    origins: Vec<Origin>,
}

#[derive(Debug)]
struct Origin {
    /// Steps from the end of what was forecast to the panel's end.
    over: usize,
    /// A sum before and one after for each level, each series' errors in units of its changes.
    levels: Vec<[f64; 2]>,
}

/// Origins that tell how large errors are, at least.
const FEWEST: usize = 2;
/// Few origins do not make a band more than so many times as wide or narrow.
const MOST: f64 = 2.0;

impl WidthScaling {
    /// Notes what was said before and after adding up, so many steps before the panel's end.
    pub(crate) fn note(
        &mut self,
        hierarchy: &Hierarchy,
        (before_end, changes): (usize, &[f64]),
        said: &[&Forecast],
        agreed: &[Forecast],
    ) {
        let panel = hierarchy.panel();
        let wholes: Vec<TimeSeries<'_>> = panel.iter().collect();
        let steps = agreed.iter().map(|forecast| forecast.times().len()).max().unwrap_or(0).min(before_end);
        let mut levels = vec![[0.0; 2]; hierarchy.levels().len()];
        for (node, whole) in wholes.iter().enumerate().filter(|(node, _)| changes[*node] > 0.0) {
            let cutoff = whole.len() - before_end;
            for k in (0..steps).filter(|k| whole.observed[cutoff + k]) {
                let error = |forecast: &Forecast| {
                    ((panel.actual(node, cutoff + k) - forecast.median()[k]) / changes[node]).powi(2)
                };
                let sums = &mut levels[hierarchy.level_of(node)];
                sums[0] += error(said[node]);
                sums[1] += error(&agreed[node]);
            }
        }
        self.origins.push(Origin { over: before_end - steps, levels });
    }

    /// The factor on the width of each level's bands, by what was over so many steps before the panel's end.
    pub(crate) fn widths(&self, before_end: usize, levels: usize) -> Vec<f64> {
        let over: Vec<&Origin> = self.origins.iter().filter(|origin| origin.over >= before_end).collect();
        let width = |level: usize| {
            let sum = |which: usize| over.iter().map(|origin| origin.levels[level][which]).sum::<f64>();
            let ratio = (sum(1) / sum(0)).sqrt();
            // errors of nothing but 0, or beyond all numbers, tell nothing
            let known = over.len() >= FEWEST && ratio.is_finite() && ratio > 0.0;
            if known { ratio.clamp(1.0 / MOST, MOST) } else { 1.0 }
        };
        (0..levels).map(width).collect()
    }
}
