//! `POST /v1/forecast`: data in, a forecast out.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Uri, header};
use axum::response::{IntoResponse, Response};
use forecast::Budget;
use forecast::write::Table;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::app::App;
use super::failure::{Failure, json_response, json_text_response};
use super::input::{self, Input};
use super::options::{ARROW, AnswerFormat};
use crate::service::answer::{Answer, Service};
use crate::service::arrow;
use crate::service::request::Request;

/// The command in the record of an answer. The arguments of the service are not for its clients.
const COMMAND: [&str; 2] = ["forecast", "serve"];

/// A request in JSON. One with CSV has its options in the address, as in `?horizon=7&level=80,95`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what the parser of requests reads")]
pub(super) struct ForecastRequest {
    /// A text or a number, which is in the answer, too.
    id: Option<Value>,
    /// The rows, each an object; or the text of a CSV file.
    data: Value,
    /// Flags of `forecast` by their names without dashes, such as `horizon`, `level`, `target`, `id` or `frequency`; `model`
    /// is a saved model of the service, or the model to fit.
    #[schema(value_type = Option<Object>)]
    options: Option<Map<String, Value>>,
}

/// The body of an answer.
enum Output {
    Json(String),
    Csv(String),
    Arrow(Vec<u8>),
}

/// Answers with the object of `--json`, or with the forecast as CSV or as an Arrow stream.
#[utoipa::path(
    post, path = "/v1/forecast",
    request_body(content((ForecastRequest = "application/json"), (String = "text/csv"), (Vec<u8> = "application/vnd.apache.arrow.stream"))),
    responses(
        (status = 200, description = "The results; with `Accept: text/csv` the forecast; with that of Arrow the forecast, and the results in the metadata of its schema", content((ref("#/components/schemas/run") = "application/json"), (String = "text/csv"), (Vec<u8> = "application/vnd.apache.arrow.stream"))),
        (status = "default", description = "Why the request failed", body = ref("#/components/schemas/failure")),
    )
)]
pub(super) async fn forecast(
    State(app): State<Arc<App>>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Failure> {
    let format = AnswerFormat::of(&headers);
    let output = input::compute(app, &uri, &headers, body, move |service, stop, input| {
        respond(service, stop, input, |answer, id| {
            Ok(match format {
                AnswerFormat::Json => Output::Json(answer.line(id)?),
                AnswerFormat::Csv => Output::Csv(csv(answer)?),
                AnswerFormat::Arrow => Output::Arrow(arrow::answered(answer, id)?.to_bytes()?),
            })
        })
    });
    let typed = |name: &'static str| [(header::CONTENT_TYPE, name)];
    Ok(match output.await? {
        Output::Json(text) => json_text_response(text),
        Output::Csv(text) => (typed("text/csv; charset=utf-8; header=present"), text).into_response(),
        Output::Arrow(bytes) => (typed(ARROW), bytes).into_response(),
    })
}

/// Answers with report.html of a run and with its forecast.csv, as members of one object.
#[utoipa::path(
    post, path = "/v1/report",
    request_body(content((ForecastRequest = "application/json"), (String = "text/csv"), (Vec<u8> = "application/vnd.apache.arrow.stream"))),
    responses(
        (status = 200, description = "The members `page`, a text in HTML, and `forecast`, a text in CSV"),
        (status = "default", description = "Why the request failed", body = ref("#/components/schemas/failure")),
    )
)]
pub(super) async fn report(
    State(app): State<Arc<App>>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Failure> {
    let object = input::compute(app, &uri, &headers, body, |service, stop, input| {
        respond(service, stop, input, |answer, _| Ok(json!({"page": answer.page()?, "forecast": csv(answer)?})))
    });
    Ok(json_response(&object.await?))
}

/// The answer to a request as `output` makes it, which is given the `id` of the request, too.
fn respond<T>(
    service: &Service,
    stop: &Budget,
    input: Input,
    output: impl FnOnce(&Answer, Option<&Value>) -> anyhow::Result<T>,
) -> Result<T, Failure> {
    let (id, request) = input.request(service, |bytes| service.parse(bytes));
    let id = Some(id).filter(|id| *id != Value::Null);
    let answered = request.and_then(|request| {
        let answer = answer(service, &request, stop).map_err(input::failure_of(&request))?;
        Ok(output(&answer, id.as_ref())?)
    });
    answered.map_err(|failure| failure.with_id(id))
}

/// The answer to a request, without the arguments of the service.
pub(super) fn answer(service: &Service, request: &Request, stop: &Budget) -> anyhow::Result<Answer> {
    let mut answer = service.answer(request, stop)?;
    answer.record.command = COMMAND.map(str::to_owned).to_vec();
    Ok(answer)
}

/// The forecast as forecast.csv has it.
pub(super) fn csv(answer: &Answer) -> anyhow::Result<String> {
    let mut csv = Vec::new();
    Table::Forecast(&answer.forecasts).write_csv(&mut csv, &answer.dataset.panel)?;
    Ok(String::from_utf8(csv)?)
}
