//! Frequencies by their names.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;
use crate::time::timestamp::{HOUR, MINUTE, SECOND};
use crate::time::{frequency::Frequency, weekdays::Weekdays};

/// A frequency by its name, for data whose times do not determine it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NamedFrequency {
    /// Every year.
    Yearly,
    /// Every three months.
    Quarterly,
    /// Every month.
    Monthly,
    /// Every seven days.
    Weekly,
    /// Every day.
    Daily,
    /// Some days of every week, such as Monday to Friday.
    BusinessDaily(Weekdays),
    /// Every hour.
    Hourly,
    /// Every 30 minutes.
    HalfHourly,
    /// Every 15 minutes.
    QuarterHourly,
    /// Every minute.
    Minutely,
    /// Every second.
    Secondly,
    /// Every so many milliseconds, which have no other name: `100ms`, `10s`, `5min`, `2h`.
    #[non_exhaustive]
    Elapsed {
        /// The number of milliseconds, at least 1.
        millis: i64,
    },
}

/// Each frequency with its name and its other names, from the longest step to the shortest.
const NAMES: [(NamedFrequency, &str, &[&str]); 12] = [
    (NamedFrequency::Yearly, "yearly", &["year", "annual", "y"]),
    (NamedFrequency::Quarterly, "quarterly", &["quarter", "q"]),
    (NamedFrequency::Monthly, "monthly", &["month", "m"]),
    (NamedFrequency::Weekly, "weekly", &["week", "w"]),
    (NamedFrequency::Daily, "daily", &["day", "d"]),
    (NamedFrequency::BusinessDaily(Weekdays::BUSINESS), "business", &["business-daily", "b"]),
    (NamedFrequency::BusinessDaily(Weekdays::MONDAY_TO_SATURDAY), "mon-sat", &[]),
    (NamedFrequency::Hourly, "hourly", &["hour", "h"]),
    (NamedFrequency::HalfHourly, "half-hourly", &["30min"]),
    (NamedFrequency::QuarterHourly, "quarter-hourly", &["15min"]),
    (NamedFrequency::Minutely, "minutely", &["minute", "min"]),
    (NamedFrequency::Secondly, "secondly", &["second", "s"]),
];

/// Units of lengths, from the longest to the shortest, in milliseconds.
const UNITS: [(i64, &str); 4] = [(HOUR, "h"), (MINUTE, "min"), (SECOND, "s"), (1, "ms")];

impl NamedFrequency {
    /// The names, from the longest step to the shortest. Other days of the week are written as [`Weekdays`].
    pub fn names() -> [&'static str; 12] {
        NAMES.map(|(_, name, _)| name)
    }

    /// The frequency of a length such as `100ms` or `2h`; `None` for other texts. Lengths with a name get it.
    fn from_length(text: &str) -> Option<Self> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (count, unit) = text.split_at(digits);
        let (length, _) = UNITS.into_iter().find(|(_, name)| *name == unit)?;
        let millis = count.parse::<i64>().ok()?.checked_mul(length).filter(|millis| *millis > 0)?;
        let has_length = |named: &Self| named.frequency(1) == Frequency::Elapsed { millis };
        Some(NAMES.into_iter().map(|(named, ..)| named).find(has_length).unwrap_or(Self::Elapsed { millis }))
    }

    /// The frequency, with months anchored at `day`.
    pub(crate) fn frequency(self, day: u32) -> Frequency {
        match self {
            Self::Yearly => Frequency::Months { every: 12, day },
            Self::Quarterly => Frequency::Months { every: 3, day },
            Self::Monthly => Frequency::Months { every: 1, day },
            Self::Weekly => Frequency::WEEKLY,
            Self::Daily => Frequency::DAILY,
            Self::BusinessDaily(open) => Frequency::BusinessDays { open },
            Self::Hourly => Frequency::HOURLY,
            Self::HalfHourly => Frequency::HALF_HOURLY,
            Self::QuarterHourly => Frequency::QUARTER_HOURLY,
            Self::Minutely => Frequency::MINUTELY,
            Self::Secondly => Frequency::SECONDLY,
            Self::Elapsed { millis } => Frequency::Elapsed { millis },
        }
    }
}

impl fmt::Display for NamedFrequency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (NAMES.iter().find(|(frequency, ..)| frequency == self), self) {
            (None, Self::BusinessDaily(open)) => write!(f, "{open}"),
            (None, Self::Elapsed { millis }) => {
                let longest = UNITS.into_iter().find(|(length, _)| millis % length == 0);
                longest.map_or(Ok(()), |(length, name)| write!(f, "{}{name}", millis / length))
            }
            (named, _) => f.write_str(named.map_or("", |(_, name, _)| name)),
        }
    }
}

impl FromStr for NamedFrequency {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let text = text.to_lowercase();
        let is_named = |(_, name, others): &&(_, &str, &[&str])| *name == text || others.contains(&text.as_str());
        if let Some((frequency, ..)) = NAMES.iter().find(is_named) {
            return Ok(*frequency);
        }
        let found = Self::from_length(&text).ok_or(()).or_else(|()| text.parse().map(Self::BusinessDaily));
        found.map_err(|_| Error::unknown_name("frequency", &text, Self::names()))
    }
}
