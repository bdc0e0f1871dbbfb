//! JSON: one object on each line, or one list of objects.

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
    inner.strip_prefix('{').is_some_and(|rest| rest.trim_start().starts_with(['"', '}']))
}

/// The table, and the lines that are not JSON objects.
pub(crate) fn read_json(file: &str, text: &str) -> Result<(Table, Rejected)> {
    let text = trimmed(text);
    if text.starts_with('[') { Ok((read_list(file, text)?, Rejected::default())) } else { Ok(read_lines(file, text)) }
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
            let cell = match value {
                // A nested list or object is not a cell.
                Value::Array(_) | Value::Object(_) => continue,
                Value::String(text) => Some(text),
                Value::Number(number) => Some(number.to_string()),
                Value::Bool(yes) => Some(u8::from(yes).to_string()),
                Value::Null => None,
            };
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

fn read_list(file: &str, text: &str) -> Result<Table> {
    let objects: Vec<Map<String, Value>> = serde_json::from_str(text).map_err(|error| {
        let location = Some(Location::Line(error.line()));
        Error::data(file, DataProblem::Malformed { location, reason: format!("not a list of JSON objects: {error}") })
    })?;
    let mut builder = TableBuilder::default();
    objects.into_iter().for_each(|object| builder.push(object));
    Ok(builder.build(file, RowLocations::numbered()))
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
                let reason = error.to_string();
                let reason = reason.split(" at line").next().unwrap_or_default();
                rejected.push_line(at + 1, format!("not a JSON object: {reason}"));
            }
        }
    }
    (builder.build(file, locations), rejected)
}
