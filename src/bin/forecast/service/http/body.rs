//! The body of a request, within its limits of size and time.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::http::{HeaderMap, StatusCode, header};
use tokio::time::{Instant, timeout, timeout_at};

use super::app::App;
use super::failure::Failure;

/// How many bytes of a refused body are read, and for how long. A connection that is closed with unread bytes is reset,
/// and its client may lose the response.
const MAX_DISCARDED: usize = 1 << 22;
const MAX_DISCARDING: Duration = Duration::from_secs(1);

/// Reads a body that was decompressed.
pub(super) async fn read(app: &App, deadline: Instant, mut body: Body) -> Result<Vec<u8>, Failure> {
    let limit = app.settings.max_body;
    let read = timeout_at(deadline, collect(&mut body, limit)).await;
    let failure = match read {
        Ok(Ok(bytes)) => return Ok(bytes),
        Ok(Err(failure)) => failure,
        Err(_too_late) => return Err(Failure::too_slow()),
    };
    discard(body).await;
    Err(failure)
}

async fn collect(body: &mut Body, limit: usize) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    while let Some(data) = next(body).await {
        let data = data.map_err(|_| {
            let hint = "compress it again, or send it as it is, without the header `Content-Encoding`";
            Failure::new(StatusCode::BAD_REQUEST, "the body of the request is damaged or not complete", hint)
        })?;
        if bytes.len() + data.len() > limit {
            return Err(Failure::too_large(limit));
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes)
}

/// The next data of a body; none at its end. Trailers are no data.
async fn next(body: &mut Body) -> Option<Result<Bytes, axum::Error>> {
    let frame = poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await?;
    Some(frame.map(|frame| frame.into_data().unwrap_or_default()))
}

/// What was found of a request before its body, with the body. If it is refused, the body is read first.
pub(super) async fn checked<T>(body: Body, found: Result<T, Failure>) -> Result<(T, Body), Failure> {
    match found {
        Ok(found) => Ok((found, body)),
        Err(failure) => {
            discard(body).await;
            Err(failure)
        }
    }
}

/// Reads the rest of a body that is refused, up to a limit.
pub(super) async fn discard(mut body: Body) {
    let reading = async {
        let mut length = 0;
        while let Some(Ok(data)) = next(&mut body).await
            && length < MAX_DISCARDED
        {
            length += data.len();
        }
    };
    // what remains is of no use
    let _ = timeout(MAX_DISCARDING, reading).await;
}

/// Refuses a body that says that it is too long, or that has an unknown encoding.
pub(super) fn check_headers(app: &App, headers: &HeaderMap) -> Result<(), Failure> {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > app.settings.max_body as u64) {
        return Err(Failure::too_large(app.settings.max_body));
    }
    let is_known =
        |encoding: &[u8]| [&b"gzip"[..], b"identity"].iter().any(|known| encoding.eq_ignore_ascii_case(known));
    if headers.get_all(header::CONTENT_ENCODING).iter().all(|encoding| is_known(encoding.as_bytes())) {
        return Ok(());
    }
    let message = "the encoding of the body is not known";
    Err(Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message, "compress it with gzip, or send it as it is"))
}
