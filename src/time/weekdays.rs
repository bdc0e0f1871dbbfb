//! The open days of a week, such as business days.

use std::fmt;
use std::str::FromStr;

use chrono::Weekday;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::time::timestamp::DAY;

/// The days of the week on which a series has values, such as Monday to Friday: two to six days.
///
/// ```
/// use forecast::time::Weekdays;
///
/// let days: Weekdays = "mon-sat".parse()?;
/// assert_eq!((days.count(), days.in_words().as_str()), (6, "Monday to Saturday"));
/// assert_eq!("Mon, Wed, Fri".parse::<Weekdays>()?.to_string(), "mon,wed,fri");
/// assert_eq!(Weekdays::new([true; 7]), None);
/// # Ok::<(), forecast::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Weekdays(
    /// One bit per day; Monday is the lowest.
    u8,
);

const SHORT: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const LONG: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

impl Weekdays {
    /// Monday to Friday.
    pub const BUSINESS: Self = Self(0b001_1111);
    pub(crate) const MONDAY_TO_SATURDAY: Self = Self(0b011_1111);

    /// The days for which `open` is true, from Monday; `None` for fewer than two or for all seven.
    pub fn new(open: [bool; 7]) -> Option<Self> {
        let bits = open.into_iter().rev().fold(0, |bits, open| bits << 1 | u8::from(open));
        (2..7).contains(&bits.count_ones()).then_some(Self(bits))
    }

    /// The number of open days in a week: 2 to 6.
    pub fn count(self) -> usize {
        self.0.count_ones() as usize
    }

    /// The weekdays by number, 0 for Monday.
    fn numbers(self) -> impl Iterator<Item = usize> {
        (0..7).filter(move |day| self.0 >> day & 1 == 1)
    }

    /// Whether a day, by its number since 1970, is open.
    pub(crate) fn contains(self, day: i64) -> bool {
        self.0 >> weekday(day) & 1 == 1
    }

    /// The number of open days from the first Monday of 1970 to a day. A closed day has the number of the open day before it.
    pub(crate) fn ordinal(self, day: i64) -> i64 {
        let until = (1_u16 << (weekday(day) + 1)) - 1;
        let within = (u16::from(self.0) & until).count_ones();
        week(day).saturating_mul(self.count() as i64) + i64::from(within) - 1
    }

    /// The inverse of [`Self::ordinal`].
    pub(crate) fn day(self, ordinal: i64) -> Option<i64> {
        let each = self.count() as i64;
        let weekday = self.numbers().nth(ordinal.rem_euclid(each) as usize)?;
        ordinal.div_euclid(each).checked_mul(7)?.checked_add(FIRST_MONDAY + weekday as i64)
    }

    /// The name of one of the days: `business day` for Monday to Friday, otherwise `open day`.
    pub fn day_name(self) -> &'static str {
        if self == Self::BUSINESS { "business day" } else { "open day" }
    }

    /// The days in words: `Monday to Saturday`, `Monday, Wednesday and Friday`.
    pub fn in_words(self) -> String {
        self.list(LONG, " to ", ", ", " and ")
    }

    pub(crate) fn closed_days_in_words(self) -> String {
        Self(!self.0 & 0b111_1111).list(LONG, " to ", ", ", " and ")
    }

    /// Names the ends of a run of three days or more, and all other days one by one.
    fn list(self, names: [&str; 7], to: &str, comma: &str, and: &str) -> String {
        let has = |day: usize| self.0 >> (day % 7) & 1 == 1;
        let mut starts = (0..7).filter(|day| has(*day) && !has(day + 6));
        let (first, count) = (starts.next().unwrap_or(0), self.count());
        if starts.next().is_none() && count > 2 {
            return format!("{}{to}{}", names[first], names[(first + count - 1) % 7]);
        }
        let mut days: Vec<&str> = self.numbers().map(|day| names[day]).collect();
        let last = days.pop().unwrap_or_default();
        if days.is_empty() { last.into() } else { format!("{}{and}{last}", days.join(comma)) }
    }
}

impl fmt::Display for Weekdays {
    /// Writes the form that is parsed: `mon-sat`, `mon,wed,fri`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.list(SHORT, "-", ",", ","))
    }
}

impl FromStr for Weekdays {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let examples = ["mon-fri", "mon-sat", "sun-thu", "mon,wed,fri"];
        let unknown = || Error::unknown_name("days of the week", text, examples);
        let number = |name: &str| name.trim().parse().map_err(|_| unknown()).map(|day: Weekday| day as usize);
        let mut open = [false; 7];
        for part in text.split(',') {
            let (from, to) = part.split_once('-').unwrap_or((part, part));
            let (from, to) = (number(from)?, number(to)?);
            (0..=(to + 7 - from) % 7).for_each(|later| open[(from + later) % 7] = true);
        }
        Self::new(open).ok_or_else(unknown)
    }
}

impl TryFrom<String> for Weekdays {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<Weekdays> for String {
    fn from(days: Weekdays) -> Self {
        days.to_string()
    }
}

/// The first Monday of 1970, in days since 1970.
const FIRST_MONDAY: i64 = 4;

/// The weekday of a day, by its number since 1970: 0 for Monday.
fn weekday(day: i64) -> usize {
    (day - FIRST_MONDAY).rem_euclid(7) as usize
}

/// The number of weeks since the first Monday of 1970.
fn week(day: i64) -> i64 {
    (day - FIRST_MONDAY).div_euclid(7)
}

/// The number of weeks from which the open days are inferred, at least.
const MIN_WEEKS: i64 = 4;

/// Infers the open days from series, each given by its distinct times in ascending order; `None` if there are none.
///
/// An open day must be present in half of the weeks, over at least [`MIN_WEEKS`]. Shorter series are only tested for
/// business days. No time may be on a weekend, and one series must continue after a weekend.
pub(crate) fn infer(series: &[&[i64]]) -> Option<Weekdays> {
    let rows = count_by_weekday(series.iter().copied().flatten());
    let open = Weekdays::new(rows.map(|count| count > 0))?;
    let (mut all, mut longest) = (0, 0);
    for (first, last) in series.iter().filter_map(|times| times.first().zip(times.last())) {
        let weeks = week(last.div_euclid(DAY)) - week(first.div_euclid(DAY)) + 1;
        all += weeks;
        longest = longest.max(weeks);
    }
    if longest >= MIN_WEEKS && open.numbers().all(|day| rows[day] * 2 >= all) {
        return Some(open);
    }
    let without_weekends = open.0 & !Weekdays::BUSINESS.0 == 0;
    (without_weekends && longest > 1).then_some(Weekdays::BUSINESS)
}

/// The number of times on each day of the week, from Monday.
pub(crate) fn count_by_weekday<'a>(times: impl IntoIterator<Item = &'a i64>) -> [i64; 7] {
    let mut rows = [0; 7];
    times.into_iter().for_each(|time| rows[weekday(time.div_euclid(DAY))] += 1);
    rows
}
