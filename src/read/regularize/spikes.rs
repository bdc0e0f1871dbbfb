//! Single values so far from all others that they are a mistake, or nothing that a model should learn from.

use crate::panel::Panel;
use crate::panel::repair_log::{Repair, RepairKind};
use crate::panel::series::TimeSeries;

/// A value that models are given less of.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Spike {
    at: usize,
    /// What the file has.
    from: f64,
    /// The end of the range of all others.
    to: f64,
}

/// Values needed to call one of them far out.
const FEWEST: usize = 30;
/// Different values needed: a count that is mostly 0 has no range to be far out of.
const DIFFERENT: usize = 10;
/// Of so many values one may be a spike.
const ONE_IN: usize = 100;
/// How many times the range of all others a spike lies beyond it.
const BEYOND: f64 = 2.0;

/// The panel with its spikes clipped to the range of the other values, and the repairs.
pub(crate) fn clip(panel: Panel) -> (Panel, Vec<Repair>) {
    let (mut repairs, mut replacements) = (Vec::new(), Vec::new());
    for (which, series) in panel.iter().enumerate() {
        for spike in find(&series) {
            replacements.push((which, spike.at, spike.to));
            let (key, time) = (series.key.to_vec(), series.time_at(spike.at));
            let (from, to) = (Some(spike.from), Some(spike.to));
            repairs.push(Repair { series: key, time, kind: RepairKind::Spike, from, to });
        }
    }
    (panel.with_replaced_values(replacements.into_iter()), repairs)
}

/// The spikes of a series: at most one value in [`ONE_IN`], each more than [`BEYOND`] times the range of all other values
/// beyond that range, and each alone, between neighbours that are none. The last value is none, as it may be the first
/// of many.
fn find(series: &TimeSeries<'_>) -> Vec<Spike> {
    let observed = || series.values.iter().zip(series.observed).filter(|(_, seen)| **seen).map(|(value, _)| *value);
    let count = observed().count();
    if count < FEWEST {
        return Vec::new();
    }
    let most = (count / ONE_IN).max(1);
    let Some((low, high)) = range_without(observed().collect(), most) else { return Vec::new() };
    let (range, far) = (high - low, |value: f64| value < low || value > high);
    let beyond = |value: f64| value > high + BEYOND * range || value < low - BEYOND * range;
    let last = series.values.len() - 1;
    let alone = |at: &usize| {
        *at < last && !far(series.values[at + 1]) && at.checked_sub(1).is_none_or(|before| !far(series.values[before]))
    };
    let spikes = (0..last).filter(|at| series.observed[*at] && beyond(series.values[*at])).filter(alone);
    let spike = |at: usize| Spike { at, from: series.values[at], to: series.values[at].clamp(low, high) };
    spikes.map(spike).collect()
}

/// The range of the values without at most `most` that lie far out; `None` if none does, or what is left has no range.
fn range_without(mut values: Vec<f64>, most: usize) -> Option<(f64, f64)> {
    values.sort_unstable_by(f64::total_cmp);
    let (mut first, mut last) = (0, values.len() - 1);
    // the outermost gaps that are wider than what lies inside them
    let inside = &values[most..values.len() - most];
    let (low, high) = (inside[0], inside[inside.len() - 1]);
    for step in 0..most {
        let (above, below) = (values.len() - most + step, most - 1 - step);
        let range = |first: usize, last: usize| values[last] - values[first];
        if last == values.len() - 1 && values[above] - values[above - 1] > BEYOND * range(most, above - 1) {
            last = above - 1;
        }
        if first == 0 && values[below + 1] - values[below] > BEYOND * range(below + 1, values.len() - 1 - most) {
            first = below + 1;
        }
    }
    let found = first > 0 || last < values.len() - 1;
    let mut different = values[first..=last].to_vec();
    different.dedup();
    (found && high > low && different.len() >= DIFFERENT).then(|| (values[first], values[last]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find_in(values: &[f64]) -> Vec<Spike> {
        let panel = Panel::from_values(values, 1);
        panel.iter().flat_map(|series| find(&series)).collect()
    }

    fn usual(count: usize) -> Vec<f64> {
        (0..count).map(|t| 50.0 + (t * 7919 % 23) as f64).collect()
    }

    #[test]
    fn a_lone_value_far_out_is_a_spike() {
        let mut values = usual(100);
        values[40] = 9_999.0;
        values[0] = -999.0;
        let (low, high) = (Spike { at: 0, from: -999.0, to: 50.0 }, Spike { at: 40, from: 9_999.0, to: 72.0 });
        assert_eq!(find_in(&values), [low, high]);
        values[40] = 60.0;
        assert_eq!(find_in(&values), [low]);
    }

    #[test]
    fn what_comes_in_company_or_last_or_in_counts_is_none() {
        assert_eq!(find_in(&usual(100)), []);
        let with = |at: &[usize], value: f64| {
            let mut values = usual(300);
            for at in at {
                values[*at] = value;
            }
            find_in(&values).len()
        };
        assert_eq!((with(&[100], 500.0), with(&[100, 101], 500.0), with(&[299], 500.0)), (1, 0, 0));
        assert_eq!(with(&[50, 100, 150, 200], 500.0), 0, "one in 75 is a habit");
        let counts: Vec<f64> = (0..200).map(|t| f64::from(t % 3)).chain([40.0, 0.0]).collect();
        assert_eq!(find_in(&counts), []);
        let growth: Vec<f64> = (0..60).map(|t| 1.3_f64.powi(t)).collect();
        assert_eq!(find_in(&growth), []);
    }
}
