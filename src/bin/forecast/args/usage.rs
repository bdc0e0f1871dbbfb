//! The message and the hint for arguments that clap could not parse.

use std::fmt::Display;

use clap::error::{ContextKind, ErrorKind};
use clap::{Command, Error};
use forecast::time::Holidays;

use crate::arguments;
use crate::exit_status::CliError;

const SEPARATE_VALUES: &str = "separate several values of a flag by commas, as in `--level 80,95`";

/// The error of the command line for an error of clap. `commands` are the names of all commands of `program`.
pub(crate) fn usage_error(error: &Error, program: &Command, commands: &[&str]) -> anyhow::Error {
    let number = stray_number(error).map(|number| (number, SEPARATE_VALUES.to_owned()));
    let stray = number.or_else(|| {
        let value = stray_value(error)?;
        let hint = file_hint(&value, program).unwrap_or_else(|| hint(error, commands));
        Some((value, hint))
    });
    if let Some((value, hint)) = stray {
        return CliError::usage(format!("the value {value} belongs to no flag"), hint);
    }
    CliError::usage(message(error).unwrap_or_else(|| first_paragraph(error)), hint(error, commands))
}

/// A value where a flag is expected, as after `forecast inspect`.
fn stray_value(error: &Error) -> Option<String> {
    let value = error.get(ContextKind::InvalidArg).filter(|_| error.kind() == ErrorKind::UnknownArgument)?.to_string();
    (!value.starts_with('-')).then_some(value)
}

/// The command with `--csv` before a value, if the command reads a file and none is given.
fn file_hint(value: &str, program: &Command) -> Option<String> {
    let mut arguments = arguments::typed();
    let command = program.find_subcommand(arguments.get(1)?)?;
    let reads_file = command.get_arguments().any(|argument| argument.get_long() == Some("csv"));
    if !reads_file || arguments.iter().any(|argument| argument == "--csv" || argument.starts_with("--csv=")) {
        return None;
    }
    let at = arguments.iter().position(|argument| argument == value)?;
    arguments.insert(at, "--csv".to_owned());
    Some(format!("give the file with its flag: `forecast {}`", arguments[1..].join(" ")))
}

/// A number where a flag or a command is expected, as after `--level 80 95`.
fn stray_number(error: &Error) -> Option<String> {
    let kind = match error.kind() {
        ErrorKind::InvalidSubcommand | ErrorKind::ArgumentConflict => ContextKind::InvalidSubcommand,
        ErrorKind::UnknownArgument => ContextKind::InvalidArg,
        _ => return None,
    };
    let text = error.get(kind)?.to_string();
    text.parse().is_ok_and(|number: f64| number >= 0.0).then_some(text)
}

fn message(error: &Error) -> Option<String> {
    let context = |kind| error.get(kind).map(ToString::to_string);
    Some(match error.kind() {
        ErrorKind::InvalidValue => {
            let choices = context(ContextKind::ValidValue).filter(|choices| !choices.is_empty())?;
            let (flag, value) = (flag(error, ContextKind::InvalidArg)?, context(ContextKind::InvalidValue)?);
            format!("`{}` is not one of {choices}", typed(&flag, &value))
        }
        ErrorKind::ValueValidation => {
            let reason = in_words(&std::error::Error::source(error)?.to_string());
            format!("`{} {}`: {reason}", flag(error, ContextKind::InvalidArg)?, context(ContextKind::InvalidValue)?)
        }
        ErrorKind::UnknownArgument => format!("there is no flag {}", context(ContextKind::InvalidArg)?),
        ErrorKind::InvalidSubcommand => format!("there is no command `{}`", context(ContextKind::InvalidSubcommand)?),
        ErrorKind::MissingRequiredArgument => {
            let missing = context(ContextKind::InvalidArg)?;
            let verb = if missing.contains(", ") { "are" } else { "is" };
            format!("{missing} {verb} missing")
        }
        ErrorKind::ArgumentConflict => {
            let (flag, other) = (flag(error, ContextKind::InvalidArg)?, flag(error, ContextKind::PriorArg)?);
            format!("{flag} and {other} cannot be used together")
        }
        ErrorKind::InvalidUtf8 => "an argument is not UTF-8 text; only file and folder names may be other bytes".into(),
        _ => return None,
    })
}

/// What the parsers of numbers say, in plain words.
fn in_words(reason: &str) -> String {
    match reason {
        "invalid digit found in string" => "not a whole number",
        "cannot parse integer from empty string" | "cannot parse float from empty string" => "a number is missing",
        "number too large to fit in target type" => "the number is too large",
        "number too small to fit in target type" => "the number is too small",
        "invalid float literal" => "not a number",
        other => other,
    }
    .to_owned()
}

/// The flag of a context, such as `--hidden` of `--hidden <SIZE>`; the first of several.
fn flag(error: &Error, kind: ContextKind) -> Option<String> {
    let text = error.get(kind)?.to_string();
    text.split([' ', ',']).next().filter(|flag| !flag.is_empty()).map(str::to_owned)
}

/// A value with its flag. Arguments such as `<SHELL>` have none.
fn typed(flag: &str, value: impl Display) -> String {
    if flag.starts_with('<') { value.to_string() } else { format!("{flag} {value}") }
}

/// Hints for values that cannot be parsed, by their flag.
const VALUE_HINTS: [(&str, &str); 7] = [
    ("--until", "give the last time to forecast, as in `--until 2025-12-31`, `--until 2025-12` or `--until 2025`"),
    ("--horizon", "give a number of steps, as in `--horizon 7`, or a span of time, as in `--horizon 2w`"),
    ("--budget", "give a span of time, as in `--budget 10s`"),
    ("--listen", "give an address of this computer and a port, as in `--listen 127.0.0.1:8000`"),
    ("--timeout", "give a span of time, as in `--timeout 30s`"),
    ("--step", "give a number of steps, as in `--step 1`; the default is the horizon"),
    (
        "--holidays",
        "give a country by its two letters, as in `--holidays AU`; holidays of a region may be a column of the file: \
         `--covariates holiday`",
    ),
];

/// The end of a hint at the help of a command, after its name.
pub(crate) const DESCRIBES_FLAGS: &str = "--help` describes each flag, with examples";

/// The error of an option of a request, which is parsed as a flag. `described` says what an option is.
pub(crate) fn option_error(error: &Error, described: impl Fn(&str) -> Option<String>) -> anyhow::Error {
    let flag = flag(error, ContextKind::InvalidArg).unwrap_or_default();
    let name = flag.trim_start_matches('-');
    let hint = value_hint(error)
        .or_else(|| described(name).map(|description| format!("correct `{name}` of the options: {description}")));
    let hint = hint.unwrap_or_else(|| "correct the options".to_owned());
    CliError::usage(message(error).unwrap_or_else(|| first_paragraph(error)), hint)
}

/// The hint on a value or a name that is nearly right, and on values whose form has a hint.
fn value_hint(error: &Error) -> Option<String> {
    if let Some(flag) = error.get(ContextKind::SuggestedArg) {
        return Some(format!("did you mean `{flag}`?"));
    }
    let flag = flag(error, ContextKind::InvalidArg).unwrap_or_default();
    if let Some(value) = error.get(ContextKind::SuggestedValue) {
        return Some(format!("did you mean `{}`?", typed(&flag, value)));
    }
    let invalid = error.get(ContextKind::InvalidValue).map(ToString::to_string).unwrap_or_default();
    if let Some(country) = Holidays::similar(&invalid).filter(|_| flag == "--holidays") {
        return Some(format!("did you mean `--holidays {}`?", country.code()));
    }
    // codes of two letters are alike without a reason
    if let Some(similar) = similar_choice(error, &invalid).filter(|_| flag != "--holidays") {
        return Some(format!("did you mean `{}`?", typed(&flag, similar)));
    }
    let hint =
        VALUE_HINTS.iter().find(|(name, _)| *name == flag).filter(|_| error.kind() == ErrorKind::ValueValidation);
    hint.map(|(_, hint)| (*hint).to_owned())
}

fn hint(error: &Error, commands: &[&str]) -> String {
    if let Some(hint) = value_hint(error) {
        return hint;
    }
    let arguments = arguments::typed();
    let argument = arguments.get(1).cloned().unwrap_or_default();
    let stray = error.get(ContextKind::InvalidSubcommand).map_or(argument.clone(), ToString::to_string);
    let command = if commands.contains(&argument.as_str()) { format!(" {argument}") } else { String::new() };
    match error.kind() {
        ErrorKind::InvalidSubcommand if stray == "forecast" => {
            let rest: Vec<&str> = arguments.iter().skip(1).map(String::as_str).filter(|arg| *arg != stray).collect();
            let rest = if rest.is_empty() { "--csv FILE --horizon 7".into() } else { rest.join(" ") };
            format!("the program itself forecasts, without the name of a command: `forecast {rest}`")
        }
        ErrorKind::InvalidSubcommand if stray == "help" => {
            "`forecast --help` describes the program, `forecast COMMAND --help` a command".into()
        }
        ErrorKind::InvalidSubcommand => {
            format!("to forecast a file: `forecast --csv {stray} --horizon 7`")
        }
        ErrorKind::MissingRequiredArgument if command.is_empty() => {
            "`forecast --csv FILE --horizon 7` forecasts the next 7 steps of a file".into()
        }
        _ => format!("`forecast{command} {DESCRIBES_FLAGS}"),
    }
}

/// The choice that a value probably means, of those that the error of its parser lists.
fn similar_choice(error: &Error, value: &str) -> Option<String> {
    let reason = std::error::Error::source(error)?.to_string();
    let choices = reason.split_once("expected one of: ")?.1.split(", ");
    nearest(value, choices).map(str::to_owned)
}

/// The choice with the fewest edits, if a third of the letters at most is edited, or one whose last part is the value.
pub(crate) fn nearest<'a>(value: &str, choices: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let value = value.to_lowercase();
    let max_distance = (value.chars().count() / 3).max(1);
    let distance = |choice: &str| {
        let choice = choice.to_lowercase();
        let last = choice.rsplit('/').next().unwrap_or_default();
        strsim::osa_distance(&value, &choice).min(strsim::osa_distance(&value, last))
    };
    let counted = choices.map(|choice| (distance(choice), choice));
    counted
        .filter(|(distance, _)| *distance <= max_distance)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, choice)| choice)
}

fn first_paragraph(error: &Error) -> String {
    let text = error.render().to_string();
    let paragraph = text.split("\n\n").next().unwrap_or_default().trim_start_matches("error: ");
    paragraph.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}
