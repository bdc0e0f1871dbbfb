//! The order of day and month in written dates.

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

impl FromStr for DateOrder {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Error::named("order of dates", text, &[("dmy", Self::DayFirst), ("mdy", Self::MonthFirst)])
    }
}
