//! A cell parsed as a time, and the century of years with two digits.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UtcOffset {
    /// The cell has no offset.
    Unspecified,
    /// Seconds east of UTC.
    Seconds(i32),
}

impl UtcOffset {
    /// The offset in seconds, if the cell has one.
    pub(crate) fn seconds(self) -> Option<i32> {
        match self {
            Self::Unspecified => None,
            Self::Seconds(seconds) => Some(seconds),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ParsedTime {
    /// Seconds since 1970 in local time, or the index.
    pub(crate) ticks: i64,
    pub(crate) offset: UtcOffset,
    /// The year, if it is written with two digits.
    pub(crate) two_digit_year: Option<u8>,
    /// Whether a fraction of a second was rounded.
    pub(crate) has_subseconds: bool,
}

impl ParsedTime {
    /// A time without an offset and with a full year.
    pub(crate) fn plain(ticks: i64) -> Self {
        Self { ticks, offset: UtcOffset::Unspecified, two_digit_year: None, has_subseconds: false }
    }
}

/// The hundred years to which years with two digits belong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CenturyWindow {
    first_year: i32,
}

/// The last year that two digits can mean. They mean the latest possible year up to it.
const LAST_YEAR: i32 = 2040;

impl CenturyWindow {
    /// The hundred years up to [`LAST_YEAR`].
    pub(crate) const DEFAULT: Self = Self { first_year: LAST_YEAR - 99 };

    /// The hundred years in which the years of a column are closest together, so that `98, 99, 00, 01` are consecutive.
    /// `occurs` is whether the column has each of the years from 0 to 99.
    pub(crate) fn of_years(occurs: &[bool; 100]) -> Self {
        let years: Vec<i32> = (0..100).filter(|year| occurs[*year as usize]).collect();
        let Some(last) = years.last() else { return Self::DEFAULT };
        let previous = std::iter::once(last - 100).chain(years.iter().copied());
        let widest_gap = years.iter().zip(previous).max_by_key(|(year, previous)| (*year - previous, -**year));
        let (first, previous) = widest_gap.map_or((0, -1), |(year, previous)| (*year, previous));
        let span = previous.rem_euclid(100) - first;
        let end = 2000 + first + span.rem_euclid(100);
        Self { first_year: 2000 + first - if end > LAST_YEAR { 100 } else { 0 } }
    }

    pub(crate) fn full_year(self, two_digits: i32) -> i32 {
        self.first_year + (two_digits - self.first_year).rem_euclid(100)
    }
}

/// The number if it may be a year.
pub(crate) fn plausible_year(year: i32) -> Option<i32> {
    (1500..=2200).contains(&year).then_some(year)
}
