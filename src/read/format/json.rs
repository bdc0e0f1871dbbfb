//! JSON: one object on each line, one list of objects, or one object with a list for each column.

use std::collections::HashMap;

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
        None => Ok(read_lines(file, text)),
    }
}

/// The columns in the order in which they first occur, and the rows so far.
#[derive(Default)]
struct TableBuilder {
    position_of: HashMap<String, usize>,
    columns: Vec<(String, Vec<Option<String>>)>,
    rows: usize,
}

impl TableBuilder {
    fn push(&mut self, object: Map<String, Value>) {
        for (name, value) in object {
            // A nested list or object is not a cell.
            let Some(cell) = cell(value) else { continue };
            let at = *self.position_of.entry(name).or_insert_with_key(|name| {
                self.columns.push((name.clone(), Vec::new()));
                self.columns.len() - 1
            });
            let cells = &mut self.columns[at].1;
            cells.resize(self.rows, None);
            cells.push(cell);
        }
        self.rows += 1;
    }

    fn build(self, file: &str, locations: RowLocations) -> Table {
        let rows = self.rows;
        let column = |(name, mut cells): (String, Vec<Option<String>>)| {
            cells.resize(rows, None);
            Column { name, cells: Cells::Text(cells.into_iter().collect()) }
        };
        let columns = self.columns.into_iter().map(column).collect();
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
    objects.into_iter().for_each(|object| builder.push(object));
    Ok(builder.build(file, RowLocations::numbered()))
}

/// The table of one object whose members are lists, one for each column; `None` if the text is anything else.
fn read_columns(file: &str, text: &str) -> Result<Option<Table>> {
    // several lines with an object each fail after the first
    let Ok(object) = serde_json::from_str::<Map<String, Value>>(text) else { return Ok(None) };
    let malformed = |reason: String| Error::data(file, DataProblem::NotATable { reason });
    if !object.values().any(Value::is_array) {
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
        let cells = values.into_iter().map(|value| cell(value).flatten()).collect();
        Column { name, cells: Cells::Text(cells) }
    };
    let columns = columns.into_iter().map(column).collect();
    Ok(Some(Table { file: file.into(), columns, rows, locations: RowLocations::numbered(), ..Table::default() }))
}

/// What is wrong, without the place. A number that JSON does not have is named.
fn error_text(error: &serde_json::Error, text: &str) -> String {
    let line = text.lines().nth(error.line().saturating_sub(1)).unwrap_or_default();
    let rest = line.get(error.column().saturating_sub(1)..).unwrap_or_default();
    match ["NaN", "Infinity", "-Infinity", "nan", "inf", "-inf"].into_iter().find(|name| rest.starts_with(name)) {
        Some(name) => format!("{name} is no number of JSON, and a missing value is null"),
        None => error.to_string().split(" at line").next().unwrap_or_default().to_owned(),
    }
}

fn read_lines(file: &str, text: &str) -> (Table, Rejected) {
    let (mut builder, mut locations, mut rejected) =
        (TableBuilder::default(), RowLocations::default(), Rejected::default());
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        match serde_json::from_str(line) {
            Ok(object) => {
                locations.push(builder.rows, at + 1);
                builder.push(object);
            }
            Err(error) => {
                rejected.push_line(at + 1, format!("not a JSON object: {}", error_text(&error, line)));
            }
        }
    }
    (builder.build(file, locations), rejected)
}
