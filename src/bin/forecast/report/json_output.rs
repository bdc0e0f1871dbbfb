//! `--json`: one object on stdout, which docs/run.schema.json describes. An Arrow stream has it in its metadata.

use std::io;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;
use forecast::Panel;
use forecast::run::RunRecord;
use forecast::write::{ArrowTable, Table};
use serde_json::{Map, Value, json};

use crate::exit_status::CliError;
use crate::report::run_json;
use crate::report::table_files::TableSink;
use crate::report::terminal::{self, Terminal};
use crate::{arguments, exit_status, interrupt};

/// The flag as typed.
const FLAG: &str = "--json";

/// The members of the metadata of a stream: the object of a run, and that of an error.
pub(crate) const RUN: &str = "forecast.run";
pub(crate) const ERROR: &str = "forecast.error";

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Messages")]
pub(crate) struct JsonArg {
    /// Print the results as one JSON object, and nothing else on stdout
    #[arg(long)]
    json: bool,
    /// Whether stdout is an Arrow stream with the object.
    #[arg(skip)]
    in_stream: bool,
}

impl JsonArg {
    /// The same with the object in an Arrow stream, if that is the format of stdout.
    pub(crate) fn or_stream(&self, is_stream: bool) -> Result<Self> {
        if is_stream && self.json {
            return Err(CliError::usage(
                "--json and --format arrow are two forms of stdout",
                "leave one of them out: the stream has the object of --json in its metadata",
            ));
        }
        Ok(Self { in_stream: is_stream, ..self.clone() })
    }

    /// Whether stdout is for the object, alone or in a stream.
    pub(crate) fn has_object(&self) -> bool {
        self.json || self.in_stream
    }

    /// The terminal that prints results as text only if stdout is not for the object.
    pub(crate) fn terminal(&self, terminal: &Terminal) -> Terminal {
        if self.has_object() { terminal.without_results() } else { terminal.clone() }
    }

    /// Prints the object of a run, with the tables that `fill` adds, if stdout is for it. If its files could not be
    /// written, the object has the error, too.
    pub(crate) fn print(
        &self,
        record: &mut RunRecord,
        written: Result<()>,
        fill: impl FnOnce(&mut JsonTables) -> Result<()>,
    ) -> Result<()> {
        if !self.has_object() {
            return written;
        }
        if record.finished.is_empty() {
            run_json::finish_record(record);
        }
        let mut tables = if self.in_stream { JsonTables::of_stream() } else { JsonTables::default() };
        fill(&mut tables)?;
        if written.is_err() {
            (record.folder, record.files) = (None, Vec::new());
        }
        if self.in_stream {
            let error = written.as_ref().err().map(|error| error_object(error).to_string());
            let error = error.iter().map(|error| (ERROR, error.as_str()));
            let run = answer_line(None, record, &tables)?;
            let members: Vec<(&str, &str)> = [(RUN, run.as_str())].into_iter().chain(error).collect();
            Terminal::print_stream(&tables.forecasts.unwrap_or_default(), &members)?;
        } else {
            Terminal::print_object(&object(record, &tables, written.as_ref().err())?)?;
        }
        written.map_err(|error| Printed(error).into())
    }
}

/// The object of a command on earlier runs, which `kind` names.
pub(crate) struct RunsObject<'a> {
    pub(crate) kind: &'static str,
    /// The members besides those that each object has.
    pub(crate) members: Map<String, Value>,
    /// The folder that was written, as typed, and the names of the files in it.
    pub(crate) written: Option<(&'a Path, Vec<String>)>,
}

impl RunsObject<'_> {
    /// Prints the object, with a table that is a JSON array, if the flag was typed.
    pub(crate) fn print(self, flag: &JsonArg, table: Option<(&'static str, String)>) -> Result<()> {
        if !flag.has_object() {
            return Ok(());
        }
        let (folder, files) = self.written.unzip();
        let mut object = json!({
            "schema": RunRecord::SCHEMA,
            "maker": RunRecord::MAKER,
            "kind": self.kind,
            "command": arguments::typed(),
            "folder": folder.map(Path::to_string_lossy),
            "files": files.unwrap_or_default(),
        });
        object.as_object_mut().context("an object was made")?.extend(self.members);
        let tables = JsonTables { arrays: table.into_iter().collect(), ..JsonTables::default() };
        Terminal::print_object(&object_with(&serde_json::to_string_pretty(&object)?, &tables, None)?)
    }
}

/// A JSON array that `write` writes.
pub(crate) fn json_array(write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> Result<String> {
    let mut json = Vec::new();
    write(&mut json).context("making JSON failed")?;
    Ok(String::from_utf8(json)?)
}

/// An error that is on stdout as JSON, so that only its text remains to be printed.
#[derive(Debug, thiserror::Error)]
#[error("{0:#}")]
pub(crate) struct Printed(pub(crate) anyhow::Error);

/// The tables of a run, each as a JSON array. An Arrow stream has that of the forecasts, and the others in its metadata.
#[derive(Debug, Default)]
pub(crate) struct JsonTables {
    arrays: Vec<(&'static str, String)>,
    is_of_stream: bool,
    /// The forecasts, for a stream.
    pub(crate) forecasts: Option<ArrowTable>,
}

impl JsonTables {
    pub(crate) fn of_stream() -> Self {
        Self { is_of_stream: true, ..Self::default() }
    }
}

impl TableSink for JsonTables {
    fn add(&mut self, panel: &Panel, table: &Table<'_>) -> Result<()> {
        if self.is_of_stream && matches!(table, Table::Forecast(_) | Table::Backtest(..)) {
            self.forecasts = Some(ArrowTable::new(panel, table).context("making the stream failed")?);
            return Ok(());
        }
        self.arrays.push((table.name(), json_array(|json| table.write_json(json, panel))?));
        Ok(())
    }
}

/// Prints a failure with its hint and returns its exit code. With `--json`, stdout has it, too.
pub(crate) fn print_failure(error: &anyhow::Error) -> ExitCode {
    if let Some(Printed(error)) = error.downcast_ref() {
        return terminal::print_failure(error);
    }
    print_failure_object(&error_object(error));
    terminal::print_failure(error)
}

/// Prints that the user interrupted the program. If that ends it before it had results, the object of `--json` says so.
pub(crate) fn print_interruption(ends_now: bool) {
    terminal::print_interruption(ends_now);
    if ends_now {
        print_failure_object(&json!({
            "kind": "interrupted",
            "message": "interrupted before there were results",
            "hint": null,
            "exit_code": interrupt::EXIT_CODE,
        }));
    }
}

/// Prints the object of a failure, if stdout is for it. The arguments are searched, since they may be what is wrong.
fn print_failure_object(error: &Value) {
    let typed = arguments::typed();
    // stderr and the exit code say the same
    if typed.iter().any(|arg| arg == FLAG) {
        let _ = Terminal::print_object(&failure_object(None, error).to_string());
    } else if is_stream(&typed) {
        let _ = Terminal::print_stream(&ArrowTable::default(), &[(ERROR, &error.to_string())]);
    }
}

/// Whether arguments name an Arrow stream on stdout.
fn is_stream(typed: &[String]) -> bool {
    let has = |flag: &str, is_value: fn(&str) -> bool| {
        let in_one = |arg: &String| arg.strip_prefix(flag)?.strip_prefix('=').map(is_value);
        let in_two = |pair: &[String]| pair[0] == flag && is_value(&pair[1]);
        typed.iter().filter_map(in_one).any(|is_value| is_value) || typed.windows(2).any(in_two)
    };
    has("--out", |folder| folder == "-") && has("--format", |formats| formats.split(',').any(|name| name == "arrow"))
}

/// The object of a failure, with the id of the request that failed.
pub(crate) fn failure(id: Option<&Value>, error: &anyhow::Error) -> Value {
    failure_object(id, &error_object(error))
}

fn failure_object(id: Option<&Value>, error: &Value) -> Value {
    let mut object = json!({"schema": RunRecord::SCHEMA, "maker": RunRecord::MAKER, "error": error});
    if let Some(id) = id {
        object["id"] = id.clone();
    }
    object
}

/// The record with its tables and the id of a request, in one line.
pub(crate) fn answer_line(id: Option<&Value>, record: &RunRecord, tables: &JsonTables) -> Result<String> {
    let record = serde_json::to_string(record)?;
    // a line break inside a text is escaped, so that each one here is between two rows
    let member = |(name, rows): &(&str, String)| format!("\"{name}\":{}", rows.replace('\n', ""));
    let members: Vec<String> = tables.arrays.iter().map(member).collect();
    let id = id.map(|id| format!(",\"id\":{id}")).unwrap_or_default();
    let record = record.strip_suffix('}').context("a record is an object with members")?;
    Ok(format!("{record}{id},\"tables\":{{{}}}}}", members.join(",")))
}

fn error_object(error: &anyhow::Error) -> Value {
    let (code, hint) = exit_status::code_and_hint(error);
    let kind = exit_status::kind_name(code);
    let (message, hint) = (terminal::visible(&format!("{error:#}")), hint.map(|hint| terminal::visible(&hint)));
    json!({"kind": kind, "message": message, "hint": hint, "exit_code": code})
}

/// The record with its tables and its error as further members.
fn object(record: &RunRecord, tables: &JsonTables, error: Option<&anyhow::Error>) -> Result<String> {
    object_with(&serde_json::to_string_pretty(record)?, tables, error)
}

fn object_with(record: &str, tables: &JsonTables, error: Option<&anyhow::Error>) -> Result<String> {
    let member = |(name, rows): &(&str, String)| format!("    \"{name}\": {}", rows.replace('\n', "\n    "));
    let members: Vec<String> = tables.arrays.iter().map(member).collect();
    let tables = format!("  \"tables\": {{\n{}\n  }}", members.join(",\n"));
    let error = error.map(|error| format!(",\n  \"error\": {}", error_object(error))).unwrap_or_default();
    let record = record.strip_suffix("\n}").context("a record is an object with members")?;
    Ok(format!("{record},\n{tables}{error}\n}}"))
}
