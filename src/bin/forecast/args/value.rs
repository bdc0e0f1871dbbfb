//! Parsers of single values, and the form in which help states a default.

use std::fmt::Display;

/// A help text with a default.
pub(crate) fn help_with_default(what: &str, default: impl Display) -> String {
    format!("{what} [default: {default}]")
}

pub(crate) fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err("a whole number of at least 1 is needed".into()),
    }
}

pub(crate) fn above_zero(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(number) if f64::is_finite(number) && number > 0.0 => Ok(number),
        _ => Err("a number above 0 is needed".into()),
    }
}

pub(crate) fn share_below_one(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(number) if (0.0..1.0).contains(&number) => Ok(number),
        _ => Err("a share of at least 0 and below 1 is needed".into()),
    }
}
