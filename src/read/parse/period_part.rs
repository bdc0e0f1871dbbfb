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
    /// Half an hour of a day, numbered from 1.
    HalfHour,
    /// A quarter of an hour of a day, numbered from 1.
    QuarterHour,
    /// A day of a year, as in `10/31`. Its number is 100 times that of the month, and the day.
    MonthAndDay,
    /// A day of a year, as in `31/10`.
    DayAndMonth,
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
    #[rustfmt::skip]
    pub(crate) const ALL: [Self; 9] = [
        Self::Month, Self::Quarter, Self::Hour, Self::HalfHour, Self::QuarterHour, Self::Day, Self::Week, Self::MonthAndDay,
        Self::DayAndMonth,
    ];

    /// The largest number of a part.
    fn max(self) -> i64 {
        match self {
            Self::Month => 12,
            Self::Quarter => 4,
            Self::Week => 53,
            Self::Day => 31,
            Self::Hour => 25,
            Self::HalfHour => 50,
            Self::QuarterHour => 100,
            Self::MonthAndDay | Self::DayAndMonth => 1231,
        }
    }

    /// Words before or after the number of a part, in lower case.
    fn words(self) -> &'static [&'static str] {
        match self {
            Self::Month => &["m", "month", "monat", "mes", "mois", "mese", "tháng", "月", "월"],
            Self::Quarter => &["q", "qtr", "quarter", "quartal", "trimestre", "trim", "t", "kvartal"],
            Self::Week => &["w", "wk", "week", "kw", "woche", "semaine", "semana", "sem", "uke", "vecka"],
            Self::Day => &["d", "day", "tag", "jour", "dia", "día", "日", "일"],
            Self::Hour => &["h", "hr", "hour", "he", "hour ending", "stunde", "heure", "hora", "ora", "時", "时", "시"],
            Self::HalfHour => &["sp", "hh", "tp", "period", "settlement period", "trading period", "half hour"],
            Self::QuarterHour => &["qh", "ptu", "quarter hour", "viertelstunde", "time block"],
            Self::MonthAndDay | Self::DayAndMonth => &[],
        }
    }

    /// The plural in messages.
    pub(crate) fn plural(self) -> &'static str {
        match self {
            Self::Month => "months",
            Self::Quarter => "quarters",
            Self::Week => "weeks",
            Self::Day | Self::MonthAndDay | Self::DayAndMonth => "days",
            Self::Hour => "hours",
            Self::HalfHour => "half hours",
            Self::QuarterHour => "quarter hours",
        }
    }

    /// The length of a part of a day in ticks. `None` for parts of longer periods.
    pub(crate) fn length_in_day(self) -> Option<i64> {
        match self {
            Self::Hour => Some(HOUR),
            Self::HalfHour => Some(HOUR / 2),
            Self::QuarterHour => Some(HOUR / 4),
            _ => None,
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
            Self::Hour | Self::HalfHour | Self::QuarterHour => return Some(whole + number),
            Self::MonthAndDay | Self::DayAndMonth => {
                NaiveDate::from_ymd_opt(whole.try_into().ok()?, (number / 100) as u32, (number % 100) as u32)?
            }
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
        if self == Self::Hour && is_clock(cell) {
            return part(clock_start(cell)?, PartStyle::Clock);
        }
        if matches!(self, Self::MonthAndDay | Self::DayAndMonth) {
            return part(day_of_year(cell, self == Self::DayAndMonth)?, PartStyle::Named);
        }
        if self == Self::Month && !cell.bytes().any(|byte| byte.is_ascii_digit()) {
            return part(parse_month(cell)?, PartStyle::Named);
        }
        let lower = cell.to_lowercase();
        let start = lower.find(|c: char| c.is_ascii_digit())?;
        let digits = lower[start..].bytes().take_while(u8::is_ascii_digit).count();
        let (before, after) = (&lower[..start], &lower[start + digits..]);
        let separators = |c: char| c.is_whitespace() || "._-#".contains(c);
        let max_digits = if self == Self::QuarterHour { 3 } else { 2 };
        let number: i64 = lower[start..start + digits].parse().ok().filter(|_| digits <= max_digits)?;
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
            // Bare numbers may be those of as many shops.
            Self::HalfHour => starts_at_one && matches!(count, 48 | 50) && !is_bare,
            Self::QuarterHour => starts_at_one && matches!(count, 96 | 100) && !is_bare,
            Self::MonthAndDay | Self::DayAndMonth => is_distinct && are_consecutive_days(&numbers),
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

/// Whether a cell may be a time of day or a span of one: `13:30`, `13-14`, `1 PM` or `18.00.00`.
fn is_clock(cell: &str) -> bool {
    let is_half = || {
        let letters = cell.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ').replace('.', "");
        letters.eq_ignore_ascii_case("am") || letters.eq_ignore_ascii_case("pm")
    };
    cell.contains([':', '-', '–']) || has_points(cell) || is_half()
}

/// Whether a time of day has points in place of colons: `18.00.00`.
fn has_points(cell: &str) -> bool {
    let are_digits = |part: &str| matches!(part.len(), 1 | 2) && part.bytes().all(|byte| byte.is_ascii_digit());
    cell.split('.').count() == 3 && cell.split('.').all(are_digits)
}

/// A day of a year without the year: `10/31`, `31.10.` or `31-10`, 100 times its month and its day.
fn day_of_year(cell: &str, is_day_first: bool) -> Option<i64> {
    let (one, other) = cell.strip_suffix('.').unwrap_or(cell).split_once(['/', '.', '-'])?;
    let number = |text: &str| -> Option<i64> {
        let are_digits = matches!(text.len(), 1 | 2) && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|_| are_digits)
    };
    let (one, other) = (number(one)?, number(other)?);
    let (month, day) = if is_day_first { (other, one) } else { (one, other) };
    NaiveDate::from_ymd_opt(LEAP_YEAR, month as u32, day as u32).map(|_| month * 100 + day)
}

const LEAP_YEAR: i32 = 2000;

/// Whether ascending days of a year are consecutive, apart from 29 February.
fn are_consecutive_days(numbers: &[i64]) -> bool {
    const MIN_DAYS: usize = 20;
    let date = |number: &i64| NaiveDate::from_ymd_opt(LEAP_YEAR, (number / 100) as u32, (number % 100) as u32);
    let dates: Vec<NaiveDate> = numbers.iter().filter_map(date).collect();
    let follows = |pair: &[NaiveDate]| {
        let days = (pair[1] - pair[0]).num_days();
        days == 1 || (days == 2 && pair[1] == NaiveDate::from_ymd_opt(LEAP_YEAR, 3, 1).unwrap_or_default())
    };
    dates.len() >= MIN_DAYS && dates.windows(2).all(follows)
}

/// The start of an hour in ticks since midnight: `13:30`, `13:00-14:00` or `13-14`.
fn clock_start(cell: &str) -> Option<i64> {
    if has_points(cell) {
        return parse_time_of_day(&cell.replace('.', ":"));
    }
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
            (PartKind::Hour, "12 AM", Some(0)),
            (PartKind::Hour, "1 p.m.", Some(13 * HOUR)),
            (PartKind::Hour, "18.00.00", Some(18 * HOUR)),
            (PartKind::Hour, "00 - 01", Some(0)),
            (PartKind::Hour, "18.50", None),
            (PartKind::Hour, "cam", None),
            (PartKind::Hour, "temp_1", None),
            (PartKind::HalfHour, "SP48", Some(48)),
            (PartKind::HalfHour, "51", None),
            (PartKind::QuarterHour, "PTU 100", Some(100)),
            (PartKind::MonthAndDay, "10/8", Some(1008)),
            (PartKind::DayAndMonth, "31.10.", Some(1031)),
            (PartKind::MonthAndDay, "31/10", None),
        ];
        for (kind, cell, number) in cases {
            assert_eq!(kind.parse(cell).map(|part| part.number), number, "{cell}");
        }
    }
}
