//! Answers requests of programs: a history in, a forecast out, without a new start of the program.

pub(crate) mod answer;
pub(crate) mod request;
