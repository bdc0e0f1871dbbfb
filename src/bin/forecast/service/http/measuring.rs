//! Measures all requests, and answers with the metrics.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::app::App;
use super::failure::Failure;

/// The route of requests that no route answers. Their paths are not listed, since anybody can make up new ones.
const OTHER: &str = "other";

/// Measures a request.
pub(super) async fn measure(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or(OTHER, MatchedPath::as_str);
    let mut measured = app.metrics.request(route);
    let response = next.run(request).await;
    measured.answered(response.status());
    response
}

/// Answers with all metrics.
#[utoipa::path(get, path = "/metrics", responses((status = 200, description = "The metrics in the format of Prometheus")))]
pub(super) async fn metrics(State(app): State<Arc<App>>) -> Result<Response, Failure> {
    let text = app.metrics.text().ok_or_else(Failure::panicked)?;
    let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, content_type)], text).into_response())
}
