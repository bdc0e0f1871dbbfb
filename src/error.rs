//! One error type: a variant for each thing a person can act on, and a hint that says the way out.

use std::path::PathBuf;

/// The library's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error's underlying cause from another crate.
pub type Source = Box<dyn std::error::Error + Send + Sync>;

/// What can go wrong that a person can act on. [`Error::hint`] says the way out of each.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder could not be read or written.
    #[error("{path}: {action} failed: {source}", path = path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was tried: `reading`, `writing`, …
        action: &'static str,
        /// The system's word.
        source: std::io::Error,
    },

    /// A folder holds no saved model, or one that cannot be used.
    #[error("{path} holds no model that can be used: {reason}", path = path.display())]
    NoModel {
        /// The folder.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// No series is long enough for what was asked.
    #[error("{model} needs at least {need} values to forecast {horizon} steps, the longest series has {got}")]
    TooShort {
        /// The model's name.
        model: &'static str,
        /// Steps to forecast.
        horizon: usize,
        /// Values needed.
        need: usize,
        /// Values of the longest series.
        got: usize,
    },
    /// Training found no way to a finite loss.
    #[error("training diverged in epoch {epoch}: the loss or its gradient was not finite {undone} times")]
    Diverged {
        /// The epoch, from 1.
        epoch: usize,
        /// Steps that were undone before giving up.
        undone: usize,
    },
    /// libtorch refused.
    #[error("libtorch: {source}")]
    Torch {
        /// libtorch's word.
        source: Source,
    },
}

/// What kind of failure an error is; the command line makes its exit code of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The data cannot be read or understood.
    Data,
    /// The request itself does not make sense.
    Usage,
    /// Anything else that failed.
    Failure,
}

impl Error {
    /// An error that libtorch gave.
    pub(crate) fn torch(source: impl Into<Source>) -> Self {
        Self::Torch { source: source.into() }
    }

    /// The way out, as one sentence or command; `None` where the message already says it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Io { .. } | Self::Torch { .. } => None,
            Self::TooShort { .. } => {
                Some("`--model seasonal-naive` works from one value on; a smaller --horizon needs fewer values".into())
            }
            Self::Diverged { .. } => Some("try a smaller --learning-rate or a smaller --clip".into()),
            Self::NoModel { .. } => {
                Some("name the folder that `forecast train --csv FILE --horizon N --out DIR` wrote".into())
            }
        }
    }

    /// What kind of failure this is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Io { action: "reading", .. } | Self::TooShort { .. } => Kind::Data,
            Self::Io { .. } | Self::NoModel { .. } | Self::Diverged { .. } | Self::Torch { .. } => Kind::Failure,
        }
    }
}
