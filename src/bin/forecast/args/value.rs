//! Parsers of single values, and the form in which help states a default.

use std::fmt::Display;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

pub(crate) fn help_with_default(what: &str, default: impl Display) -> String {
    format!("{what} [default: {default}]")
}

/// A parser of a few names: each with its help and its value.
pub(crate) fn one_of<T: Copy + Send + Sync + 'static>(
    choices: &'static [(&'static str, &'static str, T)],
) -> impl TypedValueParser<Value = T> {
    let names = choices.iter().map(|(name, help, _)| PossibleValue::new(name).help(help));
    PossibleValuesParser::new(names).map(|typed| {
        let choice = choices.iter().find(|(name, ..)| *name == typed);
        choice.expect("clap accepts only the names of the choices").2
    })
}

pub(crate) fn at_least_one(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|number| *number > 0).ok_or_else(|| "a whole number of at least 1 is needed".into())
}

/// Parses a season length; `none` has the length 1.
pub(crate) fn season_length(text: &str) -> Result<usize, String> {
    if text.eq_ignore_ascii_case("none") {
        return Ok(1);
    }
    text.parse().ok().filter(|number| *number > 0).ok_or_else(|| "a whole number of steps is needed, or none".into())
}

pub(crate) fn finite(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|number: &f64| number.is_finite()).ok_or_else(|| "a number is needed".into())
}

pub(crate) fn above_zero(text: &str) -> Result<f64, String> {
    finite(text).ok().filter(|number| *number > 0.0).ok_or_else(|| "a number above 0 is needed".into())
}

pub(crate) fn share_below_one(text: &str) -> Result<f64, String> {
    let share = finite(text).ok().filter(|number| (0.0..1.0).contains(number));
    share.ok_or_else(|| "a share of at least 0 and below 1 is needed".into())
}
