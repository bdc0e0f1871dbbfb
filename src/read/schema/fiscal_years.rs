//! Years from another month than January, in files whose rows and columns together are the times.

use std::collections::HashSet;

use crate::error::{DataProblem, Result};
use crate::read::parse::period_part::{PartKind, PeriodPart};
use crate::read::parse::{century::CenturyWindow, date_format::DateFormat};
use crate::read::schema::column_inference::ColumnInference;

/// Where the years of such a file are.
#[derive(Debug, Clone, Copy)]
pub(crate) enum YearsOfGrid<'a> {
    /// In the cells of a column.
    InColumn(usize),
    /// In the names of these columns.
    InHeader(&'a [usize]),
}

impl ColumnInference<'_> {
    /// The first month of the years, whose parts are in the order of the file.
    ///
    /// # Errors
    /// If it is not January, unless the years are written as `2019/20`, and if the first month of such years is not known.
    pub(crate) fn first_month(&self, kind: PartKind, parts: &[PeriodPart], years: YearsOfGrid<'_>) -> Result<i64> {
        let texts = match years {
            YearsOfGrid::InColumn(at) => self.samples[at].clone(),
            YearsOfGrid::InHeader(columns) => self.names(columns),
        };
        let Some(year) = texts.into_iter().next() else { return Ok(1) };
        let is_fiscal = DateFormat::FiscalYear.parse(&year, CenturyWindow::DEFAULT).is_some();
        let has_both_numbers = is_fiscal && year.trim().starts_with(|c: char| c.is_ascii_digit());
        let mut known = HashSet::new();
        let numbers: Vec<i64> = parts.iter().map(|part| part.number).filter(|number| known.insert(*number)).collect();
        let descents = numbers.windows(2).filter(|pair| pair[1] < pair[0]).count();
        let (Some(first), Some(last)) = (numbers.first(), numbers.last()) else { return Ok(1) };
        // Months may also be sorted by their names, or be the newest first.
        let is_rotated = descents == 1 && last < first;
        let spans_two_years = kind == PartKind::Month && is_rotated;
        let is_part_of_year = matches!(kind, PartKind::Month | PartKind::Quarter | PartKind::Week);
        if spans_two_years && !has_both_numbers {
            let are_in_rows = matches!(years, YearsOfGrid::InHeader(_));
            let (first, last) = (format!("month {first}"), format!("month {last}"));
            return Err(self.table.error(DataProblem::YearsFromAnotherMonth { year, first, last, are_in_rows }));
        }
        if is_fiscal && is_part_of_year && !spans_two_years {
            let parts = kind.plural();
            return Err(self.table.error(DataProblem::PartsOfFiscalYear { year, parts }));
        }
        Ok(if spans_two_years { *first } else { 1 })
    }
}
