//! JSON: one object on each line, one list of objects, or one object with a list for each column.

use std::collections::HashMap;

use polars::prelude::{PlSmallStr, StringChunkedBuilder};
use serde_json::{Map, Value};

use crate::error::{DataProblem, Error, Location, Rejected, Result};
use crate::read::row_locations::RowLocations;
use crate::read::table::{Cells, Column, Table};

/// The text without a byte order mark and white space before it.
fn trimmed(text: &str) -> &str {
    text.trim_start_matches('\u{feff}').trim_start()
}

/// Whether a text is JSON and not delimited.
pub(crate) fn is_json(text: &str) -> bool {
    let text = trimmed(text);
    let inner = text.strip_prefix('[').map_or(text, str::trim_start);
    let is_empty_list = text.starts_with('[') && inner.starts_with(']');
    is_empty_list || inner.strip_prefix('{').is_some_and(|rest| rest.trim_start().starts_with(['"', '}']))
}

/// The table, and the lines that are not JSON objects.
pub(crate) fn read_json(file: &str, text: &str) -> Result<(Table, Rejected)> {
    let text = trimmed(text);
    if text.starts_with('[') {
        return Ok((read_list(file, text)?, Rejected::default()));
    }
    match read_columns(file, text)? {
        Some(table) => Ok((table, Rejected::default())),
        None => read_lines(file, text),
    }
}

/// The cells that a table may have for each value, if it has more than [`ALWAYS_FEW_CELLS`]. Cells without a value take
/// memory, so that a short text with another column in each row would fill it.
const MAX_CELLS_PER_VALUE: usize = 16;
const ALWAYS_FEW_CELLS: usize = 1 << 20;

/// The columns in the order in which they first occur, and the rows so far.
#[derive(Default)]
struct TableBuilder {
    position_of: HashMap<String, usize>,
    columns: Vec<ColumnBuilder>,
    rows: usize,
    /// The values of all rows, of which some may be null.
    values: usize,
}

struct ColumnBuilder {
    name: String,
    cells: StringChunkedBuilder,
    length: usize,
    has_json_numbers: bool,
}

impl ColumnBuilder {
    fn new(name: String) -> Self {
        let cells = StringChunkedBuilder::new(PlSmallStr::EMPTY, 0);
        Self { name, cells, length: 0, has_json_numbers: false }
    }

    /// Adds the cell of a row. Rows before it without a cell get an empty one.
    fn push(&mut self, row: usize, cell: Option<&str>) {
        self.pad(row);
        self.cells.append_option(cell);
        self.length += 1;
    }

    /// Adds empty cells up to a number of rows.
    fn pad(&mut self, rows: usize) {
        (self.length..rows).for_each(|_| self.cells.append_null());
        self.length = self.length.max(rows);
    }

    fn build(mut self, rows: usize) -> Column {
        self.pad(rows);
        let Self { name, cells, has_json_numbers, .. } = self;
        Column { name, cells: Cells::Text(cells.finish()), has_json_numbers }
    }
}

impl TableBuilder {
    /// Adds a row. Rows with too many different columns are refused.
    fn push(&mut self, object: Map<String, Value>) -> Result<(), DataProblem> {
        for (name, value) in object {
            let is_number = value.is_number();
            // A nested list or object is not a cell.
            let Some(cell) = cell(value) else { continue };
            let at = *self.position_of.entry(name).or_insert_with_key(|name| {
                self.columns.push(ColumnBuilder::new(name.clone()));
                self.columns.len() - 1
            });
            self.values += 1;
            self.check_cells(self.rows + 1)?;
            self.columns[at].push(self.rows, cell.as_deref());
            self.columns[at].has_json_numbers |= is_number;
        }
        self.rows += 1;
        self.check_cells(self.rows)
    }

    fn check_cells(&self, rows: usize) -> Result<(), DataProblem> {
        let (columns, values) = (self.columns.len(), self.values);
        let most = values.saturating_mul(MAX_CELLS_PER_VALUE).max(ALWAYS_FEW_CELLS);
        if rows.saturating_mul(columns) > most {
            return Err(DataProblem::MostlyEmpty { rows, columns, values });
        }
        Ok(())
    }

    fn build(self, file: &str, locations: RowLocations) -> Table {
        let rows = self.rows;
        let columns = self.columns.into_iter().map(|column| column.build(rows)).collect();
        Table { file: file.into(), columns, rows, locations, ..Table::default() }
    }
}

/// The cell of a value, which is `None` if it is missing; no cell of a list or an object.
#[expect(clippy::option_option, reason = "a value may be no cell, and a cell may be empty")]
fn cell(value: Value) -> Option<Option<String>> {
    Some(match value {
        Value::Array(_) | Value::Object(_) => return None,
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(yes) => Some(u8::from(yes).to_string()),
        Value::Null => None,
    })
}

fn read_list(file: &str, text: &str) -> Result<Table> {
    let objects: Vec<Map<String, Value>> = serde_json::from_str(text).map_err(|error| {
        let location = Some(Location::Line(error.line()));
        let reason = format!("not a list of JSON objects: {}", error_text(&error, text));
        Error::data(file, DataProblem::Malformed { location, reason })
    })?;
    if objects.is_empty() {
        return Err(Error::data(file, DataProblem::Empty));
    }
    let mut builder = TableBuilder::default();
    objects.into_iter().try_for_each(|object| builder.push(object)).map_err(|problem| Error::data(file, problem))?;
    Ok(builder.build(file, RowLocations::numbered()))
}

/// The table of one object whose members are lists, one for each column; `None` if the text is anything else.
fn read_columns(file: &str, text: &str) -> Result<Option<Table>> {
    // several lines with an object each fail after the first
    let Ok(object) = serde_json::from_str::<Map<String, Value>>(text) else { return Ok(None) };
    let malformed = |reason: String| Error::data(file, DataProblem::NotATable { reason });
    // a row may have lists, which are no cells
    let is_row = object.values().any(|value| !value.is_array() && !value.is_object());
    if is_row || !object.values().any(Value::is_array) {
        // an object of objects, as pandas writes by default, has the numbers of rows as names
        let is_nested = object.values().all(Value::is_object) && !object.is_empty();
        return if is_nested { Err(malformed("its columns are objects, not lists".to_owned())) } else { Ok(None) };
    }
    let mut columns: Vec<(String, Vec<Value>)> = Vec::new();
    for (name, value) in object {
        let Value::Array(values) = value else { return Err(malformed(format!("the column {name} is not a list"))) };
        if let Some((first, of_first)) = columns.first().filter(|(_, of_first)| of_first.len() != values.len()) {
            let (own, others) = (values.len(), of_first.len());
            return Err(malformed(format!("the column {name} has {own} values, and {first} has {others}")));
        }
        columns.push((name, values));
    }
    let rows = columns.first().map_or(0, |(_, values)| values.len());
    let column = |(name, values): (String, Vec<Value>)| {
        let has_json_numbers = values.iter().any(Value::is_number);
        let cells = values.into_iter().map(|value| cell(value).flatten()).collect();
        Column { name, cells: Cells::Text(cells), has_json_numbers }
    };
    let columns = columns.into_iter().map(column).collect();
    Ok(Some(Table { file: file.into(), columns, rows, locations: RowLocations::numbered(), ..Table::default() }))
}

/// The number at the start of a text that JSON does not have, such as `NaN`, as many programs write it.
///
/// ```
/// use forecast::read::number_unknown_to_json;
///
/// assert_eq!(number_unknown_to_json(b"-Infinity, 5]"), Some("-Infinity"));
/// assert_eq!(number_unknown_to_json(b"5]"), None);
/// ```
pub fn number_unknown_to_json(text: &[u8]) -> Option<&'static str> {
    let names = ["NaN", "Infinity", "-Infinity", "nan", "inf", "-inf"];
    names.into_iter().find(|name| text.starts_with(name.as_bytes()))
}

/// What is wrong, without the place. A number that JSON does not have is named.
fn error_text(error: &serde_json::Error, text: &str) -> String {
    let line = text.lines().nth(error.line().saturating_sub(1)).unwrap_or_default();
    let rest = line.get(error.column().saturating_sub(1)..).unwrap_or_default();
    match number_unknown_to_json(rest.as_bytes()) {
        Some(name) => format!("{name} is no number of JSON, and a missing value is null"),
        None => error.to_string().split(" at line").next().unwrap_or_default().to_owned(),
    }
}

fn read_lines(file: &str, text: &str) -> Result<(Table, Rejected)> {
    let (mut builder, mut locations, mut rejected) =
        (TableBuilder::default(), RowLocations::default(), Rejected::default());
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        match serde_json::from_str(line) {
            Ok(object) => {
                locations.push(builder.rows, at + 1);
                builder.push(object).map_err(|problem| Error::data(file, problem))?;
            }
            Err(error) => {
                rejected.push_line(at + 1, format!("not a JSON object: {}", error_text(&error, line)));
            }
        }
    }
    Ok((builder.build(file, locations), rejected))
}
