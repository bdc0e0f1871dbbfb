//! What was read, before anything is decided about it: columns of cells, and where in the file each row stood.

use std::fmt::Write;

use polars::prelude::StringChunked;

use super::frequency::timestamp;
use crate::error::Place;

/// A file's columns.
#[derive(Debug)]
pub(super) struct Table {
    /// The file's name for messages.
    pub(super) name: String,
    /// The file's name without folder and extension; `None` for standard input.
    pub(super) stem: Option<String>,
    pub(super) columns: Vec<Column>,
    pub(super) rows: usize,
    pub(super) places: Places,
    /// The separator, where the file is text.
    pub(super) separator: Option<u8>,
}

/// A column by its name in the header.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) cells: Cells,
}

/// A column's cells: text as it stands in a CSV, or what a typed file says.
#[derive(Debug)]
pub(super) enum Cells {
    Text(StringChunked),
    Integers(Vec<Option<i64>>),
    /// NaN where missing.
    Numbers(Vec<f64>),
    /// Seconds since 1970.
    Times(Vec<Option<i64>>),
}

/// Cells looked at to guess what a column is.
const SAMPLE: usize = 1_000;

impl Cells {
    #[cfg(test)]
    pub(super) fn of_text(cells: &[&str]) -> Self {
        use polars::prelude::NewChunkedArray;
        Self::Text(StringChunked::from_slice("cells".into(), cells))
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Text(cells) => cells.len(),
            Self::Integers(cells) | Self::Times(cells) => cells.len(),
            Self::Numbers(cells) => cells.len(),
        }
    }

    /// Calls with each row and its cell as text, `None` where it is null.
    pub(super) fn for_each(&self, mut call: impl FnMut(usize, Option<&str>)) {
        if let Self::Text(cells) = self {
            return cells.iter().enumerate().for_each(|(row, cell)| call(row, cell));
        }
        let mut text = String::new();
        for row in 0..self.len() {
            text.clear();
            let present = self.write(row, &mut text);
            call(row, present.then_some(text.as_str()));
        }
    }

    /// One cell as text.
    pub(super) fn text(&self, row: usize) -> Option<String> {
        let mut text = String::new();
        self.write(row, &mut text).then_some(text)
    }

    fn write(&self, row: usize, text: &mut String) -> bool {
        let written = match self {
            Self::Text(cells) => cells.get(row).map(|cell| text.write_str(cell)),
            Self::Integers(cells) => cells[row].map(|cell| write!(text, "{cell}")),
            Self::Times(cells) => cells[row].map(|cell| write!(text, "{}", timestamp(true, cell))),
            Self::Numbers(cells) => (!cells[row].is_nan()).then(|| write!(text, "{}", cells[row])),
        };
        written.is_some_and(|written| written.is_ok())
    }

    /// Cells that are not missing: the first ones, and some from all over the column.
    pub(super) fn sample(&self) -> Vec<String> {
        let first = (SAMPLE / 2).min(self.len());
        let stride = ((self.len() - first) / (SAMPLE / 2)).max(1);
        let rows = (0..first).chain((first..self.len()).step_by(stride));
        rows.filter_map(|row| self.text(row)).filter(|cell| !is_missing(cell)).collect()
    }
}

/// Rows whose cells cannot be used: the first of them, and how many there are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Bad {
    pub(super) rows: Vec<usize>,
    pub(super) count: usize,
}

/// How many rows an error names.
pub(super) const NAMED: usize = 10;

impl Bad {
    pub(super) fn note(&mut self, row: usize) {
        self.count += 1;
        if self.rows.len() < NAMED {
            self.rows.push(row);
        }
    }

    /// `done` if there is none.
    pub(super) fn unless<T>(self, done: T) -> Result<T, Self> {
        if self.count > 0 { Err(self) } else { Ok(done) }
    }
}

impl FromIterator<usize> for Bad {
    fn from_iter<I: IntoIterator<Item = usize>>(rows: I) -> Self {
        let mut bad = Self::default();
        rows.into_iter().for_each(|row| bad.note(row));
        bad
    }
}

/// Spellings of a missing value, in lower case.
const MISSING: [&str; 6] = ["na", "n/a", "nan", "null", "none", "#n/a"];

/// Whether a cell says that there is no value.
pub(super) fn is_missing(cell: &str) -> bool {
    let cell = cell.trim();
    match cell.len() {
        0 => true,
        1 => matches!(cell, "-" | "." | "?"),
        2..=4 => MISSING.iter().any(|word| cell.eq_ignore_ascii_case(word)),
        _ => false,
    }
}

/// Where rows stood in the file.
#[derive(Debug)]
pub(super) enum Places {
    /// Rows of a typed file, counted from 1.
    Rows,
    /// Lines of a text whose rows begin at byte `body`, on line `first`.
    Lines { text: Vec<u8>, body: usize, first: usize },
}

impl Places {
    /// The places of some rows, in the order given.
    pub(super) fn of(&self, rows: &[usize]) -> Vec<Place> {
        let Self::Lines { text, body, first } = self else {
            return rows.iter().map(|row| Place::Row(row + 1)).collect();
        };
        let Some(last) = rows.iter().max() else { return Vec::new() };
        let starts: Vec<usize> = Records::new(&text[*body..]).take(last + 1).map(|record| record.line).collect();
        rows.iter().map(|row| Place::Line(first + starts.get(*row).copied().unwrap_or_default())).collect()
    }
}

/// A text's records: lines, but a line break between quotes does not end one.
#[derive(Debug)]
pub(super) struct Records<'a> {
    rest: &'a [u8],
    line: usize,
}

/// One record without its line break.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record<'a> {
    pub(super) bytes: &'a [u8],
    /// The line it starts on, from 0.
    pub(super) line: usize,
    /// Whether its last quote is closed.
    pub(super) closed: bool,
}

impl<'a> Records<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self { rest: text, line: 0 }
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        let (mut quoted, mut lines) = (false, 0);
        let end = self.rest.iter().position(|byte| {
            quoted ^= *byte == b'"';
            lines += usize::from(*byte == b'\n');
            *byte == b'\n' && !quoted
        });
        let record = &self.rest[..end.unwrap_or(self.rest.len())];
        self.rest = end.map_or(&[], |end| &self.rest[end + 1..]);
        let line = self.line;
        self.line += lines;
        Some(Record { bytes: record.strip_suffix(b"\r").unwrap_or(record), line, closed: !quoted })
    }
}

impl<'a> Record<'a> {
    /// Its fields with their quotes.
    pub(super) fn fields(self, separator: u8) -> impl Iterator<Item = &'a [u8]> {
        let mut quoted = false;
        self.bytes.split(move |byte| {
            quoted ^= *byte == b'"';
            *byte == separator && !quoted
        })
    }

    pub(super) fn is_blank(self) -> bool {
        self.bytes.iter().all(u8::is_ascii_whitespace)
    }
}
