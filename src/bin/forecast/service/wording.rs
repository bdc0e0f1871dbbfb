//! The words of messages to programs: a request has options where the command line has flags.

use forecast::run::RunRecord;
use serde_json::Value;

use crate::report::json_output;
use crate::service::request::{is_option, option_value};

/// The object of a request that failed, with its id.
pub(crate) fn failure(id: Option<&Value>, error: &anyhow::Error) -> Value {
    let mut object = json_output::failure(id, error);
    for member in ["message", "hint"] {
        let reworded = object["error"][member].as_str().map(with_options);
        if let Some(text) = reworded {
            object["error"][member] = text.into();
        }
    }
    object
}

/// Puts options for flags in the notices of an answer.
pub(crate) fn reword_notices(record: &mut RunRecord) {
    let notices = record.data.notices.iter_mut().chain(&mut record.notices);
    notices.for_each(|notice| *notice = with_options(notice));
}

/// A message, in which the flags of the command line are options of a request.
///
/// Flags in backticks become members of `options`, as in `"target": "sales"`. A flag in a sentence becomes the name of its
/// option. Commands and flags that are no options stay as they are.
fn with_options(message: &str) -> String {
    reworded(message, &is_option, &|_| None)
}

/// A message in which flags are members of an object and names of members. `is_known` says of which flags. `command` has
/// other words for what is in backticks, if it has any.
pub(crate) fn reworded(
    message: &str,
    is_known: &dyn Fn(&str) -> bool,
    command: &dyn Fn(&str) -> Option<String>,
) -> String {
    let parts = message.split('`').enumerate();
    let parts = parts.map(|(at, part)| match at % 2 {
        1 => command(part).unwrap_or_else(|| members(part, is_known)),
        _ => names(part, is_known),
    });
    parts.collect::<Vec<_>>().join("`")
}

/// `--frequency daily --gaps zero` as `"frequency": "daily", "gaps": "zero"`; any other text as it is.
fn members(code: &str, is_known: &dyn Fn(&str) -> bool) -> String {
    let words = shell_words(code);
    let mut members: Vec<(String, Vec<String>)> = Vec::new();
    for word in words {
        match word.strip_prefix("--") {
            Some(flag) => {
                let (name, value) = flag.split_once('=').map_or((flag, None), |(name, value)| (name, Some(value)));
                members.push((name.to_owned(), value.into_iter().map(str::to_owned).collect()));
            }
            None => match members.last_mut() {
                Some((_, values)) => values.push(word),
                None => return code.to_owned(),
            },
        }
    }
    let is_member = |(name, values): &(String, Vec<String>)| is_known(name) && values.len() <= 1;
    if members.is_empty() || !members.iter().all(is_member) {
        return code.to_owned();
    }
    let member = |(name, values): (String, Vec<String>)| match values.into_iter().next() {
        Some(value) => format!("\"{name}\": {}", option_value(&name, &value)),
        None => name,
    };
    members.into_iter().map(member).collect::<Vec<_>>().join(", ")
}

/// A sentence with the names of options, as in "`target` and `wide`", in place of flags.
fn names(sentence: &str, is_known: &dyn Fn(&str) -> bool) -> String {
    let mut text = String::with_capacity(sentence.len());
    let mut rest = sentence;
    while let Some(at) = rest.find("--") {
        let after = &rest[at + 2..];
        let length = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(after.len());
        let name = &after[..length];
        text.push_str(&rest[..at]);
        if is_known(name) {
            text.extend(["`", name, "`"]);
        } else {
            text.extend(["--", name]);
        }
        rest = &after[length..];
    }
    text + rest
}

/// The words of a command, of which those with spaces are in single quotes.
pub(crate) fn shell_words(code: &str) -> Vec<String> {
    let (mut words, mut word, mut is_quoted) = (Vec::new(), String::new(), false);
    for c in code.chars() {
        match c {
            '\'' => is_quoted = !is_quoted,
            ' ' if !is_quoted => words.push(std::mem::take(&mut word)),
            c => word.push(c),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_become_members_of_the_options() {
        for (message, expected) in [
            ("name it with `--target 'net sales'`", "name it with `\"target\": \"net sales\"`"),
            ("`--frequency daily --gaps zero`", "`\"frequency\": \"daily\", \"gaps\": \"zero\"`"),
            ("as in `--level 80,95`", "as in `\"level\": [80, 95]`"),
            ("`--season 1`, or leave --season out", "`\"season\": 1`, or leave `season` out"),
            ("`--target`", "`target`"),
            ("`forecast train --csv FILE --horizon N`", "`forecast train --csv FILE --horizon N`"),
            ("leave --out out", "leave --out out"),
        ] {
            assert_eq!(with_options(message), expected);
        }
    }
}
