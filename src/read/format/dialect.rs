//! The dialect of a delimited text: its separator, its header and the lines above the header.

use crate::error::{DataProblem, Error, Result};
use crate::read::format::delimited::{Record, Records};
use crate::read::format::header::{column_names, have_row_numbers, is_headless};
use crate::read::format::{
    row_pattern::{CellKind, RowPattern, kinds},
    table_start::{TableStart, most_frequent_width},
};
use crate::read::notice::Notice;
use crate::read::parse::number::Decimal;

pub(crate) struct Dialect {
    pub(crate) separator: u8,
    pub(crate) header: Vec<String>,
    /// The byte at which the first row starts.
    pub(crate) first_row: usize,
    /// Whether lines that start with `#` are comments.
    pub(crate) has_comments: bool,
    /// The last line of the header; `None` if the file has no header.
    pub(crate) header_line: Option<String>,
    /// The pattern of the rows, if the columns have one.
    pub(crate) pattern: Option<RowPattern>,
    pub(crate) notices: Vec<Notice>,
}

/// The number of records by which the dialect is inferred.
const SAMPLE_RECORDS: usize = 200;

/// The possible separators. The comma is the last, because it is chosen if none fits.
const SEPARATORS: [u8; 4] = *b"\t;|,";

impl Dialect {
    /// Infers the dialect from the first records. A `separator` that is known is not inferred.
    pub(crate) fn sniff(file: &str, text: &str, separator: Option<u8>) -> Result<Self> {
        let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let (declared, start) = match separator {
            Some(separator) => (Some(separator), start),
            None => declared_separator(text.as_bytes(), start),
        };
        let has_comments = has_comments(&text.as_bytes()[start..]);
        let sample = |separator: u8| -> Vec<Record<'_>> {
            let is_comment = |record: &Record<'_>| has_comments && record.text.starts_with('#');
            let records = Records { text, at: start, separator };
            records.filter(|record| !record.is_blank() && !is_comment(record)).take(SAMPLE_RECORDS).collect()
        };
        let separator = declared.unwrap_or_else(|| infer_separator(sample));
        let records = sample(separator);
        let Some(table) = TableStart::find(&records) else { return Err(Error::data(file, DataProblem::Empty)) };
        let mut notices = Vec::new();
        if table.header > 0 {
            notices.push(Notice::TitleSkipped { lines: table.header, first: first_words(records[0]) });
        }
        let (header, rows) = (records[table.header], &records[table.first_row..]);
        let Some(cells) = table.names.filter(|cells| !is_headless(cells, rows)) else {
            // One line is a row if it has a date and a number. Else it is a header, whose numbers are no dates.
            let kinds = kinds(&header.cells());
            if rows.is_empty() && !(kinds.contains(&CellKind::Date) && kinds.contains(&CellKind::Number)) {
                return Err(Error::data(file, DataProblem::NoRows));
            }
            let columns = header.fields().count();
            notices.push(Notice::NoHeader { columns });
            let names = (1..=columns).map(|position| format!("column {position}")).collect();
            let pattern = table.pattern;
            return Ok(Self {
                separator,
                header: names,
                first_row: header.start,
                has_comments,
                header_line: None,
                pattern,
                notices,
            });
        };
        let Some(row) = rows.first() else { return Err(Error::data(file, DataProblem::NoRows)) };
        if let Some(first) = table.below.first() {
            notices.push(Notice::LinesBelowHeader { lines: table.below.len(), first: first_words(records[*first]) });
        }
        let mut names = column_names(&cells);
        // R writes no name for the column of row numbers.
        if have_row_numbers(rows, names.len()) {
            names.insert(0, "column 0".into());
        }
        let (pattern, header_line) = (table.pattern, Some(header.text.to_owned()));
        Ok(Self { separator, header: names, first_row: row.start, has_comments, header_line, pattern, notices })
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
    let count = |line: &[u8], separator: u8| memchr::memchr_iter(separator, line).count();
    // Commas count only without another separator, as numbers may have decimal commas.
    let has_as_many = |one: &[u8], other: &[u8]| {
        let others = SEPARATORS.into_iter().filter(|separator| *separator != b',');
        let has_other = |separator: &u8| count(other, *separator) > 0;
        let mut separators: Vec<u8> = others.filter(has_other).collect();
        if separators.is_empty() && count(other, b',') > 0 {
            separators.push(b',');
        }
        let has_no_comma = count(one, b',') == 0 || separators.contains(&b',');
        let are_equal = separators.iter().all(|separator| count(one, *separator) == count(other, *separator));
        !separators.is_empty() && has_no_comma && are_equal
    };
    let has_cell_of_digits = |line: &[u8]| {
        line.split(|byte| SEPARATORS.contains(byte)).any(|cell| cell.trim_ascii().iter().all(u8::is_ascii_digit))
    };
    // The last marked line with a word is the header if it has no number, and as many cells as the next row.
    let is_header_marked = lines.iter().position(|line| line[0] != b'#').is_some_and(|first| {
        let has_word = |line: &&&[u8]| line.iter().any(u8::is_ascii_alphanumeric);
        let Some(last) = lines[..first].iter().rev().find(has_word) else { return false };
        let row = lines[first];
        row.iter().any(u8::is_ascii_digit) && has_as_many(last, row) && !has_cell_of_digits(last)
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
    let best = SEPARATORS.into_iter().max_by_key(score).unwrap_or(b',');
    let other = SEPARATORS.into_iter().filter(|separator| *separator != b',').max_by_key(score).unwrap_or(b',');
    // Decimal commas may split the rows as evenly as their separator does.
    let fits_as_well = score(&other).0 > 0 && score(&other).0 >= score(&best).0;
    if best == b',' && fits_as_well && are_decimal_commas(&sample(other)) { other } else { best }
}

/// Whether the cells with a comma below the first record are numbers with a decimal comma.
fn are_decimal_commas(records: &[Record<'_>]) -> bool {
    let cells = || records.iter().skip(1).flat_map(|record| record.cells()).filter(|cell| cell.contains(','));
    cells().next().is_some() && cells().all(|cell| Decimal::Comma.parse(&cell).is_some())
}

/// The beginning of a line, for notices.
pub(crate) fn first_words(record: Record<'_>) -> String {
    const MAX_CHARS: usize = 40;
    let text = record.cells().join(" ");
    let text = text.trim();
    text.char_indices().nth(MAX_CHARS).map_or_else(|| text.into(), |(end, _)| format!("{}…", &text[..end]))
}
