//! Tables of the page. Numbers carry their value, so that a script can sort them.

use serde::Serialize;

use crate::plot::axis::number;
use crate::write::decimals;

/// The text of a number that does not exist.
const UNDEFINED: &str = "–";
/// Numbers of a column have the decimals that show so many digits of the largest.
const DIGITS: usize = 4;
/// The largest number of rows of a table that says where the others are.
const MAX_ROWS: usize = 60;

#[derive(Debug, Serialize)]
pub(super) struct Table {
    /// What it shows, for readers who do not see it.
    pub(super) caption: String,
    pub(super) headings: Vec<Heading>,
    pub(super) rows: Vec<Vec<Cell>>,
    pub(super) is_sortable: bool,
    /// A line below it.
    pub(super) note: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct Heading {
    pub(super) text: String,
    pub(super) is_numeric: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct Cell {
    pub(super) text: String,
    /// The number to sort by; empty for a text.
    pub(super) value: String,
}

/// A column before its cells are texts.
pub(super) enum TableColumn {
    Text(String, Vec<String>),
    /// Numbers with the decimals that suit them all.
    Numbers(String, Vec<Option<f64>>),
    /// Shares in percent with a number of decimals.
    Percent(String, Vec<Option<f64>>, usize),
}

impl TableColumn {
    fn split(self) -> (Heading, Vec<Cell>) {
        match self {
            Self::Text(text, cells) => {
                let cells = cells.into_iter().map(|text| Cell { text, value: String::new() });
                (Heading { text, is_numeric: false }, cells.collect())
            }
            Self::Numbers(text, values) => {
                let size = values.iter().flatten().fold(0.0_f64, |size, value| size.max(value.abs()));
                let is_whole = values.iter().flatten().all(|value| value.fract() == 0.0);
                let decimals = if is_whole { 0 } else { decimals(size, DIGITS) };
                let cells = values.into_iter().map(|value| cell(value, |value| number(value, decimals)));
                (Heading { text, is_numeric: true }, cells.collect())
            }
            Self::Percent(text, shares, decimals) => {
                let cells = shares.into_iter().map(|share| cell(share, |share| percent(share, decimals)));
                (Heading { text, is_numeric: true }, cells.collect())
            }
        }
    }
}

/// A share as `78 %`.
pub(super) fn percent(share: f64, decimals: usize) -> String {
    format!("{} %", number(100.0 * share, decimals))
}

/// A cell that sorts by its number. One without a number comes last.
fn cell(value: Option<f64>, text: impl Fn(f64) -> String) -> Cell {
    let finite = value.filter(|value| value.is_finite());
    let sorted = finite.map_or_else(|| "Infinity".to_owned(), |value| value.to_string());
    Cell { text: finite.map_or_else(|| UNDEFINED.to_owned(), text), value: sorted }
}

impl Table {
    /// A table of columns with the same number of cells.
    pub(super) fn new(caption: impl Into<String>, columns: Vec<TableColumn>) -> Self {
        let (headings, columns): (Vec<Heading>, Vec<Vec<Cell>>) = columns.into_iter().map(TableColumn::split).unzip();
        let count = columns.first().map_or(0, Vec::len);
        let mut columns: Vec<_> = columns.into_iter().map(Vec::into_iter).collect();
        let rows = (0..count).map(|_| columns.iter_mut().filter_map(Iterator::next).collect()).collect();
        Self { caption: caption.into(), headings, rows, is_sortable: false, note: None }
    }

    /// The same table with buttons that sort it.
    pub(super) fn sortable(self) -> Self {
        Self { is_sortable: self.rows.len() > 1, ..self }
    }

    /// The first rows, and a note on the others. `file` has all rows.
    pub(super) fn limited(mut self, file: Option<&str>) -> Self {
        let count = self.rows.len();
        self.rows.truncate(MAX_ROWS);
        if count > MAX_ROWS {
            let all = file.map_or_else(String::new, |file| format!("; {file} has all"));
            self.note = Some(format!("the first {MAX_ROWS} of {} rows{all}", number(count as f64, 0)));
        }
        self
    }
}
