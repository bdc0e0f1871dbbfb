//! What a request with data sends: a body in one of several formats, and the options outside of it.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, Uri};
use forecast::Budget;
use forecast::error::DataProblem;
use forecast::read::{ArrowStream, Expansion};
use serde_json::{Map, Value};

use super::app::App;
use super::body;
use super::failure::Failure;
use super::options::{self, BodyFormat};
use crate::exit_status::{self, CliError};
use crate::service::answer::Service;
use crate::service::arrow;
use crate::service::request::Request;

/// A body, and the options outside of it.
pub(super) enum Input {
    Json(Vec<u8>),
    Csv(Vec<u8>, Map<String, Value>),
    Arrow(Vec<u8>, Map<String, Value>),
}

/// Reads the body of a request and calls `work` with it on a thread for computations.
pub(super) async fn compute<T: Send + 'static>(
    app: Arc<App>,
    uri: &Uri,
    headers: &HeaderMap,
    body: Body,
    work: impl FnOnce(&Service, &Budget, Input) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let deadline = app.deadline();
    let ((format, options), body) = body::checked(body, options::of_request(headers, uri)).await?;
    let bytes = body::read(&app, deadline, body).await?;
    let input = match format {
        BodyFormat::Json => Input::Json(bytes),
        BodyFormat::Csv => Input::Csv(bytes, options),
        BodyFormat::Arrow => Input::Arrow(bytes, options),
    };
    app.compute(deadline, move |service, stop| work(service, stop, input)).await
}

impl Input {
    /// The `id` of the request and the request. `parse` reads a body in JSON.
    pub(super) fn request(
        self,
        service: &Service,
        parse: impl FnOnce(&[u8]) -> (Value, anyhow::Result<Request>),
    ) -> (Value, Result<Request, Failure>) {
        match self {
            Self::Json(bytes) => {
                let (id, request) = parse(&bytes);
                (id, request.map_err(Failure::from))
            }
            Self::Csv(bytes, options) => (Value::Null, service.request(bytes, options).map_err(Failure::from)),
            Self::Arrow(bytes, options) => of_stream(service, bytes, options),
        }
    }
}

/// The request of a stream, which may have options in its metadata, too.
fn of_stream(service: &Service, bytes: Vec<u8>, in_address: Map<String, Value>) -> (Value, Result<Request, Failure>) {
    let stream = match ArrowStream::from_bytes(bytes) {
        Ok(stream) => stream,
        Err(error) => return (Value::Null, Err(stream_failure(error.into()))),
    };
    let (id, options) = arrow::id_and_options(&stream);
    let id = id.map_or(Value::Null, Value::from);
    let request = options.and_then(|mut options| {
        if let Some(twice) = in_address.keys().find(|name| options.contains_key(*name)) {
            let message = format!("the option `{twice}` is in the address and in the metadata of the stream");
            return Err(CliError::usage(message, "give it once"));
        }
        options.extend(in_address);
        check_expansion(&stream)?;
        service.request_of_stream(stream, options)
    });
    (id, request.map_err(stream_failure))
}

/// Refuses a stream that may take far more memory than it has bytes.
fn check_expansion(stream: &ArrowStream) -> anyhow::Result<()> {
    let Some(Expansion { cause, hint }) = stream.expansion() else { return Ok(()) };
    let message = format!("the Arrow stream has {cause}, and may become larger than the memory");
    Err(CliError::usage(message, hint))
}

/// How an error of the answer to a request becomes a failure.
pub(super) fn failure_of(request: &Request) -> fn(anyhow::Error) -> Failure {
    if request.is_stream() { stream_failure } else { Failure::from }
}

/// A failure with the status of a body that makes no sense if a stream is damaged.
fn stream_failure(error: anyhow::Error) -> Failure {
    let is_damaged = matches!(
        error.downcast_ref(),
        Some(forecast::Error::Data { problem, .. }) if matches!(
            **problem,
            DataProblem::Malformed { .. } | DataProblem::StreamCut { .. } | DataProblem::BytesAfterStream { .. }
        )
    );
    if !is_damaged {
        return Failure::from(error);
    }
    let again = "write the stream again with a writer of Arrow, close that writer, and send all of its bytes";
    let hint = exit_status::code_and_hint(&error).1.unwrap_or_else(|| again.to_owned());
    Failure::from(CliError::data(error.to_string(), hint)).with_status(StatusCode::BAD_REQUEST)
}
