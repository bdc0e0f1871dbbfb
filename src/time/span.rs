//! Days, weeks and months of the calendar that the steps of a series lie in.

use crate::read::regularize::partial_period;
use chrono::{NaiveDateTime, TimeDelta};

use crate::time::calendar::NamedFrequency;
use crate::time::frequency::{DAY, ticks, timestamp};
use crate::time::frequency::{Frequency, Timestamp};
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
            Timestamp::Time(time) => {
                partial_period::beginning(self.calendar(), ticks(Timestamp::Time(clock.shown(time))))
            }
        }
    }

    /// How many steps of a series that has one at `time` lie in the same stretch.
    pub(crate) fn steps(self, frequency: Frequency, clock: ZoneInfo, time: Timestamp) -> usize {
        let Timestamp::Time(at) = time else { return 1 };
        let shown = self.beginning(clock, time);
        let bounds = [shown, partial_period::end(self.calendar(), shown)].map(|bound| match timestamp(true, bound) {
            Timestamp::Time(bound) => clock.kept(bound).and_utc().timestamp(),
            Timestamp::Index(index) => index,
        });
        let [begin, end] = bounds;
        let at = at.and_utc().timestamp();
        let every = |step: i64| (at - begin).div_euclid(step) + 1 + (end - 1 - at).div_euclid(step);
        let count = match frequency {
            Frequency::Seconds { every: step } => every(step),
            Frequency::Days { every: step } => every(step.saturating_mul(DAY)),
            Frequency::BusinessDays { open } => {
                let days = begin.div_euclid(DAY)..end.div_euclid(DAY);
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
            Self::Seconds { every } => every < days * DAY,
            Self::Days { every } => every < days,
            Self::BusinessDays { .. } => days > 1,
            Self::Index { .. } | Self::Months { .. } => false,
        }
    }
}

/// A time so many seconds later.
pub(crate) fn later(time: NaiveDateTime, seconds: i32) -> NaiveDateTime {
    time.checked_add_signed(TimeDelta::seconds(seconds.into())).unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::weekdays::Weekdays;

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
