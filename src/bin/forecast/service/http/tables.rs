//! The tables of requests and answers of other protocols.

use std::collections::HashSet;

use forecast::forecast::ForecastColumns;
use forecast::write::{Table, distinct_names};
use serde_json::Value;

use crate::exit_status::CliError;
use crate::report::json_output;
use crate::service::answer::Answer;

/// A forecast as forecast.csv has it: the names of its columns, each once, and the cells of each row.
pub(super) struct ForecastTable {
    pub(super) names: Vec<String>,
    pub(super) rows: Vec<Vec<Value>>,
}

impl ForecastTable {
    /// The table of an answer.
    pub(super) fn of(answer: &Answer) -> anyhow::Result<Self> {
        let panel = &answer.dataset.panel;
        let json = json_output::json_array(|json| Table::Forecast(&answer.forecasts).write_json(json, panel))?;
        let objects: Vec<Value> = serde_json::from_str(&json)?;
        let (columns, values) = (panel.columns(), ForecastColumns::of_forecasts(&answer.forecasts));
        let cells = |row: &Value| -> Vec<Value> {
            let ids = columns.ids.iter().map(|id| row["ids"][id].clone());
            let values = values.names().iter().map(|name| row[name].clone());
            ids.chain([row["time"].clone()]).chain(values).collect()
        };
        let rows = objects.iter().map(cells).collect();
        let names =
            distinct_names(&[columns.ids.as_slice(), &[columns.time_name().to_owned()], values.names()].concat());
        Ok(Self { names, rows })
    }
}

/// The rows of a table as a JSON array of objects, which the reader takes. Every row has as many cells as there are names.
pub(super) fn as_json<'a>(
    names: &[String],
    rows: impl Iterator<Item = impl Iterator<Item = &'a Value>>,
) -> anyhow::Result<Vec<u8>> {
    let mut seen = HashSet::new();
    if let Some(name) = names.iter().find(|name| !seen.insert(*name)) {
        return Err(CliError::usage(format!("two columns have the name {name}"), "give each column a name of its own"));
    }
    let names: Vec<String> = names.iter().map(|name| Value::from(name.as_str()).to_string()).collect();
    let mut json = String::from("[");
    for (number, row) in rows.enumerate() {
        json.push_str(if number == 0 { "{" } else { ",\n{" });
        for (place, (name, cell)) in names.iter().zip(row).enumerate() {
            if place > 0 {
                json.push(',');
            }
            json.push_str(name);
            json.push(':');
            json.push_str(&cell.to_string());
        }
        json.push('}');
    }
    json.push(']');
    Ok(json.into_bytes())
}

/// The error for a body that is no request of a protocol.
pub(super) fn malformed(error: &serde_json::Error, hint: &str) -> anyhow::Error {
    CliError::usage(format!("the request cannot be read: {error}"), hint)
}
