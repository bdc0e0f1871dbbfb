//! Delimited text. The text stays in memory once: one pass finds where its rows start, and cells are read in place.

use std::borrow::Cow;

use crate::error::{Location, Rejected};
use crate::read::{notice::Notice, row_locations::RowLocations};

/// A text with an index of its rows.
#[derive(Debug)]
pub(crate) struct DelimitedText {
    text: String,
    separator: u8,
    /// The byte at which each row starts.
    starts: Vec<u64>,
    has_quotes: bool,
}

/// What is needed to find the rows of a text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RowSyntax<'a> {
    pub(crate) separator: u8,
    /// The maximum number of cells of a row.
    pub(crate) columns: usize,
    /// Whether lines that start with `#` are comments.
    pub(crate) has_comments: bool,
    /// The line of the header, which joined files repeat.
    pub(crate) header: &'a str,
    /// The bytes at which rows of totals start, in ascending order. They are left out.
    pub(crate) totals: &'a [usize],
}

impl DelimitedText {
    /// Finds the rows from byte `from` on, and the lines that cannot be rows.
    pub(crate) fn index(
        text: String,
        from: usize,
        syntax: RowSyntax<'_>,
        notices: &mut Vec<Notice>,
    ) -> (Self, RowLocations, Rejected) {
        let RowSyntax { separator, columns, has_comments, header, totals } = syntax;
        let has_quotes = text.as_bytes()[from..].contains(&b'"');
        let (mut locations, mut rejected) = (RowLocations::default(), Rejected::default());
        let (mut comments, mut short, mut headers) = (0, 0, 0);
        let mut next_line = occurrences(&text[..from], b'\n') + 1;
        let mut starts = Vec::with_capacity(expected_rows(&text.as_bytes()[from..]));
        for record in (Records { text: &text, at: from, separator }) {
            let line = next_line;
            next_line += 1 + if has_quotes { occurrences(record.text, b'\n') } else { 0 };
            if record.is_blank() {
                continue;
            }
            if has_comments && record.text.starts_with('#') {
                comments += 1;
                continue;
            }
            if record.text == header {
                headers += 1;
                continue;
            }
            if totals.binary_search(&record.start).is_ok() {
                if record.start == totals[0] {
                    let text = record.cells().into_iter().find(|cell| !cell.is_empty()).unwrap_or_default();
                    let (rows, first) = (totals.len(), Location::Line(line));
                    notices.push(Notice::TotalsLeftOut { rows, first, text });
                }
                continue;
            }
            let fault = record.fault.map(str::to_owned).or_else(|| {
                let cells = if has_quotes { record.fields().count() } else { occurrences(record.text, separator) + 1 };
                short += usize::from(cells < columns);
                let surplus = || record.fields().skip(columns).map(unquoted).find(|cell| !cell.is_empty());
                let first = if cells > columns { surplus() } else { None };
                first.map(|first| format!("{cells} cells for the {columns} columns: \"{first}\" has no column"))
            });
            if let Some(fault) = fault {
                rejected.push_line(line, fault);
            } else {
                locations.push(starts.len(), line);
                starts.push(record.start as u64);
            }
        }
        notices.extend((comments > 0).then_some(Notice::CommentsSkipped { lines: comments }));
        notices.extend((headers > 0).then_some(Notice::HeadersRepeated { lines: headers }));
        notices.extend((short > 0).then_some(Notice::ShortLines { lines: short }));
        (Self { text, separator, starts, has_quotes }, locations, rejected)
    }

    pub(crate) fn rows(&self) -> usize {
        self.starts.len()
    }

    pub(crate) fn cells(&self, row: usize) -> impl Iterator<Item = Cow<'_, str>> {
        self.fields(row).map(unquoted)
    }

    /// One cell; `None` if the row has fewer cells.
    pub(crate) fn cell(&self, row: usize, column: usize) -> Option<Cow<'_, str>> {
        self.fields(row).nth(column).map(unquoted)
    }

    fn fields(&self, row: usize) -> Fields<'_> {
        let start = self.starts[row] as usize;
        Fields { text: &self.text, at: Some(start), separator: self.separator, has_quotes: self.has_quotes }
    }
}

/// An estimate from the length of the first lines.
fn expected_rows(bytes: &[u8]) -> usize {
    const SAMPLE_BYTES: usize = 1 << 16;
    let part = &bytes[..bytes.len().min(SAMPLE_BYTES)];
    let lines = memchr::memchr_iter(b'\n', part).count() + 1;
    bytes.len() / (part.len() / lines).max(1) + 1
}

fn occurrences(text: &str, byte: u8) -> usize {
    memchr::memchr_iter(byte, text.as_bytes()).count()
}

fn unquoted(field: &str) -> Cow<'_, str> {
    let trimmed = field.trim();
    let Some(inner) = trimmed.strip_prefix('"') else { return Cow::Borrowed(text_of_formula(trimmed)) };
    let inner = inner.strip_suffix('"').unwrap_or(inner);
    if !inner.contains('"') {
        return Cow::Borrowed(inner);
    }
    let inner = inner.replace("\"\"", "\"");
    let text = text_of_formula(&inner);
    if text.len() < inner.len() { Cow::Owned(text.to_owned()) } else { Cow::Owned(inner) }
}

/// The text of a formula such as `="0012"`, with which exports keep a spreadsheet from reading a number.
fn text_of_formula(cell: &str) -> &str {
    let text = cell.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    text.filter(|text| !text.contains('"')).unwrap_or(cell)
}

/// The fields of a row from left to right: cells with their quotes.
struct Fields<'a> {
    text: &'a str,
    /// Where the next field starts; `None` after the last.
    at: Option<usize>,
    separator: u8,
    has_quotes: bool,
}

impl<'a> Iterator for Fields<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let at = self.at?;
        let rest = &self.text.as_bytes()[at..];
        let quoted = if self.has_quotes { quoted_length(rest).unwrap_or(0) } else { 0 };
        let length = memchr::memchr2(self.separator, b'\n', &rest[quoted..]).map_or(rest.len(), |found| quoted + found);
        self.at = (rest.get(length) == Some(&self.separator)).then_some(at + length + 1);
        Some(&self.text[at..at + length])
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
pub(crate) struct Records<'a> {
    pub(crate) text: &'a str,
    /// The byte at which the next record starts.
    pub(crate) at: usize,
    pub(crate) separator: u8,
}

/// One record without its line break.
#[derive(Clone, Copy)]
pub(crate) struct Record<'a> {
    pub(crate) text: &'a str,
    pub(crate) start: usize,
    /// What is wrong with its quotes.
    fault: Option<&'static str>,
    separator: u8,
}

impl Records<'_> {
    /// The end of a record with quoted fields, and its fault.
    fn quoted_end(&self) -> (usize, Option<&'static str>) {
        let bytes = self.text.as_bytes();
        let line_end = |at: usize| memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |found| at + found);
        let mut at = self.at;
        loop {
            let rest = &bytes[at..];
            let quoted = quoted_length(rest).unwrap_or(0);
            if quoted > 0 {
                let is_end = |byte: &&u8| **byte == self.separator || !matches!(**byte, b' ' | b'\r');
                let next = rest[quoted..].iter().find(is_end);
                if next.is_some_and(|byte| *byte != self.separator && *byte != b'\n') {
                    return (line_end(at + quoted), Some("a quote is closed before the cell ends"));
                }
            } else if rest.iter().find(|byte| **byte != b' ') == Some(&b'"') {
                // Without this case the rest of the file would be one cell.
                return (line_end(at), Some("a quote is opened and not closed"));
            }
            let found = memchr::memchr2(self.separator, b'\n', &rest[quoted..]);
            let Some(found) = found else { return (bytes.len(), None) };
            at += quoted + found;
            if bytes[at] == b'\n' {
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
        let rest = self.text.as_bytes().get(start..).filter(|rest| !rest.is_empty())?;
        let line = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let (end, fault) = if rest[..line].contains(&b'"') { self.quoted_end() } else { (start + line, None) };
        self.at = end + 1;
        let text = &self.text[start..end];
        Some(Record { text: text.strip_suffix('\r').unwrap_or(text), start, fault, separator: self.separator })
    }
}

impl<'a> Record<'a> {
    pub(crate) fn fields(self) -> impl Iterator<Item = &'a str> {
        Fields { text: self.text, at: Some(0), separator: self.separator, has_quotes: true }
    }

    pub(crate) fn cells(self) -> Vec<String> {
        self.fields().map(|field| unquoted(field).into_owned()).collect()
    }

    pub(crate) fn is_blank(self) -> bool {
        self.text.bytes().all(|byte| byte.is_ascii_whitespace())
    }
}
