//! Leaves out the last period of a file if it is incomplete: its value is far below all values before.

use crate::panel::repair_log::{Repair, RepairKind, RepairPolicy};
use crate::panel::series::Series;
use crate::time::frequency::Frequency;
use crate::time::timestamp::Timestamp;

/// The fewest and the most values before the last one by which it is judged; between them it is two seasons.
const MIN_WINDOW: usize = 12;
const MAX_WINDOW: usize = 60;
/// An incomplete value is below this share of the lowest value of the window.
const MAX_SHARE_OF_LOWEST: f64 = 0.6;
/// The lowest value of the window is at least this share of the median, as otherwise values are often low.
const MIN_SHARE_OF_MEDIAN: f64 = 0.5;

/// The series without an incomplete last period, and the repairs.
pub(crate) fn drop_partial_period(
    mut series: Vec<Series>,
    frequency: Frequency,
    season_length: usize,
    policy: RepairPolicy,
) -> (Vec<Series>, Vec<Repair>) {
    let mut repairs = Vec::new();
    if policy == RepairPolicy::Keep || !ends_in_partial_period(&series, frequency, season_length) {
        return (series, repairs);
    }
    let Some(last_time) = last_time(&series, frequency) else { return (series, repairs) };
    for one in series.iter_mut().filter(|one| end(one, frequency) == last_time) {
        let kept = one.observed[..one.values.len() - 1].iter().rposition(|seen| *seen).map_or(0, |last| last + 1);
        // A series with one value keeps it.
        if kept == 0 {
            continue;
        }
        let (key, from) = (one.key.clone(), one.values.last().copied());
        repairs.push(Repair { series: key, time: last_time, kind: RepairKind::Unfinished, from, to: None });
        one.values.truncate(kept);
        one.observed.truncate(kept);
    }
    (series, repairs)
}

fn end(series: &Series, frequency: Frequency) -> Timestamp {
    frequency.after(series.start, series.values.len() - 1)
}

fn last_time(series: &[Series], frequency: Frequency) -> Option<Timestamp> {
    series.iter().map(|one| end(one, frequency)).max()
}

/// Whether the last period is incomplete in most of the series that reach it.
fn ends_in_partial_period(series: &[Series], frequency: Frequency, season_length: usize) -> bool {
    if matches!(frequency, Frequency::Index { .. } | Frequency::Seconds { .. }) {
        return false;
    }
    let Some(last_time) = last_time(series, frequency) else { return false };
    let reaching = series.iter().filter(|one| end(one, frequency) == last_time);
    let judged: Vec<bool> = reaching.filter_map(|one| ends_low(one, season_length)).collect();
    let low = judged.iter().filter(|is_low| **is_low).count();
    low > 0 && low * 2 > judged.len()
}

/// Whether the last value is far below all values of the window before it; `None` if the series is shorter than the window
/// or has values of 0 or less.
fn ends_low(series: &Series, season_length: usize) -> Option<bool> {
    let (last, before) = series.values.split_last()?;
    let window = (2 * season_length).clamp(MIN_WINDOW, MAX_WINDOW);
    let mut recent = before.get(before.len().checked_sub(window)?..)?.to_vec();
    recent.sort_unstable_by(f64::total_cmp);
    let (lowest, median) = (recent[0], recent[recent.len() / 2]);
    (lowest > 0.0)
        .then_some(lowest >= MIN_SHARE_OF_MEDIAN * median && *last < MAX_SHARE_OF_LOWEST * lowest && *last >= 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_period_is_incomplete_if_most_series_end_far_below_their_lowest_value() {
        let monthly = Frequency::Months { every: 1, day: 1 };
        let start = Timestamp::Time(chrono::NaiveDate::from_ymd_opt(2020, 1, 1).unwrap().into());
        let series = |last: f64| {
            let values: Vec<f64> = (0..40).map(|t| 100.0 + f64::from(t % 12) * 5.0).chain([last]).collect();
            let observed = vec![true; values.len()];
            Series { key: Vec::new(), start, values, observed }
        };
        assert!(ends_in_partial_period(&[series(40.0)], monthly, 12));
        assert!(!ends_in_partial_period(&[series(70.0)], monthly, 12));
        assert!(!ends_in_partial_period(&[series(40.0), series(90.0)], monthly, 12), "half of the series is not most");
        assert!(ends_in_partial_period(&[series(40.0), series(30.0), series(90.0)], monthly, 12));
        assert!(!ends_in_partial_period(&[series(40.0)], Frequency::Seconds { every: 3_600 }, 24));
    }
}
