//! The routes of the Open Inference Protocol, version 2, which `KServe` and other platforms call.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use forecast::Budget;
use forecast::forecast::ForecastColumns;
use forecast::write::distinct_names;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::app::App;
use super::failure::{Failure, json_response};
use super::tables::{self, ForecastTable};
use super::{body, forecasts};
use crate::exit_status::CliError;
use crate::service::answer::Service;
use crate::service::models::ServedModel;

/// The platform of a model is this and its family.
const PLATFORM: &str = "forecast";
/// The name of the time column in the description of a model that does not know its own.
const TIME: &str = "time";
/// The parameter that names a model.
const MODEL: &str = "model";
const HINT: &str =
    r#"send columns as inputs: {"inputs": [{"name": "sales", "datatype": "FP64", "shape": [2], "data": [5, 7]}]}"#;

/// The name of a model in the address, unless it cannot be decoded.
type ModelName = Result<Path<String>, PathRejection>;

/// A request for inference.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct InferRequest {
    /// A text that is in the response, too.
    id: Option<String>,
    /// The options of the request, such as `horizon`.
    #[serde(default)]
    #[schema(value_type = Object)]
    parameters: Map<String, Value>,
    /// The columns of the history. All have the same length.
    inputs: Vec<Tensor>,
    /// The columns of the forecast to answer with; all of them if it is empty.
    #[serde(default)]
    outputs: Vec<Output>,
}

/// A column.
#[derive(Debug, Deserialize, ToSchema)]
struct Tensor {
    /// The name of the column.
    name: String,
    /// The number of rows, and 1 for columns of a matrix.
    shape: Vec<usize>,
    /// `BYTES` for texts and times, or a type of numbers, such as `FP64`.
    datatype: String,
    /// The values, as a list or as a list of lists of one value each.
    data: Vec<Value>,
}

/// A column of the forecast.
#[derive(Debug, Deserialize, ToSchema)]
struct Output {
    /// The name of the column.
    name: String,
}

/// Describes the service.
#[utoipa::path(get, path = "/v2", responses((status = 200, description = "The name and the version of the service")))]
pub(super) async fn server() -> Response {
    let object = json!({"name": PLATFORM, "version": env!("CARGO_PKG_VERSION"), "extensions": []});
    json_response(&object)
}

/// Says that the service runs.
#[utoipa::path(get, path = "/v2/health/live", responses((status = 200, description = "The service runs")), security(()))]
pub(super) async fn live() -> Response {
    json_response(&json!({"live": true}))
}

/// Says that the models are loaded.
#[utoipa::path(get, path = "/v2/health/ready", responses((status = 200, description = "The models are loaded")), security(()))]
pub(super) async fn ready() -> Response {
    json_response(&json!({"ready": true}))
}

/// Describes the inputs and outputs of a model.
#[utoipa::path(
    get, path = "/v2/models/{name}", params(("name" = String, Path, description = "The name of the model")),
    responses((status = 200, description = "The model"), (status = 404, description = "There is no such model"))
)]
pub(super) async fn model(State(app): State<Arc<App>>, name: ModelName) -> Result<Response, Failure> {
    let (name, model) = find(&app, name)?;
    Ok(json_response(&description(&name, model)))
}

/// Says that a model is loaded.
#[utoipa::path(
    get, path = "/v2/models/{name}/ready", params(("name" = String, Path, description = "The name of the model")),
    responses((status = 200, description = "The model is loaded"), (status = 404, description = "There is no such model"))
)]
pub(super) async fn model_ready(State(app): State<Arc<App>>, name: ModelName) -> Result<Response, Failure> {
    let (name, _) = find(&app, name)?;
    Ok(json_response(&json!({"name": name, "ready": true})))
}

/// Forecasts from columns, and answers with columns.
#[utoipa::path(
    post, path = "/v2/models/{name}/infer", params(("name" = String, Path, description = "The name of the model")),
    request_body = InferRequest,
    responses((status = 200, description = "The columns of the forecast"), (status = "default", description = "The object `{\"error\": TEXT}`"))
)]
pub(super) async fn infer(State(app): State<Arc<App>>, name: ModelName, body: Body) -> Result<Response, Failure> {
    let deadline = app.deadline();
    let found = find(&app, name).map(|(name, _)| name);
    let (name, body) = body::checked(body, found).await?;
    let bytes = body::read(&app, deadline, body).await?;
    let response = app.compute(deadline, move |service, stop| Ok(inference(service, stop, &name, &bytes)?));
    Ok(json_response(&response.await?))
}

/// The model of the address, with its name.
fn find(app: &App, name: ModelName) -> Result<(String, &ServedModel), Failure> {
    let unknown = |message: String| {
        let hint = "`GET /v1/models` lists the models of the service";
        Failure::new(StatusCode::NOT_FOUND, message, hint)
    };
    let Ok(Path(name)) = name else { return Err(unknown("the name of the model is not UTF-8".into())) };
    match app.service.models.iter().find(|(own, _)| *own == name) {
        Some((_, model)) => Ok((name, model)),
        None => Err(unknown(format!("the service has no model {name}"))),
    }
}

fn description(name: &str, model: &ServedModel) -> Value {
    let summary = &model.summary;
    let column = |name: &str, datatype: &str| json!({"name": name, "datatype": datatype, "shape": [-1]});
    let trained_on = summary.trained_on.as_ref().map(|own| &own.columns);
    let ids: Vec<Value> = trained_on.iter().flat_map(|own| &own.ids).map(|id| column(id, "BYTES")).collect();
    let time = column(trained_on.map_or(TIME, |own| own.time_name()), "BYTES");
    let target = trained_on.map(|own| column(&own.target, "FP64"));
    let numbers = |names: &[String]| names.iter().map(|name| column(name, "FP64")).collect::<Vec<_>>();
    let of_series = [ids, vec![time]].concat();
    let inputs = [of_series.clone(), target.into_iter().collect(), numbers(&summary.covariates)].concat();
    let mut outputs = [of_series, numbers(ForecastColumns::of(&summary.levels).names())].concat();
    let names: Vec<String> = outputs.iter().filter_map(|output| output["name"].as_str().map(str::to_owned)).collect();
    for (output, name) in outputs.iter_mut().zip(distinct_names(&names)) {
        output["name"] = name.into();
    }
    let platform = format!("{PLATFORM}_{}", summary.family);
    json!({"name": name, "versions": ["1"], "platform": platform, "inputs": inputs, "outputs": outputs})
}

fn inference(service: &Service, stop: &Budget, name: &str, bytes: &[u8]) -> anyhow::Result<Value> {
    let InferRequest { id, mut parameters, inputs, outputs } =
        serde_json::from_slice(bytes).map_err(|error| tables::malformed(&error, HINT))?;
    let (names, columns): (Vec<String>, Vec<Vec<Value>>) =
        inputs.into_iter().map(Tensor::into_column).collect::<anyhow::Result<Vec<_>>>()?.into_iter().unzip();
    let rows = columns.first().map_or(0, Vec::len);
    if let Some(at) = columns.iter().position(|column| column.len() != rows) {
        let message = format!("the input {} has {} values, and {} has {rows}", names[at], columns[at].len(), names[0]);
        return Err(CliError::usage(message, "give one value for each row, and null for a missing one"));
    }
    if parameters.get(MODEL).is_some_and(|model| *model != name) {
        let message = format!("the parameter `{MODEL}` names another model than the address, which is {name}");
        return Err(CliError::usage(message, "leave it out, or call the address of that model"));
    }
    let data = tables::as_json(&names, (0..rows).map(|row| columns.iter().map(move |column| &column[row])))?;
    parameters.insert(MODEL.into(), name.into());
    let answer = forecasts::answer(service, &service.request(data, parameters)?, stop)?;
    let table = ForecastTable::of(&answer)?;
    if let Some(unknown) = outputs.iter().find(|output| !table.names.contains(&output.name)) {
        let all = table.names.join(", ");
        return Err(CliError::usage(format!("there is no output {}", unknown.name), format!("the outputs are {all}")));
    }
    let is_wanted = |name: &str| outputs.is_empty() || outputs.iter().any(|output| output.name == name);
    let wanted = (0..table.names.len()).filter(|at| is_wanted(&table.names[*at]));
    let tensors: Vec<Value> = wanted.map(|at| tensor(&table, at)).collect();
    let mut object = json!({"model_name": name, "model_version": "1", "outputs": tensors});
    if let Some(id) = id {
        object["id"] = id.into();
    }
    Ok(object)
}

impl Tensor {
    /// The name of the column and its values.
    fn into_column(self) -> anyhow::Result<(String, Vec<Value>)> {
        let Self { name, shape, datatype, data } = self;
        let fits = fits_type(&datatype).ok_or_else(|| {
            let message = format!("the input {name} has the datatype {datatype}, which cannot be read");
            CliError::usage(message, format!("give one of {}", DATATYPES.map(|(name, _)| name).join(", ")))
        })?;
        let single = |value: Value| match value {
            Value::Array(mut inner) if inner.len() == 1 => inner.pop().unwrap_or_default(),
            value => value,
        };
        let values: Vec<Value> = data.into_iter().map(single).collect();
        let is_column = matches!(shape.as_slice(), [rows] | [rows, 1] if *rows == values.len());
        if !is_column || values.iter().any(|value| value.is_array() || value.is_object()) {
            let message = format!("the input {name} of shape {shape:?} is no column with {} values", values.len());
            return Err(CliError::usage(message, HINT));
        }
        if let Some(at) = values.iter().position(|value| !value.is_null() && !fits(value)) {
            let message = format!("value {} of the input {name} is no {datatype}: {}", at + 1, values[at]);
            return Err(CliError::usage(
                message,
                "give values of that type, null for a missing one, or another datatype",
            ));
        }
        Ok((name, values))
    }
}

/// Whether a value that is not null has a type.
type FitsType = fn(&Value) -> bool;

/// The types of the protocol, and which values have them.
const DATATYPES: [(&str, FitsType); 13] = [
    ("BOOL", Value::is_boolean),
    ("UINT8", |value| value.as_u64().is_some_and(|number| u8::try_from(number).is_ok())),
    ("UINT16", |value| value.as_u64().is_some_and(|number| u16::try_from(number).is_ok())),
    ("UINT32", |value| value.as_u64().is_some_and(|number| u32::try_from(number).is_ok())),
    ("UINT64", Value::is_u64),
    ("INT8", |value| value.as_i64().is_some_and(|number| i8::try_from(number).is_ok())),
    ("INT16", |value| value.as_i64().is_some_and(|number| i16::try_from(number).is_ok())),
    ("INT32", |value| value.as_i64().is_some_and(|number| i32::try_from(number).is_ok())),
    ("INT64", Value::is_i64),
    ("FP16", Value::is_number),
    ("FP32", Value::is_number),
    ("FP64", Value::is_number),
    ("BYTES", Value::is_string),
];

fn fits_type(datatype: &str) -> Option<FitsType> {
    DATATYPES.into_iter().find(|(name, _)| *name == datatype).map(|(_, fits)| fits)
}

/// A column of the forecast.
fn tensor(table: &ForecastTable, at: usize) -> Value {
    let data: Vec<&Value> = table.rows.iter().map(|row| &row[at]).collect();
    let datatype = if data.iter().all(|value| value.is_number()) { "FP64" } else { "BYTES" };
    json!({"name": table.names[at], "datatype": datatype, "shape": [data.len()], "data": data})
}
