//! The grammar of times: digits, names of months, marks between them.

use chrono::NaiveDate;

use crate::read::parse::datetime::{Century, Moment, Zone, plausible};
use crate::time::timestamp::SECONDS_PER_DAY;

/// The months in English, then as other languages write and shorten them where that differs.
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

/// A cell that is read from left to right.
pub(crate) struct Scan<'a> {
    rest: &'a [u8],
    century: Century,
    short: Option<u8>,
    /// Whether a part of a second was rounded away.
    finer: bool,
}

impl<'a> Scan<'a> {
    pub(crate) fn new(cell: &'a str, century: Century) -> Self {
        let mut scan = Self { rest: cell.trim().as_bytes(), century, short: None, finer: false };
        scan.weekday();
        scan
    }

    /// Skips the name of a weekday in front of a date: `Mon, 1 Jan 2024`.
    fn weekday(&mut self) {
        if !self.rest.first().is_some_and(u8::is_ascii_alphabetic) {
            return;
        }
        let (letters, rest) = self.rest.split_at(self.rest.iter().take_while(|b| b.is_ascii_alphabetic()).count());
        let shortened = |day: &&str| {
            letters.len() >= 3 && day.as_bytes().get(..letters.len()).is_some_and(|d| d.eq_ignore_ascii_case(letters))
        };
        let after = rest.iter().take_while(|byte| b"., ".contains(byte)).count();
        if after > 0 && WEEKDAYS.iter().any(shortened) {
            self.rest = &rest[after..];
        }
    }

    pub(crate) fn is_done(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn at_digit(&self) -> bool {
        self.rest.first().is_some_and(u8::is_ascii_digit)
    }

    /// A date that ends the cell.
    pub(crate) fn date(&self, year: i32, month: i32, day: i32) -> Option<Moment> {
        self.finish(year, month, day, 0, Zone::Unsaid)
    }

    /// The digits ahead, at most `most`, and how many they are.
    fn digits(&mut self, most: usize) -> Option<(i32, usize)> {
        let count = self.rest.iter().take(most).take_while(|b| b.is_ascii_digit()).count();
        let (digits, rest) = self.rest.split_at(count);
        self.rest = rest;
        (count > 0).then(|| (digits.iter().fold(0, |value, digit| value * 10 + i32::from(digit - b'0')), count))
    }

    pub(crate) fn exactly(&mut self, count: usize) -> Option<i32> {
        self.digits(count).filter(|(_, found)| *found == count).map(|(value, _)| value)
    }

    pub(crate) fn up_to_two(&mut self) -> Option<i32> {
        self.digits(2).map(|(value, _)| value)
    }

    /// A year of four digits, or of two that the century completes.
    fn year(&mut self) -> Option<i32> {
        match self.digits(5)? {
            (year, 4) => Some(year),
            (year, 2) => {
                self.short = Some(year as u8);
                Some(self.century.year(year))
            }
            _ => None,
        }
    }

    fn any(&mut self, wanted: &[u8]) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        wanted.contains(first).then(|| {
            self.rest = rest;
            *first
        })
    }

    fn spaces(&mut self) {
        while self.any(b" ").is_some() {}
    }

    /// The letters ahead, those beyond ASCII among them.
    fn letters(&mut self) -> &'a [u8] {
        let count = self.rest.iter().take_while(|b| b.is_ascii_alphabetic() || !b.is_ascii()).count();
        let (letters, rest) = self.rest.split_at(count);
        self.rest = rest;
        letters
    }

    pub(crate) fn month_name(&mut self) -> Option<i32> {
        let name = std::str::from_utf8(self.letters()).ok()?.to_lowercase();
        self.any(b".");
        let known = |month: &&[&str]| name.chars().count() >= 3 && month.iter().any(|long| long.starts_with(&name));
        MONTHS.iter().position(known).map(|month| month as i32 + 1)
    }

    fn finish(&self, year: i32, month: i32, day: i32, seconds: i64, zone: Zone) -> Option<Moment> {
        let date = NaiveDate::from_ymd_opt(year, u32::try_from(month).ok()?, u32::try_from(day).ok()?)?;
        let days = i64::from(date.to_epoch_days());
        self.rest.is_empty().then_some(Moment {
            ticks: days * SECONDS_PER_DAY + seconds,
            zone,
            short: self.short,
            finer: self.finer,
        })
    }

    /// A year that spans two of the calendar, `2019/20` or `2019-2020`, or is called after one, `FY2020`: an index.
    pub(crate) fn fiscal_year(&mut self) -> Option<Moment> {
        let year = if self.at_digit() {
            let year = plausible(self.exactly(4)?)?;
            self.any(b"/-")?;
            let (next, digits) = self.digits(4)?;
            let fits = (digits == 2 && next == (year + 1) % 100) || (digits == 4 && next == year + 1);
            fits.then_some(year)?
        } else {
            self.letters().eq_ignore_ascii_case(b"fy").then_some(())?;
            self.any(b" -'");
            self.year()?
        };
        let ticks = i64::from(year);
        self.is_done().then_some(Moment { ticks, zone: Zone::Unsaid, short: self.short, finer: false })
    }

    pub(crate) fn year_first(&mut self) -> Option<Moment> {
        let year = self.exactly(4)?;
        let separator = self.any(b"-/.")?;
        let month = self.up_to_two()?;
        if self.rest.is_empty() {
            return self.date(year, month, 1);
        }
        self.any(&[separator])?;
        let day = self.up_to_two()?;
        self.date_time(year, month, day)
    }

    pub(crate) fn year_last(&mut self, day_first: bool) -> Option<Moment> {
        let one = self.up_to_two()?;
        let separator = self.any(b"/.-")?;
        let two = self.up_to_two()?;
        self.any(&[separator])?;
        let year = self.year()?;
        let (day, month) = if day_first { (one, two) } else { (two, one) };
        self.date_time(year, month, day)
    }

    pub(crate) fn period(&mut self) -> Option<Moment> {
        let (year, letter, number) = if self.rest.first()?.is_ascii_digit() {
            let year = self.exactly(4)?;
            self.any(b" -./:");
            let letter = self.any(b"QqWwMmHhSs")?;
            (year, letter, self.up_to_two()?)
        } else {
            let letter = self.any(b"QqWwMm")?;
            let number = self.up_to_two()?;
            // without a mark between them this may be any code
            self.any(b" -./:'")?;
            (self.year()?, letter, number)
        };
        match letter.to_ascii_uppercase() {
            b'Q' if (1..=4).contains(&number) => self.date(year, number * 3 - 2, 1),
            b'H' | b'S' if (1..=2).contains(&number) => self.date(year, number * 6 - 5, 1),
            b'M' => self.date(year, number, 1),
            b'W' => {
                let monday = NaiveDate::from_isoywd_opt(year, number as u32, chrono::Weekday::Mon)?;
                let weekday = if self.any(b"-").is_some() { self.exactly(1)? } else { 1 };
                let ticks = i64::from(monday.to_epoch_days() + (1..=7).contains(&weekday).then_some(weekday - 1)?)
                    * SECONDS_PER_DAY;
                self.rest.is_empty().then_some(Moment { ticks, zone: Zone::Unsaid, short: self.short, finer: false })
            }
            _ => None,
        }
    }

    pub(crate) fn named(&mut self) -> Option<Moment> {
        let joint = b" -/.,'";
        if self.rest.first()?.is_ascii_alphabetic() {
            let month = self.month_name()?;
            while self.any(joint).is_some() {}
            let ahead = (self.rest, self.short);
            if let Some(moment) = self.year().and_then(|year| self.date(year, month, 1)) {
                return Some(moment);
            }
            (self.rest, self.short) = ahead;
            let day = self.up_to_two()?;
            self.any(joint)?;
            while self.any(joint).is_some() {}
            let year = self.year()?;
            return self.date_time(year, month, day);
        }
        let (first, digits) = self.digits(5)?;
        while self.any(joint).is_some() {}
        let month = self.month_name()?;
        while self.any(joint).is_some() {}
        match digits {
            4 if self.rest.is_empty() => self.date(first, month, 1),
            4 => {
                let day = self.up_to_two()?;
                self.date_time(first, month, day)
            }
            1 | 2 if self.rest.is_empty() => {
                self.short = Some(u8::try_from(first).ok()?);
                self.date(self.century.year(first), month, 1)
            }
            1 | 2 => {
                let year = self.year()?;
                self.date_time(year, month, first)
            }
            _ => None,
        }
    }

    pub(crate) fn compact(&mut self) -> Option<Moment> {
        let year = plausible(self.exactly(4)?)?;
        let (month, day) = (self.exactly(2)?, self.exactly(2)?);
        if self.rest.is_empty() {
            return self.date(year, month, day);
        }
        self.any(b"T ");
        let (hour, minute) = (self.exactly(2)?, self.exactly(2)?);
        let second = if self.rest.first().is_some_and(u8::is_ascii_digit) { self.exactly(2)? } else { 0 };
        let zone = self.zone()?;
        self.finish(year, month, day, clock(hour, minute, second)?, zone)
    }

    /// What may follow a date: nothing, or a time of day and perhaps an offset.
    fn date_time(&mut self, year: i32, month: i32, day: i32) -> Option<Moment> {
        if self.rest.is_empty() {
            return self.date(year, month, day);
        }
        self.any(b"T ,")?;
        self.spaces();
        let seconds = self.time_of_day()?;
        let zone = self.zone()?;
        self.finish(year, month, day, seconds, zone)
    }

    /// Seconds since midnight: `13`, `13:30`, `13:30:05`, `1:30 PM`.
    pub(crate) fn time_of_day(&mut self) -> Option<i64> {
        let mut hour = self.up_to_two()?;
        let (mut minute, mut second, mut up) = (0, 0, 0);
        if self.any(b":").is_some() {
            minute = self.exactly(2)?;
            if self.any(b":").is_some() {
                second = self.exactly(2)?;
                up = self.fraction()?;
            }
        }
        self.spaces();
        if matches!(self.rest.first(), Some(b'A' | b'a' | b'P' | b'p')) {
            let afternoon = self.any(b"Pp").or_else(|| self.any(b"Aa")).is_some_and(|b| b.eq_ignore_ascii_case(&b'p'));
            self.any(b"Mm")?;
            hour = (1..=12).contains(&hour).then_some(hour % 12 + if afternoon { 12 } else { 0 })?;
            self.spaces();
        }
        Some(clock(hour, minute, second)? + i64::from(up))
    }

    /// A fraction of a second: 1 if it rounds up to the next.
    fn fraction(&mut self) -> Option<i32> {
        if self.any(b".,").is_none() {
            return Some(0);
        }
        let count = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.rest.split_at(count);
        self.rest = rest;
        self.finer |= digits.iter().any(|digit| *digit != b'0');
        digits.first().map(|first| i32::from(*first >= b'5'))
    }

    /// The offset at the end of a cell: `Z`, `UTC`, `+02:00`, `-0530`, `+01`, or nothing.
    fn zone(&mut self) -> Option<Zone> {
        self.spaces();
        match self.rest {
            [] => return Some(Zone::Unsaid),
            b"Z" | b"z" | b"UTC" | b"GMT" | b"utc" => {
                self.rest = &[];
                return Some(Zone::Ahead(0));
            }
            _ => {}
        }
        let sign = if self.any(b"+-")? == b'-' { -1 } else { 1 };
        let hours = self.exactly(2)?;
        self.any(b":");
        let minutes = if self.rest.is_empty() { 0 } else { self.exactly(2)? };
        (hours <= 14 && minutes < 60).then_some(Zone::Ahead(sign * (hours * 3_600 + minutes * 60)))
    }
}

/// Seconds since midnight; 24:00 is the next midnight.
fn clock(hour: i32, minute: i32, second: i32) -> Option<i64> {
    let valid = (hour < 24 && minute < 60 && second < 60) || (hour == 24 && minute == 0 && second == 0);
    valid.then_some(i64::from(hour * 3_600 + minute * 60 + second))
}
