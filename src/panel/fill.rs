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
