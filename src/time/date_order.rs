//! The order of day and month in written dates.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;

/// Whether the day or the month comes first in dates such as 03/04/2024.
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
        Error::named("order of dates", text, &[("dmy", Self::DayFirst), ("mdy", Self::MonthFirst)])
    }
}
