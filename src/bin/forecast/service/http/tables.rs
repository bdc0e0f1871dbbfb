//! Tables in requests of other protocols, as rows in JSON.

use std::collections::HashSet;

use serde_json::Value;

use crate::exit_status::CliError;

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
