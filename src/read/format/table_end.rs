//! Where the table ends in a delimited text: totals, sources and notes below it are no rows.

use crate::error::Location;
use crate::read::format::delimited::{Record, Records};
use crate::read::format::dialect::first_words;
use crate::read::format::row_pattern::{CellKind, RowPattern, kinds};
use crate::read::notice::Notice;
use crate::read::parse::total_words::is_total;

/// The part of a file in which the end of the table is searched.
const MAX_BYTES: usize = 1 << 16;
/// The maximum number of lines below the table.
const MAX_LINES: usize = 50;

/// The byte after the last row, and a notice on the lines below it. `None` if the table ends with the text. With
/// `has_comments`, lines that start with `#` are comments.
pub(crate) fn find(
    text: &str,
    first_row: usize,
    separator: u8,
    has_comments: bool,
    pattern: &RowPattern,
) -> Option<(usize, Notice)> {
    let from = text.len().saturating_sub(MAX_BYTES).max(first_row);
    let bytes = text.as_bytes();
    let from = if from == first_row { from } else { from + memchr::memchr(b'\n', &bytes[from..])? + 1 };
    // A quoted cell with line breaks may start before this part, so that only plain lines are considered.
    let lines = Records { text, at: from, separator }.collect::<Vec<Record<'_>>>();
    // The name of a quantity, such as `Population, total`, may be in every row.
    let of_first_row = lines.first().map_or_else(Vec::new, |record| record.cells());
    let has_total =
        |record: Record<'_>| record.cells().iter().any(|cell| is_total(cell) && !of_first_row.contains(cell));
    // One last row of numbers without a date has their totals.
    let is_sum = |record: Record<'_>| pattern.has_dates() && !kinds(&record.cells()).contains(&CellKind::Text);
    let is_undated = |record: Record<'_>| pattern.fits_record(record) && !pattern.has_first_value(record);
    let is_row = |record: &Record<'_>| {
        let is_total = || has_total(*record) || is_sum(*record);
        // A single cell below many columns is a code or a note.
        let is_cell = || pattern.columns > 3 && record.fields().count() == 1;
        pattern.fits_record(*record) && !is_cell() && !(is_undated(*record) && is_total())
    };
    let last_row = lines.iter().rposition(is_row)?;
    if lines[last_row + 1..].iter().filter(|record| is_undated(**record) && !has_total(**record)).count() > 1 {
        return None;
    }
    let below = &lines[last_row + 1..];
    let is_comment = |record: &Record<'_>| has_comments && record.text.starts_with('#');
    let is_empty = |record: &Record<'_>| is_comment(record) || record.cells().iter().all(String::is_empty);
    let mut is_after_gap = false;
    let may_be_below: Vec<bool> = below
        .iter()
        .map(|record| {
            is_after_gap |= is_empty(record);
            is_after_gap || is_remark(*record) || pattern.fits_record(*record)
        })
        .collect();
    let start = may_be_below.iter().rposition(|may| !may).map_or(0, |at| at + 1);
    let skipped: Vec<&Record<'_>> = below[start..].iter().filter(|record| !is_empty(record)).collect();
    let first = skipped.first().filter(|_| skipped.len() <= MAX_LINES)?;
    if skipped.iter().any(|record| record.text.matches('"').count() % 2 == 1) {
        return None;
    }
    let line = memchr::memchr_iter(b'\n', &bytes[..first.start]).count() + 1;
    let notice =
        Notice::LinesBelowTable { lines: skipped.len(), first: Location::Line(line), text: first_words(**first) };
    Some((first.start, notice))
}

/// Whether a line has text alone, such as a source, or is a total.
fn is_remark(record: Record<'_>) -> bool {
    let cells = record.cells();
    let kinds = kinds(&cells);
    let has_values = kinds.iter().any(|kind| matches!(kind, CellKind::Date | CellKind::Number));
    !has_values || cells.iter().any(|cell| is_total(cell))
}
