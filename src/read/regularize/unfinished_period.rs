//! Leaves out the last period of a file if its value is far below all values before it.

use crate::panel::repair_log::{Repair, RepairKind, RepairPolicy};
use crate::panel::series::Series;
use crate::time::frequency::Frequency;
use crate::time::timestamp::Timestamp;

/// The last value is compared with two seasons of values before it, within these limits.
const MIN_WINDOW: usize = 12;
const MAX_WINDOW: usize = 60;
/// The value of an unfinished period is below this share of the lowest value of the window.
const MAX_SHARE_OF_LOWEST: f64 = 0.6;
/// The lowest value of the window must be at least this share of the median. Otherwise low values are usual.
const MIN_SHARE_OF_MEDIAN: f64 = 0.5;

/// The series without an unfinished last period, and the repairs.
pub(crate) fn drop_unfinished_period(
    mut series: Vec<Series>,
    frequency: Frequency,
    season_length: usize,
    policy: RepairPolicy,
) -> (Vec<Series>, Vec<Repair>) {
    let mut repairs = Vec::new();
    if policy == RepairPolicy::Keep || !ends_in_unfinished_period(&series, frequency, season_length) {
        return (series, repairs);
    }
    let Some(last_time) = last_time(&series, frequency) else { return (series, repairs) };
    for series in series.iter_mut().filter(|series| end(series, frequency) == last_time) {
        let before = &series.observed[..series.values.len() - 1];
        let kept = before.iter().rposition(|observed| *observed).map_or(0, |last| last + 1);
        // A series with one value keeps it.
        if kept == 0 {
            continue;
        }
        let (key, from) = (series.key.clone(), series.values.last().copied());
        repairs.push(Repair { series: key, time: last_time, kind: RepairKind::Unfinished, from, to: None });
        series.values.truncate(kept);
        series.observed.truncate(kept);
    }
    (series, repairs)
}

fn end(series: &Series, frequency: Frequency) -> Timestamp {
    frequency.after(series.start, series.values.len() - 1)
}

fn last_time(series: &[Series], frequency: Frequency) -> Option<Timestamp> {
    series.iter().map(|series| end(series, frequency)).max()
}

/// Whether the last period is unfinished in most of the series that reach it.
fn ends_in_unfinished_period(series: &[Series], frequency: Frequency, season_length: usize) -> bool {
    if matches!(frequency, Frequency::Index { .. } | Frequency::Seconds { .. }) {
        return false;
    }
    let Some(last_time) = last_time(series, frequency) else { return false };
    let reaching = series.iter().filter(|series| end(series, frequency) == last_time);
    let are_low: Vec<bool> = reaching.filter_map(|series| ends_low(series, season_length)).collect();
    let low = are_low.iter().filter(|is_low| **is_low).count();
    low > 0 && low * 2 > are_low.len()
}

/// Whether the last value is far below all values of the window before it. `None` if the series is shorter than the
/// window, or if the window has a value of 0 or less.
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
    fn the_last_period_is_unfinished_if_most_series_end_far_below_their_lowest_value() {
        let monthly = Frequency::Months { every: 1, day: 1 };
        let start = Timestamp::Time(chrono::NaiveDate::from_ymd_opt(2020, 1, 1).unwrap().into());
        let series = |last: f64| {
            let values: Vec<f64> = (0..40).map(|t| 100.0 + f64::from(t % 12) * 5.0).chain([last]).collect();
            let observed = vec![true; values.len()];
            Series { key: Vec::new(), start, values, observed }
        };
        assert!(ends_in_unfinished_period(&[series(40.0)], monthly, 12));
        assert!(!ends_in_unfinished_period(&[series(70.0)], monthly, 12));
        assert!(
            !ends_in_unfinished_period(&[series(40.0), series(90.0)], monthly, 12),
            "half of the series is not most"
        );
        assert!(ends_in_unfinished_period(&[series(40.0), series(30.0), series(90.0)], monthly, 12));
        assert!(!ends_in_unfinished_period(&[series(40.0)], Frequency::Seconds { every: 3_600 }, 24));
    }
}
