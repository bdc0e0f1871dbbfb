//! The pattern of the rows of a table: which columns have dates and which have numbers.

use crate::read::format::delimited::Record;
use crate::read::parse::east_asian::{narrow, split_era};
use crate::read::parse::{format_search::likely_format, number::Decimal, number_form::after_triangle};
use crate::read::table::is_missing;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CellKind {
    Missing,
    Date,
    Number,
    Text,
}

fn is_number(cell: &str) -> bool {
    Decimal::Point.parse(cell).is_some() || Decimal::Comma.parse(cell).is_some()
}

impl CellKind {
    pub(crate) fn of(cell: &str) -> Self {
        if is_missing(cell) {
            Self::Missing
        } else if is_number(cell) || after_triangle(cell).is_some_and(is_number) {
            Self::Number
        } else if likely_format(&[cell.to_owned()]).is_some_and(|(format, _)| !format.is_number()) {
            Self::Date
        } else {
            Self::Text
        }
    }
}

/// The kinds of the columns of a table, by the cells of most rows.
#[derive(Debug)]
pub(crate) struct RowPattern {
    pub(crate) columns: usize,
    kinds: Vec<CellKind>,
}

/// The number of columns by which rows are compared.
const MAX_COLUMNS: usize = 60;

/// The kinds of the first cells of a record.
pub(crate) fn kinds(cells: &[String]) -> Vec<CellKind> {
    cells.iter().take(MAX_COLUMNS).map(|cell| CellKind::of(cell)).collect()
}

impl RowPattern {
    /// The pattern of the records with `columns` cells. `None` if no column has mostly dates or numbers.
    pub(crate) fn of(records: &[Vec<CellKind>], widths: &[usize], columns: usize) -> Option<Self> {
        let whole: Vec<&Vec<CellKind>> =
            records.iter().zip(widths).filter(|(_, width)| **width == columns).map(|(kinds, _)| kinds).collect();
        let kind_of_most = |at: usize| {
            let count = |kind: CellKind| whole.iter().filter(|kinds| kinds.get(at) == Some(&kind)).count();
            let (dates, numbers, texts) = (count(CellKind::Date), count(CellKind::Number), count(CellKind::Text));
            match dates + numbers + texts {
                0 => CellKind::Missing,
                all if dates * 2 >= all => CellKind::Date,
                all if numbers * 2 >= all => CellKind::Number,
                _ => CellKind::Text,
            }
        };
        let kinds: Vec<CellKind> = (0..columns.min(MAX_COLUMNS)).map(kind_of_most).collect();
        let has_pattern = kinds.iter().any(|kind| matches!(kind, CellKind::Date | CellKind::Number));
        has_pattern.then_some(Self { columns, kinds })
    }

    /// Whether the cells of a record are of the kinds of most rows. Few of them may differ, and the first date may not.
    pub(crate) fn fits(&self, cells: &[CellKind]) -> bool {
        let first_date = self.kinds.iter().position(|kind| *kind == CellKind::Date);
        if first_date.and_then(|at| cells.get(at)) == Some(&CellKind::Text) {
            return false;
        }
        let (mut same, mut other) = (0, 0);
        for (kind, cell) in self.kinds.iter().zip(cells) {
            match (kind, cell) {
                (CellKind::Date | CellKind::Number, cell) if cell == kind => same += 1,
                // Years may stand between months.
                (CellKind::Date, CellKind::Number) => {}
                (CellKind::Date | CellKind::Number, cell) if *cell != CellKind::Missing => other += 1,
                _ => {}
            }
        }
        same > 0 && same >= 2 * other
    }

    /// The number of columns with a value in some row.
    pub(crate) fn columns_with_values(&self) -> usize {
        let empty = self.kinds.iter().filter(|kind| **kind == CellKind::Missing).count();
        self.columns - empty
    }

    pub(crate) fn has_dates(&self) -> bool {
        self.kinds.contains(&CellKind::Date)
    }

    /// Whether the cells may be those of a row that does not fit: numbers after a time that cannot be read, or a row without
    /// a number in a table without dates.
    pub(crate) fn may_be_row(&self, cells: &[CellKind]) -> bool {
        let columns = self.kinds.iter().zip(cells).filter(|(kind, _)| **kind == CellKind::Number);
        let in_numbers: Vec<CellKind> = columns.map(|(_, cell)| *cell).collect();
        let count = |kind: CellKind| in_numbers.iter().filter(|cell| **cell == kind).count();
        let numbers = count(CellKind::Number);
        let has_no_name = !self.has_dates() && numbers + count(CellKind::Missing) == in_numbers.len();
        numbers * 2 > in_numbers.len() || has_no_name
    }

    /// Whether a record has a cell in the first column of dates, or of numbers if there are no dates.
    pub(crate) fn has_first_value(&self, record: Record<'_>) -> bool {
        let first = |kind: CellKind| self.kinds.iter().position(|other| *other == kind);
        let column = first(CellKind::Date).or_else(|| first(CellKind::Number));
        let cells = record.cells();
        column.and_then(|at| cells.get(at)).is_some_and(|cell| !is_missing(cell))
    }

    /// Whether a column has dates or numbers.
    pub(crate) fn has_values_in(&self, at: usize) -> bool {
        matches!(self.kinds.get(at), Some(CellKind::Date | CellKind::Number))
    }

    /// Whether a record has no date in the first column of dates, apart from one column. `None` if there is no such column.
    pub(crate) fn lacks_date(&self, cells: &[String], apart_from: usize) -> Option<bool> {
        let dates = self.kinds.iter().position(|kind| *kind == CellKind::Date).filter(|at| *at != apart_from)?;
        Some(cells.get(dates).is_none_or(|cell| is_missing(cell)))
    }

    /// Whether a record has no cell in a column that has cells in most rows, apart from one column.
    pub(crate) fn lacks_value(&self, cells: &[String], apart_from: usize) -> bool {
        let is_empty = |at: usize| cells.get(at).is_none_or(|cell| is_missing(cell));
        let with_values = (0..self.kinds.len()).filter(|at| self.kinds[*at] != CellKind::Missing);
        with_values.filter(|at| *at != apart_from).any(is_empty)
    }

    /// Whether a record has as many cells as the table has columns, and a date in the first column of dates.
    pub(crate) fn has_date(&self, record: Record<'_>) -> bool {
        let (cells, column) = (record.cells(), self.kinds.iter().position(|kind| *kind == CellKind::Date));
        let cell = column.and_then(|at| cells.get(at));
        cells.len() == self.columns && cell.is_some_and(|cell| CellKind::of(cell) == CellKind::Date)
    }

    /// Whether a record is a row of the table.
    pub(crate) fn fits_record(&self, record: Record<'_>) -> bool {
        let cells = record.cells();
        let has_more = cells.iter().skip(self.columns).any(|cell| !cell.is_empty());
        let mut of_cells = kinds(&cells);
        // the first of several years may have its era
        let has_era = cells.first().is_some_and(|cell| split_era(narrow(cell).trim()).is_some());
        if let Some(first) = of_cells.first_mut().filter(|_| has_era && self.kinds.first() == Some(&CellKind::Number)) {
            *first = CellKind::Missing;
        }
        !has_more && self.fits(&of_cells)
    }
}
