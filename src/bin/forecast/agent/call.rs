//! A call of a tool: its arguments as the words of a command, which another process runs.

use std::io::Read;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value};
use tokio::sync::OwnedSemaphorePermit;

use crate::agent::folder::{Folder, Opened};
use crate::agent::offer::{DEFAULT_MAX_ROWS, Flag, MAX_ROWS, Offer, TABLES};
use crate::agent::tool::{Form, Input, InputKind};
use crate::exit_status::CliError;
use crate::service::request::flag_text;

/// A call whose arguments were checked, with the files that it names.
pub(crate) struct Call {
    words: Vec<String>,
    /// What is open for the process.
    pub(crate) opened: Vec<Opened>,
    /// The tables of the answer; all if it is `None`.
    pub(crate) tables: Option<Vec<String>>,
    /// The most rows of each table.
    pub(crate) max_rows: usize,
    /// The names of the flags that are arguments.
    pub(crate) flags: Vec<String>,
}

impl Call {
    /// Checks the arguments of a tool and opens the files that they name.
    pub(crate) fn new(offer: &Offer, mut arguments: Map<String, Value>, folder: &Folder) -> anyhow::Result<Self> {
        arguments.retain(|_, value| !value.is_null());
        let tables = arguments.remove(TABLES).map(|value| names(TABLES, &value)).transpose()?;
        check_tables(offer, tables.as_deref().unwrap_or_default())?;
        let max_rows = arguments.remove(MAX_ROWS).map_or(Ok(DEFAULT_MAX_ROWS), |value| {
            let wrong = || CliError::usage("`max_rows` is no whole number", "give one, as in `\"max_rows\": 1000`");
            value.as_u64().ok_or_else(wrong)
        })?;
        let (form, flags) = form_of(offer, &arguments, folder)?;
        let mut words: Vec<String> =
            Some(form.command).filter(|name| !name.is_empty()).map(str::to_owned).into_iter().collect();
        check_horizon(flags, &arguments)?;
        let mut opened = Vec::new();
        for input in form.inputs {
            let Some(value) = arguments.remove(input.name) else { continue };
            let found = open(input, &value, folder)?;
            words.push(input.flag.map_or_else(|| found.path.clone(), |flag| format!("--{flag}={}", found.path)));
            opened.push(found);
        }
        for (name, value) in &arguments {
            words.extend(flag_word(offer, flags, name, value)?);
        }
        words.extend(form.fixed.iter().map(|word| (*word).to_owned()));
        words.push("--json".to_owned());
        let flags = flags.iter().map(|flag| flag.name.clone()).collect();
        Ok(Self { words, opened, tables, max_rows: usize::try_from(max_rows).unwrap_or(usize::MAX), flags })
    }

    /// The names of the files, for the log.
    pub(crate) fn files(&self) -> String {
        self.opened.iter().map(|opened| opened.name.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// Runs the command in a process of its own, which holds the permit until it has ended. If this future is dropped, the
    /// process is killed, and with it the fit.
    ///
    /// # Errors
    /// If the process cannot be started.
    pub(crate) async fn run(&self, permit: OwnedSemaphorePermit) -> anyhow::Result<(ExitStatus, Vec<u8>)> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg0("forecast").args(&self.words).stdin(Stdio::null()).stdout(Stdio::piped());
        // what it notes is in its answer, and its error, too; Ctrl-C in a terminal is for the server, which ends its calls
        let mut child = command.stderr(Stdio::null()).process_group(0).spawn()?;
        let stdout = child.stdout.take();
        let child = Arc::new(Mutex::new(child));
        let _killed_at_the_end = Killed(Arc::clone(&child));
        let ended = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let mut printed = Vec::new();
            let read = stdout.map_or(Ok(0), |mut stdout| stdout.read_to_end(&mut printed));
            let status = child.lock().unwrap_or_else(PoisonError::into_inner).wait();
            read.and(status).map(|status| (status, printed))
        });
        Ok(ended.await??)
    }
}

/// Kills a process when it is dropped. One that has ended is left alone.
struct Killed(Arc<Mutex<Child>>);

impl Drop for Killed {
    fn drop(&mut self) {
        // whoever holds the lock waits for the end of the process, which has closed its output
        if let Ok(mut child) = self.0.try_lock() {
            // an error says that the process has ended
            let _ = child.kill();
        }
    }
}

/// The first form whose inputs are given, with its flags.
fn form_of<'a>(
    offer: &'a Offer,
    arguments: &Map<String, Value>,
    folder: &Folder,
) -> anyhow::Result<(&'a Form, &'a [Flag])> {
    let mut missing: Vec<&str> = Vec::new();
    for (form, flags) in offer.tool.forms.iter().zip(&offer.flags) {
        let lacks = |input: &&Input| input.is_required && !arguments.contains_key(input.name);
        match form.inputs.iter().find(lacks) {
            None => return Ok((form, flags)),
            Some(input) => missing.push(input.name),
        }
    }
    missing.dedup();
    let message = format!("the argument `{}` is missing", missing.join("` or `"));
    Err(CliError::usage(message, format!("give a path relative to the folder of this server; {}", folder.files_hint())))
}

/// Refuses names that are none of the tables of a tool.
fn check_tables(offer: &Offer, wanted: &[String]) -> anyhow::Result<()> {
    let known = offer.tool.tables;
    let Some(unknown) = wanted.iter().find(|name| !known.contains(&name.as_str())) else { return Ok(()) };
    let message = format!("the tool `{}` has no table `{unknown}`", offer.tool.name);
    Err(CliError::usage(message, format!("its tables are {}", known.join(", "))))
}

/// Refuses a forecast without a horizon, which the command line would do in terms of its flags.
fn check_horizon(flags: &[Flag], arguments: &Map<String, Value>) -> anyhow::Result<()> {
    let mut ends = flags.iter().filter(|flag| ["horizon", "until"].contains(&flag.name.as_str())).peekable();
    let is_given = |flag: &Flag| arguments.keys().any(|name| flag.is_named(name));
    if ends.peek().is_none() || ends.any(is_given) {
        return Ok(());
    }
    Err(CliError::usage(
        "the argument `horizon` or `until` is missing",
        "give the steps to forecast, as in `\"horizon\": 7`, or the last time, as in `\"until\": \"2025-12\"`",
    ))
}

fn open(input: &Input, value: &Value, folder: &Folder) -> anyhow::Result<Opened> {
    let Some(name) = value.as_str().filter(|name| !name.is_empty()) else {
        let message = format!("`{}` is no path: {value}", input.name);
        return Err(CliError::usage(message, format!("give a path as a text; {}", folder.files_hint())));
    };
    match input.kind {
        InputKind::File => folder.file(name),
        InputKind::Run => folder.run(name),
    }
}

/// The word of a flag; none for a switch that is off.
fn flag_word(offer: &Offer, flags: &[Flag], name: &str, value: &Value) -> anyhow::Result<Option<String>> {
    let Some(flag) = flags.iter().find(|flag| flag.is_named(name)) else {
        let inputs = offer.tool.forms.iter().flat_map(|form| form.inputs).map(|input| input.name);
        let mut known: Vec<&str> = inputs.chain(flags.iter().map(|flag| flag.name.as_str())).collect();
        known.extend([TABLES, MAX_ROWS]);
        known.sort_unstable();
        known.dedup();
        let message = format!("the tool `{}` has no argument `{name}` for this call", offer.tool.name);
        return Err(CliError::usage(message, format!("its arguments are {}", known.join(", "))));
    };
    match (value, flag_text(value)) {
        (Value::Bool(false), _) => Ok(None),
        (Value::Bool(true), _) => Ok(Some(format!("--{}", flag.name))),
        (_, Some(text)) if !flag.is_switch => Ok(Some(format!("--{}={text}", flag.name))),
        _ => {
            let wanted = if flag.is_switch { "true or false" } else { "a text, a number or a list of these" };
            Err(CliError::usage(format!("`{name}` is not {wanted}: {value}"), format!("give {wanted}")))
        }
    }
}

/// A list of texts, or one text.
fn names(argument: &str, value: &Value) -> anyhow::Result<Vec<String>> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let list = match value {
        Value::Array(items) => items.iter().map(text).collect(),
        value => text(value).map(|own| vec![own]),
    };
    list.ok_or_else(|| {
        CliError::usage(
            format!("`{argument}` is no list of names: {value}"),
            "give names, as in `\"tables\": [\"forecast\"]`",
        )
    })
}
