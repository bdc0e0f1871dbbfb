//! A delimited text, held in memory once: its rows are found in one pass, and its cells are read where they stand.

use std::borrow::Cow;

use crate::read::table::NAMED;

/// The line of each row, kept only where rows and lines do not go on together.
#[derive(Debug, Default)]
pub(crate) struct RowLines {
    /// A row and its line: from there on, every row is one line.
    jumps: Vec<(usize, usize)>,
}

impl RowLines {
    fn push(&mut self, row: usize, line: usize) {
        if self.jumps.last().is_none_or(|(from, first)| first + (row - from) != line) {
            self.jumps.push((row, line));
        }
    }

    /// The line a row starts on, from 1.
    pub(crate) fn of(&self, row: usize) -> usize {
        let after = self.jumps.partition_point(|(from, _)| *from <= row);
        let (from, first) = after.checked_sub(1).map_or((0, 1), |at| self.jumps[at]);
        first + (row - from)
    }
}

/// A text cut into rows.
#[derive(Debug)]
pub(crate) struct Text {
    whole: String,
    separator: u8,
    /// Where each row begins, in bytes.
    starts: Vec<u64>,
    /// Whether any cell may be quoted.
    quoted: bool,
}

/// A line that does not fit the header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BadLine {
    /// From 1.
    pub(crate) line: usize,
    pub(crate) fault: Fault,
}

/// What is wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// So many cells, more than the header has.
    Fields(usize),
    /// A quote is opened and never closed.
    Open,
    /// Something stands between a closing quote and the next separator.
    AfterQuote,
}

/// Lines that were no rows: the first of the bad ones, and how many there are; and how many stopped short.
#[derive(Debug, Default)]
pub(crate) struct Leftover {
    pub(crate) bad: Vec<BadLine>,
    pub(crate) count: usize,
    pub(crate) short: usize,
    pub(crate) comments: usize,
}

impl Text {
    /// Finds the rows from byte `from` on, of `columns` cells each. A line that starts with `#` is a comment where
    /// `comments` says so; bad lines are left out.
    pub(crate) fn index(
        text: String,
        from: usize,
        separator: u8,
        columns: usize,
        comments: bool,
    ) -> (Self, RowLines, Leftover) {
        let bytes = text.as_bytes();
        let quoted = bytes[from..].contains(&b'"');
        let (mut left, mut lines) = (Leftover::default(), RowLines::default());
        let mut next_line = line_at(bytes, from);
        let mut starts = Vec::with_capacity(expected_rows(&bytes[from..]));
        for record in Records::new(bytes, from, separator) {
            let content = record.bytes;
            let line = next_line;
            next_line += 1 + if quoted { separators(content, b'\n') } else { 0 };
            if content.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            if comments && content[0] == b'#' {
                left.comments += 1;
                continue;
            }
            let fault = record.fault.or_else(|| {
                let fields = if quoted { record.fields().count() } else { separators(content, separator) + 1 };
                left.short += usize::from(fields < columns);
                (fields > columns && record.fields().skip(columns).any(|field| !is_empty(field)))
                    .then_some(Fault::Fields(fields))
            });
            let Some(fault) = fault else {
                lines.push(starts.len(), line);
                starts.push(record.start as u64);
                continue;
            };
            left.count += 1;
            if left.bad.len() < NAMED {
                left.bad.push(BadLine { line, fault });
            }
        }
        (Self { whole: text, separator, starts, quoted }, lines, left)
    }

    pub(crate) fn rows(&self) -> usize {
        self.starts.len()
    }

    pub(crate) fn separator(&self) -> u8 {
        self.separator
    }

    /// A row's cells from left to right.
    pub(crate) fn cells(&self, row: usize) -> impl Iterator<Item = Cow<'_, str>> {
        let start = self.starts[row] as usize;
        let mut fields = Fields { text: &self.whole, at: Some(start), separator: self.separator, quoted: self.quoted };
        std::iter::from_fn(move || fields.next_field()).map(unquoted)
    }

    /// One cell, `None` where the row ends before it.
    pub(crate) fn cell(&self, row: usize, column: usize) -> Option<Cow<'_, str>> {
        let start = self.starts[row] as usize;
        let mut fields = Fields { text: &self.whole, at: Some(start), separator: self.separator, quoted: self.quoted };
        for _ in 0..column {
            fields.skip_field()?;
        }
        fields.next_field().map(unquoted)
    }
}

fn expected_rows(bytes: &[u8]) -> usize {
    const LOOKED_AT: usize = 1 << 16;
    let part = &bytes[..bytes.len().min(LOOKED_AT)];
    let lines = separators(part, b'\n') + 1;
    bytes.len() / (part.len() / lines).max(1) + 1
}

fn separators(bytes: &[u8], separator: u8) -> usize {
    memchr::memchr_iter(separator, bytes).count()
}

fn is_empty(field: &[u8]) -> bool {
    let field = field.trim_ascii();
    field.is_empty() || field == b"\"\""
}

/// The line on which a byte stands, from 1.
fn line_at(bytes: &[u8], at: usize) -> usize {
    separators(&bytes[..at], b'\n') + 1
}

/// A cell without its quotes.
fn unquoted(field: &str) -> Cow<'_, str> {
    let trimmed = field.trim();
    let Some(inner) = trimmed.strip_prefix('"') else { return Cow::Borrowed(trimmed) };
    let inner = inner.strip_suffix('"').unwrap_or(inner);
    if inner.contains('"') { Cow::Owned(inner.replace("\"\"", "\"")) } else { Cow::Borrowed(inner) }
}

/// The cells of one row, from left to right.
struct Fields<'a> {
    text: &'a str,
    /// Where the next begins; `None` behind the last.
    at: Option<usize>,
    separator: u8,
    quoted: bool,
}

impl<'a> Fields<'a> {
    fn next_field(&mut self) -> Option<&'a str> {
        let at = self.at?;
        let end = self.end(at);
        self.at = (self.text.as_bytes().get(end) == Some(&self.separator)).then_some(end + 1);
        Some(&self.text[at..end])
    }

    fn skip_field(&mut self) -> Option<()> {
        let end = self.end(self.at?);
        self.at = (self.text.as_bytes().get(end) == Some(&self.separator)).then_some(end + 1);
        Some(())
    }

    /// Where the field that begins at a byte ends: its separator, its line break or the end of the text.
    fn end(&self, at: usize) -> usize {
        let rest = &self.text.as_bytes()[at..];
        let behind = if self.quoted { closing(rest).unwrap_or(0) } else { 0 };
        let found = memchr::memchr2(self.separator, b'\n', &rest[behind..]);
        found.map_or(self.text.len(), |found| at + behind + found)
    }
}

/// How many bytes a quoted field takes at the beginning of `rest`, its spaces and quotes included; `None` if it is not
/// quoted or not closed.
fn closing(rest: &[u8]) -> Option<usize> {
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

/// A text's records: lines, but a line break within a quoted field does not end one.
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
    /// The byte that it starts at.
    pub(crate) start: usize,
    pub(crate) fault: Option<Fault>,
    separator: u8,
}

impl<'a> Records<'a> {
    pub(crate) fn new(bytes: &'a [u8], from: usize, separator: u8) -> Self {
        Self { bytes, at: from, separator }
    }

    /// Where a record with quoted fields ends.
    fn quoted_end(&self) -> (usize, Option<Fault>) {
        let line_end = |at: usize| {
            self.bytes[at..].iter().position(|byte| *byte == b'\n').map_or(self.bytes.len(), |found| at + found)
        };
        let mut at = self.at;
        loop {
            let rest = &self.bytes[at..];
            let quoted = rest.iter().find(|byte| **byte != b' ') == Some(&b'"');
            let behind = match closing(rest) {
                Some(behind) => {
                    let after = rest[behind..].iter().find(|byte| !matches!(**byte, b' ' | b'\r'));
                    if after.is_some_and(|byte| *byte != self.separator && *byte != b'\n') {
                        return (line_end(at + behind), Some(Fault::AfterQuote));
                    }
                    behind
                }
                // the rest of the file would be one cell: only this line is given up
                None if quoted => return (line_end(at), Some(Fault::Open)),
                None => 0,
            };
            let found = rest[behind..].iter().position(|byte| *byte == self.separator || *byte == b'\n');
            let Some(found) = found else { return (self.bytes.len(), None) };
            at += behind + found;
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
    /// Its fields with their quotes.
    pub(crate) fn fields(self) -> impl Iterator<Item = &'a [u8]> {
        let mut at = Some(0);
        std::iter::from_fn(move || {
            let rest = &self.bytes[at?..];
            let behind = closing(rest).unwrap_or(0);
            let end = rest[behind..].iter().position(|byte| *byte == self.separator).map(|found| behind + found);
            at = end.and_then(|end| Some(at? + end + 1));
            Some(&rest[..end.unwrap_or(rest.len())])
        })
    }

    /// Its cells without quotes.
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

    fn table(text: &str, columns: usize) -> (Vec<Vec<String>>, Leftover) {
        let (text, _, left) = Text::index(text.into(), 0, b',', columns, true);
        let rows = (0..text.rows()).map(|row| text.cells(row).map(Cow::into_owned).collect()).collect();
        (rows, left)
    }

    #[test]
    fn quotes_hold_separators_and_lines_and_themselves() {
        let (rows, left) = table("a,b\n\"1,5\",\"two\nlines\"\n\n# said\n \"say \"\"so\"\"\" , 5\" pipe\r\nx\n", 2);
        assert_eq!(rows, [vec!["a", "b"], vec!["1,5", "two\nlines"], vec!["say \"so\"", "5\" pipe"], vec!["x"]]);
        assert_eq!((left.count, left.short, left.comments), (0, 1, 1));
    }

    #[test]
    fn every_bad_line_is_named() {
        let (rows, left) = table("1,2\n1,2,3\n\"x\"y,1\n3,4,,\n5,\"open\n6,7", 2);
        assert_eq!(rows.len(), 3);
        let bad: Vec<(usize, Fault)> = left.bad.iter().map(|bad| (bad.line, bad.fault)).collect();
        assert_eq!(bad, [(2, Fault::Fields(3)), (3, Fault::AfterQuote), (5, Fault::Open)]);
    }

    #[test]
    fn a_cell_is_found_where_it_stands() {
        let (text, lines, _) = Text::index("1,2\n\n3,\"4\n\"\n5\n6".into(), 0, b',', 2, false);
        assert_eq!(text.cell(1, 1).as_deref(), Some("4\n"));
        assert_eq!(text.cell(2, 1), None);
        assert_eq!([0, 1, 2, 3].map(|row| lines.of(row)), [1, 3, 5, 6]);
    }
}
