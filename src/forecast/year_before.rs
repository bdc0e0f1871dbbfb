//! The sum of the same steps a year before.

use chrono::{Days, Months, NaiveDateTime};

use crate::panel::Panel;
use crate::time::{Frequency, Timestamp};

/// The weeks after which a weekly series has as many steps again, on the same days of the week.
const WEEKS_OF_A_YEAR: u64 = 52;

/// No local time differs more from UTC.
const MAX_OFFSET: Days = Days::new(2);

/// The sum of a series over the steps that are a year before those from `from` to `to`. `None` without a calendar, or if
/// not all of them are observed.
///
/// The steps are those between the same dates. Steps of whole weeks are those of 52 weeks before, because equally many
/// of them would not fall between the same dates.
pub(super) fn sum(panel: &Panel, series: usize, from: Timestamp, to: Timestamp) -> Option<f64> {
    let (zone, frequency) = (panel.zone(), panel.frequency());
    let local = |time: Timestamp| match time {
        Timestamp::Time(time) => Some(zone.to_local(time)),
        Timestamp::Index(_) => None,
    };
    let (first, end) = (local(from)?, local(frequency.after(to, 1))?);
    let (first, end) = (year_before(frequency, first)?, year_before(frequency, end)?);
    let history = panel.series(series);
    let next = local(history.time_at(history.len()))?;
    if local(history.start)? > first || next < end {
        return None;
    }
    let is_before =
        |position: &usize, bound: NaiveDateTime| local(history.time_at(*position)).is_some_and(|at| at < bound);
    // Positions long before are skipped at once, without their local times.
    let long_before = Timestamp::Time(first.checked_sub_days(MAX_OFFSET)?);
    let steps = frequency.ordinal(long_before) - frequency.ordinal(history.start) - 1;
    let from = usize::try_from(steps).unwrap_or(0).min(history.len());
    let positions = (from..history.len()).skip_while(|at| is_before(at, first)).take_while(|at| is_before(at, end));
    let values: Vec<Option<f64>> = positions.map(|at| history.observed[at].then(|| panel.actual(series, at))).collect();
    if values.is_empty() { None } else { values.into_iter().sum() }
}

fn year_before(frequency: Frequency, time: NaiveDateTime) -> Option<NaiveDateTime> {
    match frequency {
        Frequency::Days { every } if every % 7 == 0 => time.checked_sub_days(Days::new(7 * WEEKS_OF_A_YEAR)),
        _ => time.checked_sub_months(Months::new(12)),
    }
}
