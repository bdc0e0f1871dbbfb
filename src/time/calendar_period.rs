//! Days, weeks and months of the calendar that the steps of a series lie in.

use chrono::{Datelike, Days};

use crate::time::frequency::Frequency;
use crate::time::named_frequency::NamedFrequency;
use crate::time::timestamp::{SECONDS_PER_DAY, Timestamp, datetime_at, month_day, month_number};
use crate::time::zone_info::ZoneInfo;

/// A stretch of the calendar that steps add up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CalendarPeriod {
    Day,
    /// From Monday.
    Week,
    Month,
}

impl CalendarPeriod {
    fn calendar(self) -> NamedFrequency {
        match self {
            Self::Day => NamedFrequency::Daily,
            Self::Week => NamedFrequency::Weekly,
            Self::Month => NamedFrequency::Monthly,
        }
    }

    /// When the one that a time lies in began, as the clock shows it: the same for all times that lie in it. An index lies
    /// in none, and is its own.
    pub(crate) fn beginning(self, clock: ZoneInfo, time: Timestamp) -> i64 {
        match time {
            Timestamp::Index(index) => index,
            Timestamp::Time(time) => period_start(self.calendar(), Timestamp::Time(clock.shown(time)).ticks()),
        }
    }

    /// How many steps of a series that has one at `time` lie in the same stretch.
    pub(crate) fn steps(self, frequency: Frequency, clock: ZoneInfo, time: Timestamp) -> usize {
        let Timestamp::Time(at) = time else { return 1 };
        let shown = self.beginning(clock, time);
        let bounds =
            [shown, period_end(self.calendar(), shown)].map(|bound| match Timestamp::from_ticks(true, bound) {
                Timestamp::Time(bound) => clock.kept(bound).and_utc().timestamp(),
                Timestamp::Index(index) => index,
            });
        let [begin, end] = bounds;
        let at = at.and_utc().timestamp();
        let every = |step: i64| (at - begin).div_euclid(step) + 1 + (end - 1 - at).div_euclid(step);
        let count = match frequency {
            Frequency::Seconds { every: step } => every(step),
            Frequency::Days { every: step } => every(step.saturating_mul(SECONDS_PER_DAY)),
            Frequency::BusinessDays { open } => {
                let days = begin.div_euclid(SECONDS_PER_DAY)..end.div_euclid(SECONDS_PER_DAY);
                days.filter(|day| open.has(*day)).count() as i64
            }
            Frequency::Months { .. } | Frequency::Index { .. } => 1,
        };
        usize::try_from(count).unwrap_or(1).max(1)
    }
}

impl Frequency {
    /// Whether several steps can lie in one day, week or month.
    pub(crate) fn divides(self, span: CalendarPeriod) -> bool {
        let days = match span {
            CalendarPeriod::Day => 1,
            CalendarPeriod::Week => 7,
            CalendarPeriod::Month => 28,
        };
        match self {
            Self::Seconds { every } => every < days * SECONDS_PER_DAY,
            Self::Days { every } => every < days,
            Self::BusinessDays { .. } => days > 1,
            Self::Index { .. } | Self::Months { .. } => false,
        }
    }
}

/// The beginning of the period that a time lies in; weeks begin on Monday.
pub(crate) fn period_start(calendar: NamedFrequency, time: i64) -> i64 {
    let Some(at) = datetime_at(time) else { return time };
    let month = |every: i64| {
        let first = month_number(at).div_euclid(every) * every;
        month_day(first, 1).map_or(time, |date| i64::from(date.to_epoch_days()) * SECONDS_PER_DAY)
    };
    match calendar.frequency(1) {
        Frequency::Months { every, .. } => month(every),
        Frequency::Days { every: 7 } => {
            let monday = at.date().checked_sub_days(Days::new(at.weekday().num_days_from_monday().into()));
            monday.map_or(time, |date| i64::from(date.to_epoch_days()) * SECONDS_PER_DAY)
        }
        Frequency::Seconds { every } => time.div_euclid(every) * every,
        Frequency::Days { .. } | Frequency::BusinessDays { .. } | Frequency::Index { .. } => {
            time.div_euclid(SECONDS_PER_DAY) * SECONDS_PER_DAY
        }
    }
}

/// The beginning of the next period.
pub(crate) fn period_end(calendar: NamedFrequency, start: i64) -> i64 {
    let frequency = calendar.frequency(1);
    let next = datetime_at(start).map(|at| frequency.after(Timestamp::Time(at), 1));
    next.map_or(start, Timestamp::ticks)
}

/// About how long a step is, in seconds.
pub(crate) fn step_seconds(frequency: Frequency) -> i64 {
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
    use crate::time::weekdays::Weekdays;

    #[test]
    fn every_time_lies_in_one_period() {
        let ticks =
            |text: &str| chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap().and_utc().timestamp();
        let time = ticks("2024-05-19 17:42");
        for (calendar, start, next) in [
            (NamedFrequency::Yearly, "2024-01-01 00:00", "2025-01-01 00:00"),
            (NamedFrequency::Quarterly, "2024-04-01 00:00", "2024-07-01 00:00"),
            (NamedFrequency::Monthly, "2024-05-01 00:00", "2024-06-01 00:00"),
            (NamedFrequency::Weekly, "2024-05-13 00:00", "2024-05-20 00:00"),
            (NamedFrequency::Daily, "2024-05-19 00:00", "2024-05-20 00:00"),
            (NamedFrequency::Hourly, "2024-05-19 17:00", "2024-05-19 18:00"),
            (NamedFrequency::QuarterHourly, "2024-05-19 17:30", "2024-05-19 17:45"),
        ] {
            assert_eq!(period_start(calendar, time), ticks(start), "{calendar}");
            assert_eq!(period_end(calendar, ticks(start)), ticks(next), "{calendar}");
        }
    }

    fn time(text: &str) -> Timestamp {
        Timestamp::Time(NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap())
    }

    #[test]
    fn steps_of_a_stretch_are_counted_from_any_of_them() {
        let unsaid = ZoneInfo::default();
        let business = Frequency::BusinessDays { open: Weekdays::BUSINESS };
        for (span, frequency, at, steps) in [
            (CalendarPeriod::Week, Frequency::Days { every: 1 }, "2024-02-29 00:00", 7),
            (CalendarPeriod::Month, Frequency::Days { every: 1 }, "2024-02-29 00:00", 29),
            (CalendarPeriod::Month, Frequency::Days { every: 7 }, "2024-01-31 00:00", 5),
            (CalendarPeriod::Month, Frequency::Days { every: 7 }, "2024-01-28 00:00", 4),
            (CalendarPeriod::Week, business, "2024-02-29 00:00", 5),
            (CalendarPeriod::Month, business, "2024-06-12 00:00", 20),
            (CalendarPeriod::Day, Frequency::Seconds { every: 3_600 }, "2024-02-29 23:00", 24),
            (CalendarPeriod::Day, Frequency::Seconds { every: 18_000 }, "2024-02-29 04:00", 4),
            (CalendarPeriod::Day, Frequency::Seconds { every: 18_000 }, "2024-02-29 23:00", 5),
        ] {
            assert_eq!(span.steps(frequency, unsaid, time(at)), steps, "{span:?} of {frequency:?} at {at}");
        }
    }

    #[test]
    fn a_day_of_the_zone_has_as_many_hours_as_its_clocks_show() {
        let clock = ZoneInfo::elapsed(chrono_tz::Europe::Berlin, 0, true);
        let hours = Frequency::Seconds { every: 3_600 };
        // in UTC: the last hour of 30 March 2024 in Berlin is 22:00, its clocks go forward on the 31st
        let [before, after] = ["2024-03-30 22:00", "2024-03-30 23:00"].map(time);
        assert_ne!(CalendarPeriod::Day.beginning(clock, before), CalendarPeriod::Day.beginning(clock, after));
        assert_eq!([before, after].map(|at| CalendarPeriod::Day.steps(hours, clock, at)), [24, 23]);
        assert_eq!(CalendarPeriod::Day.steps(hours, clock, time("2024-10-27 12:00")), 25);
    }
}
