//! JSON: an object a line, or one list of objects, as other programs write tables.

use std::collections::HashMap;

use polars::prelude::StringChunked;
use serde_json::{Map, Value};

use crate::error::place::{Lines, Place};
use crate::error::{Error, Result};
use crate::panel::repair_log::BadRowPolicy;
use crate::read::table::{Cells, Column, NAMED, Places, Table};

/// Whether a text is JSON rather than a CSV.
pub(crate) fn begins(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let inner = text.strip_prefix('[').map_or(text, str::trim_start);
    inner.strip_prefix('{').is_some_and(|rest| rest.trim_start().starts_with(['"', '}']))
}

/// Columns in the order of their first appearance.
#[derive(Default)]
struct Builder {
    known: HashMap<String, usize>,
    names: Vec<String>,
    cells: Vec<Vec<Option<String>>>,
    rows: usize,
}

impl Builder {
    fn push(&mut self, object: Map<String, Value>) {
        for (name, value) in object {
            // lists and objects within are no cells
            if value.is_array() || value.is_object() {
                continue;
            }
            let at = *self.known.entry(name).or_insert_with_key(|name| {
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

    fn table(self, name: &str, places: Places, notices: Vec<String>) -> Table {
        let rows = self.rows;
        let column = |(name, mut cells): (String, Vec<Option<String>>)| {
            cells.resize(rows, None);
            let cells: StringChunked = cells.into_iter().collect();
            Column { name, cells: Cells::Text(cells) }
        };
        let columns = self.names.into_iter().zip(self.cells).map(column).collect();
        Table { name: name.into(), stem: None, columns, rows, separator: None, places, notices }
    }
}

pub(crate) fn table(name: &str, text: &str, bad_rows: BadRowPolicy) -> Result<Table> {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with('[') { list(name, text) } else { lines(name, text, bad_rows) }
}

fn list(name: &str, text: &str) -> Result<Table> {
    let objects: Vec<Map<String, Value>> = serde_json::from_str(text).map_err(|error| Error::Malformed {
        name: name.into(),
        place: Some(Place::Line(error.line())),
        reason: format!("no list of JSON objects: {error}"),
    })?;
    let mut builder = Builder::default();
    for object in objects {
        builder.push(object);
    }
    Ok(builder.table(name, Places::Rows, Vec::new()))
}

fn lines(name: &str, text: &str, bad_rows: BadRowPolicy) -> Result<Table> {
    let (mut builder, mut numbers) = (Builder::default(), Vec::new());
    let mut bad = Lines { first: Vec::new(), count: 0 };
    for (line, content) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        match serde_json::from_str(content) {
            Ok(object) => {
                builder.push(object);
                numbers.push(line as u32 + 1);
            }
            Err(error) => {
                bad.count += 1;
                if bad.first.len() < NAMED {
                    let reason = error.to_string();
                    let reason = reason.split(" at line").next().unwrap_or_default();
                    bad.first.push((Place::Line(line + 1), format!("no JSON object: {reason}")));
                }
            }
        }
    }
    if bad.count == 0 || bad_rows == BadRowPolicy::Skip {
        let notices = bad
            .first
            .first()
            .map(|(place, _)| format!("{} lines that are no JSON objects left out, the first: {place}", bad.count));
        return Ok(builder.table(name, Places::Numbered(numbers), notices.into_iter().collect()));
    }
    Err(Error::BadLines { name: name.into(), lines: bad })
}
