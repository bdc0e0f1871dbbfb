//! The words of messages to agents: a tool has arguments where the command line has flags, and agents have no shell.

use serde_json::Value;

use crate::agent::call::Call;
use crate::args::usage::DESCRIBES_FLAGS;
use crate::service::request::option_value;
use crate::service::wording::{reworded, shell_words};

/// The commands that tools stand for. That without a name forecasts.
const TOOL_OF: [(&str, &str); 5] =
    [("", "forecast"), ("inspect", "inspect"), ("backtest", "backtest"), ("diff", "compare"), ("score", "compare")];

/// The arguments that stand for words of their own, which are the folders of runs.
const RUNS: [&str; 2] = ["run", "other_run"];

/// A pipe, which needs a shell. A hint with one says how to decompress a file.
const PIPE: &str = " | forecast ";

/// Puts arguments and tools for flags and commands in the error and the notices of an answer.
pub(crate) fn reword(object: &mut Value, call: &Call) {
    for place in ["/error/message", "/error/hint"] {
        object.pointer_mut(place).into_iter().for_each(|text| reword_text(text, call));
    }
    for place in ["/notices", "/data/notices"] {
        let notices = object.pointer_mut(place).and_then(Value::as_array_mut);
        notices.into_iter().flatten().for_each(|notice| reword_text(notice, call));
    }
}

fn reword_text(text: &mut Value, call: &Call) {
    if let Value::String(text) = text {
        *text = for_agents(text, &|name| call.flags.iter().any(|flag| flag == name));
    }
}

fn for_agents(message: &str, is_argument: &dyn Fn(&str) -> bool) -> String {
    if message.contains(DESCRIBES_FLAGS) {
        return "the schema of the tool describes each argument".to_owned();
    }
    if message.contains(PIPE) {
        return "send a file that is not compressed".to_owned();
    }
    reworded(message, is_argument, &call_of)
}

/// A command as the call of a tool, as in `inspect {"file": "FILE"}`; `None` for anything else than a command.
fn call_of(code: &str) -> Option<String> {
    let words = shell_words(code);
    let [program, rest @ ..] = words.as_slice() else { return None };
    if program != "forecast" {
        return None;
    }
    let command = rest.first().filter(|word| !word.starts_with('-')).map_or("", String::as_str);
    let Some((_, tool)) = TOOL_OF.into_iter().find(|(own, _)| *own == command) else {
        // only the command line has it
        return Some(format!("forecast {command}"));
    };
    let flags = rest.iter().skip(usize::from(!command.is_empty()));
    let mut members: Vec<(String, Option<String>)> = Vec::new();
    let mut runs = RUNS.into_iter();
    for word in flags {
        match (word.strip_prefix("--"), members.last_mut()) {
            (Some(flag), _) => members.push((if flag == "csv" { "file" } else { flag }.to_owned(), None)),
            (None, Some((_, value @ None))) => *value = Some(word.clone()),
            (None, _) => members.push((runs.next()?.to_owned(), Some(word.clone()))),
        }
    }
    let member = |(name, value): &(String, Option<String>)| {
        let value = value.as_ref().map_or_else(|| "true".to_owned(), |value| option_value(name, value));
        format!("\"{name}\": {value}")
    };
    let members = members.iter().map(member).collect::<Vec<_>>().join(", ");
    Some(if members.is_empty() { tool.to_owned() } else { format!("{tool} {{{members}}}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_become_arguments_and_commands_tools() {
        let is_argument = |name: &str| ["target", "bad-rows", "horizon", "model"].contains(&name);
        for (message, expected) in [
            ("name one with `--target NAME`", "name one with `\"target\": \"NAME\"`"),
            ("leave --bad-rows out", "leave `bad-rows` out"),
            ("`forecast --help` describes each flag, with examples", "the schema of the tool describes each argument"),
            (
                "`forecast inspect --csv FILE --verbose` lists",
                "`inspect {\"file\": \"FILE\", \"verbose\": true}` lists",
            ),
            ("`forecast backtest` makes honest forecasts", "`backtest` makes honest forecasts"),
            ("`forecast --csv FILE --horizon 7`", "`forecast {\"file\": \"FILE\", \"horizon\": 7}`"),
            ("decompress it: `xzcat FILE | forecast --csv - --horizon N`", "send a file that is not compressed"),
            ("`forecast diff OLD NEW` compares", "`compare {\"run\": \"OLD\", \"other_run\": \"NEW\"}` compares"),
            ("`forecast score OLD --csv FILE` scores", "`compare {\"run\": \"OLD\", \"file\": \"FILE\"}` scores"),
            ("`forecast train --csv FILE --out DIR` trains", "`forecast train` trains"),
            ("`chmod u+r FILE`", "`chmod u+r FILE`"),
        ] {
            assert_eq!(for_agents(message, &is_argument), expected);
        }
    }
}
