//! The only file that prints: results to stdout, all other lines to stderr.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use anyhow::Context;
use forecast::forecast::Forecast;
use forecast::panel::Panel;
use forecast::write;

use crate::cli_error;
use crate::report::progress::Progress;

/// The message before the cause if a result cannot be printed.
const STDOUT_FAILED: &str = "writing to stdout failed";

/// The amount of output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verbosity {
    /// Errors only.
    Quiet,
    /// Results and notes.
    Normal,
    /// Also repairs, settings and the course of training.
    Verbose,
}

/// The output of a run on the terminal.
#[derive(Debug)]
pub(crate) struct Terminal {
    verbosity: Verbosity,
}

impl Terminal {
    pub(crate) fn new(verbosity: Verbosity) -> Self {
        Self { verbosity }
    }

    /// Prints a result to stdout.
    pub(crate) fn print(&self, text: &str) -> anyhow::Result<()> {
        if self.verbosity == Verbosity::Quiet {
            return Ok(());
        }
        writeln!(anstream::stdout(), "{text}").context(STDOUT_FAILED)
    }

    /// Prints a note to stderr.
    pub(crate) fn note(&self, text: &str) {
        if self.verbosity != Verbosity::Quiet {
            print_to_stderr(text);
        }
    }

    /// Prints to stderr with `--verbose` only.
    pub(crate) fn detail(&self, text: &str) {
        if self.verbosity == Verbosity::Verbose {
            print_to_stderr(text);
        }
    }

    /// A line that shows the progress of `label`, if stderr is a terminal.
    pub(crate) fn progress(&self, label: &str) -> Progress {
        let visible = self.verbosity != Verbosity::Quiet && io::stderr().is_terminal();
        if visible { Progress::on_stderr(label) } else { Progress::hidden() }
    }

    /// Prints the forecast as CSV to stdout, and nothing else.
    pub(crate) fn print_csv(panel: &Panel, forecasts: &[Forecast]) -> anyhow::Result<()> {
        write::forecast_csv(io::BufWriter::new(io::stdout().lock()), panel, forecasts).context(STDOUT_FAILED)
    }

    /// The number of columns of the terminal; `None` if stdout is not a terminal.
    pub(crate) fn width() -> Option<usize> {
        comfy_table::Table::new().width().map(usize::from)
    }
}

/// Prints the text of `--help` or `--version` to stdout.
pub(crate) fn print_help(help: &clap::builder::StyledStr) -> anyhow::Result<()> {
    write!(anstream::stdout(), "{}", help.ansi()).context(STDOUT_FAILED)
}

/// Prints a failure with its hint and returns its exit code. A closed pipe on stdout is not a failure.
pub(crate) fn print_failure(error: &anyhow::Error) -> ExitCode {
    let is_broken_pipe = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
    };
    if error.chain().any(is_broken_pipe) {
        return ExitCode::SUCCESS;
    }
    let (code, hint) = cli_error::code_and_hint(error);
    print_to_stderr(&format!("\x1b[1;31merror:\x1b[0m {error:#}"));
    if let Some(hint) = hint {
        print_to_stderr(&format!("\x1b[1;36mhint:\x1b[0m {hint}"));
    }
    ExitCode::from(code)
}

/// Colours are removed if stderr is not a terminal. Errors are ignored, because they could only be printed to stderr.
fn print_to_stderr(text: &str) {
    let _ = writeln!(anstream::stderr(), "{text}");
}
