//! Sums of series, step by step.

use crate::panel::Panel;
use crate::panel::series::{Series, TimeSeries};

/// The sum, and its [`Panel::replaced_values`].
pub(crate) type Sum = (Series, Vec<(usize, f64)>);

/// The sum of series that end together, from the first step at which all are observed. A step of the sum is observed if it
/// is in all series; otherwise it is the sum with filled values.
pub(crate) fn sum(panel: &Panel, all_series: &[TimeSeries<'_>], key: Vec<String>, parts: &[usize]) -> Sum {
    let shortest = *parts.iter().min_by_key(|part| all_series[**part].len()).expect("a sum has series");
    let length = all_series[shortest].len();
    let (mut values, mut observed) = (vec![0.0; length], vec![true; length]);
    let mut replaced = std::collections::BTreeMap::new();
    for part in parts {
        let before = all_series[*part].len() - length;
        let (own, own_observed) = (&all_series[*part].values[before..], &all_series[*part].observed[before..]);
        values.iter_mut().zip(own).for_each(|(sum, value)| *sum += value);
        observed.iter_mut().zip(own_observed).for_each(|(all, own)| *all &= own);
        for (at, actual) in panel.replaced_values(*part).filter(|(at, _)| *at >= before) {
            *replaced.entry(at - before).or_insert(0.0) += actual - all_series[*part].values[at];
        }
    }
    // the last value of every series is observed, so that such a step exists
    let first = observed.iter().position(|observed| *observed).unwrap_or(0);
    let finite = |value: f64| value.clamp(f64::MIN, f64::MAX);
    let values: Vec<f64> = values[first..].iter().copied().map(finite).collect();
    let later = replaced.into_iter().filter(|(at, _)| *at >= first);
    let replaced = later.map(|(at, more)| (at - first, finite(values[at - first] + more))).collect();
    let start = all_series[shortest].time_at(first);
    (Series { key, start, values, observed: observed.split_off(first) }, replaced)
}
