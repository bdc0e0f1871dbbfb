//! What agents are told of the tools: their arguments as a JSON schema, made of the flags of the commands.

use clap::{Arg, ArgAction};
use serde_json::{Map, Value, json};

use crate::agent::tool::{Form, TOOLS, Tool};

/// Headings of flags that are no arguments: files and messages, and the tuning of single networks.
const LEFT_OUT_HEADINGS: [&str; 4] = ["Files", "Messages", "Network", "Speed"];
/// Names of flags that are no arguments: those that write, or only change the exit code or the text.
const LEFT_OUT: [&str; 7] = ["out", "resume", "no-report", "report-series", "require-skill", "explain", "verbose"];
/// The flag that has an effect on the flags of an earlier run only, and that of a model which has some.
const ONLY_TYPED: &str = "only-typed";
const POOLED_MODEL: &str = "pooled-model";
/// The placeholders of flags that name files or folders.
const PATHS: [&str; 2] = ["FILE", "DIR"];

/// The argument with the names of the tables that are wanted.
pub(crate) const TABLES: &str = "tables";
/// The argument with the most rows of each table.
pub(crate) const MAX_ROWS: &str = "max_rows";
pub(crate) const DEFAULT_MAX_ROWS: u64 = 200;

/// A tool with the flags of each of its commands.
pub(crate) struct Offer {
    pub(crate) tool: &'static Tool,
    /// The flags of each form, in the order of the forms.
    pub(crate) flags: Vec<Vec<Flag>>,
}

/// A flag of a command, as an argument of a tool.
pub(crate) struct Flag {
    pub(crate) name: String,
    pub(crate) aliases: Vec<String>,
    pub(crate) is_switch: bool,
    schema: Value,
}

impl Offer {
    /// All tools. `commands` are those of the command line.
    pub(crate) fn all(commands: &clap::Command) -> Vec<Self> {
        let flags_of = |form: &Form| {
            let command = commands.find_subcommand(form.command).unwrap_or(commands);
            // its effect is on the flags of a pooled model, which is a folder that agents cannot name
            let of_pooled_model = command.get_arguments().any(|arg| arg.get_long() == Some(POOLED_MODEL));
            let is_offered = |arg: &&Arg| !of_pooled_model || arg.get_long() != Some(ONLY_TYPED);
            command.get_arguments().filter(|arg| is_argument(arg)).filter(is_offered).filter_map(Flag::of).collect()
        };
        let all = TOOLS.iter();
        all.map(|tool| Self { tool, flags: tool.forms.iter().map(flags_of).collect() }).collect()
    }

    /// The JSON schema of the arguments.
    pub(crate) fn schema(&self) -> Map<String, Value> {
        let mut properties = Map::new();
        let mut required: Option<Vec<&str>> = None;
        for (form, flags) in self.tool.forms.iter().zip(&self.flags) {
            for input in form.inputs {
                properties.insert(input.name.into(), json!({"type": "string", "description": input.description}));
            }
            let own = form.inputs.iter().filter(|input| input.is_required).map(|input| input.name);
            // what each form needs
            required = Some(match required {
                None => own.collect(),
                Some(earlier) => own.filter(|name| earlier.contains(name)).collect(),
            });
            for flag in flags {
                properties.entry(flag.name.clone()).or_insert_with(|| flag.schema.clone());
            }
        }
        let tables = "Names of the tables that the answer has [default: all]";
        properties.insert(TABLES.into(), json!({"type": "array", "items": {"type": "string"}, "description": tables}));
        let rows = format!("The most rows of each table in the answer [default: {DEFAULT_MAX_ROWS}]");
        properties.insert(MAX_ROWS.into(), json!({"type": "integer", "minimum": 0, "description": rows}));
        Map::from_iter([
            ("type".to_owned(), json!("object")),
            ("properties".to_owned(), properties.into()),
            ("required".to_owned(), json!(required)),
            ("additionalProperties".to_owned(), json!(false)),
        ])
    }
}

impl Flag {
    fn of(arg: &Arg) -> Option<Self> {
        let name = arg.get_long()?.to_owned();
        let aliases = arg.get_visible_aliases().unwrap_or_default().into_iter().map(str::to_owned).collect();
        let is_switch = matches!(arg.get_action(), ArgAction::SetTrue);
        let mut schema = if is_switch { json!({"type": "boolean"}) } else { schema_of_value(arg) };
        schema["description"] = arg.get_help().map(ToString::to_string).into();
        Some(Self { name, aliases, is_switch, schema })
    }

    /// Whether an argument of this name is the flag. Agents often write `bad_rows` for `bad-rows`.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        self.name == name.replace('_', "-") || self.aliases.iter().any(|alias| alias == name)
    }
}

/// The schema of the value of a flag: one, or a list.
fn schema_of_value(arg: &Arg) -> Value {
    let names: Vec<String> = arg.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
    let one = if names.is_empty() { json!({"type": ["string", "number"]}) } else { json!({"enum": names}) };
    let is_list = arg.get_value_delimiter().is_some() || matches!(arg.get_action(), ArgAction::Append);
    if is_list { json!({"type": "array", "items": one}) } else { one }
}

/// Whether a flag is an argument of a tool. Files are named by arguments that are checked.
fn is_argument(arg: &Arg) -> bool {
    let is_left_out = arg.get_long().is_none_or(|name| LEFT_OUT.contains(&name));
    let names_a_path = arg.get_value_names().unwrap_or_default().iter().any(|name| PATHS.contains(&name.as_str()));
    let heading = arg.get_help_heading().unwrap_or_default();
    !is_left_out && !names_a_path && !LEFT_OUT_HEADINGS.contains(&heading) && !arg.is_hide_set()
}
