//! The tables of a run folder as rows of texts: CSV files, or the sheets of its workbook.

use std::borrow::Cow;
use std::fs;
use std::path::Path;

use crate::error::{Error, Location, Result, RunProblem};
use crate::panel::TimeSeries;
use crate::read::format::delimited::{Record, Records};
use crate::run::record::{RunRecord, TimeGrid};
use crate::time::Timestamp;

/// The names that the workbook of a run can have.
const WORKBOOKS: [&str; 2] = ["forecast.xlsx", "backtest.xlsx"];

/// A folder of a run, whose record was read.
pub(crate) struct StoredFolder<'a> {
    pub(crate) path: &'a Path,
    pub(crate) record: &'a RunRecord,
    pub(crate) grid: TimeGrid,
}

/// A table of a run.
pub(crate) struct StoredTable<'a> {
    folder: &'a StoredFolder<'a>,
    /// The name of the file, and of the sheet.
    file: String,
    rows: Rows,
}

enum Rows {
    Text(String),
    Sheet(Vec<Vec<String>>),
}

/// One row of a table.
pub(crate) struct Row<'a> {
    cells: Vec<Cow<'a, str>>,
}

impl StoredFolder<'_> {
    /// The problem of a file of this folder.
    pub(crate) fn damaged(&self, file: &str, location: Option<Location>, reason: impl Into<String>) -> Error {
        let problem = RunProblem::Damaged {
            file: file.to_owned(),
            location,
            reason: reason.into(),
            command: self.record.command.clone(),
        };
        Error::run(self.path, problem)
    }

    pub(crate) fn missing(&self, file: &str) -> Error {
        Error::run(self.path, self.record.missing_file(file))
    }

    /// The table of this name; `None` if the folder lacks it.
    pub(crate) fn table(&self, name: &str) -> Result<Option<StoredTable<'_>>> {
        let file = format!("{name}.csv");
        let path = self.path.join(&file);
        if path.is_file() {
            let bytes = fs::read(&path).map_err(|source| Error::Read { path, source })?;
            let text = String::from_utf8(bytes).map_err(|_| self.damaged(&file, None, "it is not a text"))?;
            return Ok(Some(StoredTable { folder: self, file, rows: Rows::Text(text) }));
        }
        for workbook in WORKBOOKS {
            if let Some(rows) = self.sheet(workbook, name)? {
                let file = format!("{workbook}, sheet {name}");
                return Ok(Some(StoredTable { folder: self, file, rows: Rows::Sheet(rows) }));
            }
        }
        Ok(None)
    }

    #[cfg(feature = "excel")]
    fn sheet(&self, workbook: &str, name: &str) -> Result<Option<Vec<Vec<String>>>> {
        let path = self.path.join(workbook);
        if !path.is_file() {
            return Ok(None);
        }
        let bytes = fs::read(&path).map_err(|source| Error::Read { path, source })?;
        let rows = crate::read::format::workbook::sheet_rows(bytes, name);
        rows.map_err(|reason| self.damaged(workbook, None, reason))
    }

    #[cfg(not(feature = "excel"))]
    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "the signature with the feature")]
    fn sheet(&self, _workbook: &str, _name: &str) -> Result<Option<Vec<Vec<String>>>> {
        Ok(None)
    }
}

impl StoredTable<'_> {
    /// Whether the times of the table are those of a sheet, which have no offset from UTC.
    fn is_sheet(&self) -> bool {
        matches!(self.rows, Rows::Sheet(_))
    }

    /// A time as this table has it.
    pub(crate) fn time_text(&self, time: Timestamp) -> String {
        let TimeGrid { step, zone } = self.folder.grid;
        match time {
            Timestamp::Time(at) if self.is_sheet() => Timestamp::Time(zone.to_local(at)).to_string(),
            _ => zone.format(step, time),
        }
    }

    /// The times that a text of this table can stand for.
    pub(crate) fn times(&self, text: &str) -> Vec<Timestamp> {
        let TimeGrid { step, zone } = self.folder.grid;
        if !self.is_sheet() || text.parse::<i64>().is_ok() {
            return zone.times_written_as(step, text);
        }
        let local = if text.contains('T') { text.to_owned() } else { format!("{text}T00:00:00") };
        local.parse().map(|local| Timestamp::Time(zone.panel_time(local))).into_iter().collect()
    }

    /// The positions in a series of the times that a text can stand for. Positions after its end are counted, too.
    pub(crate) fn positions(&self, series: &TimeSeries<'_>, text: &str) -> Vec<usize> {
        let position = |time: Timestamp| series.frequency.position(series.start.ticks(), time.ticks());
        self.times(text).into_iter().filter_map(position).collect()
    }

    /// The cells of the first row; empty if there is none.
    pub(crate) fn header(&self) -> Vec<String> {
        match &self.rows {
            Rows::Text(text) => {
                let first = Records { text, at: 0, separator: b',' }.next();
                first.map(cells_of).unwrap_or_default().into_iter().map(Cow::into_owned).collect()
            }
            Rows::Sheet(rows) => rows.first().cloned().unwrap_or_default(),
        }
    }

    /// Calls `visit` with each row after the header, whose cells must be `header`. The error of `visit` says what is wrong
    /// with the row. After the last row, `visit` is called with `None`.
    pub(crate) fn for_each(
        &self,
        header: &[String],
        mut visit: impl FnMut(Option<Row<'_>>) -> Result<(), String>,
    ) -> Result<()> {
        let mut read = |number: usize, location: Location, cells: Vec<Cow<'_, str>>| {
            let damaged = |reason: String| self.folder.damaged(&self.file, Some(location), reason);
            if number == 0 {
                return if cells == header {
                    Ok(())
                } else {
                    Err(damaged(format!("the header is not {}", header.join(","))))
                };
            }
            if cells.len() != header.len() {
                return Err(damaged(format!("{} cells, but the header has {}", cells.len(), header.len())));
            }
            visit(Some(Row { cells })).map_err(damaged)
        };
        let mut last = 0;
        match &self.rows {
            Rows::Text(text) => {
                let mut line = 1;
                for (number, record) in (Records { text, at: 0, separator: b',' }).enumerate() {
                    last = line;
                    read(number, Location::Line(line), cells_of(record))?;
                    line += 1 + memchr::memchr_iter(b'\n', record.text.as_bytes()).count();
                }
            }
            Rows::Sheet(rows) => {
                for (number, row) in rows.iter().enumerate() {
                    last = number + 1;
                    let mut cells: Vec<Cow<'_, str>> = row.iter().map(|cell| Cow::Borrowed(cell.as_str())).collect();
                    // a row ends with its last cell that is not empty
                    cells.resize(cells.len().max(header.len()), Cow::Borrowed(""));
                    read(number, Location::Row(number + 1), cells)?;
                }
            }
        }
        let end = if self.is_sheet() { Location::Row(last) } else { Location::Line(last) };
        if last == 0 {
            return Err(self.folder.damaged(&self.file, None, "it is empty"));
        }
        visit(None).map_err(|reason| self.folder.damaged(&self.file, Some(end), reason))
    }
}

/// The cells as they were written. The reader of data trims spaces, which an id may have.
fn cells_of<'a>(record: Record<'a>) -> Vec<Cow<'a, str>> {
    let cell = |field: &'a str| match field.strip_prefix('"') {
        Some(quoted) => Cow::Owned(quoted.strip_suffix('"').unwrap_or(quoted).replace("\"\"", "\"")),
        None => Cow::Borrowed(field),
    };
    record.fields().map(cell).collect()
}

impl Row<'_> {
    pub(crate) fn text(&self, column: usize) -> &str {
        &self.cells[column]
    }

    /// Whether the first cells are these ids.
    pub(crate) fn has_key(&self, key: &[String]) -> bool {
        self.cells[..key.len()] == *key
    }

    /// The first `ids` cells.
    pub(crate) fn key(&self, ids: usize) -> Vec<String> {
        self.cells[..ids].iter().map(|cell| cell.clone().into_owned()).collect()
    }

    /// A number, or `None` for an empty cell.
    pub(crate) fn optional_number(&self, column: usize) -> Result<Option<f64>, String> {
        let text = self.text(column);
        if text.is_empty() {
            return Ok(None);
        }
        let number = text.parse().ok().filter(|number: &f64| number.is_finite());
        number.map(Some).ok_or_else(|| format!("\"{text}\" is not a number"))
    }

    pub(crate) fn number(&self, column: usize) -> Result<f64, String> {
        self.optional_number(column)?.ok_or_else(|| "a number is missing".to_owned())
    }

    /// The numbers of all cells from a column on.
    pub(crate) fn numbers_from(&self, column: usize) -> Result<Vec<f64>, String> {
        (column..self.cells.len()).map(|column| self.number(column)).collect()
    }
}
