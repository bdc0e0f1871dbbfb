//! A request as an Arrow IPC stream, and its answer as one.

use forecast::Budget;
use forecast::read::ArrowStream;
use forecast::write::ArrowTable;
use serde_json::{Map, Value};

use crate::report::json_output::{ERROR, RUN};
use crate::report::terminal::Terminal;
use crate::service::answer::{Answer, Service};
use crate::service::request::parse_object;
use crate::service::wording;

/// The members of the metadata of a request: its id, which the answer has too, and its options.
const ID: &str = "forecast.id";
const OPTIONS: &str = "forecast.options";
const OPTIONS_OF_METADATA: &str = "`forecast.options` of the metadata";

/// A stream, and the metadata of its schema.
pub(crate) struct StreamAnswer {
    table: ArrowTable,
    metadata: Vec<(&'static str, String)>,
}

impl StreamAnswer {
    pub(crate) fn print(&self) -> anyhow::Result<()> {
        Terminal::print_stream_answer(&self.table, &self.metadata())
    }

    /// The bytes of the stream.
    #[cfg(feature = "serve")]
    pub(crate) fn to_bytes(&self) -> anyhow::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.table.write(&mut bytes, &self.metadata())?;
        Ok(bytes)
    }

    fn metadata(&self) -> Vec<(&str, &str)> {
        self.metadata.iter().map(|(key, value)| (*key, value.as_str())).collect()
    }
}

/// The answer to a request, which has an error if it fails.
pub(crate) fn answer(service: &Service, stream: ArrowStream) -> StreamAnswer {
    let (id, options) = id_and_options(&stream);
    let request = options.and_then(|options| service.request_of_stream(stream, options));
    let answer = request.and_then(|request| service.answer(&request, &Budget::unlimited()));
    let answered = answer.and_then(|answer| answered(&answer, None));
    let mut answer = answered.unwrap_or_else(|error| failure(&error));
    answer.metadata.extend(id.map(|id| (ID, id)));
    answer
}

/// The id in the metadata of a request, and its options there.
pub(crate) fn id_and_options(stream: &ArrowStream) -> (Option<String>, anyhow::Result<Map<String, Value>>) {
    match stream.metadata() {
        Ok(mut members) => {
            let options =
                members.get(OPTIONS).map_or_else(|| Ok(Map::new()), |text| parse_object(text, OPTIONS_OF_METADATA));
            (members.remove(ID), options)
        }
        Err(error) => (None, Err(error.into())),
    }
}

/// The rows of an answer, and the object of `--json` in the metadata.
pub(crate) fn answered(answer: &Answer, id: Option<&Value>) -> anyhow::Result<StreamAnswer> {
    let (table, run) = answer.stream()?;
    let id = id.map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned));
    let metadata = [(RUN, run)].into_iter().chain(id.map(|id| (ID, id))).collect();
    Ok(StreamAnswer { table, metadata })
}

/// The answer that a request failed.
pub(crate) fn failure(error: &anyhow::Error) -> StreamAnswer {
    let metadata = vec![(ERROR, wording::failure(None, error)["error"].to_string())];
    StreamAnswer { table: ArrowTable::default(), metadata }
}
