//! The routes of a model server of `MLflow`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use forecast::Budget;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::app::App;
use super::failure::{Failure, json_response};
use super::options;
use super::tables::{self, ForecastTable};
use super::{body, forecasts};
use crate::exit_status::CliError;
use crate::service::answer::Service;

const HINT: &str = r#"send {"dataframe_split": {"columns": ["date", "sales"], "data": [["2024-01-01", 5]]}, "params": {"horizon": 7}}"#;

/// A request in one of the forms of a data frame.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct InvocationRequest {
    /// The history by rows, as lists.
    dataframe_split: Option<SplitFrame>,
    /// The history by rows, as objects.
    #[schema(value_type = Option<Vec<Object>>)]
    dataframe_records: Option<Vec<Value>>,
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
    request_body(content((InvocationRequest = "application/json"), (String = "text/csv"))),
    responses((status = 200, description = "The rows of the forecast in `predictions`"), (status = "default", description = "The object `{\"error_code\": CODE, \"message\": TEXT}`"))
)]
pub(super) async fn invocations(
    State(app): State<Arc<App>>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Failure> {
    let deadline = app.deadline();
    let (options, body) = body::checked(body, options::of_request(&headers, &uri)).await?;
    let bytes = body::read(&app, deadline, body).await?;
    let response = app.compute(deadline, move |service, stop| Ok(predictions(service, stop, bytes, options)?));
    Ok(json_response(response.await?))
}

/// The predictions for a body, which is CSV if it has options outside of it.
fn predictions(
    service: &Service,
    stop: &Budget,
    bytes: Vec<u8>,
    options: Option<Map<String, Value>>,
) -> anyhow::Result<String> {
    let (data, options) = match options {
        Some(options) => (bytes, options),
        None => serde_json::from_slice::<InvocationRequest>(&bytes)
            .map_err(|error| tables::malformed(&error, HINT))?
            .into_rows()?,
    };
    let answer = forecasts::answer(service, &service.request(data, options)?, stop)?;
    let ForecastTable { names, rows } = ForecastTable::of(&answer)?;
    let rows = tables::as_json(&names, rows.iter().map(|row| row.iter()))?;
    Ok(format!("{{\"predictions\":{}}}", String::from_utf8(rows)?))
}

impl InvocationRequest {
    /// The rows as JSON, and the options.
    fn into_rows(self) -> anyhow::Result<(Vec<u8>, Map<String, Value>)> {
        let rows = match (self.dataframe_split, self.dataframe_records) {
            (Some(frame), None) => frame.into_rows()?,
            (None, Some(records)) => Value::Array(records).to_string().into_bytes(),
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
