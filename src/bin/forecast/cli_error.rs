//! What the command line itself refuses, and the exit code of every failure.

use std::fmt;

use forecast::error::Kind;

pub(crate) const INTERRUPTED: u8 = 130;
pub(crate) const USAGE: u8 = 2;
/// Done, but the model that was to beat seasonal naive does not.
pub(crate) const NO_SKILL: u8 = 5;
const DATA: u8 = 3;
const FAILURE: u8 = 1;

/// A failure that the library knows nothing of, with the way out.
#[derive(Debug)]
pub(crate) struct CliError {
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    pub(crate) code: u8,
}

impl CliError {
    /// The request does not make sense.
    pub(crate) fn usage(message: impl Into<String>, hint: impl Into<String>) -> anyhow::Error {
        Self { message: message.into(), hint: Some(hint.into()), code: USAGE }.into()
    }

    /// The data do not allow what was asked for.
    pub(crate) fn data(message: impl Into<String>, hint: impl Into<String>) -> anyhow::Error {
        Self { message: message.into(), hint: Some(hint.into()), code: DATA }.into()
    }

    /// Something on this machine is in the way.
    pub(crate) fn failure(message: impl Into<String>, hint: impl Into<String>) -> anyhow::Error {
        Self { message: message.into(), hint: Some(hint.into()), code: FAILURE }.into()
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for CliError {}

/// The exit code and the hint of a failure.
pub(crate) fn code_and_hint(error: &anyhow::Error) -> (u8, Option<String>) {
    if let Some(refusal) = error.downcast_ref::<CliError>() {
        return (refusal.code, refusal.hint.clone());
    }
    let Some(error) = error.downcast_ref::<forecast::Error>() else {
        return (FAILURE, None);
    };
    let code = match error.kind() {
        Kind::Data => DATA,
        Kind::Usage => USAGE,
        Kind::Failure => FAILURE,
    };
    (code, error.hint())
}
