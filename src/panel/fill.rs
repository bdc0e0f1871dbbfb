//! Fills missing values: by the season and a line between the neighbours, or by the last value.

/// The number of seasons to search in each direction for an observed value of the same phase.
const MAX_SEASONS: usize = 4;

/// Fills every unobserved value from the observed ones, within their range. The first and the last value are observed.
pub(crate) fn fill(values: &mut [f64], observed: &[bool], season: usize) {
    let known = || values.iter().zip(observed).filter(|(_, observed)| **observed).map(|(value, _)| *value);
    let (lowest, highest) = (known().fold(f64::INFINITY, f64::min), known().fold(f64::NEG_INFINITY, f64::max));
    let mut before = 0;
    for after in (1..values.len()).filter(|at| observed[*at]) {
        for at in before + 1..after {
            let value = seasonal_line(values, observed, season, (before, at, after))
                .unwrap_or_else(|| interpolate(values[before], values[after], (before, at, after)));
            values[at] = value.clamp(lowest, highest);
        }
        before = after;
    }
}

/// Fills every unobserved value with the last observed one. The first value is observed.
pub(crate) fn carry(values: &mut [f64], observed: &[bool]) {
    for at in 1..values.len() {
        if !observed[at] {
            values[at] = values[at - 1];
        }
    }
}

/// The value at `at` on the line from `first` to `last`.
fn interpolate(first: f64, last: f64, (before, at, after): (usize, usize, usize)) -> f64 {
    first + (last - first) * (at - before) as f64 / (after - before) as f64
}

/// The seasonal value, plus a line between the neighbours after removal of their seasonal values. `None` unless the whole
/// gap has seasonal values.
fn seasonal_line(values: &[f64], observed: &[bool], season: usize, gap: (usize, usize, usize)) -> Option<f64> {
    let (before, at, after) = gap;
    let seasonal = |at| seasonal(values, observed, season, at);
    if season < 2 || (before + 1..after).any(|at| seasonal(at).is_none()) {
        return None;
    }
    let rest = interpolate(values[before] - seasonal(before)?, values[after] - seasonal(after)?, gap);
    Some(seasonal(at)? + rest)
}

/// The mean of the nearest observed values of the same phase before and after, or the one that exists. `None` if neither
/// exists.
fn seasonal(values: &[f64], observed: &[bool], season: usize, at: usize) -> Option<f64> {
    let before = (1..=MAX_SEASONS).filter_map(|count| at.checked_sub(count * season)).find(|at| observed[*at]);
    let after = (1..=MAX_SEASONS).map(|count| at + count * season).find(|at| observed.get(*at) == Some(&true));
    match (before, after) {
        (Some(before), Some(after)) => Some(f64::midpoint(values[before], values[after])),
        (one, other) => one.or(other).map(|at| values[at]),
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "observed values must not change")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_gap_in_a_seasonal_series_with_a_trend_is_filled_exactly() {
        let truth: Vec<f64> =
            (0..40_u8).map(|t| f64::from(t) * 0.5 + [0.0, 10.0, -3.0, 5.0][usize::from(t % 4)]).collect();
        let observed: Vec<bool> = (0..40).map(|t| !(17..20).contains(&t)).collect();
        let mut values: Vec<f64> =
            truth.iter().zip(&observed).map(|(v, observed)| if *observed { *v } else { f64::NAN }).collect();
        fill(&mut values, &observed, 4);
        for (value, truth) in values.iter().zip(&truth) {
            assert!((value - truth).abs() < 1e-9, "{value} {truth}");
        }
    }

    #[test]
    fn a_gap_without_a_season_is_filled_by_a_line() {
        let mut values = [1.0, f64::NAN, f64::NAN, 4.0];
        fill(&mut values, &[true, false, false, true], 1);
        assert_eq!(values.map(f64::round), [1.0, 2.0, 3.0, 4.0]);
    }

    proptest! {
        #[test]
        fn filled_values_are_within_the_range_of_observed_values(
            cells in prop::collection::vec(prop::option::of(-1e6..1e6), 2..80), season in 1_usize..10,
        ) {
            let mut cells = cells;
            let last = cells.len() - 1;
            cells[0].get_or_insert(1.0);
            cells[last].get_or_insert(2.0);
            let observed: Vec<bool> = cells.iter().map(Option::is_some).collect();
            let known: Vec<f64> = cells.iter().flatten().copied().collect();
            let mut values: Vec<f64> = cells.iter().map(|cell| cell.unwrap_or(f64::NAN)).collect();
            fill(&mut values, &observed, season);
            let (low, high) = known.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (v.min(l), v.max(h)));
            prop_assert!(values.iter().all(|value| (low..=high).contains(value)));
            for (value, cell) in values.iter().zip(&cells) {
                prop_assert!(cell.is_none_or(|cell| cell == *value));
            }
        }
    }
}
