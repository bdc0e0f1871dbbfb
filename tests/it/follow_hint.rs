//! Follows hints: the flags in the text of a hint, and the options that they stand for.

use forecast::panel::{BadRowPolicy, RepairPolicy};
use forecast::read::ReadOptions;

/// What following a hint changes in a command: flags with a value are set, and a flag without one is left out.
pub(crate) type Change = Vec<(String, Option<String>)>;

/// The changes that a hint proposes, one for each of its alternatives. A flag with a placeholder, such as `--time NAME`,
/// has it as its value. A single word in backticks, as in "`--duplicates sum`, `mean` or `last`", is another value of the
/// last flag before it.
pub(crate) fn changes(hint: &str) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    for (before, quoted) in quoted_parts(hint) {
        let words = words(quoted);
        match words.first() {
            Some(first) if first.starts_with("--") => {
                let leave_out = is_left_out(before);
                let change = flags(&words, leave_out);
                // a flag that is only named, as in "give `--time` and `--id` different columns", changes nothing by itself
                changes.extend((leave_out || change.iter().all(|(_, value)| value.is_some())).then_some(change));
            }
            Some(first) if words.len() == 1 => {
                let Some(mut other) = changes.last().cloned() else { continue };
                if let Some((_, value)) = other.last_mut() {
                    *value = Some(first.clone());
                }
                changes.push(other);
            }
            _ => {}
        }
    }
    changes
}

/// The parts of a text in backticks, each with the text before it. A backtick in single quotes belongs to a name.
fn quoted_parts(text: &str) -> Vec<(&str, &str)> {
    let (mut parts, mut rest) = (Vec::new(), text);
    while let Some((before, inner)) = rest.split_once('`') {
        let (mut is_name, mut is_escaped) = (false, false);
        let ends = |c: char| {
            let ends = c == '`' && !is_name && !is_escaped;
            is_name ^= c == '\'' && !is_escaped;
            is_escaped = c == '\\' && !is_name && !is_escaped;
            ends
        };
        let Some(end) = inner.find(ends) else { break };
        parts.push((before, &inner[..end]));
        rest = &inner[end + 1..];
    }
    parts
}

/// Whether the text before a flag asks to leave it out.
fn is_left_out(before: &str) -> bool {
    let before = before.trim_end();
    before.ends_with("leave out") || before.ends_with("out of") || before.ends_with("leave")
}

fn flags(words: &[String], leave_out: bool) -> Change {
    let starts: Vec<usize> = (0..words.len()).filter(|at| words[*at].starts_with("--")).collect();
    let flag = |start: &usize| {
        let value = words.get(start + 1).filter(|value| !value.starts_with("--") && !leave_out);
        (words[*start].clone(), value.cloned())
    };
    starts.iter().map(flag).collect()
}

/// The words of a command, as a shell reads them: in single quotes they are one, and a backslash quotes one character.
fn words(command: &str) -> Vec<String> {
    let (mut words, mut word, mut is_quoted, mut has_word) = (Vec::new(), String::new(), false, false);
    let mut characters = command.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' if !is_quoted => word.extend(characters.next()),
            '\'' => (is_quoted, has_word) = (!is_quoted, true),
            ' ' if !is_quoted => {
                if has_word {
                    words.push(std::mem::take(&mut word));
                }
                has_word = false;
            }
            c => {
                word.push(c);
                has_word = true;
            }
        }
    }
    words.extend(has_word.then_some(word));
    words
}

/// The options after a change; `None` if it is not one of the reader, or has a placeholder.
pub(crate) fn changed_options(options: &ReadOptions, change: &Change) -> Option<ReadOptions> {
    let mut options = options.clone();
    for (flag, value) in change {
        let is_placeholder = |value: &String| value.bytes().all(|byte| byte.is_ascii_uppercase()) && value != "UTC";
        if value.as_ref().is_some_and(is_placeholder) {
            return None;
        }
        let names = || value.iter().flat_map(|value| value.split(',')).map(str::to_owned).collect::<Vec<_>>();
        match (flag.as_str(), value.as_deref()) {
            ("--target", value) => (options.target, options.wide) = (value.map(str::to_owned), Vec::new()),
            ("--time", value) => options.time = value.map(str::to_owned),
            ("--sheet", value) => options.sheet = value.map(str::to_owned),
            ("--id", _) => options.ids = names(),
            ("--wide", _) => (options.wide, options.target) = (names(), None),
            ("--covariates", _) => options.covariates = names(),
            ("--frequency", value) => options.frequency = value.and_then(|name| name.parse().ok()),
            ("--duplicates", value) => options.duplicates = value?.parse().ok()?,
            ("--dates", value) => options.dates = Some(value?.parse().ok()?),
            ("--decimal", value) => options.decimal = Some(value?.parse().ok()?),
            ("--zone", value) => options.zone = Some(value?.parse().ok()?),
            ("--bad-rows", Some("skip")) => options.bad_rows = BadRowPolicy::Skip,
            ("--unfinished", Some("keep")) => options.unfinished = RepairPolicy::Keep,
            ("--spikes", Some("keep")) => options.spikes = RepairPolicy::Keep,
            _ => return None,
        }
    }
    Some(options)
}
