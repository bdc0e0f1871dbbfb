//! Answers requests of programs: a history in, a forecast out, without a new start of the program.

pub(crate) mod answer;
pub(crate) mod arrow;
#[cfg(feature = "serve")]
pub(crate) mod http;
pub(crate) mod models;
pub(crate) mod request;
pub(crate) mod wording;
