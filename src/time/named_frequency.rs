//! Frequencies by their names.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;
use crate::time::frequency::Frequency;
use crate::time::weekdays::Weekdays;

/// A frequency by its name, for data whose times do not determine it.
///
/// ```
/// use forecast::time::NamedFrequency;
///
/// assert_eq!("Q".parse::<NamedFrequency>()?, NamedFrequency::Quarterly);
/// assert_eq!("mon-fri".parse::<NamedFrequency>()?.to_string(), "business");
/// assert!("fortnightly".parse::<NamedFrequency>().is_err());
/// # Ok::<(), forecast::Error>(())
/// ```
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
    /// The names, from the longest step to the shortest. Other days of the week are written as [`Weekdays`].
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

    /// The frequency, with months anchored at `day`.
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
            text => match text.parse() {
                Ok(open) => Self::BusinessDaily(open),
                Err(_) => return Err(Error::unknown_name("frequency", text, Self::NAMES)),
            },
        })
    }
}
