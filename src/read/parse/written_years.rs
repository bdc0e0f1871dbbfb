//! How the years of a column are written: with four digits, or with two.

use crate::read::parse::{century::CenturyWindow, scanner::ParsedTime};
use crate::time::timestamp::DAY;

/// The years of a column as they are written.
#[derive(Debug, Clone)]
pub(crate) struct WrittenYears {
    /// Whether the column has each of the years from 0 to 99.
    two_digits: [bool; 100],
    /// The number of times whose years have two digits.
    short: usize,
    /// The number of the other times.
    long: usize,
    /// The first and the last of the other times.
    ends: (i64, i64),
    /// The ticks or the indices of a year.
    year: i64,
}

impl WrittenYears {
    pub(crate) fn new(is_calendar: bool) -> Self {
        let year = if is_calendar { 366 * DAY } else { 1 };
        Self { two_digits: [false; 100], short: 0, long: 0, ends: (i64::MAX, i64::MIN), year }
    }

    pub(crate) fn push(&mut self, time: ParsedTime) {
        if let Some(year) = time.two_digit_year {
            self.two_digits[usize::from(year)] = true;
            self.short += 1;
        } else {
            self.long += 1;
            self.ends = (self.ends.0.min(time.ticks), self.ends.1.max(time.ticks));
        }
    }

    /// Whether any year has two digits.
    pub(crate) fn are_some_short(&self) -> bool {
        self.short > 0
    }

    pub(crate) fn window(&self) -> CenturyWindow {
        CenturyWindow::of_years(&self.two_digits)
    }

    /// Whether a time may be one of the column. Where nearly all years have four digits, another is probably damaged, and its
    /// time must be within a year of these. Joined files have more such years.
    pub(crate) fn may_have(&self, time: ParsedTime) -> bool {
        let is_near = || (self.ends.0 - self.year..=self.ends.1 + self.year).contains(&time.ticks);
        time.two_digit_year.is_none() || self.short * 10 > self.long || is_near()
    }
}
