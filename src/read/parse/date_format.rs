//! The date formats, and one cell parsed by a format. Every format is strict: it parses all of a cell or nothing.

use crate::read::parse::scanner::{CenturyWindow, ParsedTime, Scanner, plausible_year};

/// A date format. All cells of a column have the same format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DateFormat {
    /// `2012-01-31`, `2012/1/31`, `2012-01`, each with or without a time of day and an offset.
    YearFirst,
    /// `31.01.2012`, `31/1/12`.
    DayFirst,
    /// `1/31/2012`, `1/31/12`.
    MonthFirst,
    /// `1998 Q1`, `Q1-98`, `1991 W06`, `1960M01`.
    Period,
    /// `Jan-60`, `1960 Jan`, `31 January 2012`, `Jan 31, 2012`.
    MonthName,
    /// `20120131`, `20120131T2359`, `20120131235959`.
    Compact,
    /// `201201`.
    YearMonth,
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
    pub(crate) const ALL: [Self; 14] = [
        Self::FiscalYear, Self::YearFirst, Self::DayFirst, Self::MonthFirst, Self::Period, Self::MonthName, Self::Compact,
        Self::YearMonth, Self::Year, Self::Epoch { per_second: 1 }, Self::Epoch { per_second: 1_000 },
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
        matches!(self, Self::Year | Self::Index | Self::YearMonth | Self::Epoch { .. })
    }

    pub(crate) fn parse(self, cell: &str, century: CenturyWindow) -> Option<ParsedTime> {
        let mut scanner = Scanner::new(cell, century);
        match self {
            Self::FiscalYear => scanner.fiscal_year(),
            Self::YearFirst => scanner.year_first(),
            Self::DayFirst | Self::MonthFirst => scanner.year_last(self == Self::DayFirst),
            Self::Period => scanner.period(),
            Self::MonthName => scanner.with_month_name(),
            Self::Compact => scanner.compact(),
            Self::YearMonth => {
                let (year, month) = (scanner.exact_digits(4)?, scanner.exact_digits(2)?);
                scanner.date(plausible_year(year)?, month, 1)
            }
            Self::Year => {
                let year = plausible_year(scanner.exact_digits(4)?)?;
                scanner.time(i64::from(year))
            }
            Self::Epoch { per_second } => parse_epoch(cell.trim(), per_second),
            Self::Index => {
                let ticks = cell.trim().parse().ok().filter(|index: &i64| index.unsigned_abs() <= MAX_INDEX)?;
                Some(ParsedTime { ticks, ..ParsedTime::default() })
            }
        }
    }
}

/// The number of digits determines the unit, because the times of data are within a few decades of today.
fn parse_epoch(cell: &str, per_second: i64) -> Option<ParsedTime> {
    let digits = 9 + per_second.ilog10() as usize;
    let units: i64 = cell.parse().ok().filter(|_| (digits..=digits + 1).contains(&cell.len()))?;
    let (ticks, has_subseconds) = (units.saturating_add(per_second / 2) / per_second, units % per_second != 0);
    (units >= 0).then_some(ParsedTime { ticks, has_subseconds, ..ParsedTime::default() })
}

/// The seconds since midnight in a cell that holds a time of day only.
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
