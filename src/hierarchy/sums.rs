//! Sums of series, period by period.

use crate::panel::Panel;
use crate::panel::series::{Series, TimeSeries};

/// A sum, and what it would be where models are given less than the file has.
pub(crate) type Sum = (Series, Vec<(usize, f64)>);

/// The sum of some series that end together, from the first period that all of them observed. A period counts as observed
/// where it was in every part; else the parts' filled values are added up.
pub(crate) fn sum(panel: &Panel, wholes: &[TimeSeries<'_>], key: Vec<String>, parts: &[usize]) -> Sum {
    let shortest = *parts.iter().min_by_key(|part| wholes[**part].len()).expect("a sum has parts");
    let length = wholes[shortest].len();
    let (mut values, mut observed) = (vec![0.0; length], vec![true; length]);
    let mut clipped = std::collections::BTreeMap::new();
    for part in parts {
        let before = wholes[*part].len() - length;
        let (own, seen) = (&wholes[*part].values[before..], &wholes[*part].observed[before..]);
        values.iter_mut().zip(own).for_each(|(sum, value)| *sum += value);
        observed.iter_mut().zip(seen).for_each(|(all, seen)| *all &= seen);
        for (at, actual) in panel.replaced_values(*part).filter(|(at, _)| *at >= before) {
            *clipped.entry(at - before).or_insert(0.0) += actual - wholes[*part].values[at];
        }
    }
    // the last value of every series is observed, so there is one
    let first = observed.iter().position(|seen| *seen).unwrap_or(0);
    let finite = |value: f64| value.clamp(f64::MIN, f64::MAX);
    let values: Vec<f64> = values[first..].iter().copied().map(finite).collect();
    let later = clipped.into_iter().filter(|(at, _)| *at >= first);
    let clipped = later.map(|(at, more)| (at - first, finite(values[at - first] + more))).collect();
    let start = wholes[shortest].time_at(first);
    (Series { key, start, values, observed: observed.split_off(first) }, clipped)
}
