//! What was read, before anything is decided about it: columns of cells, and where in the file each row stood.

use std::borrow::Cow;
use std::fmt::Write;
use std::sync::Arc;

use polars::prelude::StringChunked;

use crate::error::place::Place;
use crate::read::format::delimited::{RowLines, Text};
use crate::time::timestamp::Timestamp;

/// A file's columns.
#[derive(Debug)]
pub(crate) struct Table {
    /// The file's name for messages.
    pub(crate) name: String,
    /// The file's name without folder and extension; `None` for standard input.
    pub(crate) stem: Option<String>,
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: usize,
    pub(crate) places: Places,
    /// The separator, where the file is delimited text.
    pub(crate) separator: Option<u8>,
    /// What a person should know about how it was read.
    pub(crate) notices: Vec<String>,
}

/// A column by its name in the header.
#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) cells: Cells,
}

/// A column's cells: text as it stands in the file, or what a typed file says.
#[derive(Debug)]
pub(crate) enum Cells {
    /// Cells that stay where they stand in a delimited text.
    Field {
        text: Arc<Text>,
        at: usize,
    },
    Text(StringChunked),
    Integers(Vec<Option<i64>>),
    /// NaN where missing.
    Numbers(Vec<f64>),
    /// Seconds since 1970, in UTC where a zone is said; whether some were finer than a second, and rounded.
    Times {
        ticks: Vec<Option<i64>>,
        zone: Option<String>,
        finer: bool,
    },
}

/// Cells looked at to guess what a column is.
const SAMPLE: usize = 1_000;

impl Table {
    /// The text whose columns these are, if the file is delimited text.
    pub(crate) fn text(&self) -> Option<&Text> {
        match &self.columns.first()?.cells {
            Cells::Field { text, .. } => Some(text),
            _ => None,
        }
    }

    /// For every column, cells that are not missing: the first ones, and some from all over the file.
    pub(crate) fn samples(&self) -> Vec<Vec<String>> {
        let Some(text) = self.text() else {
            return self.columns.iter().map(|column| column.cells.sample()).collect();
        };
        let mut samples = vec![Vec::new(); self.columns.len()];
        for row in sampled(self.rows) {
            for (cell, sample) in text.cells(row).zip(&mut samples) {
                if !is_missing(&cell) {
                    sample.push(cell.into_owned());
                }
            }
        }
        samples
    }
}

/// The rows that a sample is taken from.
fn sampled(rows: usize) -> impl Iterator<Item = usize> {
    let first = (SAMPLE / 2).min(rows);
    let stride = ((rows - first) / (SAMPLE / 2)).max(1);
    (0..first).chain((first..rows).step_by(stride))
}

impl Cells {
    #[cfg(test)]
    pub(crate) fn of_text(cells: &[&str]) -> Self {
        use polars::prelude::NewChunkedArray;
        Self::Text(StringChunked::from_slice("cells".into(), cells))
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Field { text, .. } => text.rows(),
            Self::Text(cells) => cells.len(),
            Self::Integers(cells) | Self::Times { ticks: cells, .. } => cells.len(),
            Self::Numbers(cells) => cells.len(),
        }
    }

    pub(crate) fn is_text(&self) -> bool {
        matches!(self, Self::Field { .. } | Self::Text(_))
    }

    /// Calls with each row and its cell as text, `None` where it is null.
    pub(crate) fn for_each(&self, mut call: impl FnMut(usize, Option<&str>)) {
        match self {
            Self::Field { text, at } => (0..text.rows()).for_each(|row| call(row, text.cell(row, *at).as_deref())),
            Self::Text(cells) => cells.iter().enumerate().for_each(|(row, cell)| call(row, cell)),
            _ => {
                let mut text = String::new();
                for row in 0..self.len() {
                    text.clear();
                    let present = self.write(row, &mut text);
                    call(row, present.then_some(text.as_str()));
                }
            }
        }
    }

    /// Cells that are not missing: the first ones, and some from all over the column.
    pub(crate) fn sample(&self) -> Vec<String> {
        sampled(self.len()).filter_map(|row| self.text(row)).filter(|cell| !is_missing(cell)).collect()
    }

    /// One cell as text.
    pub(crate) fn text(&self, row: usize) -> Option<String> {
        if let Self::Field { text, at } = self {
            return text.cell(row, *at).map(Cow::into_owned);
        }
        let mut text = String::new();
        self.write(row, &mut text).then_some(text)
    }

    fn write(&self, row: usize, text: &mut String) -> bool {
        let written = match self {
            Self::Field { text: file, at } => file.cell(row, *at).map(|cell| text.write_str(&cell)),
            Self::Text(cells) => cells.get(row).map(|cell| text.write_str(cell)),
            Self::Integers(cells) => cells[row].map(|cell| write!(text, "{cell}")),
            Self::Times { ticks, .. } => ticks[row].map(|cell| write!(text, "{}", Timestamp::from_ticks(true, cell))),
            Self::Numbers(cells) => (!cells[row].is_nan()).then(|| write!(text, "{}", cells[row])),
        };
        written.is_some_and(|written| written.is_ok())
    }
}

/// Rows whose cells cannot be used: the first of them, and how many there are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Bad {
    pub(crate) rows: Vec<usize>,
    pub(crate) count: usize,
}

/// How many rows an error names.
pub(crate) const NAMED: usize = 10;

impl Bad {
    pub(crate) fn note(&mut self, row: usize) {
        self.count += 1;
        if self.rows.len() < NAMED {
            self.rows.push(row);
        }
    }

    /// `done` if there is none.
    pub(crate) fn unless<T>(self, done: T) -> Result<T, Self> {
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
const MISSING: [&str; 22] = [
    "na", "n/a", "nan", "null", "none", "nil", "#n/a", "#na", "n.a.", "n.a", "<na>", "nat", "nd", "n/d", "n.d.",
    "missing", "(null)", "#value!", "#div/0!", "#ref!", "#null!", "#num!",
];

/// Whether a cell says that there is no value.
pub(crate) fn is_missing(cell: &str) -> bool {
    let cell = cell.trim();
    match cell.len() {
        0 => true,
        1 => matches!(cell, "-" | "." | "?" | "*" | ":"),
        2 if matches!(cell, "--" | ".." | "\\N" | "-.") => true,
        3 if matches!(cell, "---" | "..." | "–" | "—" | "…") => true,
        // digits are what nearly all cells begin with
        2..=8 if !cell.as_bytes()[0].is_ascii_digit() => MISSING.iter().any(|word| cell.eq_ignore_ascii_case(word)),
        _ => false,
    }
}

/// Where rows stood in the file.
#[derive(Debug)]
pub(crate) enum Places {
    /// Rows of a typed file, counted from 1.
    Rows,
    /// Lines of a delimited text.
    Lines(RowLines),
    /// The line of each row.
    Numbered(Vec<u32>),
    /// Rows of two files, those of the second from a row on.
    Both { first: Box<Self>, from: usize, second: Box<Self> },
}

impl Places {
    /// The place of a row.
    pub(crate) fn of(&self, row: usize) -> Place {
        match self {
            Self::Rows => Place::Row(row + 1),
            Self::Lines(lines) => Place::Line(lines.of(row)),
            Self::Numbered(lines) => Place::Line(lines[row] as usize),
            Self::Both { first, from, .. } if row < *from => first.of(row),
            Self::Both { from, second, .. } => match second.of(row - from) {
                Place::Line(at) | Place::Row(at) | Place::Future(at) => Place::Future(at),
            },
        }
    }
}
