//! The regular step of a series, with its anchor, and calendar arithmetic on it.

use chrono::{Datelike, Months, NaiveDateTime, TimeDelta};
use serde::{Deserialize, Serialize};

/// A point in time: a date and time of the calendar, or a plain integer index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Timestamp {
    /// A row number, a year or any other integer.
    Index(i64),
    /// A date and time, in the file's own clock.
    Time(NaiveDateTime),
}

/// The distance between two neighbouring observations, and its anchor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Frequency {
    /// An integer index that grows by `step`.
    Index {
        /// The step, at least 1.
        step: i64,
    },
    /// Every so many seconds: seconds, minutes, hours.
    Seconds {
        /// The step in seconds, at least 1.
        every: i64,
    },
    /// Every so many days: daily, weekly (7; the weekday is that of the series' start).
    Days {
        /// The step in days, at least 1.
        every: i64,
    },
    /// Monday to Friday.
    BusinessDays,
    /// Every so many months: monthly (1), quarterly (3), yearly (12).
    Months {
        /// The step in months, at least 1.
        every: i64,
        /// The day of the month, 1 to 31; a month that is shorter takes its last day, so 31 means month end.
        day: u32,
    },
}

impl Frequency {
    /// The time `steps` after `start`, by calendar arithmetic from the start, so that 31 January plus one month is the
    /// end of February and plus two months 31 March.
    pub fn after(&self, start: Timestamp, steps: usize) -> Timestamp {
        let n = steps as i64;
        match (*self, start) {
            (Self::Index { step }, Timestamp::Index(i)) => Timestamp::Index(i.saturating_add(step.saturating_mul(n))),
            (Self::Seconds { every }, Timestamp::Time(t)) => Timestamp::Time(t + TimeDelta::seconds(every * n)),
            (Self::Days { every }, Timestamp::Time(t)) => Timestamp::Time(t + TimeDelta::days(every * n)),
            (Self::BusinessDays, Timestamp::Time(t)) => {
                let weekday = i64::from(t.weekday().num_days_from_monday()).min(4);
                let days = (weekday + n).div_euclid(5) * 7 + (weekday + n).rem_euclid(5) - weekday;
                Timestamp::Time(t + TimeDelta::days(days))
            }
            (Self::Months { every, day }, Timestamp::Time(t)) => {
                let first = t.date().with_day(1).expect("every month has a first day");
                let month = first + Months::new((every * n) as u32);
                let last = (month + Months::new(1)).pred_opt().expect("within the calendar").day();
                Timestamp::Time(month.with_day(day.min(last)).expect("within the month").and_time(t.time()))
            }
            _ => start,
        }
    }

    /// Steps after which the pattern is first expected to repeat: 12 for months, 7 for days, 24 for hours; 1 for none.
    pub fn season(&self) -> usize {
        unreachable!("being written")
    }
}
