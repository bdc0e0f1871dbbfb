//! Cells as numbers and times.

pub(crate) mod datetime;
pub(crate) mod number;
pub(crate) mod scanner;
pub(crate) mod time_index;
pub(crate) mod time_parts;
pub(crate) mod unit;
