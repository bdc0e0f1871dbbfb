//! The answer to a call: the object of `--json`, with the names that the agent knows, and no more rows than it wants.

use std::process::ExitStatus;

use rmcp::model::{CallToolResult, ContentBlock};
use serde_json::{Map, Value, json};

use crate::agent::call::Call;
use crate::agent::folder::Opened;
use crate::agent::wording;
use crate::exit_status::CliError;
use crate::report::json_output;

/// The answer to a call that ended.
pub(crate) fn answer(call: &Call, status: ExitStatus, stdout: &[u8]) -> CallToolResult {
    let Ok(Value::Object(mut object)) = serde_json::from_slice(stdout) else {
        let message = format!("the computation ended without a result: {status}");
        let hint = "try a smaller file or another model; the computer may lack memory";
        return failed(&CliError::failure(message, hint));
    };
    let tables = object.remove("tables");
    let mut rest = Value::Object(object);
    for opened in &call.opened {
        rename(&mut rest, opened);
    }
    wording::reword(&mut rest, call);
    if rest.get("error").is_some() && rest.get("kind").is_none() {
        return failure(rest);
    }
    if let Some(Value::Object(tables)) = tables {
        let (tables, left_out) = cut(tables, call);
        rest["tables"] = tables.into();
        if !left_out.is_empty() {
            rest["rows_left_out"] = left_out.into();
        }
    }
    let mut result = CallToolResult::success(vec![ContentBlock::text(rest.to_string())]);
    result.structured_content = Some(rest);
    result
}

/// The answer to a call that failed before its command ran.
pub(crate) fn failed(error: &anyhow::Error) -> CallToolResult {
    failure(json_output::failure(None, error))
}

/// An error of a tool: its message and its hint as text, and the object of `--json`.
fn failure(object: Value) -> CallToolResult {
    let text = |name: &str| object["error"][name].as_str().unwrap_or_default().to_owned();
    let hint = Some(text("hint")).filter(|hint| !hint.is_empty()).map(|hint| format!("\nhint: {hint}"));
    let content = format!("error: {}{}", text("message"), hint.unwrap_or_default());
    let mut result = CallToolResult::error(vec![ContentBlock::text(content)]);
    result.structured_content = Some(object);
    result
}

/// Names a file in all texts as the agent did.
fn rename(value: &mut Value, opened: &Opened) {
    match value {
        Value::String(text) if text.contains(&opened.path) => *text = text.replace(&opened.path, &opened.name),
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, opened)),
        Value::Object(members) => members.values_mut().for_each(|member| rename(member, opened)),
        _ => {}
    }
}

/// The tables that are wanted, each with its first rows, and the number of rows that were left out.
fn cut(tables: Map<String, Value>, call: &Call) -> (Map<String, Value>, Map<String, Value>) {
    let mut left_out = Map::new();
    let is_wanted = |name: &String| call.tables.as_ref().is_none_or(|wanted| wanted.contains(name));
    let mut kept: Map<String, Value> = tables.into_iter().filter(|(name, _)| is_wanted(name)).collect();
    for (name, table) in &mut kept {
        let Value::Array(rows) = table else { continue };
        let of = rows.len();
        if of > call.max_rows {
            // components of the past come first, but those of the forecast are the answer
            rows.retain(|row| row["part"] != "history");
            rows.truncate(call.max_rows);
            left_out.insert(name.clone(), json!(of - rows.len()));
        }
        name_runs(rows, call);
    }
    (kept, left_out)
}

/// Names the run of a score as the agent did: its folder is known to the process by a number.
fn name_runs(rows: &mut [Value], call: &Call) {
    let last = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
    for row in rows {
        let known = row.get("run").and_then(Value::as_str).map(str::to_owned);
        let opened = known.and_then(|known| call.opened.iter().find(|opened| last(&opened.path) == known));
        if let Some(opened) = opened {
            row["run"] = last(opened.name.trim_end_matches('/')).into();
        }
    }
}
