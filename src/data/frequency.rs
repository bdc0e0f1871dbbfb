//! The regular step of a series, with its anchor, and calendar arithmetic on it.

use chrono::NaiveDateTime;
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
        let _ = (start, steps);
        unreachable!("being written")
    }

    /// Steps after which the pattern is first expected to repeat: 12 for months, 7 for days, 24 for hours; 1 for none.
    pub fn season(&self) -> usize {
        unreachable!("being written")
    }
}
