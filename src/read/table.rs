//! A file as columns of cells, before the roles of the columns are known.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use polars::prelude::StringChunked;

use crate::error::{DataProblem, Error, Location, Result, location::MAX_LISTED};
use crate::read::{format::delimited::DelimitedText, notice::Notice, row_locations::RowLocations};
use crate::time::Timestamp;

#[derive(Debug, Default)]
pub(crate) struct Table {
    /// The name of the file in messages.
    pub(crate) file: String,
    /// The name without folder and endings; `None` unless the source is a file.
    pub(crate) stem: Option<String>,
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: usize,
    pub(crate) locations: RowLocations,
    /// The first of the rows of a file of future rows, which are the last ones.
    pub(crate) first_future_row: Option<usize>,
    /// The separator, if the file is delimited text.
    pub(crate) separator: Option<u8>,
    pub(crate) notices: Vec<Notice>,
}

#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) cells: Cells,
    /// Whether cells are the text of JSON numbers.
    pub(crate) has_json_numbers: bool,
}

impl Column {
    /// A column whose cells are not the numbers of JSON.
    pub(crate) fn new(name: impl Into<String>, cells: Cells) -> Self {
        Self { name: name.into(), cells, has_json_numbers: false }
    }

    /// Whether its numbers are certainly written with a decimal point, as those of JSON and of typed columns are.
    pub(crate) fn has_decimal_point(&self) -> bool {
        self.has_json_numbers || matches!(self.cells, Cells::Numbers(_))
    }
}

#[derive(Debug)]
pub(crate) enum Cells {
    /// Column `at` of a delimited text, read in place.
    Field {
        text: Arc<DelimitedText>,
        at: usize,
    },
    Text(StringChunked),
    /// NaN where a cell is missing.
    Numbers(Vec<f64>),
    /// Ticks, in UTC if there is a zone. `is_rounded` says whether fractions of a millisecond were rounded.
    Times {
        ticks: Vec<Option<i64>>,
        zone: Option<String>,
        is_rounded: bool,
    },
}

/// The number of cells from which the role of a column is inferred.
const SAMPLE_ROWS: usize = 1_000;
/// The maximum number of rows. Row numbers have 32 bits, which halves the memory for sorting.
const MAX_ROWS: usize = u32::MAX as usize;

impl Table {
    /// Refuses a table without rows, and one with too many. A row counts once for each of its series.
    pub(crate) fn check_rows(&self, series_per_row: usize) -> Result<()> {
        match self.rows.saturating_mul(series_per_row) {
            0 => Err(self.error(DataProblem::NoRows)),
            rows if rows > MAX_ROWS => Err(self.error(DataProblem::TooManyRows { rows, max: MAX_ROWS })),
            _ => Ok(()),
        }
    }

    pub(crate) fn error(&self, problem: DataProblem) -> Error {
        Error::data(self.file.clone(), problem)
    }

    /// The location in the file of a row of the schema, which may repeat the rows for several series.
    pub(crate) fn location(&self, row: usize) -> Location {
        self.locations.of(row % self.rows)
    }

    /// The error that a column has a type which cannot be read; `None` if there is none, or none of this name.
    pub(crate) fn unreadable_column(&self, name: Option<&str>) -> Option<Error> {
        self.notices.iter().find_map(|notice| match notice {
            Notice::UnsupportedColumnType { column, data_type } if name.is_none_or(|name| name == column) => {
                let (column, data_type) = (column.clone(), data_type.clone());
                Some(self.error(DataProblem::UnreadableColumn { column, data_type }))
            }
            _ => None,
        })
    }

    pub(crate) fn column_names(&self) -> Vec<String> {
        self.columns.iter().map(|column| column.name.clone()).collect()
    }

    /// The table with the rows of another sheet appended, which has the same columns.
    #[cfg(feature = "excel")]
    pub(crate) fn with_rows_of(mut self, other: Self) -> Self {
        for (column, of_other) in self.columns.iter_mut().zip(&other.columns) {
            column.cells = join_cells(&column.cells, Some(&of_other.cells), other.rows);
        }
        self.locations.append_sheet(self.rows, other.locations);
        self.rows += other.rows;
        self.notices.extend(other.notices);
        self
    }

    pub(crate) fn has_column(&self, name: &str) -> bool {
        self.columns.iter().any(|column| column.name == name)
    }

    /// The text of all columns, if the file is delimited text and its columns are read as they are.
    pub(crate) fn text(&self) -> Option<&DelimitedText> {
        let Cells::Field { text, .. } = &self.columns.first()?.cells else { return None };
        let is_as_written =
            |(at, column): (usize, &Column)| matches!(column.cells, Cells::Field { at: own, .. } if own == at);
        self.columns.iter().enumerate().all(is_as_written).then_some(text)
    }

    /// A sample of each column without missing cells: the first rows, and rows at regular distances after them. Rows of the
    /// future are only in that of a column without a cell in the history.
    pub(crate) fn samples(&self) -> Vec<Vec<String>> {
        let Some(first) = self.first_future_row else { return self.samples_of(0..self.rows) };
        let or_of_future = |(own, future): (Vec<String>, _)| if own.is_empty() { future } else { own };
        self.samples_of(0..first).into_iter().zip(self.future_samples()).map(or_of_future).collect()
    }

    /// A sample of each column without missing cells in the future rows.
    pub(crate) fn future_samples(&self) -> Vec<Vec<String>> {
        self.samples_of(self.first_future_row.unwrap_or(self.rows)..self.rows)
    }

    fn samples_of(&self, rows: Range<usize>) -> Vec<Vec<String>> {
        let Some(text) = self.text() else {
            return self.columns.iter().map(|column| column.cells.sample_of(rows.clone())).collect();
        };
        let mut samples = vec![Vec::new(); self.columns.len()];
        for row in sample_rows(rows) {
            for (cell, sample) in text.cells(row).zip(&mut samples).filter(|(cell, _)| !is_missing(cell)) {
                sample.push(cell.into_owned());
            }
        }
        samples
    }
}

fn sample_rows(rows: Range<usize>) -> impl Iterator<Item = usize> {
    let first = (SAMPLE_ROWS / 2).min(rows.len());
    let stride = ((rows.len() - first) / (SAMPLE_ROWS / 2)).max(1);
    (0..first).chain((first..rows.len()).step_by(stride)).map(move |row| rows.start + row)
}

impl Cells {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Field { text, .. } => text.rows(),
            Self::Text(cells) => cells.len(),
            Self::Times { ticks, .. } => ticks.len(),
            Self::Numbers(cells) => cells.len(),
        }
    }

    /// Calls `visit` with each row and the text of its cell, `None` if the cell is null.
    pub(crate) fn for_each(&self, mut visit: impl FnMut(usize, Option<&str>)) {
        match self {
            // Polars is slow at finding a single cell.
            Self::Text(cells) => cells.iter().enumerate().for_each(|(row, cell)| visit(row, cell)),
            _ => (0..self.len()).for_each(|row| visit(row, self.text(row).as_deref())),
        }
    }

    pub(crate) fn sample(&self) -> Vec<String> {
        self.sample_of(0..self.len())
    }

    /// A sample of some rows, without missing cells.
    fn sample_of(&self, rows: Range<usize>) -> Vec<String> {
        let cells = sample_rows(rows).filter_map(|row| self.text(row));
        cells.filter(|cell| !is_missing(cell)).map(Cow::into_owned).collect()
    }

    /// The cells of some rows.
    pub(crate) fn part(&self, rows: Range<usize>) -> Self {
        match self {
            Self::Text(cells) => Self::Text(cells.slice(rows.start as i64, rows.len())),
            Self::Numbers(cells) => Self::Numbers(cells[rows].to_vec()),
            Self::Times { ticks, zone, is_rounded } => {
                Self::Times { ticks: ticks[rows].to_vec(), zone: zone.clone(), is_rounded: *is_rounded }
            }
            Self::Field { .. } => {
                let cells = rows.map(|row| self.text(row).map(Cow::into_owned));
                Self::Text(cells.collect::<Vec<Option<String>>>().into_iter().collect())
            }
        }
    }

    /// The text of one cell, `None` if it is null.
    pub(crate) fn text(&self, row: usize) -> Option<Cow<'_, str>> {
        match self {
            Self::Field { text, at } => text.cell(row, *at),
            Self::Text(cells) => cells.get(row).map(Cow::Borrowed),
            Self::Numbers(cells) => (!cells[row].is_nan()).then(|| cells[row].to_string().into()),
            Self::Times { ticks, .. } => ticks[row].map(|time| Timestamp::from_ticks(true, time).to_string().into()),
        }
    }
}

/// The cells of both tables. They become text if their types differ, with the offset of times in UTC. Cells of a column that the second table lacks are null.
pub(crate) fn join_cells(first: &Cells, second: Option<&Cells>, rows: usize) -> Cells {
    match (first, second) {
        (Cells::Numbers(one), Some(Cells::Numbers(other))) => Cells::Numbers([one.as_slice(), other].concat()),
        (Cells::Numbers(one), None) => Cells::Numbers([one.as_slice(), &vec![f64::NAN; rows]].concat()),
        (
            Cells::Times { ticks, zone, is_rounded: one },
            Some(Cells::Times { ticks: others, zone: other_zone, is_rounded: other }),
        ) if zone == other_zone => {
            let ticks = [ticks.as_slice(), others].concat();
            Cells::Times { ticks, zone: zone.clone(), is_rounded: *one || *other }
        }
        _ => {
            let mut all: Vec<Option<String>> = Vec::with_capacity(first.len() + rows);
            for cells in std::iter::once(first).chain(second) {
                let is_in_utc = matches!(cells, Cells::Times { zone: Some(_), .. });
                cells.for_each(|_, cell| {
                    all.push(cell.map(|cell| match cell.contains('T') {
                        _ if !is_in_utc => cell.to_owned(),
                        true => format!("{cell}Z"),
                        false => format!("{cell}T00:00:00Z"),
                    }));
                });
            }
            all.resize(first.len() + rows, None);
            Cells::Text(all.into_iter().collect())
        }
    }
}

/// Rows whose cells cannot be used: the first of them, at most [`MAX_LISTED`], and their number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RejectedRows {
    pub(crate) first: Vec<usize>,
    pub(crate) count: usize,
}

impl RejectedRows {
    pub(crate) fn push(&mut self, row: usize) {
        self.count += 1;
        if self.first.len() < MAX_LISTED {
            self.first.push(row);
        }
    }

    /// Adds rows that are after these.
    pub(crate) fn append(&mut self, later: Self) {
        self.count += later.count;
        self.first.extend(later.first);
        self.first.truncate(MAX_LISTED);
    }
}

impl FromIterator<usize> for RejectedRows {
    fn from_iter<I: IntoIterator<Item = usize>>(rows: I) -> Self {
        let mut rejected = Self::default();
        rows.into_iter().for_each(|row| rejected.push(row));
        rejected
    }
}

/// Whether so many of `all` rows or cells cannot be skipped, because they would be more than a small share. A few always
/// can.
pub(crate) fn too_many_to_skip(count: usize, all: usize) -> bool {
    const ALWAYS_FEW: usize = 2;
    count > ALWAYS_FEW && count * 5 > all
}

/// Spellings of a missing value in lower case.
const MISSING_SPELLINGS: [&str; 23] = [
    "na", "n/a", "nan", "null", "none", "nil", "#n/a", "#na", "n.a.", "n.a", "<na>", "nat", "nd", "n/d", "n/e", "n.d.",
    "missing", "(null)", "#value!", "#div/0!", "#ref!", "#null!", "#num!",
];

/// Whether a cell has no value.
pub(crate) fn is_missing(cell: &str) -> bool {
    let cell = cell.trim();
    match cell.len() {
        0 => true,
        1 => matches!(cell, "-" | "." | "?" | "*" | ":"),
        2 if matches!(cell, "--" | ".." | "\\N" | "-.") => true,
        3 if matches!(cell, "---" | "..." | "–" | "—" | "…" | "―" | "－" | "ー" | "＊" | "：") => true,
        // Nearly all cells start with a digit, so this test saves the comparison with every spelling.
        2..=8 if !cell.as_bytes()[0].is_ascii_digit() => {
            MISSING_SPELLINGS.iter().any(|spelling| cell.eq_ignore_ascii_case(spelling))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_rows_that_32_bits_can_count() {
        let table = |rows| Table { file: "a.csv".into(), rows, ..Table::default() };
        assert!(table(MAX_ROWS).check_rows(1).is_ok());
        for error in [table(1 << 32).check_rows(1).unwrap_err(), table(1 << 30).check_rows(4).unwrap_err()] {
            assert_eq!(error.to_string(), "a.csv: 4294967296 rows are too many, the maximum is 4294967295");
        }
    }
}
