//! The scanner of quarters, half years, weeks and numbered months, such as `2024 Q1` and `KW 5/2024`.

use chrono::{NaiveDate, Weekday};

use crate::read::parse::calendar_names::WEEK_WORDS;
use crate::read::parse::scanner::{ParsedTime, Scanner, plausible_year};
use crate::time::timestamp::DAY;

impl Scanner<'_> {
    /// The letter of a period after a year. Quarters are `T1` in Romance languages, and `K1` in Nordic ones. Before a year, these
    /// may be names of other things.
    fn letter_after_year(&mut self) -> Option<u8> {
        let is_quarter = matches!(self.rest, [b'T' | b't' | b'K' | b'k', digit, ..] if digit.is_ascii_digit());
        if is_quarter {
            self.take(1);
            return Some(b'Q');
        }
        self.period_letter()
    }

    /// The letter of a period: `Q`, `H`, `S`, `M` or `W`, which may also be a word for a week.
    fn period_letter(&mut self) -> Option<u8> {
        let word = self.take_while(u8::is_ascii_alphabetic);
        match word {
            [letter] if b"QqWwMmHhSs".contains(letter) => Some(letter.to_ascii_uppercase()),
            // Statistics Netherlands writes `2024MM01`.
            b"MM" => Some(b'M'),
            _ => {
                let is_week = WEEK_WORDS.iter().any(|week| word.eq_ignore_ascii_case(week.as_bytes()));
                is_week.then(|| self.skip(b" .")).map(|_| b'W')
            }
        }
    }

    /// A quarter whose number is before its word: `1st quarter`, `2. Quartal` or `3Q`.
    fn numbered_quarter(&mut self) -> Option<i32> {
        let before = self.rest;
        let mut scan = || {
            let number = self.exact_digits(1)?;
            let is_at_word = |scanner: &Self, word: &str| {
                scanner.rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()))
            };
            let ordinal = ["st ", "nd ", "rd ", "th ", ". ", " "].into_iter().find(|end| is_at_word(self, end));
            self.take(ordinal.map_or(0, str::len));
            let words = ["quarter", "quartal", "trimestre", "qtr", "q"];
            let word = words.into_iter().find(|word| is_at_word(self, word))?;
            self.take(word.len());
            self.skip(b" -./:',");
            Some(number)
        };
        let found = scan();
        if found.is_none() {
            self.rest = before;
        }
        found
    }

    /// Skips the letters of a fiscal year, which is then that of the calendar in the ticks.
    fn skip_fiscal_letters(&mut self) {
        if self.rest.get(..2).is_some_and(|start| start.eq_ignore_ascii_case(b"fy")) {
            self.take(2);
            self.take_one_of(b" -'");
            self.scanned.is_fiscal = true;
        }
    }

    /// A quarter such as `2012.1` or `2012,1`.
    pub(crate) fn year_point_quarter(&mut self) -> Option<ParsedTime> {
        let year = plausible_year(self.exact_digits(4)?)?;
        self.take_one_of(b".,")?;
        let quarter = self.exact_digits(1).filter(|quarter| (1..=4).contains(quarter))?;
        self.date(year, quarter * 3 - 2, 1)
    }

    pub(crate) fn period(&mut self) -> Option<ParsedTime> {
        self.skip_fiscal_letters();
        let (year, letter, number) = if let Some(quarter) = self.numbered_quarter() {
            (self.year()?, b'Q', quarter)
        } else if self.is_at_digit() {
            let year = if self.scanned.is_fiscal { self.year()? } else { self.exact_digits(4)? };
            self.skip(b" -./:");
            (year, self.letter_after_year()?, self.one_or_two_digits()?)
        } else {
            let letter = self.period_letter().filter(|letter| b"QWM".contains(letter))?;
            let number = self.one_or_two_digits()?;
            // Without a separator the cell may be any code, such as Q12.
            self.skip(b" -./:',").then_some(())?;
            self.skip_fiscal_letters();
            (self.year()?, letter, number)
        };
        match letter {
            b'Q' if (1..=4).contains(&number) => self.date(year, number * 3 - 2, 1),
            b'H' | b'S' if (1..=2).contains(&number) => self.date(year, number * 6 - 5, 1),
            b'M' => self.date(year, number, 1),
            b'W' => {
                let monday = NaiveDate::from_isoywd_opt(year, number as u32, Weekday::Mon)?;
                let weekday = if self.take_one_of(b"-").is_some() { self.exact_digits(1)? } else { 1 };
                let days = monday.to_epoch_days() + (1..=7).contains(&weekday).then_some(weekday - 1)?;
                self.time(i64::from(days) * DAY)
            }
            _ => None,
        }
    }
}
