//! JSON: one object on each line, or one list of objects.

use std::collections::HashMap;

use polars::prelude::StringChunked;
use serde_json::{Map, Value};

use crate::error::data_problem::DataProblem;
use crate::error::location::{Location, MAX_LISTED, Rejected};
use crate::error::{Error, Result};
use crate::panel::repair_log::BadRowPolicy;
use crate::read::notice::Notice;
use crate::read::row_locations::{LineNumbers, RowLocations};
use crate::read::table::{Cells, Column, Table};

/// Whether a text is JSON and not delimited.
pub(crate) fn is_json(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let inner = text.strip_prefix('[').map_or(text, str::trim_start);
    inner.strip_prefix('{').is_some_and(|rest| rest.trim_start().starts_with(['"', '}']))
}

pub(crate) fn read_json(file: &str, text: &str, bad_rows: BadRowPolicy) -> Result<Table> {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with('[') { read_list(file, text) } else { read_lines(file, text, bad_rows) }
}

/// Builds a table with the columns in the order in which they first occur.
#[derive(Default)]
struct TableBuilder {
    position_of: HashMap<String, usize>,
    names: Vec<String>,
    cells: Vec<Vec<Option<String>>>,
    rows: usize,
}

impl TableBuilder {
    fn push(&mut self, object: Map<String, Value>) {
        for (name, value) in object {
            // A nested list or object is not a cell.
            if value.is_array() || value.is_object() {
                continue;
            }
            let at = *self.position_of.entry(name).or_insert_with_key(|name| {
                self.names.push(name.clone());
                self.cells.push(Vec::new());
                self.names.len() - 1
            });
            let cell = match value {
                Value::String(text) => Some(text),
                Value::Number(number) => Some(number.to_string()),
                Value::Bool(yes) => Some(u8::from(yes).to_string()),
                Value::Null | Value::Array(_) | Value::Object(_) => None,
            };
            self.cells[at].resize(self.rows, None);
            self.cells[at].push(cell);
        }
        self.rows += 1;
    }

    fn build(self, file: &str, locations: RowLocations, notices: Vec<Notice>) -> Table {
        let rows = self.rows;
        let column = |(name, mut cells): (String, Vec<Option<String>>)| {
            cells.resize(rows, None);
            let cells: StringChunked = cells.into_iter().collect();
            Column { name, cells: Cells::Text(cells) }
        };
        let columns = self.names.into_iter().zip(self.cells).map(column).collect();
        Table { file: file.into(), stem: None, columns, rows, separator: None, locations, notices }
    }
}

fn read_list(file: &str, text: &str) -> Result<Table> {
    let objects: Vec<Map<String, Value>> = serde_json::from_str(text).map_err(|error| {
        let location = Some(Location::Line(error.line()));
        Error::data(file, DataProblem::Malformed { location, reason: format!("not a list of JSON objects: {error}") })
    })?;
    let mut builder = TableBuilder::default();
    for object in objects {
        builder.push(object);
    }
    Ok(builder.build(file, RowLocations::Rows, Vec::new()))
}

fn read_lines(file: &str, text: &str, bad_rows: BadRowPolicy) -> Result<Table> {
    let (mut builder, mut lines) = (TableBuilder::default(), LineNumbers::default());
    let mut rejected = Rejected::default();
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        match serde_json::from_str(line) {
            Ok(object) => {
                lines.push(builder.rows, at + 1);
                builder.push(object);
            }
            Err(error) => {
                rejected.count += 1;
                if rejected.first.len() < MAX_LISTED {
                    let reason = error.to_string();
                    let reason = reason.split(" at line").next().unwrap_or_default();
                    rejected.first.push((Location::Line(at + 1), format!("not a JSON object: {reason}")));
                }
            }
        }
    }
    let notice = match rejected.first.first() {
        Some(_) if bad_rows == BadRowPolicy::Error => {
            return Err(Error::data(file, DataProblem::RejectedLines(rejected)));
        }
        Some((first, _)) => Some(Notice::LinesSkipped { lines: rejected.count, first: *first }),
        None => None,
    };
    Ok(builder.build(file, RowLocations::Lines(lines), notice.into_iter().collect()))
}
