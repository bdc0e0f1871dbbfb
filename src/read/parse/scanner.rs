//! A scanner for the parts of a time: digits, names of months and the separators between them.

use chrono::NaiveDate;

use crate::read::parse::parsed_time::{CenturyWindow, ParsedTime, UtcOffset, plausible_year};
use crate::time::timestamp::SECONDS_PER_DAY;

/// The names of the months in English and in other languages. Cells may have the first three letters or more of a name.
const MONTHS: [&[&str]; 12] = [
    &["january", "januar", "janvier", "enero", "gennaio", "jänner"],
    &["february", "februar", "février", "fevrier", "febbraio"],
    &["march", "märz", "maerz", "mars", "marzo", "mrz"],
    &["april", "avril", "abril", "aprile"],
    &["may", "mai", "mayo", "maggio"],
    &["june", "juni", "juin", "junio", "giugno"],
    &["july", "juli", "juillet", "julio", "luglio"],
    &["august", "août", "aout", "agosto"],
    &["september", "septembre", "septiembre", "settembre", "sept"],
    &["october", "oktober", "octobre", "octubre", "ottobre"],
    &["november", "novembre", "noviembre"],
    &["december", "dezember", "décembre", "diciembre", "dicembre"],
];

const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// Scans a cell from left to right.
pub(crate) struct Scanner<'a> {
    rest: &'a [u8],
    century: CenturyWindow,
    two_digit_year: Option<u8>,
    /// Whether a fraction of a second was rounded.
    has_subseconds: bool,
}

impl<'a> Scanner<'a> {
    pub(crate) fn new(cell: &'a str, century: CenturyWindow) -> Self {
        let mut scanner = Self { rest: cell.trim().as_bytes(), century, two_digit_year: None, has_subseconds: false };
        scanner.skip_weekday();
        scanner
    }

    /// Skips a weekday before a date: `Mon, 1 Jan 2024`.
    fn skip_weekday(&mut self) {
        if !self.rest.first().is_some_and(u8::is_ascii_alphabetic) {
            return;
        }
        let (letters, rest) = self.rest.split_at(self.rest.iter().take_while(|b| b.is_ascii_alphabetic()).count());
        let is_name_of = |day: &&str| {
            letters.len() >= 3 && day.as_bytes().get(..letters.len()).is_some_and(|d| d.eq_ignore_ascii_case(letters))
        };
        let after = rest.iter().take_while(|byte| b"., ".contains(byte)).count();
        if after > 0 && WEEKDAYS.iter().any(is_name_of) {
            self.rest = &rest[after..];
        }
    }

    pub(crate) fn is_done(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn is_at_digit(&self) -> bool {
        self.rest.first().is_some_and(u8::is_ascii_digit)
    }

    /// A date at the end of the cell.
    pub(crate) fn date(&self, year: i32, month: i32, day: i32) -> Option<ParsedTime> {
        self.finish(year, month, day, 0, UtcOffset::Unspecified)
    }

    /// The value of the next digits, at most `max`, and their number.
    fn digits(&mut self, max: usize) -> Option<(i32, usize)> {
        let count = self.rest.iter().take(max).take_while(|b| b.is_ascii_digit()).count();
        let (digits, rest) = self.rest.split_at(count);
        self.rest = rest;
        (count > 0).then(|| (digits.iter().fold(0, |value, digit| value * 10 + i32::from(digit - b'0')), count))
    }

    pub(crate) fn exact_digits(&mut self, count: usize) -> Option<i32> {
        self.digits(count).filter(|(_, found)| *found == count).map(|(value, _)| value)
    }

    pub(crate) fn one_or_two_digits(&mut self) -> Option<i32> {
        self.digits(2).map(|(value, _)| value)
    }

    /// A year with four digits, or a year with two digits in the century of the column.
    fn year(&mut self) -> Option<i32> {
        match self.digits(5)? {
            (year, 4) => Some(year),
            (year, 2) => {
                self.two_digit_year = Some(year as u8);
                Some(self.century.full_year(year))
            }
            _ => None,
        }
    }

    /// Consumes the next byte if it is one of `wanted`.
    fn consume_one_of(&mut self, wanted: &[u8]) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        wanted.contains(first).then(|| {
            self.rest = rest;
            *first
        })
    }

    fn skip_spaces(&mut self) {
        while self.consume_one_of(b" ").is_some() {}
    }

    /// The next letters, also those outside of ASCII.
    fn letters(&mut self) -> &'a [u8] {
        let count = self.rest.iter().take_while(|b| b.is_ascii_alphabetic() || !b.is_ascii()).count();
        let (letters, rest) = self.rest.split_at(count);
        self.rest = rest;
        letters
    }

    pub(crate) fn month_name(&mut self) -> Option<i32> {
        let name = std::str::from_utf8(self.letters()).ok()?.to_lowercase();
        self.consume_one_of(b".");
        let is_named = |month: &&[&str]| name.chars().count() >= 3 && month.iter().any(|long| long.starts_with(&name));
        MONTHS.iter().position(is_named).map(|month| month as i32 + 1)
    }

    fn finish(&self, year: i32, month: i32, day: i32, seconds: i64, offset: UtcOffset) -> Option<ParsedTime> {
        let date = NaiveDate::from_ymd_opt(year, u32::try_from(month).ok()?, u32::try_from(day).ok()?)?;
        let days = i64::from(date.to_epoch_days());
        self.rest.is_empty().then_some(ParsedTime {
            ticks: days * SECONDS_PER_DAY + seconds,
            offset,
            two_digit_year: self.two_digit_year,
            has_subseconds: self.has_subseconds,
        })
    }

    /// A fiscal year: `2019/20`, `2019-2020` or `FY2020`.
    pub(crate) fn fiscal_year(&mut self) -> Option<ParsedTime> {
        let year = if self.is_at_digit() {
            let year = plausible_year(self.exact_digits(4)?)?;
            self.consume_one_of(b"/-")?;
            let (next, digits) = self.digits(4)?;
            let fits = (digits == 2 && next == (year + 1) % 100) || (digits == 4 && next == year + 1);
            fits.then_some(year)?
        } else {
            self.letters().eq_ignore_ascii_case(b"fy").then_some(())?;
            self.consume_one_of(b" -'");
            self.year()?
        };
        let ticks = i64::from(year);
        self.is_done().then_some(ParsedTime { two_digit_year: self.two_digit_year, ..ParsedTime::plain(ticks) })
    }

    pub(crate) fn year_first(&mut self) -> Option<ParsedTime> {
        let year = self.exact_digits(4)?;
        let separator = self.consume_one_of(b"-/.")?;
        let month = self.one_or_two_digits()?;
        if self.rest.is_empty() {
            return self.date(year, month, 1);
        }
        self.consume_one_of(&[separator])?;
        let day = self.one_or_two_digits()?;
        self.date_time(year, month, day)
    }

    pub(crate) fn year_last(&mut self, day_first: bool) -> Option<ParsedTime> {
        let one = self.one_or_two_digits()?;
        let separator = self.consume_one_of(b"/.-")?;
        let two = self.one_or_two_digits()?;
        self.consume_one_of(&[separator])?;
        let year = self.year()?;
        let (day, month) = if day_first { (one, two) } else { (two, one) };
        self.date_time(year, month, day)
    }

    pub(crate) fn period(&mut self) -> Option<ParsedTime> {
        let (year, letter, number) = if self.rest.first()?.is_ascii_digit() {
            let year = self.exact_digits(4)?;
            self.consume_one_of(b" -./:");
            let letter = self.consume_one_of(b"QqWwMmHhSs")?;
            (year, letter, self.one_or_two_digits()?)
        } else {
            let letter = self.consume_one_of(b"QqWwMm")?;
            let number = self.one_or_two_digits()?;
            // Without a separator the cell may be any code, such as Q12.
            self.consume_one_of(b" -./:'")?;
            (self.year()?, letter, number)
        };
        match letter.to_ascii_uppercase() {
            b'Q' if (1..=4).contains(&number) => self.date(year, number * 3 - 2, 1),
            b'H' | b'S' if (1..=2).contains(&number) => self.date(year, number * 6 - 5, 1),
            b'M' => self.date(year, number, 1),
            b'W' => {
                let monday = NaiveDate::from_isoywd_opt(year, number as u32, chrono::Weekday::Mon)?;
                let weekday = if self.consume_one_of(b"-").is_some() { self.exact_digits(1)? } else { 1 };
                let ticks = i64::from(monday.to_epoch_days() + (1..=7).contains(&weekday).then_some(weekday - 1)?)
                    * SECONDS_PER_DAY;
                self.is_done().then_some(ParsedTime { two_digit_year: self.two_digit_year, ..ParsedTime::plain(ticks) })
            }
            _ => None,
        }
    }

    pub(crate) fn with_month_name(&mut self) -> Option<ParsedTime> {
        let separators = b" -/.,'";
        if self.rest.first()?.is_ascii_alphabetic() {
            let month = self.month_name()?;
            while self.consume_one_of(separators).is_some() {}
            let before = (self.rest, self.two_digit_year);
            if let Some(time) = self.year().and_then(|year| self.date(year, month, 1)) {
                return Some(time);
            }
            (self.rest, self.two_digit_year) = before;
            let day = self.one_or_two_digits()?;
            self.consume_one_of(separators)?;
            while self.consume_one_of(separators).is_some() {}
            let year = self.year()?;
            return self.date_time(year, month, day);
        }
        let (first, digits) = self.digits(5)?;
        while self.consume_one_of(separators).is_some() {}
        let month = self.month_name()?;
        while self.consume_one_of(separators).is_some() {}
        match digits {
            4 if self.rest.is_empty() => self.date(first, month, 1),
            4 => {
                let day = self.one_or_two_digits()?;
                self.date_time(first, month, day)
            }
            1 | 2 if self.rest.is_empty() => {
                self.two_digit_year = Some(u8::try_from(first).ok()?);
                self.date(self.century.full_year(first), month, 1)
            }
            1 | 2 => {
                let year = self.year()?;
                self.date_time(year, month, first)
            }
            _ => None,
        }
    }

    pub(crate) fn compact(&mut self) -> Option<ParsedTime> {
        let year = plausible_year(self.exact_digits(4)?)?;
        let (month, day) = (self.exact_digits(2)?, self.exact_digits(2)?);
        if self.rest.is_empty() {
            return self.date(year, month, day);
        }
        self.consume_one_of(b"T ");
        let (hour, minute) = (self.exact_digits(2)?, self.exact_digits(2)?);
        let second = if self.rest.first().is_some_and(u8::is_ascii_digit) { self.exact_digits(2)? } else { 0 };
        let offset = self.utc_offset()?;
        self.finish(year, month, day, seconds_of_day(hour, minute, second)?, offset)
    }

    /// A date at the end of the cell, or one with a time of day and possibly an offset.
    fn date_time(&mut self, year: i32, month: i32, day: i32) -> Option<ParsedTime> {
        if self.rest.is_empty() {
            return self.date(year, month, day);
        }
        self.consume_one_of(b"T ,")?;
        self.skip_spaces();
        let seconds = self.time_of_day()?;
        let offset = self.utc_offset()?;
        self.finish(year, month, day, seconds, offset)
    }

    /// Seconds since midnight: `13`, `13:30`, `13:30:05`, `1:30 PM`.
    pub(crate) fn time_of_day(&mut self) -> Option<i64> {
        let mut hour = self.one_or_two_digits()?;
        let (mut minute, mut second, mut rounded_up) = (0, 0, 0);
        if self.consume_one_of(b":").is_some() {
            minute = self.exact_digits(2)?;
            if self.consume_one_of(b":").is_some() {
                second = self.exact_digits(2)?;
                rounded_up = self.fraction()?;
            }
        }
        self.skip_spaces();
        if matches!(self.rest.first(), Some(b'A' | b'a' | b'P' | b'p')) {
            let afternoon = self
                .consume_one_of(b"Pp")
                .or_else(|| self.consume_one_of(b"Aa"))
                .is_some_and(|b| b.eq_ignore_ascii_case(&b'p'));
            self.consume_one_of(b"Mm")?;
            hour = (1..=12).contains(&hour).then_some(hour % 12 + if afternoon { 12 } else { 0 })?;
            self.skip_spaces();
        }
        Some(seconds_of_day(hour, minute, second)? + i64::from(rounded_up))
    }

    /// A fraction of a second: 1 if it is rounded up to the next second, else 0.
    fn fraction(&mut self) -> Option<i32> {
        if self.consume_one_of(b".,").is_none() {
            return Some(0);
        }
        let count = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.rest.split_at(count);
        self.rest = rest;
        self.has_subseconds |= digits.iter().any(|digit| *digit != b'0');
        digits.first().map(|first| i32::from(*first >= b'5'))
    }

    /// The offset at the end of a cell: `Z`, `UTC`, `+02:00`, `-0530`, `+01` or nothing.
    fn utc_offset(&mut self) -> Option<UtcOffset> {
        self.skip_spaces();
        match self.rest {
            [] => return Some(UtcOffset::Unspecified),
            b"Z" | b"z" | b"UTC" | b"GMT" | b"utc" => {
                self.rest = &[];
                return Some(UtcOffset::Seconds(0));
            }
            _ => {}
        }
        let sign = if self.consume_one_of(b"+-")? == b'-' { -1 } else { 1 };
        let hours = self.exact_digits(2)?;
        self.consume_one_of(b":");
        let minutes = if self.rest.is_empty() { 0 } else { self.exact_digits(2)? };
        (hours <= 14 && minutes < 60).then_some(UtcOffset::Seconds(sign * (hours * 3_600 + minutes * 60)))
    }
}

/// Seconds since midnight; 24:00 is the next midnight.
fn seconds_of_day(hour: i32, minute: i32, second: i32) -> Option<i64> {
    let valid = (hour < 24 && minute < 60 && second < 60) || (hour == 24 && minute == 0 && second == 0);
    valid.then_some(i64::from(hour * 3_600 + minute * 60 + second))
}
