//! Points in time, and the calendar arithmetic below frequencies.

use std::fmt;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime};
use serde::{Deserialize, Serialize};

/// A second in ticks, which are milliseconds. All lengths of time are in ticks, except offsets of time zones.
pub(crate) const SECOND: i64 = 1_000;
pub(crate) const MINUTE: i64 = 60 * SECOND;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;

/// A point in time: a date with a time of day, or an integer index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Timestamp {
    /// A row number, a year or any other integer.
    Index(i64),
    /// A date and time, in the time zone of the file.
    Time(NaiveDateTime),
}

impl Timestamp {
    /// Midnight of a date; `None` if the calendar does not have it.
    pub fn date(year: i32, month: u32, day: u32) -> Option<Self> {
        NaiveDate::from_ymd_opt(year, month, day).map(|date| Self::Time(date.into()))
    }

    /// The time as one integer: milliseconds since 1970 in the time zone of the file, or the index itself.
    pub(crate) fn ticks(self) -> i64 {
        match self {
            Self::Index(index) => index,
            Self::Time(time) => ticks_of(time),
        }
    }

    /// The inverse of [`Self::ticks`]: a date and time if `is_time`, otherwise an index.
    ///
    /// # Panics
    /// If the ticks are beyond the calendar. Times that were read from a file never are.
    pub(crate) fn from_ticks(is_time: bool, ticks: i64) -> Self {
        if is_time { Self::Time(datetime_at(ticks).expect("a time of the calendar")) } else { Self::Index(ticks) }
    }
}

impl fmt::Display for Timestamp {
    /// Writes ISO 8601, without the time of day at midnight. [`Frequency::format`](crate::time::Frequency::format) also considers
    /// whether the time of day matters.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Index(index) => write!(f, "{index}"),
            Self::Time(time) if time.time() == NaiveTime::MIN => write!(f, "{}", time.date()),
            Self::Time(time) => {
                f.write_str(&iso_text(*time, decimals(i64::from(time.and_utc().timestamp_subsec_millis()))))
            }
        }
    }
}

/// The date and time of ticks; `None` beyond the calendar.
pub(crate) fn datetime_at(ticks: i64) -> Option<NaiveDateTime> {
    DateTime::from_timestamp_millis(ticks).map(|time| time.naive_utc())
}

/// The inverse of [`datetime_at`].
pub(crate) fn ticks_of(time: NaiveDateTime) -> i64 {
    time.and_utc().timestamp_millis()
}

/// The number of decimals of a second that `ticks` have: 0 to 3.
pub(crate) fn decimals(ticks: i64) -> usize {
    [SECOND, 100, 10, 1].into_iter().position(|unit| ticks % unit == 0).unwrap_or(3)
}

/// Writes ISO 8601 with so many decimals of a second, at most 3.
pub(crate) fn iso_text(time: NaiveDateTime, decimals: usize) -> String {
    let seconds = time.format("%Y-%m-%dT%H:%M:%S");
    if decimals == 0 {
        return seconds.to_string();
    }
    let millis = format!("{:03}", time.and_utc().timestamp_subsec_millis());
    format!("{seconds}.{}", &millis[..decimals])
}

/// The number of days since 1970.
pub(crate) fn day_number(time: NaiveDateTime) -> i64 {
    time.date().to_epoch_days().into()
}

/// The start of a day in ticks.
pub(crate) fn midnight(date: NaiveDate) -> i64 {
    i64::from(date.to_epoch_days()) * DAY
}

/// The inverse of [`day_number`].
pub(crate) fn date_of(day_number: i64) -> Option<NaiveDate> {
    NaiveDate::from_epoch_days(day_number.try_into().ok()?)
}

/// The number of months since the year 0.
pub(crate) fn month_number(time: NaiveDateTime) -> i64 {
    i64::from(time.year()) * 12 + i64::from(time.month0())
}

/// A day of a month, or the last day of a shorter month.
pub(crate) fn month_day(month_number: i64, day: u32) -> Option<NaiveDate> {
    let year = i32::try_from(month_number.div_euclid(12)).ok()?;
    let first = NaiveDate::from_ymd_opt(year, month_number.rem_euclid(12) as u32 + 1, 1)?;
    first.with_day(day.min(u32::from(first.num_days_in_month())))
}
