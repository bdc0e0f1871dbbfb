//! The regular step of a series, and calendar arithmetic with it.

use chrono::{Datelike, Days, NaiveDateTime, TimeDelta};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::time::timestamp::{
    DAY, HOUR, MINUTE, SECOND, Timestamp, date_of, datetime_at, day_number, decimals, iso_text, month_day,
    month_number, ticks_of,
};
use crate::time::weekdays::Weekdays;

/// The regular step between two values of a series, and the day of the month that it is anchored at.
/// Steps are at least 1, which the constructors and deserialization check. Other crates cannot build a variant directly.
///
/// ```
/// use forecast::{Frequency, Timestamp};
///
/// let month_end = Frequency::MONTH_END;
/// let january = Timestamp::date(2024, 1, 31).expect("a date of the calendar");
/// assert_eq!(month_end.after(january, 1).to_string(), "2024-02-29");
/// assert_eq!(month_end.season(), 12);
/// assert_eq!(Frequency::seconds(7_200)?.name(), "every 2 hours");
/// assert!(Frequency::days(0).is_err());
/// # Ok::<(), forecast::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "StoredFrequency", into = "StoredFrequency")]
pub enum Frequency {
    /// An integer index that grows by `step`.
    #[non_exhaustive]
    Index {
        /// The step, at least 1.
        step: i64,
    },
    /// A number of milliseconds: seconds, minutes, hours, or fractions of a second.
    #[non_exhaustive]
    Elapsed {
        /// The step in milliseconds, at least 1.
        millis: i64,
    },
    /// A number of days: 1 is daily, 7 is weekly. The start of the series sets the weekday.
    #[non_exhaustive]
    Days {
        /// The step in days, at least 1.
        every: i64,
    },
    /// Some days of every week, such as Monday to Friday.
    BusinessDays {
        /// The days.
        open: Weekdays,
    },
    /// A number of months: 1 is monthly, 3 quarterly, 12 yearly.
    #[non_exhaustive]
    Months {
        /// The step in months, at least 1.
        every: i64,
        /// The day of the month, 1 to 31. A shorter month takes its last day, so 31 is the month end.
        day: u32,
    },
}

impl Frequency {
    /// An integer index that grows by 1.
    pub const INDEX: Self = Self::Index { step: 1 };
    /// Every second.
    pub const SECONDLY: Self = Self::Elapsed { millis: SECOND };
    /// Every minute.
    pub const MINUTELY: Self = Self::Elapsed { millis: MINUTE };
    /// Every 15 minutes.
    pub const QUARTER_HOURLY: Self = Self::Elapsed { millis: 15 * MINUTE };
    /// Every 30 minutes.
    pub const HALF_HOURLY: Self = Self::Elapsed { millis: 30 * MINUTE };
    /// Every hour.
    pub const HOURLY: Self = Self::Elapsed { millis: HOUR };
    /// Every day.
    pub const DAILY: Self = Self::Days { every: 1 };
    /// Monday to Friday.
    pub const BUSINESS_DAILY: Self = Self::BusinessDays { open: Weekdays::BUSINESS };
    /// Every seven days.
    pub const WEEKLY: Self = Self::Days { every: 7 };
    /// The first day of every month.
    pub const MONTHLY: Self = Self::Months { every: 1, day: 1 };
    /// The last day of every month.
    pub const MONTH_END: Self = Self::Months { every: 1, day: 31 };
    /// The first day of every third month.
    pub const QUARTERLY: Self = Self::Months { every: 3, day: 1 };
    /// The first day of every twelfth month.
    pub const YEARLY: Self = Self::Months { every: 12, day: 1 };

    /// Whether the steps have the length of those of another frequency. Months may be anchored at other days, which few rows
    /// do not show.
    pub(crate) fn has_step_of(self, other: Self) -> bool {
        match (self, other) {
            (Self::Months { every: own, .. }, Self::Months { every: other, .. }) => own == other,
            _ => self == other,
        }
    }

    /// An integer index that grows by `step`.
    ///
    /// # Errors
    /// If `step` is less than 1.
    pub fn index(step: i64) -> Result<Self> {
        Ok(Self::Index { step: at_least_one(step)? })
    }

    /// Every `every` seconds.
    ///
    /// # Errors
    /// If `every` is less than 1, or more milliseconds than 64 bits can count.
    pub fn seconds(every: i64) -> Result<Self> {
        let too_long = || invalid(format!("a step of {every} seconds is too long"));
        Self::millis(at_least_one(every)?.checked_mul(SECOND).ok_or_else(too_long)?)
    }

    /// Every `every` milliseconds.
    ///
    /// # Errors
    /// If `every` is less than 1.
    pub fn millis(every: i64) -> Result<Self> {
        Ok(Self::Elapsed { millis: at_least_one(every)? })
    }

    /// Every `every` days.
    ///
    /// # Errors
    /// If `every` is less than 1.
    pub fn days(every: i64) -> Result<Self> {
        Ok(Self::Days { every: at_least_one(every)? })
    }

    /// Day `day` of every `every`-th month; a month that is shorter takes its last day.
    ///
    /// # Errors
    /// If `every` is less than 1, or `day` is not in 1 to 31.
    pub fn months(every: i64, day: u32) -> Result<Self> {
        let day = day_of_month(day)?;
        Ok(Self::Months { every: at_least_one(every)?, day })
    }

    /// The time `steps` after `start`.
    ///
    /// Steps are counted from the start. One month after 31 January is the end of February, two months after it are
    /// 31 March. Times do not go beyond the end of the calendar, the year 262142.
    ///
    /// # Panics
    /// If `start` is an index and the frequency is not, or the other way round.
    pub fn after(&self, start: Timestamp, steps: usize) -> Timestamp {
        let count = i64::try_from(steps).unwrap_or(i64::MAX);
        match (*self, start) {
            (Self::Index { step }, Timestamp::Index(index)) => {
                Timestamp::Index(index.saturating_add(step.saturating_mul(count)))
            }
            (Self::Index { .. }, _) | (_, Timestamp::Index(_)) => panic!("{self:?} cannot step from {start}"),
            (frequency, Timestamp::Time(time)) => {
                Timestamp::Time(frequency.after_time(time, count).unwrap_or(NaiveDateTime::MAX))
            }
        }
    }

    fn after_time(self, start: NaiveDateTime, count: i64) -> Option<NaiveDateTime> {
        match self {
            Self::Index { .. } => None,
            Self::Elapsed { millis } => {
                start.checked_add_signed(TimeDelta::try_milliseconds(millis.checked_mul(count)?)?)
            }
            Self::Days { every } => start.checked_add_days(Days::new(u64::try_from(every.checked_mul(count)?).ok()?)),
            Self::BusinessDays { open } => {
                let day = open.day(open.ordinal(day_number(start)).checked_add(count)?)?;
                Some(date_of(day)?.and_time(start.time()))
            }
            Self::Months { every, day } => {
                let month = month_number(start).checked_add(every.checked_mul(count)?)?;
                Some(month_day(month, day)?.and_time(start.time()))
            }
        }
    }

    /// The number of steps from `start` to `time`, both in [`Timestamp::ticks`]; `None` off the grid or before its start.
    pub(crate) fn position(self, start: i64, time: i64) -> Option<usize> {
        let distance = time.checked_sub(start)?;
        let whole = |distance: i64, every: i64| {
            (distance % every == 0).then_some(distance / every).and_then(|steps| usize::try_from(steps).ok())
        };
        match self {
            Self::Index { step } => whole(distance, step),
            Self::Elapsed { millis } => whole(distance, millis),
            Self::Days { every } => whole(distance, every.checked_mul(DAY)?),
            Self::BusinessDays { open } => {
                let (from, to) = (start.div_euclid(DAY), time.div_euclid(DAY));
                let on_grid = distance % DAY == 0 && open.contains(from) && open.contains(to);
                on_grid.then(|| usize::try_from(open.ordinal(to) - open.ordinal(from)).ok())?
            }
            Self::Months { every, day } => {
                let (from, to) = (datetime_at(start)?, datetime_at(time)?);
                let anchored = |t: NaiveDateTime| month_day(month_number(t), day) == Some(t.date());
                let steps = whole(month_number(to) - month_number(from), every)?;
                (from.time() == to.time() && anchored(from) && anchored(to)).then_some(steps)
            }
        }
    }

    /// The shortest season length in steps: 12 for months, 7 for days, 24 for hours; 1 for no season.
    pub fn season(&self) -> usize {
        self.seasons().first().copied().unwrap_or(1)
    }

    /// All season lengths in steps, ascending: the day and the week for hours, the week and the year for days.
    pub fn seasons(&self) -> Vec<usize> {
        let within = |every: i64, cycles: &[i64]| -> Vec<usize> {
            let whole = |cycle: &&i64| **cycle % every == 0 && **cycle > every;
            cycles.iter().filter(whole).map(|cycle| (cycle / every) as usize).collect()
        };
        match *self {
            // Fractions of a second have no season in the calendar.
            Self::Index { .. } | Self::Elapsed { millis: ..SECOND } => Vec::new(),
            Self::Elapsed { millis } if millis < MINUTE => within(millis, &[MINUTE, HOUR]),
            Self::Elapsed { millis: MINUTE } => within(MINUTE, &[HOUR, DAY]),
            Self::Elapsed { millis } => within(millis, &[DAY, 7 * DAY]),
            Self::Days { every: 1 } => vec![7, 365],
            Self::Days { every } => within(every, &[364]).into_iter().filter(|_| every % 7 == 0).collect(),
            // the share of the 365.2425 days of a year that are open
            Self::BusinessDays { open } => vec![open.count(), (open.count() as f64 * 365.2425 / 7.0).round() as usize],
            Self::Months { every, .. } => within(every, &[12]),
        }
    }

    /// The number of steps in a day; `None` for steps that do not divide a day.
    pub(crate) fn steps_per_day(self) -> Option<usize> {
        match self {
            Self::Elapsed { millis } if DAY % millis == 0 => Some((DAY / millis) as usize),
            Self::Days { every: 1 } => Some(1),
            _ => None,
        }
    }

    /// The number of steps from a fixed origin to `start`. It gives series with different starts the same phase of the
    /// calendar.
    pub(crate) fn ordinal(self, start: Timestamp) -> i64 {
        let Timestamp::Time(time) = start else { return start.ticks() };
        let days = i64::from(time.date().num_days_from_ce());
        match self {
            Self::Index { step } => days / step,
            Self::Elapsed { millis } => ticks_of(time).div_euclid(millis),
            Self::Days { every } => days / every,
            Self::BusinessDays { open } => open.ordinal(day_number(time)),
            Self::Months { every, .. } => month_number(time) / every,
        }
    }

    /// The name of the frequency: `daily`, `every 2 hours`, `month end`.
    pub fn name(&self) -> String {
        let name = match *self {
            Self::INDEX => "index",
            Self::Index { step } => return format!("index in steps of {step}"),
            Self::SECONDLY => "secondly",
            Self::MINUTELY => "minutely",
            Self::QUARTER_HOURLY => "quarter-hourly",
            Self::HALF_HOURLY => "half-hourly",
            Self::HOURLY => "hourly",
            Self::DAILY => "daily",
            Self::WEEKLY => "weekly",
            Self::Days { every } if every % 7 == 0 => return format!("every {} weeks", every / 7),
            Self::BUSINESS_DAILY => "business days",
            Self::BusinessDays { open } => return open.in_words(),
            Self::MONTH_END => "month end",
            Self::Months { every: 1, .. } => "monthly",
            Self::Months { every: 3, day: 31 } => "quarter end",
            Self::Months { every: 3, .. } => "quarterly",
            Self::Months { every: 12, .. } => "yearly",
            Self::Elapsed { .. } | Self::Days { .. } | Self::Months { .. } => {
                let (every, unit) = self.length();
                return format!("every {every} {}", unit_in_words(unit, every));
            }
        };
        name.to_owned()
    }

    /// The length of a step: a number and its unit in the singular.
    fn length(self) -> (i64, &'static str) {
        match self {
            Self::Index { .. } => (1, "step"),
            Self::Elapsed { millis } if millis % HOUR == 0 => (millis / HOUR, "hour"),
            Self::Elapsed { millis } if millis % MINUTE == 0 => (millis / MINUTE, "minute"),
            Self::Elapsed { millis } if millis % SECOND == 0 => (millis / SECOND, "second"),
            Self::Elapsed { millis } => (millis, "ms"),
            Self::Days { every } => (every, "day"),
            Self::BusinessDays { open } => (1, open.day_name()),
            Self::Months { every, .. } => (every, "month"),
        }
    }

    /// The name of a step, in the singular for one and in the plural otherwise.
    pub fn step_name(self, count: usize) -> String {
        let (every, unit) = match self {
            Self::WEEKLY => (1, "week"),
            Self::Months { every: 3, .. } => (1, "quarter"),
            Self::Months { every: 12, .. } => (1, "year"),
            _ => self.length(),
        };
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        match every {
            1 => unit_in_words(unit, count),
            _ => format!("{} of {every} {}", unit_in_words("step", count), unit_in_words(unit, every)),
        }
    }

    /// A number of steps in words.
    ///
    /// ```
    /// use forecast::time::Frequency;
    ///
    /// assert_eq!(Frequency::DAILY.steps_in_words(7), "7 days");
    /// assert_eq!(Frequency::QUARTERLY.steps_in_words(1), "1 quarter");
    /// assert_eq!(Frequency::QUARTER_HOURLY.steps_in_words(96), "96 steps of 15 minutes");
    /// ```
    pub fn steps_in_words(self, steps: usize) -> String {
        format!("{steps} {}", self.step_name(steps))
    }

    /// Writes a time of a series with this frequency as ISO 8601. The time of day is written only for steps in seconds. An
    /// index is written as its number.
    pub fn format(&self, time: Timestamp) -> String {
        match (self, time) {
            (Self::Elapsed { .. }, Timestamp::Time(time)) => iso_text(time, self.decimals_at(time)),
            _ => time.to_string(),
        }
    }

    /// The decimals of a second that all times of a series need which has a step at `time`: 0 to 3.
    pub(crate) fn decimals_at(self, time: NaiveDateTime) -> usize {
        let of_time = decimals(ticks_of(time));
        if let Self::Elapsed { millis } = self { of_time.max(decimals(millis)) } else { of_time }
    }
}

/// A [`Frequency`] as files have it. Files of version 0.1 have no milliseconds.
#[derive(Serialize, Deserialize)]
enum StoredFrequency {
    Index { step: i64 },
    Seconds { every: i64 },
    Milliseconds { every: i64 },
    Days { every: i64 },
    BusinessDays { open: Weekdays },
    Months { every: i64, day: u32 },
}

impl From<Frequency> for StoredFrequency {
    fn from(frequency: Frequency) -> Self {
        match frequency {
            Frequency::Index { step } => Self::Index { step },
            Frequency::Elapsed { millis } if millis % SECOND == 0 => Self::Seconds { every: millis / SECOND },
            Frequency::Elapsed { millis } => Self::Milliseconds { every: millis },
            Frequency::Days { every } => Self::Days { every },
            Frequency::BusinessDays { open } => Self::BusinessDays { open },
            Frequency::Months { every, day } => Self::Months { every, day },
        }
    }
}

impl TryFrom<StoredFrequency> for Frequency {
    type Error = Error;

    fn try_from(stored: StoredFrequency) -> Result<Self> {
        match stored {
            StoredFrequency::Index { step } => Self::index(step),
            StoredFrequency::Seconds { every } => Self::seconds(every),
            StoredFrequency::Milliseconds { every } => Self::millis(every),
            StoredFrequency::Days { every } => Self::days(every),
            StoredFrequency::BusinessDays { open } => Ok(Self::BusinessDays { open }),
            StoredFrequency::Months { every, day } => Self::months(every, day),
        }
    }
}

/// The plural of a unit, unless there is one. The symbol `ms` has no plural.
fn unit_in_words(unit: &str, count: i64) -> String {
    if count == 1 || unit == "ms" { unit.to_owned() } else { format!("{unit}s") }
}

fn at_least_one(step: i64) -> Result<i64> {
    if step < 1 { Err(invalid(format!("a step of {step} is less than 1"))) } else { Ok(step) }
}

fn day_of_month(day: u32) -> Result<u32> {
    if (1..=31).contains(&day) { Ok(day) } else { Err(invalid(format!("day {day} is not in 1 to 31"))) }
}

fn invalid(reason: String) -> Error {
    Error::InvalidInput { what: "frequency", reason }
}

/// The exact length in steps of a season of `season` whole steps. A year is not a whole number of days or weeks.
pub(crate) fn exact_period(season: usize) -> f64 {
    match season {
        365 => 365.25,
        52 => 365.25 / 7.0,
        m => m as f64,
    }
}
