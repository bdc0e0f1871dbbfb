//! A request that fails: its status and the error object of `--json`.

use std::any::Any;
use std::sync::Arc;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use crate::exit_status::{self, CliError};
use crate::service::wording;

/// After how many seconds a refused request may come again.
const RETRY_AFTER: &str = "1";

/// Why a request failed.
#[derive(Debug)]
pub(super) struct Failure {
    status: StatusCode,
    error: anyhow::Error,
    /// The `id` of the request, if it has one.
    id: Option<Value>,
}

impl Failure {
    /// A failure with a status of its own.
    pub(super) fn new(status: StatusCode, message: impl Into<String>, hint: impl Into<String>) -> Self {
        let error = if status.is_server_error() { CliError::failure } else { CliError::usage }(message, hint);
        Self { status, error, id: None }
    }

    /// The body is longer than `limit` bytes.
    pub(super) fn too_large(limit: usize) -> Self {
        let message = format!("the request is longer than {limit} bytes after decompression");
        let hint = "send fewer rows, or start the service with a larger `--max-body`";
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, message, hint)
    }

    /// The body did not arrive in time.
    pub(super) fn too_slow() -> Self {
        let hint = "send it faster, or start the service with a longer `--timeout`";
        Self::new(StatusCode::REQUEST_TIMEOUT, "the request did not arrive within the time limit", hint)
    }

    /// The forecast was not done in time.
    pub(super) fn out_of_time() -> Self {
        Self::new(
            StatusCode::GATEWAY_TIMEOUT,
            "the forecast was not done within the time limit",
            "choose a faster model, give it less time with the option `budget`, or start the service with a longer \
             `--timeout`",
        )
    }

    /// There are as many requests as the service takes.
    pub(super) fn busy() -> Self {
        let hint = "send it again in a second, or start the service with more `--concurrency`";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "the service has too many requests", hint)
    }

    /// A panic, whose text is on stderr and of no use to a client.
    pub(super) fn panicked() -> Self {
        let hint = "report the error with the data of the request; the service goes on";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "the request failed because of an error in forecast", hint)
    }

    /// The response to a panic.
    pub(super) fn of_panic(_: Box<dyn Any + Send>) -> Response {
        Self::panicked().into_response()
    }

    pub(super) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    pub(super) fn with_id(self, id: Option<Value>) -> Self {
        Self { id, ..self }
    }

    /// The message and the hint in one text, for clients that know no hints.
    pub(super) fn text(&self) -> String {
        let error = &wording::failure(None, &self.error)["error"];
        let hint = error["hint"].as_str().map(|hint| format!(" ({hint})"));
        format!("{}{}", error["message"].as_str().unwrap_or_default(), hint.unwrap_or_default())
    }

    pub(super) fn status(&self) -> StatusCode {
        self.status
    }

    /// The response with an object that describes the failure.
    pub(super) fn response(&self, object: &Value) -> Response {
        let mut response = json_response(object);
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// A failure of the reading or of the forecast, whose status depends on its kind.
impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        let status = match exit_status::kind_name(exit_status::code_and_hint(&error).0) {
            "usage" => StatusCode::BAD_REQUEST,
            "data" => StatusCode::UNPROCESSABLE_ENTITY,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self { status, error, id: None }
    }
}

/// The response has the failure as an extension, so that it can be given another shape.
impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.response(&wording::failure(self.id.as_ref(), &self.error));
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// A response with an object.
pub(super) fn json_response(object: &Value) -> Response {
    json_text_response(object.to_string())
}

/// A response with the text of an object.
pub(super) fn json_text_response(text: String) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}
