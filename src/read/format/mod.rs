//! File formats: delimited text, JSON, Parquet and Arrow.

pub(crate) mod delimited;
pub(crate) mod detect;
pub(crate) mod dialect;
pub(crate) mod json;
pub(crate) mod typed;
