//! The order of day and month in written dates.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// Whether the day or the month comes first in dates such as 03/04/2024.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DateOrder {
    /// 3 April.
    #[serde(rename = "dmy")]
    DayFirst,
    /// 4 March.
    #[serde(rename = "mdy")]
    MonthFirst,
}

impl DateOrder {
    /// What comes first.
    pub(crate) fn first(self) -> &'static str {
        if self == Self::DayFirst { "day" } else { "month" }
    }
}

impl FromStr for DateOrder {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Error::named("order of dates", text, &[("dmy", Self::DayFirst), ("mdy", Self::MonthFirst)])
    }
}
