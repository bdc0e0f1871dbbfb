//! One cell as a time: every way of writing that is understood, each tried strictly.

use chrono::NaiveDate;

use super::frequency::DAY;

/// A way of writing times. A column is read in one way from top to bottom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// `2012-01-31`, `2012/1/31`, `2012-01`, each with or without a time of day and an offset.
    YearFirst,
    /// `31.01.2012`, `31/1/12`.
    DayFirst,
    /// `1/31/2012`, `1/31/12`.
    MonthFirst,
    /// `1998 Q1`, `Q1-98`, `1991 W06`, `1960M01`.
    Period,
    /// `Jan-60`, `1960 Jan`, `31 January 2012`, `Jan 31, 2012`.
    Named,
    /// `20120131`, `20120131T2359`, `20120131235959`.
    Compact,
    /// `201201`.
    YearMonth,
    /// Seconds, or so many parts of a second, since 1970.
    Epoch {
        /// How many parts make a second.
        per_second: i64,
    },
    /// `1960`: an index that happens to be a year.
    Year,
    /// Any other integer.
    Index,
}

/// What a cell says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    /// Seconds since 1970 in the clock as written, or the index.
    pub(super) ticks: i64,
    /// The offset from UTC in seconds, where one is written.
    pub(super) offset: Option<i32>,
    /// The year, where it is written in two digits.
    pub(super) short: Option<u8>,
}

/// Which century two-digit years belong to: the hundred years from `first` on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Century {
    first: i32,
}

/// Two-digit years are read as late as possible, but never past this one.
const LATEST: i32 = 2040;

impl Century {
    /// The century before [`LATEST`].
    pub(super) const DEFAULT: Self = Self { first: LATEST - 99 };

    /// The hundred years in which the years seen lie closest together, so that `98, 99, 00, 01` is one run.
    pub(super) fn of(seen: &[bool; 100]) -> Self {
        let years: Vec<i32> = (0..100).filter(|year| seen[*year as usize]).collect();
        let Some(last) = years.last() else { return Self::DEFAULT };
        let before = std::iter::once(last - 100).chain(years.iter().copied());
        let widest = years.iter().zip(before).max_by_key(|(year, before)| (*year - before, -**year));
        let (first, before) = widest.map_or((0, -1), |(year, before)| (*year, before));
        let span = before.rem_euclid(100) - first;
        let ends = 2000 + first + span.rem_euclid(100);
        Self { first: 2000 + first - if ends > LATEST { 100 } else { 0 } }
    }

    fn year(self, short: i32) -> i32 {
        self.first + (short - self.first).rem_euclid(100)
    }
}

impl Reading {
    /// All ways that a cell decides by itself, the more specific before the more general.
    pub(super) const ALL: [Self; 13] = [
        Self::YearFirst,
        Self::DayFirst,
        Self::MonthFirst,
        Self::Period,
        Self::Named,
        Self::Compact,
        Self::YearMonth,
        Self::Year,
        Self::Epoch { per_second: 1 },
        Self::Epoch { per_second: 1_000 },
        Self::Epoch { per_second: 1_000_000 },
        Self::Epoch { per_second: 1_000_000_000 },
        Self::Index,
    ];

    /// Whether its times are an index rather than dates.
    pub(super) fn is_index(self) -> bool {
        matches!(self, Self::Year | Self::Index)
    }

    /// Whether its cells could just as well be numbers.
    pub(super) fn is_number(self) -> bool {
        self.is_index() || matches!(self, Self::YearMonth | Self::Epoch { .. })
    }

    /// Reads a cell, all of it or nothing.
    pub(super) fn read(self, cell: &str, century: Century) -> Option<Moment> {
        let mut scan = Scan { rest: cell.trim().as_bytes(), century, short: None };
        match self {
            Self::YearFirst => scan.year_first(),
            Self::DayFirst | Self::MonthFirst => scan.year_last(self == Self::DayFirst),
            Self::Period => scan.period(),
            Self::Named => scan.named(),
            Self::Compact => scan.compact(),
            Self::YearMonth => {
                let (year, month) = (scan.exactly(4)?, scan.exactly(2)?);
                scan.finish(plausible(year)?, month, 1, 0, None)
            }
            Self::Year => {
                let year = plausible(scan.exactly(4)?)?;
                scan.rest.is_empty().then_some(Moment { ticks: i64::from(year), offset: None, short: None })
            }
            Self::Epoch { per_second } => {
                let digits = scan.rest.len();
                let fits = match per_second {
                    1 => (9..=10).contains(&digits),
                    1_000 => (12..=13).contains(&digits),
                    1_000_000 => (15..=16).contains(&digits),
                    _ => (18..=19).contains(&digits),
                };
                let parts: i64 = if fits { cell.trim().parse().ok()? } else { return None };
                let whole = parts >= 0 && parts % per_second == 0;
                whole.then_some(Moment { ticks: parts / per_second, offset: None, short: None })
            }
            Self::Index => cell.trim().parse().ok().map(|ticks| Moment { ticks, offset: None, short: None }),
        }
    }
}

/// A cell that holds a time of day alone, in seconds since midnight.
pub(super) fn time_of_day(cell: &str) -> Option<i64> {
    let mut scan = Scan { rest: cell.trim().as_bytes(), century: Century::DEFAULT, short: None };
    scan.time_of_day().filter(|_| scan.rest.is_empty())
}

/// A cell that holds a month alone, by its number or name.
pub(super) fn month(cell: &str) -> Option<i64> {
    let mut scan = Scan { rest: cell.trim().as_bytes(), century: Century::DEFAULT, short: None };
    let month = if scan.rest.first()?.is_ascii_digit() { scan.up_to_two()? } else { scan.month_name()? };
    (scan.rest.is_empty() && (1..=12).contains(&month)).then_some(i64::from(month))
}

/// A year that a four-digit number may mean.
fn plausible(year: i32) -> Option<i32> {
    (1500..=2200).contains(&year).then_some(year)
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

struct Scan<'a> {
    rest: &'a [u8],
    century: Century,
    short: Option<u8>,
}

impl<'a> Scan<'a> {
    /// The digits ahead, at most `most`, and how many they are.
    fn digits(&mut self, most: usize) -> Option<(i32, usize)> {
        let count = self.rest.iter().take(most).take_while(|b| b.is_ascii_digit()).count();
        let (digits, rest) = self.rest.split_at(count);
        self.rest = rest;
        (count > 0).then(|| (digits.iter().fold(0, |value, digit| value * 10 + i32::from(digit - b'0')), count))
    }

    fn exactly(&mut self, count: usize) -> Option<i32> {
        self.digits(count).filter(|(_, found)| *found == count).map(|(value, _)| value)
    }

    fn up_to_two(&mut self) -> Option<i32> {
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

    fn letters(&mut self) -> &'a [u8] {
        let count = self.rest.iter().take_while(|b| b.is_ascii_alphabetic()).count();
        let (letters, rest) = self.rest.split_at(count);
        self.rest = rest;
        letters
    }

    fn month_name(&mut self) -> Option<i32> {
        let name = std::str::from_utf8(self.letters()).ok()?.to_ascii_lowercase();
        self.any(b".");
        let known =
            |month: &str| name.len() >= 3 && (month.starts_with(&name) || (name == "sept" && month == MONTHS[8]));
        MONTHS.iter().position(|month| known(month)).map(|month| month as i32 + 1)
    }

    fn finish(&self, year: i32, month: i32, day: i32, seconds: i64, offset: Option<i32>) -> Option<Moment> {
        let date = NaiveDate::from_ymd_opt(year, u32::try_from(month).ok()?, u32::try_from(day).ok()?)?;
        let days = i64::from(date.to_epoch_days());
        self.rest.is_empty().then_some(Moment { ticks: days * DAY + seconds, offset, short: self.short })
    }

    fn year_first(&mut self) -> Option<Moment> {
        let year = self.exactly(4)?;
        let separator = self.any(b"-/.")?;
        let month = self.up_to_two()?;
        if self.rest.is_empty() {
            return self.finish(year, month, 1, 0, None);
        }
        self.any(&[separator])?;
        let day = self.up_to_two()?;
        self.date_time(year, month, day)
    }

    fn year_last(&mut self, day_first: bool) -> Option<Moment> {
        let one = self.up_to_two()?;
        let separator = self.any(b"/.-")?;
        let two = self.up_to_two()?;
        self.any(&[separator])?;
        let year = self.year()?;
        let (day, month) = if day_first { (one, two) } else { (two, one) };
        self.date_time(year, month, day)
    }

    fn period(&mut self) -> Option<Moment> {
        let (year, letter, number) = if self.rest.first()?.is_ascii_digit() {
            let year = self.exactly(4)?;
            self.any(b" -./:");
            let letter = self.any(b"QqWwMm")?;
            (year, letter, self.up_to_two()?)
        } else {
            let letter = self.any(b"QqWwMm")?;
            let number = self.up_to_two()?;
            // without a mark between them this may be any code
            self.any(b" -./:'")?;
            (self.year()?, letter, number)
        };
        match letter.to_ascii_uppercase() {
            b'Q' if (1..=4).contains(&number) => self.finish(year, number * 3 - 2, 1, 0, None),
            b'M' => self.finish(year, number, 1, 0, None),
            b'W' => {
                let monday = NaiveDate::from_isoywd_opt(year, number as u32, chrono::Weekday::Mon)?;
                let weekday = if self.any(b"-").is_some() { self.exactly(1)? } else { 1 };
                let ticks =
                    i64::from(monday.to_epoch_days() + (1..=7).contains(&weekday).then_some(weekday - 1)?) * DAY;
                self.rest.is_empty().then_some(Moment { ticks, offset: None, short: self.short })
            }
            _ => None,
        }
    }

    fn named(&mut self) -> Option<Moment> {
        let joint = b" -/.,'";
        if self.rest.first()?.is_ascii_alphabetic() {
            let month = self.month_name()?;
            while self.any(joint).is_some() {}
            let ahead = (self.rest, self.short);
            if let Some(moment) = self.year().and_then(|year| self.finish(year, month, 1, 0, None)) {
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
            4 if self.rest.is_empty() => self.finish(first, month, 1, 0, None),
            4 => {
                let day = self.up_to_two()?;
                self.date_time(first, month, day)
            }
            1 | 2 if self.rest.is_empty() => {
                self.short = Some(u8::try_from(first).ok()?);
                self.finish(self.century.year(first), month, 1, 0, None)
            }
            1 | 2 => {
                let year = self.year()?;
                self.date_time(year, month, first)
            }
            _ => None,
        }
    }

    fn compact(&mut self) -> Option<Moment> {
        let year = plausible(self.exactly(4)?)?;
        let (month, day) = (self.exactly(2)?, self.exactly(2)?);
        if self.rest.is_empty() {
            return self.finish(year, month, day, 0, None);
        }
        self.any(b"T ");
        let (hour, minute) = (self.exactly(2)?, self.exactly(2)?);
        let second = if self.rest.first().is_some_and(u8::is_ascii_digit) { self.exactly(2)? } else { 0 };
        let offset = self.offset()?;
        self.finish(year, month, day, clock(hour, minute, second)?, offset)
    }

    /// What may follow a date: nothing, or a time of day and perhaps an offset.
    fn date_time(&mut self, year: i32, month: i32, day: i32) -> Option<Moment> {
        if self.rest.is_empty() {
            return self.finish(year, month, day, 0, None);
        }
        self.any(b"T ,")?;
        self.spaces();
        let seconds = self.time_of_day()?;
        let offset = self.offset()?;
        self.finish(year, month, day, seconds, offset)
    }

    /// Seconds since midnight: `13`, `13:30`, `13:30:05`, `1:30 PM`.
    fn time_of_day(&mut self) -> Option<i64> {
        let mut hour = self.up_to_two()?;
        let (mut minute, mut second) = (0, 0);
        if self.any(b":").is_some() {
            minute = self.exactly(2)?;
            if self.any(b":").is_some() {
                second = self.exactly(2)?;
                self.no_fraction()?;
            }
        }
        self.spaces();
        if matches!(self.rest.first(), Some(b'A' | b'a' | b'P' | b'p')) {
            let afternoon = self.any(b"Pp").or_else(|| self.any(b"Aa")).is_some_and(|b| b.eq_ignore_ascii_case(&b'p'));
            self.any(b"Mm")?;
            hour = (1..=12).contains(&hour).then_some(hour % 12 + if afternoon { 12 } else { 0 })?;
            self.spaces();
        }
        clock(hour, minute, second)
    }

    /// Skips a fraction of a second that is zero: a finer one has no place in a series of whole seconds.
    fn no_fraction(&mut self) -> Option<()> {
        if self.any(b".,").is_some() {
            self.any(b"0")?;
            while self.any(b"0").is_some() {}
        }
        Some(())
    }

    /// The offset at the end of a cell: `Z`, `UTC`, `+02:00`, `-0530`, `+01`, or nothing.
    fn offset(&mut self) -> Option<Option<i32>> {
        self.spaces();
        match self.rest {
            [] => return Some(None),
            b"Z" | b"z" | b"UTC" | b"GMT" => {
                self.rest = &[];
                return Some(Some(0));
            }
            _ => {}
        }
        let sign = if self.any(b"+-")? == b'-' { -1 } else { 1 };
        let hours = self.exactly(2)?;
        self.any(b":");
        let minutes = if self.rest.is_empty() { 0 } else { self.exactly(2)? };
        (hours <= 14 && minutes < 60).then_some(Some(sign * (hours * 3_600 + minutes * 60)))
    }
}

/// Seconds since midnight; 24:00 is the next midnight.
fn clock(hour: i32, minute: i32, second: i32) -> Option<i64> {
    let valid = (hour < 24 && minute < 60 && second < 60) || (hour == 24 && minute == 0 && second == 0);
    valid.then_some(i64::from(hour * 3_600 + minute * 60 + second))
}
