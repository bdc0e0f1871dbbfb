//! Frequencies by their names.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;
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

impl NamedFrequency {
    /// The names, from the longest step to the shortest. Other days of the week are written as [`Weekdays`].
    pub fn names() -> [&'static str; 12] {
        NAMES.map(|(_, name, _)| name)
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
        }
    }
}

impl fmt::Display for NamedFrequency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (NAMES.iter().find(|(frequency, ..)| frequency == self), self) {
            (None, Self::BusinessDaily(open)) => write!(f, "{open}"),
            (named, _) => f.write_str(named.map_or("", |(_, name, _)| name)),
        }
    }
}

impl FromStr for NamedFrequency {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let text = text.to_lowercase();
        match NAMES.iter().find(|(_, name, others)| *name == text || others.contains(&text.as_str())) {
            Some((frequency, ..)) => Ok(*frequency),
            None => text
                .parse()
                .map(Self::BusinessDaily)
                .map_err(|_| Error::unknown_name("frequency", &text, Self::names())),
        }
    }
}
