//! Rows of totals between the others, which have a mark or a word in place of the name of a series, and no time. Lists of SAP
//! mark them by `*` and `**`, and pivot tables by words such as `1000 Total`.

use std::collections::HashSet;

use crate::read::format::delimited::{Record, Records};
use crate::read::format::row_pattern::RowPattern;
use crate::read::parse::{century::CenturyWindow, date_format::DateFormat, total_words::is_total};

/// Parts of marks and words. A text without them has no such row.
const PARTS: [&[u8]; 5] = [b"*", b"otal", b"OTAL", b"esult", b"rgebnis"];
/// Words for a total in reports of SAP, in lower case.
const WORDS: [&str; 4] = ["result", "overall result", "ergebnis", "gesamtergebnis"];

/// The bytes at which rows of totals start, in ascending order. None if they are more than half of the rows.
pub(crate) fn starts(text: &str, first_row: usize, separator: u8, pattern: &RowPattern) -> Vec<usize> {
    let bytes = &text.as_bytes()[first_row..];
    if PARTS.iter().all(|part| memchr::memmem::find(bytes, part).is_none()) {
        return Vec::new();
    }
    let (mut starts, mut rows) = (Vec::new(), 0);
    // a mark that is also in rows with times is the name of a series
    let (mut marks, mut names) = (HashSet::new(), HashSet::new());
    for record in (Records { text, at: first_row, separator }).filter(|record| !record.is_blank()) {
        rows += 1;
        if PARTS.iter().any(|part| memchr::memmem::find(record.text.as_bytes(), part).is_some()) {
            let (is_marked, start) = (is_marked(record, pattern), record.start);
            let name = record.cells().into_iter().find(|cell| !cell.is_empty());
            if is_marked {
                starts.push(start);
                marks.extend(name);
            } else {
                names.extend(name);
            }
        }
    }
    if starts.len() * 2 <= rows && marks.is_disjoint(&names) { starts } else { Vec::new() }
}

fn is_marked(record: Record<'_>, pattern: &RowPattern) -> bool {
    let cells = record.cells();
    let Some((at, cell)) = cells.iter().enumerate().find(|(_, cell)| !cell.is_empty()) else { return false };
    let after_mark = cell.trim_start_matches('*');
    let is_mark = after_mark.len() < cell.len() && (after_mark.is_empty() || after_mark.starts_with(' '));
    // a year may be the time, although it looks like a number
    let has_year = cells.iter().any(|cell| DateFormat::Year.parse(cell, CenturyWindow::DEFAULT).is_some());
    let is_word = || is_total(cell) || WORDS.contains(&cell.trim().to_lowercase().as_str());
    match pattern.lacks_date(&cells, at) {
        Some(lacks_date) => lacks_date && (is_mark || is_word()),
        // A mark alone in the column of times is left to it.
        None if pattern.has_values_in(at) => is_mark && !after_mark.is_empty(),
        None => is_mark && after_mark.is_empty() && !has_year && pattern.lacks_value(&cells, at),
    }
}
