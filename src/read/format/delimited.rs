//! Delimited text. The text stays in memory once: one pass finds where its rows start, and cells are read in place.

use std::borrow::Cow;

use crate::error::location::MAX_LISTED;
use crate::read::row_locations::LineNumbers;

/// A text with an index of its rows.
#[derive(Debug)]
pub(crate) struct DelimitedText {
    text: String,
    separator: u8,
    /// The byte at which each row starts.
    starts: Vec<u64>,
    /// Whether the text has quotes.
    has_quotes: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RejectedLine {
    /// The number of the line, from 1.
    pub(crate) line: usize,
    pub(crate) fault: LineFault,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LineFault {
    /// The line has this many cells, more than the header.
    TooManyCells(usize),
    /// A quote is opened and never closed.
    UnclosedQuote,
    /// There is text between a closing quote and the next separator.
    TextAfterQuote,
}

/// The numbers of lines that are not rows of the table, or not complete rows.
#[derive(Debug, Default)]
pub(crate) struct LineCounts {
    /// The first rejected lines, at most [`MAX_LISTED`].
    pub(crate) first_rejected: Vec<RejectedLine>,
    pub(crate) rejected: usize,
    /// The number of lines with fewer cells than the header.
    pub(crate) short: usize,
    pub(crate) comments: usize,
}

impl DelimitedText {
    /// Finds the rows from byte `from` on, with up to `columns` cells each. With `has_comments`, lines that start with
    /// `#` are comments. Rejected lines are not rows.
    pub(crate) fn index(
        text: String,
        from: usize,
        separator: u8,
        columns: usize,
        has_comments: bool,
    ) -> (Self, LineNumbers, LineCounts) {
        let bytes = text.as_bytes();
        let has_quotes = bytes[from..].contains(&b'"');
        let (mut counts, mut lines) = (LineCounts::default(), LineNumbers::default());
        let mut next_line = line_at(bytes, from);
        let mut starts = Vec::with_capacity(expected_rows(&bytes[from..]));
        for record in Records::new(bytes, from, separator) {
            let content = record.bytes;
            let line = next_line;
            next_line += 1 + if has_quotes { occurrences(content, b'\n') } else { 0 };
            if content.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            if has_comments && content[0] == b'#' {
                counts.comments += 1;
                continue;
            }
            let fault = record.fault.or_else(|| {
                let cells = if has_quotes { record.fields().count() } else { occurrences(content, separator) + 1 };
                counts.short += usize::from(cells < columns);
                (cells > columns && record.fields().skip(columns).any(|field| !is_empty(field)))
                    .then_some(LineFault::TooManyCells(cells))
            });
            let Some(fault) = fault else {
                lines.push(starts.len(), line);
                starts.push(record.start as u64);
                continue;
            };
            counts.rejected += 1;
            if counts.first_rejected.len() < MAX_LISTED {
                counts.first_rejected.push(RejectedLine { line, fault });
            }
        }
        (Self { text, separator, starts, has_quotes }, lines, counts)
    }

    pub(crate) fn rows(&self) -> usize {
        self.starts.len()
    }

    pub(crate) fn separator(&self) -> u8 {
        self.separator
    }

    pub(crate) fn cells(&self, row: usize) -> impl Iterator<Item = Cow<'_, str>> {
        let mut fields = self.fields(row);
        std::iter::from_fn(move || fields.next_field()).map(unquoted)
    }

    /// One cell; `None` if the row has fewer cells.
    pub(crate) fn cell(&self, row: usize, column: usize) -> Option<Cow<'_, str>> {
        let mut fields = self.fields(row);
        for _ in 0..column {
            fields.next_field()?;
        }
        fields.next_field().map(unquoted)
    }

    fn fields(&self, row: usize) -> Fields<'_> {
        let start = self.starts[row] as usize;
        Fields { text: &self.text, at: Some(start), separator: self.separator, has_quotes: self.has_quotes }
    }
}

/// The estimated number of rows, from the length of the first lines.
fn expected_rows(bytes: &[u8]) -> usize {
    const SAMPLE_BYTES: usize = 1 << 16;
    let part = &bytes[..bytes.len().min(SAMPLE_BYTES)];
    let lines = occurrences(part, b'\n') + 1;
    bytes.len() / (part.len() / lines).max(1) + 1
}

fn occurrences(bytes: &[u8], byte: u8) -> usize {
    memchr::memchr_iter(byte, bytes).count()
}

fn is_empty(field: &[u8]) -> bool {
    let field = field.trim_ascii();
    field.is_empty() || field == b"\"\""
}

/// The line of a byte, from 1.
fn line_at(bytes: &[u8], at: usize) -> usize {
    occurrences(&bytes[..at], b'\n') + 1
}

fn unquoted(field: &str) -> Cow<'_, str> {
    let trimmed = field.trim();
    let Some(inner) = trimmed.strip_prefix('"') else { return Cow::Borrowed(trimmed) };
    let inner = inner.strip_suffix('"').unwrap_or(inner);
    if inner.contains('"') { Cow::Owned(inner.replace("\"\"", "\"")) } else { Cow::Borrowed(inner) }
}

/// The fields of one row from left to right: cells with their quotes.
struct Fields<'a> {
    text: &'a str,
    /// Where the next field starts; `None` after the last.
    at: Option<usize>,
    separator: u8,
    has_quotes: bool,
}

impl<'a> Fields<'a> {
    fn next_field(&mut self) -> Option<&'a str> {
        let at = self.at?;
        let end = self.end(at);
        self.at = (self.text.as_bytes().get(end) == Some(&self.separator)).then_some(end + 1);
        Some(&self.text[at..end])
    }

    /// Where the field that starts at `at` ends: at its separator, its line break or the end of the text.
    fn end(&self, at: usize) -> usize {
        let rest = &self.text.as_bytes()[at..];
        let quoted = if self.has_quotes { quoted_length(rest).unwrap_or(0) } else { 0 };
        let found = memchr::memchr2(self.separator, b'\n', &rest[quoted..]);
        found.map_or(self.text.len(), |found| at + quoted + found)
    }
}

/// The length in bytes of a quoted field at the start of `rest`, including spaces before it and its quotes. `None` if the
/// field is not quoted or its quote is not closed.
fn quoted_length(rest: &[u8]) -> Option<usize> {
    let spaces = rest.iter().take_while(|byte| **byte == b' ').count();
    if rest.get(spaces) != Some(&b'"') {
        return None;
    }
    let mut at = spaces + 1;
    loop {
        at += rest[at..].iter().position(|byte| *byte == b'"')? + 1;
        if rest.get(at) != Some(&b'"') {
            return Some(at);
        }
        at += 1;
    }
}

/// The records of a text. A record is a line, but a line break in a quoted field does not end it.
#[derive(Debug)]
pub(crate) struct Records<'a> {
    bytes: &'a [u8],
    at: usize,
    separator: u8,
}

/// One record without its line break.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Record<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) start: usize,
    pub(crate) fault: Option<LineFault>,
    separator: u8,
}

impl<'a> Records<'a> {
    pub(crate) fn new(bytes: &'a [u8], from: usize, separator: u8) -> Self {
        Self { bytes, at: from, separator }
    }

    /// The end of a record with quoted fields, and its fault.
    fn quoted_end(&self) -> (usize, Option<LineFault>) {
        let line_end = |at: usize| {
            self.bytes[at..].iter().position(|byte| *byte == b'\n').map_or(self.bytes.len(), |found| at + found)
        };
        let mut at = self.at;
        loop {
            let rest = &self.bytes[at..];
            let is_quoted = rest.iter().find(|byte| **byte != b' ') == Some(&b'"');
            let quoted = match quoted_length(rest) {
                Some(quoted) => {
                    let next = rest[quoted..].iter().find(|byte| !matches!(**byte, b' ' | b'\r'));
                    if next.is_some_and(|byte| *byte != self.separator && *byte != b'\n') {
                        return (line_end(at + quoted), Some(LineFault::TextAfterQuote));
                    }
                    quoted
                }
                // Without this case the rest of the file would be one cell.
                None if is_quoted => return (line_end(at), Some(LineFault::UnclosedQuote)),
                None => 0,
            };
            let found = rest[quoted..].iter().position(|byte| *byte == self.separator || *byte == b'\n');
            let Some(found) = found else { return (self.bytes.len(), None) };
            at += quoted + found;
            if self.bytes[at] == b'\n' {
                return (at, None);
            }
            at += 1;
        }
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        let start = self.at;
        let rest = self.bytes.get(start..).filter(|rest| !rest.is_empty())?;
        let line = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let (end, fault) = if rest[..line].contains(&b'"') { self.quoted_end() } else { (start + line, None) };
        self.at = end + 1;
        let bytes = &self.bytes[start..end];
        Some(Record { bytes: bytes.strip_suffix(b"\r").unwrap_or(bytes), start, fault, separator: self.separator })
    }
}

impl<'a> Record<'a> {
    /// The fields with their quotes.
    pub(crate) fn fields(self) -> impl Iterator<Item = &'a [u8]> {
        let mut at = Some(0);
        std::iter::from_fn(move || {
            let rest = &self.bytes[at?..];
            let quoted = quoted_length(rest).unwrap_or(0);
            let end = rest[quoted..].iter().position(|byte| *byte == self.separator).map(|found| quoted + found);
            at = end.and_then(|end| Some(at? + end + 1));
            Some(&rest[..end.unwrap_or(rest.len())])
        })
    }

    pub(crate) fn cells(self) -> Vec<String> {
        self.fields().map(|field| unquoted(&String::from_utf8_lossy(field)).into_owned()).collect()
    }

    pub(crate) fn is_blank(self) -> bool {
        self.bytes.iter().all(u8::is_ascii_whitespace)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str, columns: usize) -> (Vec<Vec<String>>, LineCounts) {
        let (text, _, counts) = DelimitedText::index(text.into(), 0, b',', columns, true);
        let rows = (0..text.rows()).map(|row| text.cells(row).map(Cow::into_owned).collect()).collect();
        (rows, counts)
    }

    #[test]
    fn quoted_cells_may_contain_separators_line_breaks_and_quotes() {
        let (rows, counts) = rows("a,b\n\"1,5\",\"two\nlines\"\n\n# comment\n \"the \"\"x\"\"\" , 5\" pipe\r\nx\n", 2);
        assert_eq!(rows, [vec!["a", "b"], vec!["1,5", "two\nlines"], vec!["the \"x\"", "5\" pipe"], vec!["x"]]);
        assert_eq!((counts.rejected, counts.short, counts.comments), (0, 1, 1));
    }

    #[test]
    fn each_rejected_line_has_its_number_and_fault() {
        let (rows, counts) = rows("1,2\n1,2,3\n\"x\"y,1\n3,4,,\n5,\"open\n6,7", 2);
        assert_eq!(rows.len(), 3);
        let rejected: Vec<(usize, LineFault)> =
            counts.first_rejected.iter().map(|rejected| (rejected.line, rejected.fault)).collect();
        assert_eq!(
            rejected,
            [(2, LineFault::TooManyCells(3)), (3, LineFault::TextAfterQuote), (5, LineFault::UnclosedQuote)]
        );
    }

    #[test]
    fn a_cell_is_read_by_row_and_column() {
        let (text, lines, _) = DelimitedText::index("1,2\n\n3,\"4\n\"\n5\n6".into(), 0, b',', 2, false);
        assert_eq!(text.cell(1, 1).as_deref(), Some("4\n"));
        assert_eq!(text.cell(2, 1), None);
        assert_eq!([0, 1, 2, 3].map(|row| lines.of(row)), [1, 3, 5, 6]);
    }
}
