//! Clips spikes, so that no model learns from them. A spike is a single value far outside the range of all others.

use crate::panel::{Panel, Repair, RepairKind, TimeSeries};

const MIN_VALUES: usize = 30;
/// The minimum number of distinct values of a series with spikes. Counts that are mostly 0 have fewer.
const MIN_DISTINCT_VALUES: usize = 10;
/// A series may have one spike for so many values.
const VALUES_PER_SPIKE: usize = 100;
/// A spike is outside the range of the other values by at least so many of their ranges.
const MIN_DISTANCE_IN_RANGES: f64 = 2.0;

/// The panel with its spikes clipped to the range of the other values.
pub(crate) fn clip(panel: Panel, repairs: &mut Vec<Repair>) -> Panel {
    let mut replacements = Vec::new();
    for (index, series) in panel.iter().enumerate() {
        for (at, clipped) in find(&series) {
            replacements.push((index, at, clipped));
            let (key, time) = (series.key.to_vec(), series.time_at(at));
            let (from, to) = (Some(series.values[at]), Some(clipped));
            repairs.push(Repair { series: key, time, kind: RepairKind::Spike, from, to });
        }
    }
    panel.with_replaced_values(replacements.into_iter())
}

/// The spikes of a series, each with the nearest end of the range of the other values. The neighbours of a spike are within
/// this range. The last value is never a spike, because it may be the first of many such values.
fn find(series: &TimeSeries<'_>) -> Vec<(usize, f64)> {
    let values = series.values;
    let observed: Vec<f64> = series.observed_values().collect();
    if observed.len() < MIN_VALUES {
        return Vec::new();
    }
    let max_spikes = (observed.len() / VALUES_PER_SPIKE).max(1);
    let Some((low, high)) = range_without(observed, max_spikes) else { return Vec::new() };
    let is_outside = |value: f64| value < low || value > high;
    let min_distance = MIN_DISTANCE_IN_RANGES * (high - low);
    let is_far = |value: f64| value > high + min_distance || value < low - min_distance;
    let is_single =
        |at: &usize| !is_outside(values[at + 1]) && at.checked_sub(1).is_none_or(|before| !is_outside(values[before]));
    let far = (0..values.len() - 1).filter(|at| series.observed[*at] && is_far(values[*at]));
    far.filter(is_single).map(|at| (at, values[at].clamp(low, high))).collect()
}

/// The range without up to `max_spikes` far values at each end. `None` if no value is far, or if few others differ.
fn range_without(mut values: Vec<f64>, max_spikes: usize) -> Option<(f64, f64)> {
    values.sort_unstable_by(f64::total_cmp);
    let (mut first, mut last) = (0, values.len() - 1);
    // Between a spike and the other values is a gap that is wider than their range.
    let inside = &values[max_spikes..values.len() - max_spikes];
    let (low, high) = (inside[0], inside[inside.len() - 1]);
    for step in 0..max_spikes {
        let (above, below) = (values.len() - max_spikes + step, max_spikes - 1 - step);
        let range = |first: usize, last: usize| values[last] - values[first];
        if last == values.len() - 1
            && values[above] - values[above - 1] > MIN_DISTANCE_IN_RANGES * range(max_spikes, above - 1)
        {
            last = above - 1;
        }
        if first == 0
            && values[below + 1] - values[below]
                > MIN_DISTANCE_IN_RANGES * range(below + 1, values.len() - 1 - max_spikes)
        {
            first = below + 1;
        }
    }
    let found = first > 0 || last < values.len() - 1;
    let mut distinct = values[first..=last].to_vec();
    distinct.dedup();
    (found && high > low && distinct.len() >= MIN_DISTINCT_VALUES).then(|| (values[first], values[last]))
}
