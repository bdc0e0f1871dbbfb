//! The century of years that are written with two digits.

/// The hundred years to which years with two digits belong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CenturyWindow {
    first_year: i32,
}

/// The last year that two digits can mean. They mean the latest possible year up to it.
const LAST_YEAR: i32 = 2040;

impl CenturyWindow {
    pub(crate) const DEFAULT: Self = Self { first_year: LAST_YEAR - 99 };

    /// The hundred years in which the years of a column are closest together: `98, 99, 00, 01` are consecutive.
    /// `occurs` is whether the column has each of the years from 0 to 99.
    pub(crate) fn of_years(occurs: &[bool; 100]) -> Self {
        let years: Vec<i32> = (0..100).filter(|year| occurs[*year as usize]).collect();
        let Some(last) = years.last() else { return Self::DEFAULT };
        let previous = std::iter::once(last - 100).chain(years.iter().copied());
        let widest_gap = years.iter().zip(previous).max_by_key(|(year, previous)| (*year - previous, -**year));
        let (first, previous) = widest_gap.map_or((0, -1), |(year, previous)| (*year, previous));
        let end = 2000 + first + (previous.rem_euclid(100) - first).rem_euclid(100);
        Self { first_year: 2000 + first - if end > LAST_YEAR { 100 } else { 0 } }
    }

    pub(crate) fn full_year(self, two_digits: i32) -> i32 {
        self.first_year + (two_digits - self.first_year).rem_euclid(100)
    }
}
