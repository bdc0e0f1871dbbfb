//! Periods of the calendar: where they start and end, and how many steps of a series they have.

use chrono::Weekday;

use crate::time::timestamp::{DAY, Timestamp, datetime_at, midnight, month_day, month_number, ticks_of};
use crate::time::{frequency::Frequency, zone_info::ZoneInfo};

/// The start of a period of the calendar in local time, in ticks. It is equal for all times of one period. An index is a
/// period of its own.
pub(crate) fn local_period_start(period: Frequency, zone: ZoneInfo, time: Timestamp) -> i64 {
    match time {
        Timestamp::Index(index) => index,
        Timestamp::Time(time) => period_start(period, Timestamp::Time(zone.to_local(time)).ticks()),
    }
}

/// The number of steps in the period of `time`, for a series that has a step at `time`.
pub(crate) fn steps_of_period(period: Frequency, frequency: Frequency, zone: ZoneInfo, time: Timestamp) -> usize {
    let Timestamp::Time(at) = time else { return 1 };
    let local_start = local_period_start(period, zone, time);
    let [start, end] = [local_start, period_end(period, local_start)]
        .map(|bound| datetime_at(bound).map_or(bound, |bound| ticks_of(zone.panel_time(bound))));
    let at = ticks_of(at);
    let count = match frequency {
        Frequency::Index { .. } => 1,
        Frequency::Months { every, .. } => months_between(start, end) / every,
        Frequency::BusinessDays { open } => {
            let days = start.div_euclid(DAY)..end.div_euclid(DAY);
            days.filter(|day| open.contains(*day)).count() as i64
        }
        Frequency::Elapsed { .. } | Frequency::Days { .. } => {
            let step = approximate_step(frequency);
            (at - start).div_euclid(step) + 1 + (end - 1 - at).div_euclid(step)
        }
    };
    usize::try_from(count).unwrap_or(1).max(1)
}

/// The whole months between two starts of months, both in ticks.
fn months_between(start: i64, end: i64) -> i64 {
    let month = |time| datetime_at(time).map_or(0, month_number);
    month(end) - month(start)
}

/// The start of the period of a time, both in ticks. Weeks start on Monday, and months on their first day.
pub(crate) fn period_start(frequency: Frequency, time: i64) -> i64 {
    let Some(at) = datetime_at(time) else { return time };
    let start = match frequency {
        Frequency::Elapsed { millis } => return time.div_euclid(millis) * millis,
        Frequency::Months { every, .. } => month_day(month_number(at).div_euclid(every) * every, 1),
        Frequency::Days { every: 7 } => at.date().week(Weekday::Mon).checked_first_day(),
        Frequency::Days { .. } | Frequency::BusinessDays { .. } | Frequency::Index { .. } => Some(at.date()),
    };
    start.map_or(time, midnight)
}

/// The start of the next period, both in ticks.
pub(crate) fn period_end(frequency: Frequency, start: i64) -> i64 {
    let next = datetime_at(start).map(|at| frequency.after(Timestamp::Time(at), 1));
    next.map_or(start, Timestamp::ticks)
}

/// The approximate length of a step in ticks, with months of 30 days. For an index it is the step.
pub(crate) fn approximate_step(frequency: Frequency) -> i64 {
    match frequency {
        Frequency::Index { step } => step,
        Frequency::Elapsed { millis } => millis,
        Frequency::Days { every } => every.saturating_mul(DAY),
        Frequency::BusinessDays { .. } => DAY,
        Frequency::Months { every, .. } => every.saturating_mul(30 * DAY),
    }
}

impl Frequency {
    /// Whether its steps are shorter than those of another frequency, with months of 30 days. An index has no length of time,
    /// so it is shorter than none, and none is shorter than it.
    pub fn has_shorter_steps_than(self, other: Self) -> bool {
        let has_length = |frequency: Self| !matches!(frequency, Self::Index { .. });
        has_length(self) && has_length(other) && approximate_step(self) < approximate_step(other)
    }
}
