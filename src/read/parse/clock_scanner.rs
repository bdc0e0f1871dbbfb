//! The scanner of times of day and of offsets from UTC, such as `13:30:05.25`, `1:30 PM` and `+02:00`.

use crate::read::parse::named_offset::named_offset;
use crate::read::parse::scanner::{ParsedTime, Scanner, ticks_of_day};
use crate::time::timestamp::{HOUR, SECOND};

impl Scanner<'_> {
    /// A date at the end of the cell, or one with a time of day and possibly an offset.
    pub(super) fn date_time(&mut self, year: i32, month: i32, day: i32) -> Option<ParsedTime> {
        // As in `2024. 1. 12.` and `12.01.2024. 10:00`.
        if self.rest == b"." || self.rest.starts_with(b". ") {
            self.take(1);
        }
        if self.is_done() {
            return self.date(year, month, day);
        }
        if !self.skip_word_before_time() {
            let separator = self.take_one_of(b"T ,:")?;
            self.skip(b" ");
            // An hour alone after a colon, as in `25.01.20:4`, may be a damaged year.
            (separator != b':' || self.rest.contains(&b':')).then_some(())?;
        }
        let time_of_day = self.time_after_date()?;
        if self.rest.trim_ascii_start() == b"Uhr" {
            self.take(self.rest.len());
        }
        self.scan_offset()?;
        self.date_and_time(year, month, day, time_of_day)
    }

    /// Skips a word or a mark between spaces that is before a time of day, as in `1/12/2024 - 10:00`.
    fn skip_word_before_time(&mut self) -> bool {
        const WORDS: [&str; 6] = [" - ", " @ ", " at ", ", at ", " à ", " um "];
        let Some(word) = WORDS.into_iter().find(|word| self.rest.starts_with(word.as_bytes())) else { return false };
        let has_minutes = self.rest.contains(&b':') || self.rest.contains(&b'h');
        if has_minutes {
            self.take(word.len());
        }
        has_minutes
    }

    /// A time of day after a date, which may also have other marks: `10h30`, `12.00.00.000 AM`, `오후 1:30`.
    fn time_after_date(&mut self) -> Option<i64> {
        const BEFORE_NOON: [&str; 3] = ["오전", "上午", "午前"];
        const AFTER_NOON: [&str; 3] = ["오후", "下午", "午後"];
        let half = |words: [&'static str; 3]| words.into_iter().find(|word| self.rest.starts_with(word.as_bytes()));
        let noon = half(BEFORE_NOON).map(|word| (word, 0)).or_else(|| half(AFTER_NOON).map(|word| (word, 12 * HOUR)));
        if let Some((word, noon)) = noon {
            self.take(word.len());
            self.skip(b" ");
            let ticks = self.time_of_day().filter(|ticks| *ticks < 13 * HOUR)?;
            return Some(ticks % (12 * HOUR) + noon);
        }
        let digits = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let is_pair = |at: usize| self.rest.get(at..at + 2).is_some_and(|pair| pair.iter().all(u8::is_ascii_digit));
        match self.rest.get(digits) {
            Some(b'h' | b'H') if is_pair(digits + 1) => {
                let hour = self.one_or_two_digits()?;
                self.take_one_of(b"hH")?;
                self.scanned.is_late = hour == 24;
                ticks_of_day(hour, self.exact_digits(2)?, 0)
            }
            Some(b'.') if is_pair(digits + 1) && self.rest.get(digits + 3) == Some(&b'.') && is_pair(digits + 4) => {
                let hour = self.one_or_two_digits()?;
                self.take_one_of(b".")?;
                let minute = self.exact_digits(2)?;
                self.take_one_of(b".")?;
                let (second, fraction) = (self.exact_digits(2)?, self.fraction()?);
                self.scanned.is_late = hour == 24;
                let hour = self.hour_of_half(hour)?;
                Some(ticks_of_day(hour, minute, second)? + fraction)
            }
            _ => self.time_of_day(),
        }
    }

    /// Ticks since midnight: `13`, `13:30`, `13:30:05`, `13:30:05.25`, `1:30 PM`.
    pub(crate) fn time_of_day(&mut self) -> Option<i64> {
        let hour = self.one_or_two_digits()?;
        self.scanned.is_late = hour == 24;
        let (mut minute, mut second, mut fraction) = (0, 0, 0);
        if self.take_one_of(b":").is_some() {
            minute = self.exact_digits(2)?;
            if self.take_one_of(b":").is_some() {
                second = self.exact_digits(2)?;
                fraction = self.fraction()?;
            }
        }
        let hour = self.hour_of_half(hour)?;
        Some(ticks_of_day(hour, minute, second)? + fraction)
    }

    /// The hour of the day for one that may have `AM` or `PM` after it.
    fn hour_of_half(&mut self, hour: i32) -> Option<i32> {
        self.skip(b" \xc2\xa0\xe2\x80\xaf");
        let Some(half) = self.take_one_of(b"AaPp") else { return Some(hour) };
        // As in `1:30 p. m.`, where the space may be a narrow one that breaks no line.
        self.skip(b". \xc2\xa0\xe2\x80\xaf");
        self.take_one_of(b"Mm")?;
        self.take_one_of(b".");
        let noon = if half.eq_ignore_ascii_case(&b'p') { 12 } else { 0 };
        self.skip(b" ");
        (1..=12).contains(&hour).then_some(hour % 12 + noon)
    }

    /// The time of day, the zone and the year after a month and a day, as in `Jan 12 10:00:00 UTC 2024`. `None` unless a time of
    /// day follows.
    pub(super) fn time_zone_and_year(&mut self, month: i32, day: i32) -> Option<ParsedTime> {
        self.rest.get(2).filter(|byte| **byte == b':')?;
        let time_of_day = self.time_of_day()?;
        self.skip(b" ");
        let zone = self.take_while(u8::is_ascii_alphabetic);
        if !zone.is_empty() {
            self.scanned.offset = Some(named_offset(zone)?);
            self.take_one_of(b" ")?;
        }
        let year = self.exact_digits(4)?;
        self.date_and_time(year, month, day, time_of_day)
    }

    /// A fraction of a second in ticks.
    fn fraction(&mut self) -> Option<i64> {
        if self.take_one_of(b".,").is_none() {
            return Some(0);
        }
        let digits = self.take_while(u8::is_ascii_digit);
        let (ticks, is_rounded) = ticks_of_fraction(digits);
        self.scanned.is_rounded |= is_rounded;
        (!digits.is_empty()).then_some(ticks)
    }

    /// Scans the offset at the end of a cell: `Z`, `+02:00`, `-0530`, `+01`, `UTC`, `GMT+1`, `PST`, `(CET)` or nothing. A remark such
    /// as the name of the zone may be in brackets after hours and minutes. `None` for anything else.
    pub(super) fn scan_offset(&mut self) -> Option<()> {
        self.skip(b" ");
        if self.is_done() {
            return Some(());
        }
        let is_bracketed = self.take_one_of(b"(").is_some();
        let name = self.take_while(u8::is_ascii_alphabetic);
        let named = if name.is_empty() && !is_bracketed { 0 } else { named_offset(name)? };
        if is_bracketed {
            self.take_one_of(b")")?;
        }
        if self.is_done() {
            self.scanned.offset = Some(named);
            return Some(());
        }
        // A number counts from UTC, not from the zone of a country.
        let may_have_number = name.is_empty() || name.eq_ignore_ascii_case(b"utc") || name.eq_ignore_ascii_case(b"gmt");
        let sign = if self.take_one_of(b"+-").filter(|_| may_have_number)? == b'-' { -1 } else { 1 };
        let hours = if name.is_empty() { self.exact_digits(2)? } else { self.one_or_two_digits()? };
        self.take_one_of(b":");
        let minutes = if self.is_done() { 0 } else { self.exact_digits(2)? };
        if self.rest.starts_with(b" (") && self.rest.ends_with(b")") {
            self.take(self.rest.len());
        }
        self.scanned.offset = Some((hours <= 14 && minutes < 60).then_some(sign * (hours * 3_600 + minutes * 60))?);
        Some(())
    }
}

/// The ticks of the decimals of a second, rounded to the nearest, and whether that changed them.
pub(crate) fn ticks_of_fraction(digits: &[u8]) -> (i64, bool) {
    const KEPT: usize = SECOND.ilog10() as usize;
    let digit = |at: usize| digits.get(at).map_or(0, |digit| i64::from(digit - b'0'));
    let ticks = (0..KEPT).fold(0, |ticks, at| ticks * 10 + digit(at));
    let is_rounded = digits.iter().skip(KEPT).any(|digit| *digit != b'0');
    (ticks + i64::from(digit(KEPT) >= 5), is_rounded)
}
