//! The cells of a column of times, and what is a time in them.

use crate::read::parse::century::CenturyWindow;
use crate::read::parse::date_format::DateFormat;
use crate::read::parse::east_asian::narrow;
use crate::read::table::{Cells, Table, is_missing};

/// The rows at the start of a column by which most columns are ruled out.
pub(super) const FIRST_ROWS: usize = 40;

/// The cells of a column; `None` where one is null or missing.
pub(super) type Texts = Vec<Option<String>>;

pub(super) fn texts(cells: &Cells) -> Texts {
    let mut texts = Vec::with_capacity(cells.len());
    cells.for_each(|_, cell| texts.push(cell.filter(|cell| !is_missing(cell)).map(str::to_owned)));
    texts
}

/// Whether a column has text.
pub(super) fn is_text(table: &Table, at: usize) -> bool {
    matches!(table.columns[at].cells, Cells::Field { .. } | Cells::Text(_))
}

/// Whether a narrow cell is a year or a date, and no plain number otherwise.
pub(super) fn is_date(cell: &str) -> bool {
    [DateFormat::Year, DateFormat::YearFirst, DateFormat::DayFirst, DateFormat::MonthFirst, DateFormat::MonthName]
        .into_iter()
        .any(|format| format.parse(cell, CenturyWindow::DEFAULT).is_some())
}

/// Whether each of the first cells of a column is a year or a date.
pub(super) fn has_time_in_each_row(table: &Table, at: usize) -> bool {
    let cells = &table.columns[at].cells;
    (0..table.rows.min(FIRST_ROWS)).all(|row| cells.text(row).is_some_and(|cell| is_date(&narrow(&cell))))
}
