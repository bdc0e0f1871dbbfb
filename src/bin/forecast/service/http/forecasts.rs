//! `POST /v1/forecast`: data in, a forecast out.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Uri, header};
use axum::response::{IntoResponse, Response};
use forecast::Budget;
use forecast::write::forecast_csv;
use serde_json::{Map, Value, json};
use tokio::time::Instant;
use utoipa::ToSchema;

use super::app::App;
use super::body;
use super::failure::{Failure, json_response};
use super::options;
use crate::service::answer::{Answer, Service};
use crate::service::request::Request;

/// The command in the record of an answer. The arguments of the service are not for its clients.
const COMMAND: [&str; 2] = ["forecast", "serve"];

/// A request in JSON. One with CSV has its options in the address, as in `?horizon=7&level=80,95`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what the parser of requests reads")]
pub(super) struct ForecastRequest {
    /// Any value but null, which is in the answer, too.
    id: Option<Value>,
    /// The rows, each an object; or the text of a CSV file.
    data: Value,
    /// Flags of `forecast` by their names without dashes, such as `horizon`, `level`, `target`, `id` or `frequency`; `model`
    /// is a saved model of the service, or the model to fit.
    #[schema(value_type = Option<Object>)]
    options: Option<Map<String, Value>>,
}

/// A body, and the options outside of it.
enum Input {
    Json(Vec<u8>),
    Csv(Vec<u8>, Map<String, Value>),
}

/// Answers with the object of `--json`, or with the forecast as CSV.
#[utoipa::path(
    post, path = "/v1/forecast",
    request_body(content((ForecastRequest = "application/json"), (String = "text/csv"))),
    responses(
        (status = 200, description = "The results, or with `Accept: text/csv` the forecast", content((ref("#/components/schemas/run") = "application/json"), (String = "text/csv"))),
        (status = "default", description = "Why the request failed", body = ref("#/components/schemas/failure")),
    )
)]
pub(super) async fn forecast(
    State(app): State<Arc<App>>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Failure> {
    let deadline = app.deadline();
    let input = Input::read(&app, deadline, &uri, &headers, body).await?;
    let wants_csv = options::wants_csv(&headers);
    let text = app.compute(deadline, move |service, stop| {
        input.answer(service, stop, |answer, id| if wants_csv { csv(answer) } else { answer.line(id) })
    });
    let text = text.await?;
    if wants_csv {
        return Ok(([(header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present")], text).into_response());
    }
    Ok(json_response(text))
}

/// Answers with report.html of a run and with its forecast.csv, as members of one object.
#[utoipa::path(
    post, path = "/v1/report",
    request_body(content((ForecastRequest = "application/json"), (String = "text/csv"))),
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
    let deadline = app.deadline();
    let input = Input::read(&app, deadline, &uri, &headers, body).await?;
    let text = app.compute(deadline, move |service, stop| {
        input.answer(service, stop, |answer, _| {
            Ok(json!({"page": answer.page()?, "forecast": csv(answer)?}).to_string())
        })
    });
    Ok(json_response(text.await?))
}

impl Input {
    async fn read(app: &App, deadline: Instant, uri: &Uri, headers: &HeaderMap, body: Body) -> Result<Self, Failure> {
        let (options, body) = body::checked(body, options::of_request(headers, uri)).await?;
        let bytes = body::read(app, deadline, body).await?;
        Ok(match options {
            None => Self::Json(bytes),
            Some(options) => Self::Csv(bytes, options),
        })
    }

    /// Computes the answer and its text, which has the `id` of the request.
    fn answer(
        self,
        service: &Service,
        stop: &Budget,
        text: impl FnOnce(&Answer, Option<&Value>) -> anyhow::Result<String>,
    ) -> Result<String, Failure> {
        let (id, request) = match self {
            Self::Json(bytes) => service.parse(&bytes),
            Self::Csv(bytes, options) => (Value::Null, service.request(bytes, options)),
        };
        let id = Some(id).filter(|id| *id != Value::Null);
        let answer = request.and_then(|request| answer(service, &request, stop));
        answer.and_then(|answer| text(&answer, id.as_ref())).map_err(|error| Failure::from(error).with_id(id))
    }
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
    forecast_csv(&mut csv, &answer.dataset.panel, &answer.forecasts)?;
    Ok(String::from_utf8(csv)?)
}
