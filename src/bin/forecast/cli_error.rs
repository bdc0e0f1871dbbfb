//! Failures of the command line, and the exit code of every failure.

use std::fmt;

use forecast::error::ErrorKind;

use crate::report::hints::error_hint;

/// The exit code if a file, the machine or libtorch failed.
const FAILURE: u8 = 1;

/// The exit code if the request does not make sense.
pub(crate) const USAGE: u8 = 2;

/// The exit code if the data cannot be read, or do not allow the request.
const DATA: u8 = 3;

/// A failure of the command line, with a hint.
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

    /// The data do not allow the request.
    pub(crate) fn data(message: impl Into<String>, hint: impl Into<String>) -> anyhow::Error {
        Self { message: message.into(), hint: Some(hint.into()), code: DATA }.into()
    }

    /// The files of the machine do not allow the request.
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
    if let Some(error) = error.downcast_ref::<CliError>() {
        return (error.code, error.hint.clone());
    }
    let Some(error) = error.downcast_ref::<forecast::Error>() else {
        return (FAILURE, None);
    };
    let code = match error.kind() {
        ErrorKind::Data => DATA,
        ErrorKind::Usage => USAGE,
        ErrorKind::Failure => FAILURE,
    };
    (code, error_hint(error))
}
