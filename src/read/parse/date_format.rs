//! The date formats, and one cell parsed by a format. Every format is strict: it parses all of a cell or nothing.

use crate::read::parse::century::CenturyWindow;
use crate::read::parse::clock_scanner::ticks_of_fraction;
use crate::read::parse::east_asian;
use crate::read::parse::flag::without_flag;
use crate::read::parse::scanner::{ParsedTime, Scanner, plausible_year};
use crate::time::timestamp::{DAY, SECOND, midnight, month_day};

/// A date format. All cells of a column have the same format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DateFormat {
    /// `2012-01-31`, `2012/1/31`, `2012-01`, `2012,1`, each date with or without a time of day and an offset. With a `T` before the time
    /// of day, the year may have two digits: `12-01-31T23:59`.
    YearFirst,
    /// `31.01.2012`, `31/1/12`.
    DayFirst,
    /// `1/31/2012`, `1/31/12`.
    MonthFirst,
    /// `01.2012`, `1/2012`.
    MonthYear,
    /// `1998 Q1`, `Q1-98`, `1991 W06`, `1960M01`.
    Period,
    /// `2023KW04`, a quarter of Statistics Netherlands.
    QuarterKw,
    /// `Jan-60`, `1960 Jan`, `31 January 2012`, `Jan 31, 2012`.
    MonthName,
    /// `20120131`, `20120131T2359`, `20120131235959`.
    Compact,
    /// `201201`, or `201201.0` of a program that keeps numbers as decimals.
    YearMonth,
    /// `2012.01` or `2012,01`; the last zero of `2012.10` may be missing.
    YearPointMonth,
    /// `2012.1` to `2012.4`, quarters.
    YearPointQuarter,
    /// `202401` to `202453`, weeks of ISO 8601.
    YearWeek,
    /// `1999.042` or `1999,042`, a year with the start or the middle of a month as a fraction.
    DecimalYear,
    /// `45292`, the number of a day in a spreadsheet, possibly with a fraction for the time of day.
    SpreadsheetDay,
    /// Seconds or fractions of a second since 1970, so many in a second.
    Epoch { per_second: i64 },
    /// `1960`, an index of years.
    Year,
    /// `2019/20`, `FY2020`, also an index of years.
    FiscalYear,
    /// Any other integer.
    Index,
}

/// The largest index. Sums and differences of two indices do not overflow.
const MAX_INDEX: u64 = 1_000_000_000_000_000;

impl DateFormat {
    /// All formats, the more specific before the more general. `2009/10` may also be a month, but not in a column of years.
    #[rustfmt::skip]
    pub(crate) const ALL: [Self; 21] = [
        Self::FiscalYear, Self::YearPointQuarter, Self::YearPointMonth, Self::YearFirst, Self::DayFirst, Self::MonthFirst, Self::MonthYear,
        Self::QuarterKw, Self::Period, Self::MonthName, Self::Compact, Self::YearMonth, Self::YearWeek, Self::Year, Self::DecimalYear,
        Self::SpreadsheetDay, Self::Epoch { per_second: 1 }, Self::Epoch { per_second: 1_000 },
        Self::Epoch { per_second: 1_000_000 }, Self::Epoch { per_second: 1_000_000_000 }, Self::Index,
    ];

    /// Whether its times are an index and not dates.
    pub(crate) fn is_index(self) -> bool {
        matches!(self, Self::Year | Self::FiscalYear | Self::Index)
    }

    pub(crate) fn is_year(self) -> bool {
        matches!(self, Self::Year | Self::FiscalYear)
    }

    /// Whether its cells may be plain numbers too.
    pub(crate) fn is_number(self) -> bool {
        let is_epoch = matches!(self, Self::Epoch { .. });
        is_epoch || self.is_decimal() || matches!(self, Self::Year | Self::Index | Self::YearMonth | Self::YearWeek)
    }

    /// Whether its cells may be numbers with a decimal point.
    fn is_decimal(self) -> bool {
        matches!(self, Self::YearPointMonth | Self::DecimalYear | Self::SpreadsheetDay)
    }

    /// The time in a cell that may have a flag, such as `2023 p` or `2019 Q2 (e)`.
    pub(crate) fn parse_flagged(self, cell: &str, century: CenturyWindow) -> Option<ParsedTime> {
        self.parse(cell, century).or_else(|| self.parse(without_flag(cell)?, century))
    }

    pub(crate) fn parse(self, cell: &str, century: CenturyWindow) -> Option<ParsedTime> {
        let narrow = east_asian::narrow(cell);
        let without_weekday = east_asian::without_weekday(&narrow);
        let cell = without_weekday.as_ref();
        if east_asian::is_date(cell) {
            return self.parse(&east_asian::iso_of(cell)?, century);
        }
        match self {
            Self::DecimalYear => return parse_decimal_year(cell.trim()).map(|(time, _)| time),
            Self::SpreadsheetDay => return parse_spreadsheet_day(cell.trim()),
            Self::Epoch { per_second } => return parse_epoch(cell.trim(), per_second),
            Self::Index => {
                let ticks = cell.trim().parse().ok().filter(|index: &i64| index.unsigned_abs() <= MAX_INDEX)?;
                return Some(ParsedTime { ticks, ..ParsedTime::default() });
            }
            _ => {}
        }
        let mut scanner = Scanner::new(cell, century);
        match self {
            Self::FiscalYear => scanner.fiscal_year(),
            Self::YearFirst => scanner.year_first(),
            Self::DayFirst | Self::MonthFirst => scanner.year_last(self == Self::DayFirst),
            Self::MonthYear => scanner.month_and_year(),
            Self::QuarterKw => scanner.quarter_kw(),
            Self::Period => scanner.period(),
            Self::MonthName => scanner.with_month_name(),
            Self::Compact => scanner.compact(),
            Self::YearMonth => {
                let (year, month) = (scanner.exact_digits(4)?, scanner.exact_digits(2)?);
                scanner.skip_zero_fraction();
                scanner.date(plausible_year(year)?, month, 1)
            }
            Self::YearPointMonth => scanner.year_point_month(),
            Self::YearPointQuarter => scanner.year_point_quarter(),
            Self::YearWeek => scanner.year_week(),
            Self::Year => {
                let year = plausible_year(scanner.exact_digits(4)?)?;
                scanner.skip_mark_of_year();
                scanner.time(i64::from(year))
            }
            // parsed above, without a scanner
            Self::DecimalYear | Self::SpreadsheetDay | Self::Epoch { .. } | Self::Index => None,
        }
    }
}

/// Where a decimal year is in its month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum MonthPosition {
    Start,
    Middle,
}

/// A year with a fraction, and where in its month the fraction is. The fraction may have been made from days.
pub(crate) fn parse_decimal_year(cell: &str) -> Option<(ParsedTime, MonthPosition)> {
    let (digits, fraction) = cell.split_once(['.', ',']).unwrap_or((cell, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let year = plausible_year(digits.parse().ok().filter(|_| digits.len() == 4 && is_digits(fraction))?)?;
    let months = 12.0 * format!("0.{fraction}0").parse::<f64>().ok()?;
    let (nearest, within) = (months.round(), months.fract());
    let (month, position) = match (months - nearest).abs() {
        distance if distance < 0.13 => (nearest, MonthPosition::Start),
        _ if (0.3..=0.7).contains(&within) => (months.floor(), MonthPosition::Middle),
        _ => return None,
    };
    let first = month_day(i64::from(year) * 12 + month as i64, 1)?;
    let ticks = midnight(first);
    Some((ParsedTime { ticks, ..ParsedTime::default() }, position))
}

/// A day of a spreadsheet from 1970 to 2099. Day 25569 is the first of 1970.
fn parse_spreadsheet_day(cell: &str) -> Option<ParsedTime> {
    const FIRST_OF_1970: f64 = 25_569.0;
    const FIRST_OF_2100: f64 = 73_051.0;
    /// So many decimals of a day are exact to a millisecond. Fewer are meant to the second.
    const EXACT_DECIMALS: usize = 9;
    let is_plain = cell.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','));
    let day: f64 = if is_plain { cell.replace(',', ".").parse().ok()? } else { return None };
    (FIRST_OF_1970..FIRST_OF_2100).contains(&day).then_some(())?;
    let decimals = cell.len() - cell.find(['.', ',']).map_or(cell.len(), |point| point + 1);
    let ticks = ((day - FIRST_OF_1970) * DAY as f64).round() as i64;
    let ticks = if decimals < EXACT_DECIMALS { nearest_second(ticks) } else { without_rounding_error(ticks) };
    Some(ParsedTime { ticks, ..ParsedTime::default() })
}

fn nearest_second(ticks: i64) -> i64 {
    (ticks + SECOND / 2).div_euclid(SECOND) * SECOND
}

/// The second that a time is nearly at, or else the time. Spreadsheets round the numbers of days.
pub(crate) fn without_rounding_error(ticks: i64) -> i64 {
    const MAX_ERROR: i64 = 5;
    let second = nearest_second(ticks);
    if (second - ticks).abs() <= MAX_ERROR { second } else { ticks }
}

/// The number of digits determines the unit, because the times of data are within a few decades of today.
///
/// Seconds may have a fraction, as in `1704067200.781`.
fn parse_epoch(cell: &str, per_second: i64) -> Option<ParsedTime> {
    let digits = 9 + per_second.ilog10() as usize;
    let (cell, fraction) = cell.split_once('.').filter(|_| per_second == 1).unwrap_or((cell, ""));
    fraction.bytes().all(|byte| byte.is_ascii_digit()).then_some(())?;
    let units: i64 = cell.parse().ok().filter(|_| (digits..=digits + 1).contains(&cell.len()))?;
    let (ticks_of_fraction, is_fraction_rounded) = ticks_of_fraction(fraction.as_bytes());
    let ticks = if per_second < SECOND {
        units * (SECOND / per_second) + ticks_of_fraction
    } else {
        let units_per_tick = per_second / SECOND;
        units.saturating_add(units_per_tick / 2) / units_per_tick
    };
    let is_rounded = (per_second > SECOND && units % (per_second / SECOND) != 0) || is_fraction_rounded;
    // the largest number stands for no time
    (0..i64::MAX).contains(&units).then_some(ParsedTime { ticks, is_rounded, ..ParsedTime::default() })
}

/// The ticks since midnight in a cell that holds a time of day only.
pub(crate) fn parse_time_of_day(cell: &str) -> Option<i64> {
    let mut scanner = Scanner::new(cell, CenturyWindow::DEFAULT);
    scanner.time_of_day().filter(|_| scanner.is_done())
}

/// The month, from 1, in a cell that holds the number or name of a month only.
pub(crate) fn parse_month(cell: &str) -> Option<i64> {
    let mut scanner = Scanner::new(cell, CenturyWindow::DEFAULT);
    let month = if scanner.is_at_digit() { scanner.one_or_two_digits()? } else { scanner.month_name()? };
    (scanner.is_done() && (1..=12).contains(&month)).then_some(i64::from(month))
}
