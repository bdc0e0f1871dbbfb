//! A scanner for the parts of a time: digits, names of months and the separators between them.

use std::ops::RangeInclusive;

use chrono::{NaiveDate, Weekday};

use crate::read::parse::calendar_names::{month_of_name, without_weekday, without_words_of_date};
use crate::read::parse::century::CenturyWindow;
use crate::time::timestamp::{HOUR, MINUTE, SECOND, midnight};

/// The bytes between the name of a month and the number before or after it.
pub(crate) const MONTH_SEPARATORS: &[u8] = b" -/.,'";

/// A cell parsed as a time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is an independent property of the text")]
pub(crate) struct ParsedTime {
    /// The ticks of the local time, or the index.
    pub(crate) ticks: i64,
    /// Seconds east of UTC, if the cell has an offset.
    pub(crate) offset: Option<i32>,
    /// The year, if it is written with two digits.
    pub(crate) two_digit_year: Option<u8>,
    /// Whether a fraction of a millisecond was rounded.
    pub(crate) is_rounded: bool,
    /// Whether the time of day is the number of an hour without minutes, in one number with the date.
    pub(crate) is_hour_number: bool,
    /// Whether the hour is 24 or 25, so that the ticks are on the next day.
    pub(crate) is_late: bool,
    /// Whether it is a period of a fiscal year, whose first day is not known.
    pub(crate) is_fiscal: bool,
}

/// The number if it may be a year.
pub(crate) fn plausible_year(year: i32) -> Option<i32> {
    (1500..=2200).contains(&year).then_some(year)
}

/// The years of dates. They include other calendars, such as the year 2567 of the Buddhist one.
const LONGEST_CALENDAR: RangeInclusive<i32> = 1500..=2999;

/// Scans a cell from left to right.
pub(crate) struct Scanner<'a> {
    pub(super) rest: &'a [u8],
    century: CenturyWindow,
    /// What was scanned so far of everything but the ticks.
    pub(super) scanned: ParsedTime,
}

impl<'a> Scanner<'a> {
    pub(crate) fn new(cell: &'a str, century: CenturyWindow) -> Self {
        let rest = without_weekday(without_words_of_date(cell.trim())).as_bytes();
        Self { rest, century, scanned: ParsedTime::default() }
    }

    pub(crate) fn is_done(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn is_at_digit(&self) -> bool {
        self.rest.first().is_some_and(u8::is_ascii_digit)
    }

    /// A time at the end of the cell.
    pub(crate) fn time(&self, ticks: i64) -> Option<ParsedTime> {
        self.is_done().then_some(ParsedTime { ticks, ..self.scanned })
    }

    /// A date at the end of the cell.
    pub(crate) fn date(&self, year: i32, month: i32, day: i32) -> Option<ParsedTime> {
        self.date_and_time(year, month, day, 0)
    }

    pub(super) fn date_and_time(&self, year: i32, month: i32, day: i32, time_of_day: i64) -> Option<ParsedTime> {
        // Years such as 9999 stand for no date.
        let year = LONGEST_CALENDAR.contains(&year).then_some(year)?;
        let date = NaiveDate::from_ymd_opt(year, u32::try_from(month).ok()?, u32::try_from(day).ok()?)?;
        self.time(midnight(date) + time_of_day)
    }

    pub(super) fn take(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at(count);
        self.rest = rest;
        taken
    }

    pub(super) fn take_while(&mut self, is_wanted: impl Fn(&u8) -> bool) -> &'a [u8] {
        self.take(self.rest.iter().take_while(|byte| is_wanted(byte)).count())
    }

    /// Skips all bytes up to one that is not in `bytes`; false if there are none.
    pub(crate) fn skip(&mut self, bytes: &[u8]) -> bool {
        !self.take_while(|byte| bytes.contains(byte)).is_empty()
    }

    /// Takes the next byte if it is one of `wanted`.
    pub(super) fn take_one_of(&mut self, wanted: &[u8]) -> Option<u8> {
        let first = *self.rest.first().filter(|first| wanted.contains(first))?;
        self.take(1);
        Some(first)
    }

    /// The value of the next digits, at most `max`, and their number.
    fn digits(&mut self, max: usize) -> Option<(i32, usize)> {
        let digits = self.take(self.rest.iter().take(max).take_while(|byte| byte.is_ascii_digit()).count());
        let value = digits.iter().fold(0, |value, digit| value * 10 + i32::from(digit - b'0'));
        (!digits.is_empty()).then_some((value, digits.len()))
    }

    pub(crate) fn exact_digits(&mut self, count: usize) -> Option<i32> {
        self.digits(count).filter(|(_, found)| *found == count).map(|(value, _)| value)
    }

    pub(crate) fn one_or_two_digits(&mut self) -> Option<i32> {
        self.digits(2).map(|(value, _)| value)
    }

    /// A year with four digits, or a year with two digits in the century of the column.
    pub(super) fn year(&mut self) -> Option<i32> {
        match self.digits(5)? {
            (year, 4) => Some(year),
            (year, 2) => Some(self.full_year(year)),
            _ => None,
        }
    }

    fn full_year(&mut self, two_digits: i32) -> i32 {
        self.scanned.two_digit_year = Some(two_digits as u8);
        self.century.full_year(two_digits)
    }

    /// The next letters, also those outside of ASCII.
    fn letters(&mut self) -> &'a [u8] {
        self.take_while(|byte| byte.is_ascii_alphabetic() || !byte.is_ascii())
    }

    /// The number of a month by its name, or as in `Tháng 1`.
    pub(crate) fn month_name(&mut self) -> Option<i32> {
        let name = std::str::from_utf8(self.letters()).ok()?;
        if matches!(name, "Tháng" | "tháng" | "THÁNG") {
            self.skip(b" ");
            return self.one_or_two_digits();
        }
        self.take_one_of(b".");
        month_of_name(name)
    }

    /// Skips the separators next to the name of a month, and a word as in `12 de enero de 2024`. Whether there is one.
    fn skip_to_name(&mut self) -> bool {
        const WORDS: [&str; 4] = ["de ", "del ", "of ", "năm "];
        self.skip(MONTH_SEPARATORS);
        let is_next =
            |word: &&str| self.rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()));
        let word = WORDS.iter().find(|word| is_next(word));
        self.take(word.map_or(0, |word| word.len()));
        word.is_some()
    }

    /// Skips the letters of an ordinal number, as in `1st` and `1er`. Whether there are any.
    fn skip_ordinal(&mut self) -> bool {
        const ENDS: [&str; 7] = ["st", "nd", "rd", "th", "er", "º", "ª"];
        let rest = self.rest;
        let is_next = |end: &&str| {
            let after = rest.get(end.len()).is_none_or(|byte| MONTH_SEPARATORS.contains(byte));
            after && rest[..end.len().min(rest.len())].eq_ignore_ascii_case(end.as_bytes())
        };
        let end = ENDS.iter().find(|end| is_next(end));
        self.take(end.map_or(0, |end| end.len()));
        end.is_some()
    }

    /// Skips the fraction of a whole number that was written as a decimal.
    pub(crate) fn skip_zero_fraction(&mut self) {
        if self.rest == b".0" {
            self.take(self.rest.len());
        }
    }

    /// A fiscal year: `2019/20`, `2019-2020` or `FY2020`.
    pub(crate) fn fiscal_year(&mut self) -> Option<ParsedTime> {
        let year = if self.is_at_digit() {
            let year = plausible_year(self.exact_digits(4)?)?;
            self.take_one_of(b"/-")?;
            let (next, digits) = self.digits(4)?;
            let fits = (digits == 2 && next == (year + 1) % 100) || (digits == 4 && next == year + 1);
            fits.then_some(year)?
        } else {
            self.letters().eq_ignore_ascii_case(b"fy").then_some(())?;
            self.take_one_of(b" -'");
            self.year()?
        };
        self.time(i64::from(year))
    }

    /// Skips what may follow a year: the fraction of a whole number that was written as a decimal, or the mark of a year
    /// of Statistics Netherlands, as in `2024JJ00`.
    pub(crate) fn skip_mark_of_year(&mut self) {
        if matches!(self.rest, b".0" | b"JJ00") {
            self.take(self.rest.len());
        }
    }

    /// `2012.01` or `2012,01`. A spreadsheet that takes it for a number writes October as `2012.1`.
    pub(crate) fn year_point_month(&mut self) -> Option<ParsedTime> {
        let year = plausible_year(self.exact_digits(4)?)?;
        self.take_one_of(b".,")?;
        self.skip(b" ");
        let (month, digits) = self.digits(2)?;
        let month = if digits == 2 { month } else { (month == 1).then_some(10)? };
        self.date(year, month, 1)
    }

    /// `202453`, a week of ISO 8601 by its Monday.
    pub(crate) fn year_week(&mut self) -> Option<ParsedTime> {
        let (year, week) = (plausible_year(self.exact_digits(4)?)?, self.exact_digits(2)?);
        let monday = NaiveDate::from_isoywd_opt(year, week as u32, Weekday::Mon)?;
        self.time(midnight(monday))
    }

    pub(crate) fn year_first(&mut self) -> Option<ParsedTime> {
        let (year, digits) = self.digits(5)?;
        let separator = self.take_one_of(b"-/.,")?;
        // As in `2024. 1. 12.`.
        let skip_space = |scanner: &mut Self| matches!(separator, b'.' | b',') && scanner.skip(b" ");
        skip_space(self);
        let month = self.one_or_two_digits()?;
        if digits == 4 && separator == b'.' && self.rest == b"." {
            self.take(1);
        }
        if digits == 4 && self.is_done() {
            return self.date(year, month, 1);
        }
        if separator == b',' {
            // A comma is before a month only.
            return None;
        }
        self.take_one_of(&[separator])?;
        skip_space(self);
        let day = self.one_or_two_digits()?;
        match digits {
            4 => self.date_time(year, month, day),
            // a date with hyphens before a `T` is one of ISO 8601
            2 if separator == b'-' && self.rest.starts_with(b"T") => {
                let year = self.full_year(year);
                self.date_time(year, month, day)
            }
            _ => None,
        }
    }

    pub(crate) fn month_and_year(&mut self) -> Option<ParsedTime> {
        let month = self.one_or_two_digits()?;
        self.take_one_of(b"/.-")?;
        let year = plausible_year(self.exact_digits(4)?)?;
        self.date(year, month, 1)
    }

    pub(crate) fn year_last(&mut self, day_first: bool) -> Option<ParsedTime> {
        let one = self.one_or_two_digits()?;
        let separator = self.take_one_of(b"/.-")?;
        // As in `5. 1. 2023`.
        let skip_space = |scanner: &mut Self| separator == b'.' && scanner.skip(b" ");
        skip_space(self);
        let two = self.one_or_two_digits()?;
        self.take_one_of(&[separator])?;
        skip_space(self);
        let year = self.year()?;
        let (day, month) = if day_first { (one, two) } else { (two, one) };
        self.date_time(year, month, day)
    }

    /// A quarter such as `2024KW01`.
    pub(crate) fn quarter_kw(&mut self) -> Option<ParsedTime> {
        let year = plausible_year(self.exact_digits(4)?)?;
        (self.take_while(u8::is_ascii_alphabetic) == b"KW").then_some(())?;
        let quarter = self.exact_digits(2).filter(|quarter| (1..=4).contains(quarter))?;
        self.date(year, quarter * 3 - 2, 1)
    }

    pub(crate) fn with_month_name(&mut self) -> Option<ParsedTime> {
        if !self.is_at_digit() {
            let month = self.month_name()?;
            self.skip_to_name();
            let before = (self.rest, self.scanned);
            if let Some(time) = self.year().and_then(|year| self.date(year, month, 1)) {
                return Some(time);
            }
            (self.rest, self.scanned) = before;
            let day = self.one_or_two_digits()?;
            self.skip_ordinal();
            self.skip(MONTH_SEPARATORS).then_some(())?;
            if self.rest.get(2) == Some(&b':') {
                return self.time_zone_and_year(month, day);
            }
            let year = self.year()?;
            return self.date_time(year, month, day);
        }
        let (first, digits) = self.digits(5)?;
        // An ordinal number is a day, as is one before a word.
        let is_day = self.skip_ordinal();
        let is_day = self.skip_to_name() || is_day;
        let month = self.month_name()?;
        self.skip_to_name();
        let (year, day) = match (digits, self.is_done()) {
            (_, true) | (3.., _) if is_day => return None,
            (4, true) => (first, 1),
            (4, false) => (first, self.one_or_two_digits()?),
            (1 | 2, true) => (self.full_year(first), 1),
            (1 | 2, false) => (self.year()?, first),
            _ => return None,
        };
        self.date_time(year, month, day)
    }

    pub(crate) fn compact(&mut self) -> Option<ParsedTime> {
        let year = plausible_year(self.exact_digits(4)?)?;
        let (month, day) = (self.exact_digits(2)?, self.exact_digits(2)?);
        self.skip_zero_fraction();
        if self.is_done() {
            return self.date(year, month, day);
        }
        self.take_one_of(b"T :_-");
        let hour = self.exact_digits(2)?;
        if self.is_done() {
            (self.scanned.is_hour_number, self.scanned.is_late) = (true, hour >= 24);
            return self.date_and_time(year, month, day, (hour <= 25).then_some(i64::from(hour) * HOUR)?);
        }
        self.take_one_of(b":");
        let minute = self.exact_digits(2)?;
        self.take_one_of(b":");
        self.scanned.is_late = hour == 24;
        let second = if self.is_at_digit() { self.exact_digits(2)? } else { 0 };
        self.scan_offset()?;
        self.date_and_time(year, month, day, ticks_of_day(hour, minute, second)?)
    }
}

/// Ticks since midnight; 24:00 is the next midnight.
pub(super) fn ticks_of_day(hour: i32, minute: i32, second: i32) -> Option<i64> {
    let valid = (hour < 24 && minute < 60 && second < 60) || (hour == 24 && minute == 0 && second == 0);
    valid.then_some(i64::from(hour) * HOUR + i64::from(minute) * MINUTE + i64::from(second) * SECOND)
}
