//! The only file that prints: results to stdout, all other lines to stderr.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

use anyhow::Context;
use clap::Args;
use forecast::write::{ArrowTable, Table};
use forecast::{Forecast, Panel};

use crate::exit_status;

const STDOUT_FAILED: &str = "writing to stdout failed";

/// The output of a run on the terminal. The default prints results, messages and notices.
#[derive(Debug, Default, Clone, Args)]
#[command(next_help_heading = "Messages")]
pub(crate) struct Terminal {
    /// Print errors only
    #[arg(short, long, conflicts_with = "verbose")]
    quiet: bool,
    /// Also print the repairs, the settings and the course of training
    #[arg(short, long)]
    verbose: bool,
    /// Whether stdout is for one object, so that results as text are left out.
    #[arg(skip)]
    has_object: bool,
}

impl Terminal {
    /// A terminal on which nothing but errors is printed.
    pub(crate) fn silent() -> Self {
        Self { quiet: true, ..Self::default() }
    }

    /// The same without results as text.
    pub(crate) fn without_results(&self) -> Self {
        Self { has_object: true, ..self.clone() }
    }

    /// Whether results are printed as text.
    pub(crate) fn has_results(&self) -> bool {
        !self.quiet && !self.has_object
    }

    /// Prints a result to stdout.
    pub(crate) fn print(&self, text: &str) -> anyhow::Result<()> {
        if self.has_results() { writeln!(anstream::stdout(), "{text}").context(STDOUT_FAILED) } else { Ok(()) }
    }

    /// Prints a notice to stderr, with its label.
    pub(crate) fn notice(&self, notice: impl fmt::Display) {
        self.message(&labelled(notice));
    }

    /// Prints a message to stderr, such as a summary or progress.
    pub(crate) fn message(&self, text: &str) {
        if !self.quiet {
            print_to_stderr(&visible(text));
        }
    }

    /// Prints a detail to stderr, only with `--verbose`.
    pub(crate) fn detail(&self, text: &str) {
        if self.verbose {
            print_to_stderr(text);
        }
    }

    pub(crate) fn shows_progress(&self) -> bool {
        !self.quiet && io::stderr().is_terminal()
    }

    /// Prints the forecast as CSV to stdout, and nothing else.
    pub(crate) fn print_csv(panel: &Panel, forecasts: &[Forecast]) -> anyhow::Result<()> {
        let to = io::BufWriter::new(io::stdout().lock());
        Table::Forecast(forecasts).write_csv(to, panel).context(STDOUT_FAILED)
    }

    /// Prints the answer to a request to stdout, as one line.
    pub(crate) fn print_answer(answer: &str) -> anyhow::Result<()> {
        let mut stdout = io::stdout().lock();
        writeln!(stdout, "{answer}").and_then(|()| stdout.flush()).context(STDOUT_FAILED)
    }

    /// Prints the answer to a request to stdout, as an Arrow stream.
    pub(crate) fn print_stream_answer(table: &ArrowTable, metadata: &[(&str, &str)]) -> anyhow::Result<()> {
        table.write(io::BufWriter::new(io::stdout().lock()), metadata).context(STDOUT_FAILED)
    }

    /// Prints the object of `--json` to stdout, and nothing else. Only the first object is printed, as a whole: an interrupt
    /// may end the program from another thread meanwhile.
    pub(crate) fn print_object(object: &str) -> anyhow::Result<()> {
        print_once(|mut stdout| writeln!(stdout, "{object}"))
    }

    /// Prints an Arrow stream to stdout, and nothing else, as [`Self::print_object`] does.
    pub(crate) fn print_stream(table: &ArrowTable, metadata: &[(&str, &str)]) -> anyhow::Result<()> {
        print_once(|stdout| table.write(io::BufWriter::new(stdout), metadata))
    }

    /// The number of columns of the terminal; `None` if stdout is not a terminal, or one that does not know it.
    pub(crate) fn width() -> Option<usize> {
        comfy_table::Table::new().width().map(usize::from).filter(|columns| *columns > 0)
    }

    /// Whether stdout is a terminal.
    pub(crate) fn is_one() -> bool {
        io::stdout().is_terminal()
    }

    /// The number of columns of the terminal; `None` if stderr is not a terminal.
    pub(crate) fn width_of_stderr() -> Option<usize> {
        comfy_table::Table::new().use_stderr().width().map(usize::from).filter(|columns| *columns > 0)
    }
}

/// A notice as a line of its own.
pub(crate) fn labelled(notice: impl fmt::Display) -> String {
    format!("notice: {notice}")
}

/// Prints to stdout, unless something was printed in this way before.
fn print_once(write: impl FnOnce(io::StdoutLock<'_>) -> io::Result<()>) -> anyhow::Result<()> {
    static IS_PRINTED: Mutex<bool> = Mutex::new(false);
    let mut is_printed = IS_PRINTED.lock().unwrap_or_else(PoisonError::into_inner);
    if *is_printed {
        return Ok(());
    }
    *is_printed = true;
    write(io::stdout().lock()).context(STDOUT_FAILED)
}

/// Prints the text of `--help` or `--version` to stdout.
pub(crate) fn print_help(help: &clap::builder::StyledStr) -> anyhow::Result<()> {
    write!(anstream::stdout(), "{}", help.ansi()).context(STDOUT_FAILED)
}

/// Prints a script for a shell to stdout, and nothing else.
pub(crate) fn print_script(script: &[u8]) -> anyhow::Result<()> {
    io::stdout().write_all(script).context(STDOUT_FAILED)
}

/// Prints a failure with its hint and returns its exit code. A closed pipe on stdout is not a failure.
pub(crate) fn print_failure(error: &anyhow::Error) -> ExitCode {
    let is_broken_pipe = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
    };
    if error.chain().any(is_broken_pipe) {
        return ExitCode::SUCCESS;
    }
    let (code, hint) = exit_status::code_and_hint(error);
    print_to_stderr(&format!("\x1b[1;31merror:\x1b[0m {}", visible(&format!("{error:#}"))));
    if let Some(hint) = hint {
        print_to_stderr(&format!("\x1b[1;36mhint:\x1b[0m {}", visible(&hint)));
    }
    ExitCode::from(code)
}

/// Prints that the user interrupted the program, which `ends_now` or finishes in an orderly way.
pub(crate) fn print_interruption(ends_now: bool) {
    let text = if ends_now {
        "interrupted"
    } else {
        "\ninterrupted: stopping with the results so far; Ctrl-C again ends at once"
    };
    print_to_stderr(text);
}

/// A message whose control characters are escaped, since the name of a column may have some. Lines stay lines.
pub(crate) fn visible(message: &str) -> String {
    let is_hidden = |c: char| c.is_control() && c != '\n' && c != '\t';
    let mut text = String::with_capacity(message.len());
    for c in message.chars() {
        if is_hidden(c) { text.extend(c.escape_debug()) } else { text.push(c) }
    }
    text
}

/// Prints a line, without colours if stderr is not a terminal. An error is ignored: it could only be printed to stderr.
fn print_to_stderr(text: &str) {
    let _ = writeln!(anstream::stderr(), "{text}");
}
