//! Parses cells and columns as numbers and times.

pub(crate) mod date_format;
pub(crate) mod number;
pub(crate) mod number_column;
pub(crate) mod scanner;
pub(crate) mod time_index;
