//! Clips spikes, so that no model learns from them. A spike is a single value far outside the range of all others.

use crate::panel::Panel;
use crate::panel::repair_log::{Repair, RepairKind};
use crate::panel::series::TimeSeries;

#[derive(Debug, Clone, Copy, PartialEq)]
struct Spike {
    at: usize,
    /// The value in the file.
    from: f64,
    /// The nearest end of the range of the other values.
    to: f64,
}

const MIN_VALUES: usize = 30;
/// The minimum number of distinct values of a series with spikes. Counts that are mostly 0 have fewer.
const MIN_DISTINCT_VALUES: usize = 10;
/// A series may have one spike for so many values.
const VALUES_PER_SPIKE: usize = 100;
/// A spike is outside the range of the other values by at least so many of their ranges.
const MIN_DISTANCE_IN_RANGES: f64 = 2.0;

/// The panel with its spikes clipped to the range of the other values, and the repairs.
pub(crate) fn clip(panel: Panel) -> (Panel, Vec<Repair>) {
    let (mut repairs, mut replacements) = (Vec::new(), Vec::new());
    for (index, series) in panel.iter().enumerate() {
        for spike in find(&series) {
            replacements.push((index, spike.at, spike.to));
            let (key, time) = (series.key.to_vec(), series.time_at(spike.at));
            let (from, to) = (Some(spike.from), Some(spike.to));
            repairs.push(Repair { series: key, time, kind: RepairKind::Spike, from, to });
        }
    }
    (panel.with_replaced_values(replacements.into_iter()), repairs)
}

/// The spikes of a series. Their neighbours are within the range of the other values. The last value is never a spike,
/// because it may be the first of many such values.
fn find(series: &TimeSeries<'_>) -> Vec<Spike> {
    let observed =
        || series.values.iter().zip(series.observed).filter(|(_, observed)| **observed).map(|(value, _)| *value);
    let count = observed().count();
    if count < MIN_VALUES {
        return Vec::new();
    }
    let max_spikes = (count / VALUES_PER_SPIKE).max(1);
    let Some((low, high)) = range_without(observed().collect(), max_spikes) else { return Vec::new() };
    let (range, is_outside) = (high - low, |value: f64| value < low || value > high);
    let is_far =
        |value: f64| value > high + MIN_DISTANCE_IN_RANGES * range || value < low - MIN_DISTANCE_IN_RANGES * range;
    let last = series.values.len() - 1;
    let is_single = |at: &usize| {
        *at < last
            && !is_outside(series.values[at + 1])
            && at.checked_sub(1).is_none_or(|before| !is_outside(series.values[before]))
    };
    let spikes = (0..last).filter(|at| series.observed[*at] && is_far(series.values[*at])).filter(is_single);
    let spike = |at: usize| Spike { at, from: series.values[at], to: series.values[at].clamp(low, high) };
    spikes.map(spike).collect()
}

/// The range of the values without at most `max_spikes` far values at each end. `None` if no value is far, or if all other
/// values are equal.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn find_in(values: &[f64]) -> Vec<Spike> {
        let panel = Panel::from_values(values, 1);
        panel.iter().flat_map(|series| find(&series)).collect()
    }

    fn regular_values(count: usize) -> Vec<f64> {
        (0..count).map(|t| 50.0 + (t * 7919 % 23) as f64).collect()
    }

    #[test]
    fn a_single_far_value_is_a_spike() {
        let mut values = regular_values(100);
        values[40] = 9_999.0;
        values[0] = -999.0;
        let (low, high) = (Spike { at: 0, from: -999.0, to: 50.0 }, Spike { at: 40, from: 9_999.0, to: 72.0 });
        assert_eq!(find_in(&values), [low, high]);
        values[40] = 60.0;
        assert_eq!(find_in(&values), [low]);
    }

    #[test]
    fn repeated_values_the_last_value_and_counts_are_not_spikes() {
        assert_eq!(find_in(&regular_values(100)), []);
        let with = |at: &[usize], value: f64| {
            let mut values = regular_values(300);
            for at in at {
                values[*at] = value;
            }
            find_in(&values).len()
        };
        assert_eq!((with(&[100], 500.0), with(&[100, 101], 500.0), with(&[299], 500.0)), (1, 0, 0));
        assert_eq!(with(&[50, 100, 150, 200], 500.0), 0, "four spikes in 300 values are too many");
        let counts: Vec<f64> = (0..200).map(|t| f64::from(t % 3)).chain([40.0, 0.0]).collect();
        assert_eq!(find_in(&counts), []);
        let growth: Vec<f64> = (0..60).map(|t| 1.3_f64.powi(t)).collect();
        assert_eq!(find_in(&growth), []);
    }
}
