//! The exit codes, and the failures of the command line.

use std::process::ExitCode;

use forecast::Error;
use forecast::error::{DataProblem, ErrorKind};
use forecast::read::Dataset;
use forecast::time::NamedFrequency;

use crate::report::hints::error_hint;
use crate::{arguments, interrupt};

const FAILURE: u8 = 1;
const USAGE: u8 = 2;
const DATA: u8 = 3;
const SOME_SERIES_FAILED: u8 = 4;
const NO_SKILL: u8 = 5;

/// An exit code that only some commands have.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Code {
    /// Some series have no forecast.
    SomeSeriesFailed,
    /// The model does not beat the baseline.
    NoSkill,
    /// Ctrl-C stopped the work, which has a result.
    Stopped,
    /// Ctrl-C ended the program.
    Interrupted,
}

/// The codes of commands that forecast and compare with the baseline.
pub(crate) const OF_FORECAST: &[Code] = &[Code::SomeSeriesFailed, Code::NoSkill, Code::Stopped];
/// The codes of commands that fit models.
pub(crate) const OF_FIT: &[Code] = &[Code::SomeSeriesFailed, Code::Stopped];
/// The codes of commands that forecast without a fit.
pub(crate) const OF_PREDICTION: &[Code] = &[Code::SomeSeriesFailed, Code::Interrupted];
/// The codes of commands that do neither.
pub(crate) const OF_READING: &[Code] = &[Code::Interrupted];

const HELP: &str = "\
Exit codes:
  0    done
  1    something failed; if the output cannot be written, the tables are still printed
  2    the command does not make sense
  3    the data cannot be read or understood";

/// The end of a help text: the exit codes of all commands, and those of this one.
pub(crate) fn help(own: &[Code]) -> String {
    let line = |code: &Code| match code {
        Code::SomeSeriesFailed => "\n  4    done, but some series have no forecast; failed.csv lists them",
        Code::NoSkill => {
            "\n  5    done, but with --require-skill the model does not beat seasonal naive, or the\n       \
             record is too short to tell"
        }
        Code::Stopped => "\n  130  interrupted; the output is of the best model so far",
        Code::Interrupted => "\n  130  interrupted",
    };
    let highest = match own {
        [] | [_] => "",
        [_, _] => "\nIf both of 4 and 130 apply, 130 is returned.",
        _ => "\nIf several of 4, 5 and 130 apply, the highest is returned.",
    };
    own.iter().map(line).fold(HELP.to_owned(), |help, line| help + line) + highest
}

/// The exit code of a complete run. An interrupt has priority over missing skill, and missing skill over failed series.
pub(crate) fn done(dataset: &Dataset, skill_is_missing: bool) -> ExitCode {
    match (interrupt::requested(), skill_is_missing, !dataset.failed.is_empty()) {
        (true, _, _) => interrupt::EXIT_CODE.into(),
        (_, true, _) => NO_SKILL.into(),
        (_, _, true) => SOME_SERIES_FAILED.into(),
        _ => ExitCode::SUCCESS,
    }
}

/// The exit code of a list of checks.
pub(crate) fn of_checks(all_are_good: bool) -> ExitCode {
    if all_are_good { ExitCode::SUCCESS } else { FAILURE.into() }
}

/// A failure of the command line, with a hint.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct CliError {
    message: String,
    hint: String,
    code: u8,
}

impl CliError {
    /// A failure because flags or their values do not fit together.
    pub(crate) fn usage(message: impl Into<String>, hint: impl Into<String>) -> anyhow::Error {
        Self { message: message.into(), hint: hint.into(), code: USAGE }.into()
    }

    /// A failure because the data does not allow the request.
    pub(crate) fn data(message: impl Into<String>, hint: impl Into<String>) -> anyhow::Error {
        Self { message: message.into(), hint: hint.into(), code: DATA }.into()
    }

    /// An interruption that leaves nothing to write.
    pub(crate) fn interrupted(message: impl Into<String>, hint: impl Into<String>) -> anyhow::Error {
        Self { message: message.into(), hint: hint.into(), code: interrupt::EXIT_CODE }.into()
    }

    /// A failure for any other reason, such as a folder that cannot be written.
    pub(crate) fn failure(message: impl Into<String>, hint: impl Into<String>) -> anyhow::Error {
        Self { message: message.into(), hint: hint.into(), code: FAILURE }.into()
    }
}

/// The name of the kind of a failure, by its exit code.
pub(crate) fn kind_name(code: u8) -> &'static str {
    match code {
        USAGE => "usage",
        DATA => "data",
        _ => "failure",
    }
}

/// The exit code of a failure, and the hint if there is one.
pub(crate) fn code_and_hint(error: &anyhow::Error) -> (u8, Option<String>) {
    if let Some(CliError { hint, code, .. }) = error.downcast_ref() {
        return (*code, Some(hint.clone()));
    }
    let Some(error) = error.downcast_ref::<forecast::Error>() else { return (FAILURE, None) };
    let code = match error.kind() {
        ErrorKind::Data => DATA,
        ErrorKind::Usage => USAGE,
        ErrorKind::Failure => FAILURE,
    };
    let inherited = if is_typed("--frequency") { None } else { inherited_frequency_hint(error) };
    (code, inherited.or_else(|| error_hint(error, is_typed_for)))
}

/// The hint of an error about a frequency that is that of an earlier command and was not typed. `None` for other errors.
fn inherited_frequency_hint(error: &Error) -> Option<String> {
    let Error::Data { problem, .. } = error else { return None };
    match &**problem {
        DataProblem::FrequencyMismatch { inferred, is_finer: false, .. } => {
            let own = inferred.parse::<NamedFrequency>();
            let own = own.map(|own| format!(", or read these at their own: `--frequency {own}`")).unwrap_or_default();
            Some(format!("give data of that frequency{own}"))
        }
        DataProblem::FrequencyMismatch { .. } | DataProblem::OffGrid { is_requested: true, .. } => {
            Some("choose how to aggregate the rows of a period: `--duplicates sum`, `mean` or `last`".into())
        }
        _ => None,
    }
}

/// Whether a column was typed as a value of a flag, or `all` of them.
fn is_typed_for(flag: &str, column: &str) -> bool {
    let words: Vec<String> = arguments::typed();
    let value_at = |at: usize| match words[at].split_once('=') {
        Some((name, value)) => (name == flag).then_some(value),
        None if words[at] == flag => words.get(at + 1).map(String::as_str),
        None => None,
    };
    let names = (0..words.len()).filter_map(value_at).flat_map(|value| value.split(','));
    names.map(str::trim).any(|name| name.eq_ignore_ascii_case(column) || name == "all")
}

/// Whether a flag was typed, and is not that of an earlier command.
fn is_typed(flag: &str) -> bool {
    arguments::typed().iter().any(|argument| argument.split('=').next() == Some(flag))
}
