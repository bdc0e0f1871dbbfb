//! A request: data and options in one JSON object.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use clap::error::ContextKind;
use clap::{CommandFactory, FromArgMatches, Parser};
use forecast::read::{ArrowStream, Source, is_plain_text, json_error_in_words, number_unknown_to_json};
use serde::de::{Deserialize, DeserializeOwned, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Number, Value};

use crate::args::horizon::{Horizon, UntilArg};
use crate::args::{levels::LevelArgs, model::ModelArgs, reading::ReadArgs, usage};
use crate::exit_status::CliError;

/// Flags that name files, which no request may open.
const FILES: [&str; 2] = ["csv", "future"];
/// The option that names a model.
const MODEL: &str = "model";
/// The options that decide how much memory a network takes, with their largest values.
const LARGEST: [(&str, f64); 3] = [("hidden", 512.0), ("layers", 8.0), ("members", 32.0)];
/// The first bytes of a text in UTF-8 that some programs write.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";
/// The members of a request.
const MEMBERS: [&str; 3] = ["id", "data", "options"];

/// What a request asks for. Its options are flags of the command line, without the dashes.
#[derive(Debug, Parser)]
#[command(name = "request", disable_help_flag = true, disable_version_flag = true)]
pub(crate) struct RequestArgs {
    #[command(flatten)]
    pub(crate) read: ReadArgs,
    /// Steps to forecast
    #[arg(long, visible_aliases = ["steps", "periods", "h"])]
    pub(crate) horizon: Option<Horizon>,
    #[command(flatten)]
    pub(crate) until: UntilArg,
    #[command(flatten)]
    pub(crate) levels: LevelArgs,
    /// Options of a fit, which a service with a saved model does not have.
    #[command(flatten)]
    pub(crate) model: ModelArgs,
}

/// A request whose options were parsed.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) args: RequestArgs,
    pub(crate) data: Source,
    /// The saved model that forecasts; `None` for the only one of the service, or if a model is fitted.
    pub(crate) model: Option<String>,
    /// The names of its options.
    pub(crate) names: Vec<String>,
}

/// The options of requests. To make them takes longer than to parse them.
static COMMAND: LazyLock<clap::Command> = LazyLock::new(|| {
    let mut command = RequestArgs::command();
    command.build();
    command
});

/// The `id` of a request and the request, or why it cannot be answered.
///
/// The option `model` names a saved model of the service if it `has_models`, and else the model to fit.
pub(crate) fn parse(text: &[u8], has_models: bool) -> (Value, anyhow::Result<Request>) {
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let members: Members<'_> = match serde_json::from_slice(text) {
        Ok(members) => members,
        Err(error) if error.is_data() => return (Value::Null, Err(malformed("it is not an object"))),
        Err(error) => return (Value::Null, Err(malformed(&reason(&error, text)))),
    };
    match id(&members) {
        Ok(id) => (id, parse_members(&members, has_models)),
        Err(error) => (Value::Null, Err(error)),
    }
}

/// The `id` of a request, which the answer repeats; null if there is none.
fn id(members: &Members<'_>) -> anyhow::Result<Value> {
    let (value, written) = (member(members, "id")?.unwrap_or(Value::Null), members.values.get("id"));
    let is_exact = |number: &Number| written.is_some_and(|written| written.get() == number.to_string());
    match &value {
        Value::Null | Value::String(_) => Ok(value),
        Value::Number(number) if is_exact(number) => Ok(value),
        Value::Number(_) => {
            let message = "the answer cannot repeat the number of `id` digit by digit";
            Err(CliError::usage(message, r#"give it as a text, as in "id": "12345678901234567890123""#))
        }
        _ => Err(CliError::usage("`id` is neither a text nor a number", r#"give a text, as in "id": "request 1""#)),
    }
}

/// The members of an object as they are written. So the reader gets the text of `data`, with the columns in their order and
/// all digits of numbers.
struct Members<'a> {
    values: BTreeMap<String, &'a RawValue>,
    /// A name that occurs more than once.
    twice: Option<String>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Members { values: BTreeMap::new(), twice: None };
        while let Some((name, value)) = map.next_entry::<String, &RawValue>()? {
            if members.values.insert(name.clone(), value).is_some() {
                members.twice = Some(name);
            }
        }
        Ok(members)
    }
}

/// The value of a member; `None` if the request does not have it. As a [`Value`], a member that is null is
/// `Some(Value::Null)`; as any other type, it is an error.
fn member<T: DeserializeOwned>(members: &Members<'_>, name: &str) -> anyhow::Result<Option<T>> {
    let Some(text) = members.values.get(name) else { return Ok(None) };
    serde_json::from_str(text.get()).map_err(|error| malformed(&format!("`{name}`: {}", json_error_in_words(&error))))
}

/// What is wrong with a text that is not JSON. A request is one line, so the line says nothing.
fn reason(error: &serde_json::Error, text: &[u8]) -> String {
    let column = if error.is_eof() { text.len() } else { error.column() };
    let rest = text.get(column.saturating_sub(1)..).unwrap_or_default();
    if let Some(name) = number_unknown_to_json(rest) {
        return format!("{name} at byte {column} is no number of JSON");
    }
    format!("{} at byte {column}", json_error_in_words(error))
}

fn malformed(reason: &str) -> anyhow::Error {
    CliError::usage(
        format!("the request cannot be read: {reason}"),
        r#"send a JSON object in one line, with null for a missing value: {"data": [{"date": "2024-01-01", "sales": 5}]}"#,
    )
}

fn parse_members(members: &Members<'_>, has_models: bool) -> anyhow::Result<Request> {
    if let Some(name) = &members.twice {
        let message = format!("the request has the member \"{name}\" twice");
        return Err(CliError::usage(message, "give it once"));
    }
    if let Some(other) = members.values.keys().find(|name| !MEMBERS.contains(&name.as_str())) {
        return Err(CliError::usage(
            format!("a request has no member \"{other}\""),
            format!("it has {}; flags of the command line are in `options`, without their dashes", MEMBERS.join(", ")),
        ));
    }
    let text = members.values.get("data").map_or("null", |data| data.get());
    let data = match text.bytes().next() {
        Some(b'"') => member::<String>(members, "data")?.unwrap_or_default().into_bytes(),
        Some(b'[') if !text[1..].trim_start().starts_with('{') && !is_without_rows(text) => {
            let hint = r#"give each row as an object, as in "data": [{"date": "2024-01-01", "sales": 5}]"#;
            return Err(CliError::usage("the rows of `data` are not objects", hint));
        }
        Some(b'[' | b'{') => text.as_bytes().to_vec(),
        _ => {
            return Err(CliError::usage(
                "the request has no data",
                "give `data`: an array of rows, each an object, an object with an array for each column, or the text of a CSV file",
            ));
        }
    };
    let options = members.values.get("options").map(|text| parse_object(text.get(), "`options`")).transpose()?;
    let request = Request::new(data, options.unwrap_or_default(), has_models)?;
    if is_without_rows(text) {
        return Err(CliError::usage("`data` has no rows", "send the history, a row for each time"));
    }
    Ok(request)
}

/// The options in a JSON object, or none in null. `name` is that of the text in messages.
pub(crate) fn parse_object(text: &str, name: &str) -> anyhow::Result<Map<String, Value>> {
    let hint = r#"give a JSON object, as in {"horizon": 7, "level": [80, 95]}"#;
    let members: Option<Members<'_>> = serde_json::from_str(text).map_err(|error| {
        let fault = if error.is_data() { "not an object".to_owned() } else { format!("no JSON: {error}") };
        CliError::usage(format!("{name} is {fault}"), hint)
    })?;
    let Some(members) = members else { return Ok(Map::new()) };
    if let Some(twice) = &members.twice {
        return Err(CliError::usage(format!("{name} has the option `{twice}` twice"), "give it once"));
    }
    let parse = |(option, text): (String, &RawValue)| match serde_json::from_str(text.get()) {
        Ok(value) => Ok((option, value)),
        Err(error) => {
            Err(CliError::usage(format!("{name}: `{option}` cannot be read: {}", json_error_in_words(&error)), hint))
        }
    };
    members.values.into_iter().map(parse).collect()
}

impl Request {
    /// A request for a forecast of data, which may be text of any format that is no archive.
    pub(crate) fn new(data: Vec<u8>, options: Map<String, Value>, has_models: bool) -> anyhow::Result<Self> {
        check_is_text(&data)?;
        Self::of_bytes(data, options, has_models)
    }

    /// Whether its data are a stream.
    #[cfg(feature = "serve")]
    pub(crate) fn is_stream(&self) -> bool {
        matches!(&self.data, Source::Bytes(bytes) if bytes.starts_with(&ArrowStream::MARKER))
    }

    /// A request for a forecast of data in any format, such as the rows of a stream.
    pub(crate) fn of_bytes(data: Vec<u8>, mut options: Map<String, Value>, has_models: bool) -> anyhow::Result<Self> {
        let named = if has_models { options.remove(MODEL) } else { None };
        let model = match named {
            None | Some(Value::Null) => None,
            Some(Value::String(name)) => Some(name),
            Some(_) => {
                return Err(CliError::usage("the option `model` is no name", "give the name of a model as a text"));
            }
        };
        let args = parse_options(&options)?;
        Ok(Self { args, data: Source::Bytes(data), model, names: options.into_iter().map(|(name, _)| name).collect() })
    }
}

/// Refuses compressed data and archives, since a small one may become larger than the memory.
fn check_is_text(data: &[u8]) -> anyhow::Result<()> {
    if is_plain_text(data) {
        return Ok(());
    }
    Err(CliError::data("the data are compressed, or a file with compressed parts", "send them as CSV text or as rows"))
}

/// Whether data are an empty list, or an object of empty lists. Its columns are parsed here, and again by the reader.
fn is_without_rows(data: &str) -> bool {
    let is_empty_list = serde_json::from_str::<[(); 0]>(data).is_ok();
    let columns = serde_json::from_str::<BTreeMap<String, Vec<IgnoredAny>>>(data);
    is_empty_list || columns.is_ok_and(|columns| columns.values().all(Vec::is_empty))
}

/// Parses options as if they were flags of the command line.
fn parse_options(options: &Map<String, Value>) -> anyhow::Result<RequestArgs> {
    let mut words = vec!["forecast".to_owned(), "--csv=-".to_owned()];
    let mut names: BTreeMap<&str, &str> = BTreeMap::new();
    // null is as if the option were left out
    for (name, value) in options.iter().filter(|(_, value)| !value.is_null()) {
        let Some(flag) = find_option(name).and_then(clap::Arg::get_long) else { return Err(unknown_option(name)) };
        if let Some(other) = names.insert(flag, name) {
            let message = format!("`{other}` and `{name}` are names of one option, and both are given");
            return Err(CliError::usage(message, format!("give `{flag}` alone")));
        }
        let Some(text) = flag_text(value) else {
            return Err(CliError::usage(
                format!("the option `{name}` is neither a text, nor a number, nor a list of these"),
                format!("give it as a text, such as \"{name}\": \"…\", or as a number"),
            ));
        };
        check_size(name, &text)?;
        words.push(format!("--{name}={text}"));
    }
    let parsed =
        COMMAND.clone().try_get_matches_from(words).and_then(|mut found| RequestArgs::from_arg_matches_mut(&mut found));
    parsed.map_err(|error| usage::option_error(&error, description))
}

/// Refuses a network that may be larger than the memory.
fn check_size(name: &str, text: &str) -> anyhow::Result<()> {
    let largest = LARGEST.into_iter().find(|(own, _)| *own == name).map(|(_, largest)| largest);
    match largest.filter(|largest| text.trim().parse().is_ok_and(|size: f64| size > *largest)) {
        None => Ok(()),
        Some(largest) => Err(CliError::usage(
            format!("the option `{name}` of a request is at most {largest}, and {text} was given"),
            "give a smaller number, or train a larger network once: `forecast train --csv FILE --horizon N --out DIR`",
        )),
    }
}

/// The text of a flag; `None` if the value cannot be that of a flag.
pub(crate) fn flag_text(value: &Value) -> Option<String> {
    match value {
        Value::Array(items) => items.iter().map(scalar_text).collect::<Option<Vec<String>>>().map(|own| own.join(",")),
        value => scalar_text(value),
    }
}

fn scalar_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => {
            let whole = number.as_f64().filter(|number| number.fract() == 0.0 && number.abs() < 1e15);
            Some(whole.map_or_else(|| number.to_string(), |whole| format!("{whole:.0}")))
        }
        _ => None,
    }
}

/// Whether a request has an option of this name.
pub(crate) fn is_option(name: &str) -> bool {
    find_option(name).is_some()
}

fn find_option(name: &str) -> Option<&'static clap::Arg> {
    let is_named = |arg: &&clap::Arg| {
        let aliases = arg.get_visible_aliases().unwrap_or_default();
        arg.get_long() == Some(name) || aliases.contains(&name)
    };
    COMMAND.get_arguments().find(is_named).filter(|_| !FILES.contains(&name))
}

/// The value of a flag as that of an option: a number, a text, or a list of them.
pub(crate) fn option_value(name: &str, text: &str) -> String {
    let is_list = find_option(name).is_some_and(|arg| arg.get_value_delimiter().is_some()) && text.contains(',');
    let scalar = |text: &str| text.parse::<i64>().map_or_else(|_| Value::from(text), Value::from).to_string();
    if !is_list {
        return scalar(text);
    }
    format!("[{}]", text.split(',').map(scalar).collect::<Vec<_>>().join(", "))
}

/// What an option is: the start of the help of its flag.
fn description(name: &str) -> Option<String> {
    let help = find_option(name)?.get_help()?.to_string();
    let text = help.split(" [default: ").next().unwrap_or_default();
    let mut letters = text.chars();
    Some(letters.next()?.to_lowercase().chain(letters).collect())
}

fn unknown_option(name: &str) -> anyhow::Error {
    if FILES.contains(&name) {
        return CliError::usage(
            format!("the option `{name}` names a file, and a request opens none"),
            "send the rows in `data`",
        );
    }
    let mut known: Vec<&str> = COMMAND.get_arguments().filter_map(|arg| arg.get_long()).collect();
    known.retain(|flag| !FILES.contains(flag));
    known.sort_unstable();
    let similar = COMMAND.clone().try_get_matches_from(["forecast", "--csv=-", &format!("--{name}=")]).err();
    let similar = similar.and_then(|error| error.get(ContextKind::SuggestedArg).map(ToString::to_string));
    let similar = similar.map(|flag| flag.trim_start_matches('-').to_owned()).filter(|flag| is_option(flag));
    let did_you_mean = similar.map_or_else(String::new, |flag| format!("did you mean `{flag}`? "));
    let hint = format!("{did_you_mean}the options are {}", known.join(", "));
    CliError::usage(format!("a request has no option `{name}`"), hint)
}
