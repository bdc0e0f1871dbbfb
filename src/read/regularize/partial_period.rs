//! Periods of the calendar: rows added up to them, and the last of them when it is not over.

use std::ops::Range;

use crate::panel::repair_log::{Repair, RepairKind, RepairPolicy};
use crate::panel::series::Series;
use crate::time::calendar_period::period_end;
use crate::time::frequency::Frequency;
use crate::time::named_frequency::NamedFrequency;

/// Of rows in ascending order, each with the period it lies in: whether the first and the last period are not whole.
/// That is so if rows begin later, or end earlier, in them than in any other period.
pub(crate) fn ragged_ends(times: &[i64], periods: &[(i64, Range<usize>)], calendar: NamedFrequency) -> (bool, bool) {
    const FEWEST: usize = 3;
    let [first, inner @ .., last] = periods else { return (false, false) };
    if inner.len() < FEWEST {
        return (false, false);
    }
    let late = |(start, rows): &(i64, Range<usize>)| times[rows.start] - start;
    let early = |(start, rows): &(i64, Range<usize>)| period_end(calendar, *start) - times[rows.end - 1];
    let (latest, earliest) = (inner.iter().map(late).max(), inner.iter().map(early).max());
    (Some(late(first)) > latest, Some(early(last)) > earliest)
}

/// Values looked back at to judge the last one: two seasons, within limits.
const FEWEST: usize = 12;
const MOST: usize = 60;

/// The series without a last period that is not over, and what was left out.
pub(crate) fn finished(
    mut series: Vec<Series>,
    frequency: Frequency,
    season: usize,
    unfinished: RepairPolicy,
) -> (Vec<Series>, Vec<Repair>) {
    let mut left_out = Vec::new();
    let end = |s: &Series| frequency.after(s.start, s.values.len() - 1);
    let Some(latest) = series.iter().map(end).max() else { return (series, left_out) };
    if unfinished == RepairPolicy::Keep || !ends_unfinished(&series, frequency, season) {
        return (series, left_out);
    }
    for s in series.iter_mut().filter(|s| end(s) == latest) {
        let kept = s.observed[..s.values.len() - 1].iter().rposition(|seen| *seen).map_or(0, |last| last + 1);
        // a series of one value has nothing else
        if kept == 0 {
            continue;
        }
        let (key, from) = (s.key.clone(), s.values.last().copied());
        left_out.push(Repair { series: key, time: latest, kind: RepairKind::Unfinished, from, to: None });
        s.values.truncate(kept);
        s.observed.truncate(kept);
    }
    (series, left_out)
}

/// Whether the values that a file ends with are sums of a period that is not over: each far below all that went before,
/// in most of the series that reach the end.
pub(crate) fn ends_unfinished(series: &[Series], frequency: Frequency, season: usize) -> bool {
    if matches!(frequency, Frequency::Index { .. } | Frequency::Seconds { .. }) {
        return false;
    }
    let end = |s: &Series| frequency.after(s.start, s.values.len() - 1);
    let Some(latest) = series.iter().map(end).max() else { return false };
    let reaching: Vec<&Series> = series.iter().filter(|s| end(s) == latest).collect();
    let judged: Vec<bool> = reaching.iter().filter_map(|s| is_stub(s, season)).collect();
    let stubs = judged.iter().filter(|stub| **stub).count();
    stubs > 0 && stubs * 2 > judged.len()
}

/// Whether the last value is less than 0.6 of the lowest of two seasons, which itself is no less than half of their
/// median; `None` for a series that is too short to tell, or not of amounts.
fn is_stub(series: &Series, season: usize) -> Option<bool> {
    let (last, before) = series.values.split_last()?;
    let window = (2 * season).clamp(FEWEST, MOST);
    let recent = before.get(before.len().checked_sub(window)?..)?;
    let mut sorted = recent.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let (lowest, median) = (sorted[0], sorted[sorted.len() / 2]);
    (lowest > 0.0).then_some(lowest >= 0.5 * median && *last < 0.6 * lowest && *last >= 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::timestamp::Timestamp;

    #[test]
    fn a_stub_is_far_below_all_that_went_before() {
        let monthly = Frequency::Months { every: 1, day: 1 };
        let start = Timestamp::Time(chrono::NaiveDate::from_ymd_opt(2020, 1, 1).unwrap().into());
        let series = |last: f64| {
            let values: Vec<f64> = (0..40).map(|t| 100.0 + f64::from(t % 12) * 5.0).chain([last]).collect();
            let observed = vec![true; values.len()];
            Series { key: Vec::new(), start, values, observed }
        };
        assert!(ends_unfinished(&[series(40.0)], monthly, 12));
        assert!(!ends_unfinished(&[series(70.0)], monthly, 12));
        assert!(!ends_unfinished(&[series(40.0), series(90.0)], monthly, 12), "the period is the same for all");
        assert!(ends_unfinished(&[series(40.0), series(30.0), series(90.0)], monthly, 12));
        assert!(!ends_unfinished(&[series(40.0)], Frequency::Seconds { every: 3_600 }, 24));
    }
}
