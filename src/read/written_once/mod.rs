//! Times of which a part is written once and holds for the rows below, too: the era of years, the year of months and
//! quarters, and the date of hours or of several series.

use std::borrow::Cow;

mod cells;
mod dates;
mod eras;
mod years;

use crate::read::notice::Notice;
use crate::read::parse::east_asian::{narrow, split_era};
use crate::read::parse::total_words::is_total;
use crate::read::table::{Cells, Table, is_missing};
use crate::read::written_once::cells::{FIRST_ROWS, is_date, is_text, texts};
use crate::read::written_once::dates::filled_down;
use crate::read::written_once::eras::{add_years_of_taiwan, join_eras, with_eras, write_months_of_eras};
use crate::read::written_once::years::{months_below_years, part, whole, with_years};

/// Completes the cells of the columns of times.
pub(crate) fn complete(table: &mut Table) {
    join_eras(table);
    add_years_of_taiwan(table);
    write_months_of_eras(table);
    for at in 0..table.columns.len() {
        if !is_text(table, at) {
            continue;
        }
        let below_years = months_below_years(&table.columns[at].cells);
        if below_years.is_none() && !starts_with_time(table, at) {
            continue;
        }
        let before = texts(&table.columns[at].cells);
        let with_eras = with_eras(&before).unwrap_or_else(|| before.clone());
        let cells = below_years.or_else(|| with_years(table, at, &with_eras)).unwrap_or(with_eras);
        let cells = filled_down(table, at, &cells).unwrap_or(cells);
        let is_carried = |row: &usize| cells[*row] != before[*row] && !is_whole(before[*row].as_deref());
        let Some(row) = (0..cells.len()).find(is_carried) else { continue };
        let (column, first) = (table.columns[at].name.clone(), table.location(row));
        let value = cells[row].clone().unwrap_or_default();
        table.notices.push(Notice::TimesWrittenOnce { column, first, value });
        table.columns[at].cells = Cells::Text(cells.into_iter().collect());
    }
}

/// Whether the first rows of a column have a time in the first cell, and one that is not whole below it.
fn starts_with_time(table: &Table, at: usize) -> bool {
    let cells = &table.columns[at].cells;
    let mut first = (0..table.rows.min(FIRST_ROWS)).map(|row| cells.text(row));
    let is_time = |cell: Cow<'_, str>| {
        let narrow = narrow(&cell);
        whole(&narrow).is_some() || is_date(&narrow) || split_era(narrow.trim()).is_some()
    };
    let mut is_partly_written = false;
    first.next().flatten().is_some_and(is_time)
        && first.all(|cell| {
            let is_whole = is_whole(cell.as_deref());
            is_partly_written |= !is_whole;
            is_whole || cell.is_none_or(|cell| is_missing(&cell) || may_be_part(&narrow(&cell)))
        })
        && is_partly_written
}

/// Whether a narrow cell may be a part of a time or name a total, and is not a number such as a price.
fn may_be_part(cell: &str) -> bool {
    let is_short = cell.trim().len() <= 2 && cell.trim().bytes().all(|byte| byte.is_ascii_digit());
    is_short || cell.contains('年') || part(cell).is_some() || is_total(cell)
}

/// Whether a cell has all parts of a time.
fn is_whole(cell: Option<&str>) -> bool {
    let cell = narrow(cell.unwrap_or_default());
    whole(&cell).is_some()
        || split_era(cell.trim()).is_some()
        || cell.trim().starts_with(|c: char| c.is_alphabetic()) && part(&cell).is_none()
        || is_date(&cell)
}
