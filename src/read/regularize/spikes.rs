//! Clips spikes, so that no model learns from them. A spike is a single value far outside the range of all others. Values
//! that recur at the same time of several years, such as those of a holiday, are events and no spikes.
//!
//! The last value may be the first of many such values, but a forecast starts from it. So a last value is replaced if it
//! is a multiple of the values before, and a far larger change than any before. It is kept as soon as later values of its
//! size confirm it. A last value that is far lower is mostly a new level, and is kept.

use crate::panel::{Panel, Repair, RepairKind, TimeSeries};
use crate::time::{Frequency, Timestamp};

/// The minimum number of observed values of a series with spikes. The range of fewer says little.
const MIN_VALUES: usize = 30;
/// The minimum number of distinct values of a series with spikes. Counts that are mostly 0 have fewer.
const MIN_DISTINCT_VALUES: usize = 10;
/// The number of values for each spike that a series may have.
const VALUES_PER_SPIKE: usize = 100;
/// The minimum distance of a spike from the range of the other values, in ranges.
const MIN_DISTANCE_IN_RANGES: f64 = 2.0;

/// The largest number of spikes that are compared with each other.
const MAX_COMPARED: usize = 500;
const DAYS_PER_YEAR: f64 = 365.25;
/// The largest distance of two events of a year from whole years, in days. The date of a weekday of a month moves as far.
const MAX_DAYS_FROM_YEARS: f64 = 7.0;

/// The minimum number of values before a last value that is replaced.
const MIN_VALUES_BEFORE_LAST: usize = 12;
/// A last value is this multiple of a usual one, in a series that is never negative.
const MIN_LAST_MULTIPLE: f64 = 3.0;
/// A last value is outside the range of the values before it by at least so many of these ranges: in a series that is known
/// well, in a shorter one, in one with negative values, and in one without a season, such as yearly values.
const MIN_LAST_DISTANCE_IN_RANGES: f64 = 1.0;
const MIN_LAST_DISTANCE_OF_SHORT_SERIES: f64 = 3.0;
const MIN_LAST_DISTANCE_OF_NEGATIVE_SERIES: f64 = 5.0;
const MIN_LAST_DISTANCE_WITHOUT_SEASON: f64 = 10.0;
/// The minimum number of values of a series that is known well. They must also contain more than one season.
const WELL_KNOWN_VALUES: usize = 20;
/// The range is that of this number of seasons before, or of this number of values if they are more.
const SEASONS_OF_RANGE: usize = 3;
const MIN_VALUES_OF_RANGE: usize = 40;
/// The last change exceeds the largest change before by this factor, and the median of all changes by the other one.
const MIN_LAST_CHANGE: f64 = 1.5;
const MIN_LAST_CHANGE_IN_MEDIANS: f64 = 8.0;
/// The maximum ratio of the largest change to the median of all, without the last. A series with a higher one jumps.
const MAX_JUMP_IN_MEDIANS: f64 = 12.0;
/// The maximum share of zeros. Counts with more zeros have large values now and then.
const MAX_ZEROS: f64 = 0.3;
/// The number of values whose median replaces the last one in a series without a season.
const VALUES_OF_MEDIAN: usize = 5;

/// The panel with its spikes clipped to the range of the other values, and its last values replaced if they are far
/// outside of it.
pub(crate) fn clip(panel: Panel, repairs: &mut Vec<Repair>) -> Panel {
    let mut replacements = Vec::new();
    for (index, series) in panel.iter().enumerate() {
        let spikes = find(&series).into_iter().map(|(at, clipped)| (at, clipped, RepairKind::Spike));
        let last = find_last(&series, panel.season());
        let last = last.map(|usual| (series.len() - 1, usual, RepairKind::LastOutlier));
        for (at, usual, kind) in spikes.chain(last) {
            replacements.push((index, at, usual));
            let (key, time) = (series.key.to_vec(), series.time_at(at));
            repairs.push(Repair { series: key, time, kind, from: Some(series.values[at]), to: Some(usual) });
        }
    }
    panel.with_replaced_values(replacements.into_iter())
}

/// What the last value would usually be, if it is far outside everything before it; otherwise `None`.
fn find_last(series: &TimeSeries<'_>, season: usize) -> Option<f64> {
    let (last, before) = series.values.split_last()?;
    let observed: Vec<f64> = series.first(before.len()).observed_values().collect();
    let zeros = observed.iter().filter(|value| **value == 0.0).count();
    if observed.len() < MIN_VALUES_BEFORE_LAST || zeros as f64 > MAX_ZEROS * observed.len() as f64 {
        return None;
    }
    let recent = &observed[observed.len().saturating_sub(MIN_VALUES_OF_RANGE.max(SEASONS_OF_RANGE * season))..];
    let low = recent.iter().copied().fold(f64::INFINITY, f64::min);
    let high = recent.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let lags = [1, season].into_iter().filter(|lag| before.len() > 2 * lag);
    let lag = lags.min_by(|a, b| median_change(before, *a).total_cmp(&median_change(before, *b)))?;
    let mut typical = before[before.len() - VALUES_OF_MEDIAN..].to_vec();
    typical.sort_by(f64::total_cmp);
    let usual = if lag == 1 { typical[VALUES_OF_MEDIAN / 2] } else { before[before.len() - lag] };
    let is_never_negative = observed.iter().all(|value| *value >= 0.0);
    let is_possible = !is_never_negative || *last < 0.0 || *last >= MIN_LAST_MULTIPLE * usual;
    // a constant has no range, and a small step from it may be a new level
    let range = if high > low { high - low } else { high.abs() };
    let is_distant = (last - high).max(low - last) >= min_ranges(series, observed.len(), season) * range;
    let (known, usual_change) = (changes(before, lag), median_change(before, lag));
    let largest = known.last().copied().unwrap_or(0.0);
    let change = (last - before[before.len() - lag]).abs();
    let is_extreme = change > (MIN_LAST_CHANGE * largest).max(MIN_LAST_CHANGE_IN_MEDIANS * usual_change)
        && largest <= MAX_JUMP_IN_MEDIANS * usual_change;
    // a series that grows by the same factor each time has ever larger changes
    let is_growth = before.iter().all(|value| *value > 0.0) && *last > 0.0 && {
        let logarithms: Vec<f64> = before.iter().map(|value| value.ln()).collect();
        let largest = changes(&logarithms, lag).last().copied().unwrap_or(0.0);
        (last.ln() - logarithms[logarithms.len() - lag]).abs() <= MIN_LAST_CHANGE * largest
    };
    (range > 0.0 && is_possible && is_distant && is_extreme && !is_growth).then_some(usual)
}

/// The minimum distance of a last value from the range of the values before it, in ranges.
fn min_ranges(series: &TimeSeries<'_>, known: usize, season: usize) -> f64 {
    let has_season = season > 1 || !matches!(series.frequency, Frequency::Index { .. } | Frequency::Months { .. });
    // a season that was not seen yet may have higher values
    let is_well_known = known >= WELL_KNOWN_VALUES.max(season + 1);
    if !has_season {
        MIN_LAST_DISTANCE_WITHOUT_SEASON
    } else if series.values.iter().take(known).any(|value| *value < 0.0) {
        MIN_LAST_DISTANCE_OF_NEGATIVE_SERIES
    } else if is_well_known {
        MIN_LAST_DISTANCE_IN_RANGES
    } else {
        MIN_LAST_DISTANCE_OF_SHORT_SERIES
    }
}

/// The absolute changes over `lag` steps, ascending.
fn changes(values: &[f64], lag: usize) -> Vec<f64> {
    let mut changes: Vec<f64> = values.windows(lag + 1).map(|pair| (pair[lag] - pair[0]).abs()).collect();
    changes.sort_by(f64::total_cmp);
    changes
}

fn median_change(values: &[f64], lag: usize) -> f64 {
    let changes = changes(values, lag);
    changes.get(changes.len() / 2).copied().unwrap_or(f64::INFINITY)
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
    let spikes: Vec<usize> = far.filter(is_single).collect();
    let recurs = |at: usize| {
        let is_same_side = |other: usize| (values[other] > high) == (values[at] > high);
        spikes.len() <= MAX_COMPARED
            && spikes.iter().any(|other| is_same_side(*other) && are_years_apart(series, at, *other))
    };
    let once = spikes.iter().copied().filter(|at| !recurs(*at));
    once.map(|at| (at, values[at].clamp(low, high))).collect()
}

/// Whether two values are at nearly the same time of different years.
fn are_years_apart(series: &TimeSeries<'_>, one: usize, other: usize) -> bool {
    let [Timestamp::Time(one), Timestamp::Time(other)] = [one, other].map(|at| series.time_at(at)) else {
        return false;
    };
    let days = (one - other).num_seconds().abs() as f64 / 86_400.0;
    let years = (days / DAYS_PER_YEAR).round();
    years >= 1.0 && (days - years * DAYS_PER_YEAR).abs() <= MAX_DAYS_FROM_YEARS
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

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;
    use rand_distr::StandardNormal;

    use super::*;

    fn replaced(values: &[f64], season: usize) -> Option<f64> {
        find_last(&Panel::from_values(values, season).iter().next()?, season)
    }

    fn normal(rng: &mut ChaCha8Rng) -> f64 {
        rng.sample(StandardNormal)
    }

    #[test]
    fn a_wild_last_value_is_replaced_by_a_usual_one() {
        let alternating: Vec<f64> = (0..60).map(|t| [20.0, 25.0][t % 2]).collect();
        assert_eq!(replaced(&[alternating.clone(), vec![200.0]].concat(), 52), Some(25.0));
        let rng = &mut ChaCha8Rng::seed_from_u64(1);
        let noise: Vec<f64> = (0..90).map(|_| 1e5 + 4e3 * normal(rng)).collect();
        let impossible = replaced(&[noise.clone(), vec![-9e5]].concat(), 1).unwrap();
        let high = replaced(&[noise, vec![9e5]].concat(), 1).unwrap();
        assert!((9e4..1.1e5).contains(&high) && (impossible - high).abs() < 1e-9, "{impossible}, {high}");
        let seasonal: Vec<f64> =
            (0..71).map(|t| 50.0 + 40.0 * (f64::from(t) * std::f64::consts::FRAC_PI_6).sin() + normal(rng)).collect();
        let usual = replaced(&[seasonal.clone(), vec![900.0]].concat(), 12).unwrap();
        assert!((usual - seasonal[71 - 12]).abs() < 1e-12);
    }

    #[test]
    fn new_levels_growth_jumps_and_counts_are_kept() {
        let alternating: Vec<f64> = (0..60).map(|t| [20.0, 25.0][t % 2]).collect();
        assert_eq!(replaced(&[alternating, vec![200.0, 205.0]].concat(), 1), None, "a new level");
        let growth: Vec<f64> = (0..40).map(|t| 1.6_f64.powi(t)).collect();
        assert_eq!(replaced(&growth, 1), None);
        let fall: Vec<f64> = (0..60).map(|t| if t < 59 { 900.0 + f64::from(t % 4) } else { 300.0 }).collect();
        assert_eq!(replaced(&fall, 7), None, "a far lower value");
        let mut found = [0; 3];
        for seed in 0..300 {
            let rng = &mut ChaCha8Rng::seed_from_u64(seed);
            let walk: Vec<f64> = (0..80)
                .scan(1e3, |level, _| {
                    *level += normal(rng);
                    Some(*level)
                })
                .collect();
            let heavy: Vec<f64> = (0..80).map(|_| (1.5 * normal(rng)).exp()).collect();
            let counts: Vec<f64> =
                (0..80).map(|_| if rng.random_bool(0.3) { f64::from(rng.random_range(1..20)) } else { 0.0 }).collect();
            for (found, values) in found.iter_mut().zip([walk, heavy, counts]) {
                *found += usize::from(replaced(&values, 1).is_some());
            }
        }
        assert!(found.iter().all(|found| *found <= 1), "{found:?} of 300");
    }
}
