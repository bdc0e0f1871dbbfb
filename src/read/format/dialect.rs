//! The dialect of a delimited text: its separator, its header and the lines above the header.

use std::collections::HashSet;

use crate::error::{DataProblem, Error, Result};
use crate::read::format::delimited::{Record, Records};
use crate::read::parse::{number::Decimal, time_index::likely_format};
use crate::read::{notice::Notice, table::is_missing};

pub(crate) struct Dialect {
    pub(crate) separator: u8,
    pub(crate) header: Vec<String>,
    /// The byte at which the first row starts.
    pub(crate) first_row: usize,
    /// Whether lines that start with `#` are comments.
    pub(crate) has_comments: bool,
    pub(crate) notices: Vec<Notice>,
}

/// The number of records by which the dialect is inferred.
const SAMPLE_RECORDS: usize = 50;

/// The possible separators. The comma is the last, because it is chosen if none fits.
const SEPARATORS: [u8; 4] = *b"\t;|,";

impl Dialect {
    /// Infers the dialect from the first records.
    pub(crate) fn sniff(file: &str, text: &str) -> Result<Self> {
        let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let (declared, start) = declared_separator(text.as_bytes(), start);
        let has_comments = has_comments(&text.as_bytes()[start..]);
        let sample = |separator: u8| -> Vec<Record<'_>> {
            let is_comment = |record: &Record<'_>| has_comments && record.text.starts_with('#');
            let records = Records { text, at: start, separator };
            records.filter(|record| !record.is_blank() && !is_comment(record)).take(SAMPLE_RECORDS).collect()
        };
        let separator = declared.unwrap_or_else(|| infer_separator(sample));
        let records = sample(separator);
        let titles = count_titles(&records);
        let Some((header, rows)) = records[titles..].split_first() else {
            return Err(Error::data(file, DataProblem::Empty));
        };
        let mut notices = Vec::new();
        if titles > 0 {
            notices.push(Notice::TitleSkipped { lines: titles, first: first_words(records[0]) });
        }
        let cells = header.cells();
        if is_headless(&cells, rows) {
            notices.push(Notice::NoHeader { columns: cells.len() });
            let names = (1..=cells.len()).map(|position| format!("column {position}")).collect();
            return Ok(Self { separator, header: names, first_row: header.start, has_comments, notices });
        }
        let Some(row) = rows.first() else { return Err(Error::data(file, DataProblem::NoRows)) };
        let mut names = column_names(&cells);
        // R writes no name for the column of row numbers.
        if have_row_numbers(rows, names.len()) {
            names.insert(0, "column 0".into());
        }
        Ok(Self { separator, header: names, first_row: row.start, has_comments, notices })
    }
}

/// The separator that a first line `sep=;` of Excel declares, and the position after that line.
fn declared_separator(bytes: &[u8], start: usize) -> (Option<u8>, usize) {
    let line = bytes[start..].split(|byte| *byte == b'\n').next().unwrap_or_default();
    let after = (start + line.len() + 1).min(bytes.len());
    match line.trim_ascii_end() {
        [b's', b'e', b'p', b'=', separator] => (Some(*separator), after),
        b"sep=" if line.starts_with(b"sep=\t") => (Some(b'\t'), after),
        _ => (None, start),
    }
}

/// Whether lines that start with `#` are comments. They are not if most lines start with it, or if the header does.
fn has_comments(bytes: &[u8]) -> bool {
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    let lines: Vec<&[u8]> = lines.take(SAMPLE_RECORDS).collect();
    let marked = lines.iter().filter(|line| line[0] == b'#').count();
    let count = |line: &[u8]| SEPARATORS.map(|separator| memchr::memchr_iter(separator, line).count());
    let has_cell_of_digits = |line: &[u8]| {
        line.split(|byte| SEPARATORS.contains(byte)).any(|cell| cell.trim_ascii().iter().all(u8::is_ascii_digit))
    };
    // The last marked line is the header if it has no number, and as many cells as the next row.
    let is_header_marked = lines.iter().position(|line| line[0] != b'#').is_some_and(|first| {
        let Some(last) = first.checked_sub(1).map(|last| lines[last]) else { return false };
        let row = lines[first];
        row.iter().any(u8::is_ascii_digit)
            && count(last) == count(row)
            && count(row) != [0; 4]
            && !has_cell_of_digits(last)
    });
    marked * 2 <= lines.len() && !is_header_marked
}

/// The separator by which the most records have the same number of fields.
fn infer_separator<'a>(sample: impl Fn(u8) -> Vec<Record<'a>>) -> u8 {
    // Of separators that fit equally many records, the one that gives the most fields is chosen, or else the last.
    let score = |separator: &u8| {
        let (fields, records) = most_frequent_width(&sample(*separator));
        (if fields > 1 { records } else { 0 }, fields)
    };
    SEPARATORS.into_iter().max_by_key(score).unwrap_or(b',')
}

/// The most frequent number of fields, and the number of records with it.
fn most_frequent_width(records: &[Record<'_>]) -> (usize, usize) {
    let widths: Vec<usize> = records.iter().map(|record| record.fields().count()).collect();
    let counted = widths.iter().rev().map(|width| (*width, widths.iter().filter(|other| *other == width).count()));
    counted.max_by_key(|(_, count)| *count).unwrap_or((1, 0))
}

/// The number of titles above the header. A title has one cell where rows have several.
fn count_titles(records: &[Record<'_>]) -> usize {
    let (fields, _) = most_frequent_width(records);
    let is_title = |record: &&Record<'_>| {
        let cells = record.cells();
        let filled = cells.iter().filter(|cell| !cell.is_empty()).count();
        (cells.len() == 1 && fields > 1)
            || (fields > 2 && filled <= 1 && !cells[0].is_empty())
            || (fields > 2 && filled == 0 && cells.len() == fields)
    };
    let titles = records.iter().take_while(is_title).count();
    if titles < records.len() { titles } else { 0 }
}

fn first_words(record: Record<'_>) -> String {
    const MAX_CHARS: usize = 40;
    let text = record.cells().join(" ");
    let text = text.trim();
    text.char_indices().nth(MAX_CHARS).map_or_else(|| text.into(), |(end, _)| format!("{}…", &text[..end]))
}

/// The names of the columns, each unique and not empty.
fn column_names(cells: &[String]) -> Vec<String> {
    let mut known = HashSet::new();
    let unique_name = |(position, cell): (usize, &String)| {
        let bare = if position == 0 { cell.trim_start_matches('#') } else { cell };
        let name = match (bare.trim(), cell.trim()) {
            ("", "") => format!("column {}", position + 1),
            ("", marked) => marked.to_owned(),
            // The first name may have the mark of a comment; `#Passengers` elsewhere is a name.
            (bare, _) => bare.to_owned(),
        };
        let name = if known.contains(&name) { format!("{name} ({})", position + 1) } else { name };
        known.insert(name.clone());
        name
    };
    cells.iter().enumerate().map(unique_name).collect()
}

/// Whether each row starts with its number and has one cell more than the header.
fn have_row_numbers(rows: &[Record<'_>], columns: usize) -> bool {
    let starts_with_its_number = |(row, record): (usize, &Record<'_>)| {
        let cells = record.cells();
        cells.len() == columns + 1
            && cells[0].parse() == Ok(row + 1)
            && cells.last().is_some_and(|last| !last.is_empty())
    };
    rows.len() > 1 && rows.iter().enumerate().all(starts_with_its_number)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CellKind {
    Missing,
    Date,
    Number,
    Text,
}

fn kind_of(cell: &str) -> CellKind {
    if is_missing(cell) {
        CellKind::Missing
    } else if Decimal::Point.parse(cell).is_some() || Decimal::Comma.parse(cell).is_some() {
        CellKind::Number
    } else if likely_format(&[cell.to_owned()]).is_some_and(|(format, _)| !format.is_number()) {
        CellKind::Date
    } else {
        CellKind::Text
    }
}

/// Whether the first record is a row and not a header: it has no text, or it has a date above other dates.
fn is_headless(header: &[String], rows: &[Record<'_>]) -> bool {
    let kinds: Vec<CellKind> = header.iter().map(|cell| kind_of(cell)).collect();
    let has_no_text = !kinds.contains(&CellKind::Text) && kinds[0] != CellKind::Missing;
    let has_dates_below = |at: usize| {
        let kind = |row: &Record<'_>| row.cells().get(at).map_or(CellKind::Missing, |cell| kind_of(cell));
        let below: Vec<CellKind> = rows.iter().take(10).map(kind).filter(|kind| *kind != CellKind::Missing).collect();
        below.iter().filter(|kind| **kind == CellKind::Date).count() * 2 > below.len()
    };
    has_no_text || (0..kinds.len()).any(|at| kinds[at] == CellKind::Date && has_dates_below(at))
}
