//! Dates and years that are written at the first of several rows and left out below it.

use std::collections::HashSet;

use crate::read::parse::century::CenturyWindow;
use crate::read::parse::date_format::DateFormat;
use crate::read::parse::east_asian::narrow;
use crate::read::parse::period_part::PartKind;
use crate::read::table::Table;
use crate::read::written_once::cells::{Texts, has_time_in_each_row, is_date, is_text, texts};

/// The cells with the time above in place of each empty one. The next column without an empty cell must tell the rows below
/// a time apart. It has months, quarters or hours that ascend, or names that repeat below other times. `None` otherwise, or
/// if another column has a time in each row.
pub(super) fn filled_down(table: &Table, at: usize, cells: &Texts) -> Option<Texts> {
    let empty = cells.iter().filter(|cell| cell.is_none()).count();
    let times = cells.len() - empty;
    if times == 0 || empty < times || cells.iter().flatten().any(|cell| !is_date(&narrow(cell))) {
        return None;
    }
    let has_text = |column: &usize| is_text(table, *column);
    if (0..table.columns.len()).filter(has_text).any(|other| other != at && has_time_in_each_row(table, other)) {
        return None;
    }
    let labels = (at + 1..table.columns.len()).filter(has_text);
    let labels = labels.map(|column| texts(&table.columns[column].cells)).find(|cells| !cells.contains(&None))?;
    let are_years = DateFormat::Year.parse(&narrow(cells.iter().flatten().next()?), CenturyWindow::DEFAULT).is_some();
    let kinds: &[PartKind] = if are_years { &[PartKind::Month, PartKind::Quarter] } else { &[PartKind::Hour] };
    let ascends = |kind: PartKind| {
        let parts: Option<Vec<i64>> = labels.iter().flatten().map(|cell| Some(kind.parse(cell)?.number)).collect();
        parts.is_some_and(|parts| (1..parts.len()).all(|row| cells[row].is_some() || parts[row] > parts[row - 1]))
    };
    let are_words = || {
        let distinct = labels.iter().flatten().collect::<HashSet<_>>().len();
        if distinct * 2 > labels.len() {
            return false;
        }
        let mut known: HashSet<&str> = HashSet::new();
        labels.iter().flatten().zip(cells).all(|(label, time)| {
            if time.is_some() {
                known.clear();
            }
            known.insert(label) && !label.starts_with(|c: char| c.is_ascii_digit())
        })
    };
    if !(kinds.iter().any(|kind| ascends(*kind)) || are_words()) {
        return None;
    }
    let mut last = None;
    let fill = |cell: &Option<String>| {
        last = cell.clone().or_else(|| last.take());
        last.clone()
    };
    Some(cells.iter().map(fill).collect())
}
