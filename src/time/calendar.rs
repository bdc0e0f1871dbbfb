//! What a person may say of the calendar: the step between rows, and the order of day and month in dates.

use std::fmt;
use std::str::FromStr;

use chrono_tz::{TZ_VARIANTS, Tz};

use crate::error::Error;
use crate::read::source::closest;
use crate::time::frequency::Frequency;
use crate::time::weekdays::Weekdays;

/// A step of the calendar by its name, for data whose times do not tell it.
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
}

impl NamedFrequency {
    /// The names as they are written, from the longest step to the shortest; any other days of the week as [`Weekdays`]
    /// are.
    pub const NAMES: [&'static str; 12] = [
        "yearly",
        "quarterly",
        "monthly",
        "weekly",
        "daily",
        "business",
        "mon-sat",
        "hourly",
        "half-hourly",
        "quarter-hourly",
        "minutely",
        "secondly",
    ];

    /// The frequency, months anchored at `day`.
    pub(crate) fn frequency(self, day: u32) -> Frequency {
        match self {
            Self::Yearly => Frequency::Months { every: 12, day },
            Self::Quarterly => Frequency::Months { every: 3, day },
            Self::Monthly => Frequency::Months { every: 1, day },
            Self::Weekly => Frequency::Days { every: 7 },
            Self::Daily => Frequency::Days { every: 1 },
            Self::BusinessDaily(open) => Frequency::BusinessDays { open },
            Self::Hourly => Frequency::Seconds { every: 3_600 },
            Self::HalfHourly => Frequency::Seconds { every: 1_800 },
            Self::QuarterHourly => Frequency::Seconds { every: 900 },
            Self::Minutely => Frequency::Seconds { every: 60 },
            Self::Secondly => Frequency::Seconds { every: 1 },
        }
    }
}

impl fmt::Display for NamedFrequency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Yearly => "yearly",
            Self::Quarterly => "quarterly",
            Self::Monthly => "monthly",
            Self::Weekly => "weekly",
            Self::Daily => "daily",
            Self::BusinessDaily(Weekdays::BUSINESS) => "business",
            Self::BusinessDaily(open) => return write!(f, "{open}"),
            Self::Hourly => "hourly",
            Self::HalfHourly => "half-hourly",
            Self::QuarterHourly => "quarter-hourly",
            Self::Minutely => "minutely",
            Self::Secondly => "secondly",
        })
    }
}

impl FromStr for NamedFrequency {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Ok(match text.to_lowercase().as_str() {
            "yearly" | "year" | "annual" | "y" => Self::Yearly,
            "quarterly" | "quarter" | "q" => Self::Quarterly,
            "monthly" | "month" | "m" => Self::Monthly,
            "weekly" | "week" | "w" => Self::Weekly,
            "daily" | "day" | "d" => Self::Daily,
            "business" | "business-daily" | "b" => Self::BusinessDaily(Weekdays::BUSINESS),
            "hourly" | "hour" | "h" => Self::Hourly,
            "half-hourly" | "30min" => Self::HalfHourly,
            "quarter-hourly" | "15min" => Self::QuarterHourly,
            "minutely" | "minute" | "min" => Self::Minutely,
            "secondly" | "second" | "s" => Self::Secondly,
            text => {
                if let Ok(open) = text.parse() {
                    return Ok(Self::BusinessDaily(open));
                }
                let choices = Self::NAMES.map(String::from).to_vec();
                return Err(Error::UnknownName { what: "frequency", given: text.into(), choices });
            }
        })
    }
}

/// Which comes first in dates such as 03/04/2024.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateOrder {
    /// 3 April.
    DayFirst,
    /// 4 March.
    MonthFirst,
}

impl fmt::Display for DateOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Self::DayFirst { "dmy" } else { "mdy" })
    }
}

impl FromStr for DateOrder {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text.to_lowercase().as_str() {
            "dmy" => Ok(Self::DayFirst),
            "mdy" => Ok(Self::MonthFirst),
            _ => {
                let choices = vec!["dmy".into(), "mdy".into()];
                Err(Error::UnknownName { what: "order of dates", given: text.into(), choices })
            }
        }
    }
}

/// A zone of the world's clocks by its name in the IANA database, such as `Europe/Berlin`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeZone(pub(crate) Tz);

impl fmt::Display for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name())
    }
}

impl FromStr for TimeZone {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let known = |tz: &&Tz| tz.name().eq_ignore_ascii_case(text);
        TZ_VARIANTS.iter().find(known).map(|zone| Self(*zone)).ok_or_else(|| {
            let similar = closest(text, TZ_VARIANTS.iter().map(|zone| zone.name()));
            // by its city alone, as people call it
            let city = |tz: &&Tz| tz.name().rsplit('/').next().is_some_and(|city| city.eq_ignore_ascii_case(text));
            let city = TZ_VARIANTS.iter().find(city).map(|zone| zone.name());
            let choices = city.or(similar).map_or_else(
                || vec!["Europe/Berlin".into(), "America/New_York".into(), "and others of the IANA database".into()],
                |name| vec![name.to_owned(), "and others of the IANA database".into()],
            );
            Error::UnknownName { what: "time zone", given: text.into(), choices }
        })
    }
}
