//! A request as an Arrow IPC stream, and its answer as one.

use forecast::Budget;
use forecast::read::ArrowStream;
use forecast::write::ArrowTable;
use serde_json::{Map, Value};

use crate::exit_status::CliError;
use crate::report::json_output::{ERROR, RUN};
use crate::report::terminal::Terminal;
use crate::service::answer::Service;
use crate::service::wording;

/// The members of the metadata of a request: its id, which the answer has too, and its options.
const ID: &str = "forecast.id";
const OPTIONS: &str = "forecast.options";

/// A stream, and the metadata of its schema.
pub(crate) struct StreamAnswer {
    table: ArrowTable,
    metadata: Vec<(&'static str, String)>,
}

impl StreamAnswer {
    pub(crate) fn print(&self) -> anyhow::Result<()> {
        let metadata: Vec<(&str, &str)> = self.metadata.iter().map(|(key, value)| (*key, value.as_str())).collect();
        Terminal::print_stream_answer(&self.table, &metadata)
    }
}

/// The answer to a request, which has an error if it fails.
pub(crate) fn answer(service: &Service, stream: ArrowStream) -> StreamAnswer {
    let metadata = stream.metadata();
    let id = metadata.as_ref().ok().and_then(|members| members.get(ID).cloned());
    let request = metadata.map_err(anyhow::Error::from).and_then(|members| {
        let options = members.get(OPTIONS).map_or_else(|| Ok(Map::new()), |text| parse_options(text))?;
        service.request_of_stream(stream, options)
    });
    let answered = request.and_then(|request| {
        let (table, run) = service.answer(&request, &Budget::unlimited())?.stream()?;
        Ok(StreamAnswer { table, metadata: vec![(RUN, run)] })
    });
    let mut answer = answered.unwrap_or_else(|error| failure(&error));
    answer.metadata.extend(id.map(|id| (ID, id)));
    answer
}

/// The answer that a request failed.
pub(crate) fn failure(error: &anyhow::Error) -> StreamAnswer {
    let metadata = vec![(ERROR, wording::failure(None, error)["error"].to_string())];
    StreamAnswer { table: ArrowTable::default(), metadata }
}

fn parse_options(text: &str) -> anyhow::Result<Map<String, Value>> {
    let example = r#"give a JSON object, as in {"horizon": 7, "level": [80, 95]}"#;
    match serde_json::from_str(text) {
        Ok(Value::Object(options)) => Ok(options),
        Ok(_) => Err(CliError::usage(format!("`{OPTIONS}` of the metadata is not an object"), example)),
        Err(error) => Err(CliError::usage(format!("`{OPTIONS}` of the metadata is no JSON: {error}"), example)),
    }
}
