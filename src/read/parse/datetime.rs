//! One cell as a time: every way of writing that is understood, each tried strictly.

use crate::read::parse::scanner::Scan;

/// A way of writing times. A column is read in one way from top to bottom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
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
    /// `2019/20`, `FY2020`: an index too.
    FiscalYear,
    /// Any other integer.
    Index,
}

/// The clock that a time is given in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Zone {
    /// The cell does not say.
    Unsaid,
    /// So many seconds ahead of UTC.
    Ahead(i32),
}

impl Zone {
    /// Seconds ahead of UTC, if the cell says so.
    pub(crate) fn ahead(self) -> Option<i32> {
        match self {
            Self::Unsaid => None,
            Self::Ahead(ahead) => Some(ahead),
        }
    }
}

/// What a cell says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    /// Seconds since 1970 in the clock as written, or the index.
    pub(crate) ticks: i64,
    pub(crate) zone: Zone,
    /// The year, where it is written in two digits.
    pub(crate) short: Option<u8>,
    /// Whether a part of a second was rounded away.
    pub(crate) finer: bool,
}

/// Which century two-digit years belong to: the hundred years from `first` on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Century {
    first: i32,
}

/// Two-digit years are read as late as possible, but never past this one.
const LATEST: i32 = 2040;

impl Century {
    /// The century before [`LATEST`].
    pub(crate) const DEFAULT: Self = Self { first: LATEST - 99 };

    /// The hundred years in which the years seen lie closest together, so that `98, 99, 00, 01` is one run.
    pub(crate) fn of(seen: &[bool; 100]) -> Self {
        let years: Vec<i32> = (0..100).filter(|year| seen[*year as usize]).collect();
        let Some(last) = years.last() else { return Self::DEFAULT };
        let before = std::iter::once(last - 100).chain(years.iter().copied());
        let widest = years.iter().zip(before).max_by_key(|(year, before)| (*year - before, -**year));
        let (first, before) = widest.map_or((0, -1), |(year, before)| (*year, before));
        let span = before.rem_euclid(100) - first;
        let ends = 2000 + first + span.rem_euclid(100);
        Self { first: 2000 + first - if ends > LATEST { 100 } else { 0 } }
    }

    pub(crate) fn year(self, short: i32) -> i32 {
        self.first + (short - self.first).rem_euclid(100)
    }
}

/// An index beyond this is no index, and no sum or difference of two overflows.
const LARGEST: u64 = 1_000_000_000_000_000;

impl Reading {
    /// All ways that a cell decides by itself, the more specific before the more general.
    pub(crate) const ALL: [Self; 14] = [
        // `2009/10` may be a month as well, but in a column of years it is none
        Self::FiscalYear,
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
    pub(crate) fn is_index(self) -> bool {
        matches!(self, Self::Year | Self::FiscalYear | Self::Index)
    }

    /// Whether it reads years.
    pub(crate) fn is_year(self) -> bool {
        matches!(self, Self::Year | Self::FiscalYear)
    }

    /// Whether its cells could just as well be numbers.
    pub(crate) fn is_number(self) -> bool {
        matches!(self, Self::Year | Self::Index | Self::YearMonth | Self::Epoch { .. })
    }

    /// Reads a cell, all of it or nothing.
    pub(crate) fn read(self, cell: &str, century: Century) -> Option<Moment> {
        let mut scan = Scan::new(cell, century);
        match self {
            Self::FiscalYear => scan.fiscal_year(),
            Self::YearFirst => scan.year_first(),
            Self::DayFirst | Self::MonthFirst => scan.year_last(self == Self::DayFirst),
            Self::Period => scan.period(),
            Self::Named => scan.named(),
            Self::Compact => scan.compact(),
            Self::YearMonth => {
                let (year, month) = (scan.exactly(4)?, scan.exactly(2)?);
                scan.date(plausible(year)?, month, 1)
            }
            Self::Year => {
                let year = plausible(scan.exactly(4)?)?;
                scan.is_done().then_some(Moment {
                    ticks: i64::from(year),
                    zone: Zone::Unsaid,
                    short: None,
                    finer: false,
                })
            }
            Self::Epoch { per_second } => {
                let digits = cell.trim().len();
                let fits = match per_second {
                    1 => (9..=10).contains(&digits),
                    1_000 => (12..=13).contains(&digits),
                    1_000_000 => (15..=16).contains(&digits),
                    _ => (18..=19).contains(&digits),
                };
                let parts: i64 = if fits { cell.trim().parse().ok()? } else { return None };
                let (ticks, finer) = (parts.saturating_add(per_second / 2) / per_second, parts % per_second != 0);
                (parts >= 0).then_some(Moment { ticks, zone: Zone::Unsaid, short: None, finer })
            }
            Self::Index => {
                let index = cell.trim().parse().ok().filter(|index: &i64| index.unsigned_abs() <= LARGEST)?;
                Some(Moment { ticks: index, zone: Zone::Unsaid, short: None, finer: false })
            }
        }
    }
}

/// A cell that holds a time of day alone, in seconds since midnight.
pub(crate) fn time_of_day(cell: &str) -> Option<i64> {
    let mut scan = Scan::new(cell, Century::DEFAULT);
    scan.time_of_day().filter(|_| scan.is_done())
}

/// A cell that holds a month alone, by its number or name.
pub(crate) fn month(cell: &str) -> Option<i64> {
    let mut scan = Scan::new(cell, Century::DEFAULT);
    let month = if scan.at_digit() { scan.up_to_two()? } else { scan.month_name()? };
    (scan.is_done() && (1..=12).contains(&month)).then_some(i64::from(month))
}

/// A year that a four-digit number may mean.
pub(crate) fn plausible(year: i32) -> Option<i32> {
    (1500..=2200).contains(&year).then_some(year)
}
