//! Periods of the calendar: where they start and end, and how many steps of a series they have.

use chrono::{Datelike, Days};

use crate::time::timestamp::{SECONDS_PER_DAY, Timestamp, datetime_at, month_day, month_number};
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
        .map(|bound| datetime_at(bound).map_or(bound, |bound| zone.panel_time(bound).and_utc().timestamp()));
    let at = at.and_utc().timestamp();
    let count_every = |step: i64| (at - start).div_euclid(step) + 1 + (end - 1 - at).div_euclid(step);
    let count = match frequency {
        Frequency::Seconds { every } => count_every(every),
        Frequency::Days { every } => count_every(every.saturating_mul(SECONDS_PER_DAY)),
        Frequency::BusinessDays { open } => {
            let days = start.div_euclid(SECONDS_PER_DAY)..end.div_euclid(SECONDS_PER_DAY);
            days.filter(|day| open.contains(*day)).count() as i64
        }
        Frequency::Months { .. } | Frequency::Index { .. } => 1,
    };
    usize::try_from(count).unwrap_or(1).max(1)
}

/// The start of the period of a time, both in ticks. Weeks start on Monday, and months on their first day.
pub(crate) fn period_start(frequency: Frequency, time: i64) -> i64 {
    let Some(at) = datetime_at(time) else { return time };
    let start = match frequency {
        Frequency::Seconds { every } => return time.div_euclid(every) * every,
        Frequency::Months { every, .. } => month_day(month_number(at).div_euclid(every) * every, 1),
        Frequency::Days { every: 7 } => {
            at.date().checked_sub_days(Days::new(at.weekday().num_days_from_monday().into()))
        }
        Frequency::Days { .. } | Frequency::BusinessDays { .. } | Frequency::Index { .. } => Some(at.date()),
    };
    start.map_or(time, |date| i64::from(date.to_epoch_days()) * SECONDS_PER_DAY)
}

/// The start of the next period, both in ticks.
pub(crate) fn period_end(frequency: Frequency, start: i64) -> i64 {
    let next = datetime_at(start).map(|at| frequency.after(Timestamp::Time(at), 1));
    next.map_or(start, Timestamp::ticks)
}

/// The approximate length of a step in seconds, with months of 30 days. For an index it is the step.
pub(crate) fn approximate_step(frequency: Frequency) -> i64 {
    match frequency {
        Frequency::Index { step } => step,
        Frequency::Seconds { every } => every,
        Frequency::Days { every } => every * SECONDS_PER_DAY,
        Frequency::BusinessDays { .. } => SECONDS_PER_DAY,
        Frequency::Months { every, .. } => every * 30 * SECONDS_PER_DAY,
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDateTime;

    use super::*;
    use crate::time::zone_info::ZoneKind;

    fn time(text: &str) -> Timestamp {
        Timestamp::Time(NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap())
    }

    #[test]
    fn a_time_is_in_the_period_from_its_start_to_its_end() {
        for (frequency, start, next) in [
            (Frequency::YEARLY, "2024-01-01 00:00", "2025-01-01 00:00"),
            (Frequency::QUARTERLY, "2024-04-01 00:00", "2024-07-01 00:00"),
            (Frequency::MONTHLY, "2024-05-01 00:00", "2024-06-01 00:00"),
            (Frequency::WEEKLY, "2024-05-13 00:00", "2024-05-20 00:00"),
            (Frequency::DAILY, "2024-05-19 00:00", "2024-05-20 00:00"),
            (Frequency::HOURLY, "2024-05-19 17:00", "2024-05-19 18:00"),
            (Frequency::QUARTER_HOURLY, "2024-05-19 17:30", "2024-05-19 17:45"),
        ] {
            let [start, next] = [start, next].map(|text| time(text).ticks());
            assert_eq!(period_start(frequency, time("2024-05-19 17:42").ticks()), start, "{frequency:?}");
            assert_eq!(period_end(frequency, start), next, "{frequency:?}");
        }
    }

    #[test]
    fn a_day_has_23_or_25_hours_when_the_clocks_change() {
        let zone = ZoneInfo(ZoneKind::Elapsed { zone: chrono_tz::Europe::Berlin, offset: 0, writes_offset: true });
        // in UTC: the last hour of 30 March 2024 in Berlin is 22:00, where clocks go forward on the 31st
        let [before, after] = ["2024-03-30 22:00", "2024-03-30 23:00"].map(time);
        assert_ne!(
            local_period_start(Frequency::DAILY, zone, before),
            local_period_start(Frequency::DAILY, zone, after)
        );
        let hours = [before, after, time("2024-10-27 12:00")]
            .map(|at| steps_of_period(Frequency::DAILY, Frequency::HOURLY, zone, at));
        assert_eq!(hours, [24, 23, 25]);
    }
}
