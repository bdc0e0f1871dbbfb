//! Parts of longer periods in cells and headers: months and quarters of a year, days of a month, hours of a day.

use chrono::{NaiveDate, Weekday};

use crate::read::parse::date_format::{parse_month, parse_time_of_day};
use crate::read::parse::east_asian;
use crate::time::timestamp::{DAY, HOUR, datetime_at, midnight, month_day, month_number};

/// A part of a longer period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PartKind {
    Month,
    Quarter,
    Week,
    Day,
    Hour,
}

/// The number of a part, and how it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PeriodPart {
    /// The number as written. For a time of day these are the ticks since midnight.
    pub(crate) number: i64,
    pub(crate) style: PartStyle,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PartStyle {
    /// A number alone.
    Bare,
    /// A number with the word of its kind, or a name.
    Named,
    /// The number of an hour that is named by its end: `HE1`.
    HourEnding,
    /// A time of day: `13:30`, `13:00-14:00`.
    Clock,
}

impl PartKind {
    /// All kinds. A set of numbers is of the first kind that has all of them.
    pub(crate) const ALL: [Self; 5] = [Self::Month, Self::Quarter, Self::Hour, Self::Day, Self::Week];

    /// The largest number of a part.
    fn max(self) -> i64 {
        match self {
            Self::Month => 12,
            Self::Quarter => 4,
            Self::Week => 53,
            Self::Day => 31,
            Self::Hour => 25,
        }
    }

    /// Words before or after the number of a part, in lower case.
    fn words(self) -> &'static [&'static str] {
        match self {
            Self::Month => &["m", "month", "monat", "mes", "mois", "mese", "月", "월"],
            Self::Quarter => &["q", "qtr", "quarter", "quartal", "trimestre", "trim", "t", "kvartal"],
            Self::Week => &["w", "wk", "week", "kw", "woche", "semaine", "semana", "sem", "uke", "vecka"],
            Self::Day => &["d", "day", "tag", "jour", "dia", "día", "日", "일"],
            Self::Hour => &["h", "hr", "hour", "he", "hour ending", "stunde", "heure", "hora", "ora", "時", "时", "시"],
        }
    }

    /// The plural in messages.
    pub(crate) fn plural(self) -> &'static str {
        match self {
            Self::Month => "months",
            Self::Quarter => "quarters",
            Self::Week => "weeks",
            Self::Day => "days",
            Self::Hour => "hours",
        }
    }

    /// The time of a part, as a number, of a longer period: of a year, of a month by its first midnight, or of a day.
    /// `None` if the calendar does not have it. The number of an hour is in ticks since midnight.
    pub(crate) fn time_in(self, whole: i64, number: i64) -> Option<i64> {
        let date = match self {
            Self::Month => month_day(whole * 12 + number - 1, 1)?,
            Self::Quarter => month_day(whole * 12 + (number - 1) * 3, 1)?,
            Self::Week => NaiveDate::from_isoywd_opt(whole.try_into().ok()?, number as u32, Weekday::Mon)?,
            Self::Day => {
                let time = whole + (number - 1) * DAY;
                let is_same_month = month_number(datetime_at(time)?) == month_number(datetime_at(whole)?);
                return is_same_month.then_some(time);
            }
            Self::Hour => return Some(whole + number),
        };
        Some(midnight(date))
    }

    /// The part in a cell, if the whole cell is one.
    pub(crate) fn parse(self, cell: &str) -> Option<PeriodPart> {
        let narrow = east_asian::narrow(cell);
        let cell = narrow.trim();
        let part = |number, style| Some(PeriodPart { number, style });
        if self == Self::Quarter
            && !cell.is_ascii()
            && let Some(quarter) = east_asian::quarter(cell)
        {
            return part(quarter, PartStyle::Named);
        }
        if self == Self::Hour && cell.contains([':', '-', '–']) {
            return part(clock_start(cell)?, PartStyle::Clock);
        }
        if self == Self::Month && !cell.bytes().any(|byte| byte.is_ascii_digit()) {
            return part(parse_month(cell)?, PartStyle::Named);
        }
        let lower = cell.to_lowercase();
        let start = lower.find(|c: char| c.is_ascii_digit())?;
        let digits = lower[start..].bytes().take_while(u8::is_ascii_digit).count();
        let (before, after) = (&lower[..start], &lower[start + digits..]);
        let separators = |c: char| c.is_whitespace() || "._-#".contains(c);
        let number: i64 = lower[start..start + digits].parse().ok().filter(|_| digits <= 2)?;
        let ((word, "") | ("", word)) = (before.trim_matches(separators), after.trim_matches(separators)) else {
            return None;
        };
        let fits = (i64::from(self != Self::Hour)..=self.max()).contains(&number);
        let style = match word {
            "" => PartStyle::Bare,
            "he" | "hour ending" => PartStyle::HourEnding,
            _ if self.words().contains(&word) => PartStyle::Named,
            _ => return None,
        };
        fits.then_some(PeriodPart { number, style })
    }

    /// Whether parts are a whole of their kind, or nearly so. Numbers without a word must be all numbers of the kind.
    pub(crate) fn is_whole(self, parts: &[PeriodPart]) -> bool {
        let mut numbers: Vec<i64> = parts.iter().map(|part| part.number).collect();
        numbers.sort_unstable();
        let count = numbers.len() as i64;
        numbers.dedup();
        let (Some(first), Some(last)) = (numbers.first(), numbers.last()) else { return false };
        let is_distinct = numbers.len() as i64 == count;
        let is_consecutive = is_distinct && last - first + 1 == count;
        let starts_at_one = is_consecutive && *first == 1;
        let is_bare = parts.iter().any(|part| part.style == PartStyle::Bare);
        match self {
            Self::Month if is_bare => starts_at_one && count == 12,
            Self::Month => is_distinct && count >= 6,
            Self::Quarter => starts_at_one && count == 4 && !is_bare,
            Self::Week if is_bare => starts_at_one && count >= 52,
            Self::Week => is_consecutive && count >= 12,
            Self::Day if is_bare => starts_at_one && count >= 28,
            Self::Day => is_consecutive && count >= 20,
            Self::Hour if parts.iter().all(|part| part.style == PartStyle::Clock) => {
                let step = numbers.get(1).map_or(0, |second| second - first);
                let is_even = numbers.windows(2).all(|pair| pair[1] - pair[0] == step);
                is_distinct && is_even && step > 0 && DAY % step == 0 && step * count == DAY
            }
            Self::Hour => {
                let is_same_style = parts.iter().all(|part| part.style == parts[0].style);
                is_same_style && is_consecutive && matches!((first, last), (0, 23 | 24) | (1, 24 | 25))
            }
        }
    }
}

/// The start of an hour in ticks since midnight: `13:30`, `13:00-14:00` or `13-14`.
fn clock_start(cell: &str) -> Option<i64> {
    let Some((from, to)) = cell.split_once(['-', '–']) else { return parse_time_of_day(cell) };
    let (from, to) = (parse_time_of_day(from.trim())?, parse_time_of_day(to.trim())?);
    let length = (to - from).rem_euclid(DAY);
    (0 < length && length <= DAY / 4).then_some(from)
}

/// The ticks since midnight at which numbered hours begin. Hours from 1 on begin one hour before their number.
pub(crate) fn hour_starts(parts: &[PeriodPart]) -> Vec<i64> {
    let is_from_one = parts.iter().all(|part| part.number >= 1);
    let start = |part: &PeriodPart| match part.style {
        PartStyle::Clock => part.number,
        _ => (part.number - i64::from(is_from_one)) * HOUR,
    };
    parts.iter().map(start).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_parsed_with_their_words() {
        let cases = [
            (PartKind::Month, "Sept.", Some(9)),
            (PartKind::Month, "M07", Some(7)),
            (PartKind::Month, "10月", Some(10)),
            (PartKind::Month, "13", None),
            (PartKind::Quarter, "Q3", Some(3)),
            (PartKind::Quarter, "4. Quartal", Some(4)),
            (PartKind::Week, "KW 52", Some(52)),
            (PartKind::Day, "Day_31", Some(31)),
            (PartKind::Hour, "HE25", Some(25)),
            (PartKind::Hour, "Hour Ending 01", Some(1)),
            (PartKind::Hour, "13:30", Some(13 * HOUR + HOUR / 2)),
            (PartKind::Hour, "00:00-01:00", Some(0)),
            (PartKind::Hour, "temp_1", None),
        ];
        for (kind, cell, number) in cases {
            assert_eq!(kind.parse(cell).map(|part| part.number), number, "{cell}");
        }
    }
}
