//! The routes of a model server of `MLflow`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::app::App;
use super::failure::{Failure, json_text_response};
use super::tables::{self, ForecastTable};
use super::{forecasts, input};
use crate::exit_status::CliError;
use crate::service::answer::{Answer, Service};
use crate::service::request::Request;

const HINT: &str = r#"send {"dataframe_split": {"columns": ["date", "sales"], "data": [["2024-01-01", 5]]}, "params": {"horizon": 7}}"#;

/// A request in one of the forms of a data frame.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct InvocationRequest {
    /// The history by rows, as lists.
    dataframe_split: Option<SplitFrame>,
    /// The history by rows, as objects.
    #[schema(value_type = Option<Vec<Object>>)]
    dataframe_records: Option<Box<RawValue>>,
    /// The options of the request, such as `horizon`.
    #[serde(default)]
    #[schema(value_type = Object)]
    params: Map<String, Value>,
}

/// A data frame, as pandas writes it with the orientation `split`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SplitFrame {
    /// The names of the columns.
    columns: Vec<Value>,
    /// The rows.
    #[schema(value_type = Vec<Vec<Object>>)]
    data: Vec<Vec<Value>>,
    /// The names of the rows, which are not used.
    #[serde(default, rename = "index")]
    _index: Option<Value>,
}

/// Says that the service runs.
#[utoipa::path(get, path = "/ping", responses((status = 200, description = "The service runs")), security(()))]
pub(super) async fn ping() -> &'static str {
    "\n"
}

/// Tells the version of forecast.
#[utoipa::path(get, path = "/version", responses((status = 200, description = "The version", body = String)))]
pub(super) async fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// Forecasts from a data frame, and answers with the rows of the forecast.
#[utoipa::path(
    post, path = "/invocations",
    request_body(content((InvocationRequest = "application/json"), (String = "text/csv"), (Vec<u8> = "application/vnd.apache.arrow.stream"))),
    responses((status = 200, description = "The rows of the forecast in `predictions`"), (status = "default", description = "The object `{\"error_code\": CODE, \"message\": TEXT}`"))
)]
pub(super) async fn invocations(
    State(app): State<Arc<App>>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Failure> {
    let text = input::compute(app, &uri, &headers, body, |service, stop, input| {
        let parse = |bytes: &[u8]| (Value::Null, invocation(service, bytes));
        let request = input.request(service, parse).1?;
        let answer = forecasts::answer(service, &request, stop).map_err(input::failure_of(&request))?;
        Ok(predictions(&answer)?)
    });
    Ok(json_text_response(text.await?))
}

/// The request of a body in JSON.
fn invocation(service: &Service, bytes: &[u8]) -> anyhow::Result<Request> {
    let request: InvocationRequest = serde_json::from_slice(bytes).map_err(|error| tables::malformed(&error, HINT))?;
    let (data, options) = request.into_rows()?;
    service.request(data, options)
}

fn predictions(answer: &Answer) -> anyhow::Result<String> {
    let ForecastTable { names, rows } = ForecastTable::of(answer)?;
    let rows = tables::as_json(&names, rows.iter().map(|row| row.iter()))?;
    Ok(format!("{{\"predictions\":{}}}", String::from_utf8(rows)?))
}

impl InvocationRequest {
    /// The rows as JSON, and the options.
    fn into_rows(self) -> anyhow::Result<(Vec<u8>, Map<String, Value>)> {
        let rows = match (self.dataframe_split, self.dataframe_records) {
            (Some(frame), None) => frame.into_rows()?,
            (None, Some(records)) if records.get().starts_with('[') => records.get().as_bytes().to_vec(),
            (None, Some(_)) => return Err(CliError::usage("dataframe_records is no list of rows", HINT)),
            _ => return Err(CliError::usage("the request needs one of dataframe_split and dataframe_records", HINT)),
        };
        Ok((rows, self.params))
    }
}

impl SplitFrame {
    fn into_rows(self) -> anyhow::Result<Vec<u8>> {
        let name = |name: &Value| name.as_str().map_or_else(|| name.to_string(), str::to_owned);
        let names: Vec<String> = self.columns.iter().map(name).collect();
        if let Some(at) = self.data.iter().position(|row| row.len() != names.len()) {
            let (number, cells, of) = (at + 1, self.data[at].len(), names.len());
            let message = format!("row {number} of the data frame has {cells} cells, and there are {of} columns");
            return Err(CliError::usage(message, "give a cell for each column, and null for a missing one"));
        }
        tables::as_json(&names, self.data.iter().map(|row| row.iter()))
    }
}
