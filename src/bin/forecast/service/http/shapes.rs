//! Failures in the shapes of other protocols, whose clients read no others.

use std::sync::Arc;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use serde_json::{Value, json};

use super::failure::Failure;

/// Gives a failure the shape of the protocol to which its route belongs.
pub(super) async fn of_protocol(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let shape: fn(&Failure) -> Value = match path {
        "/invocations" => mlflow,
        _ if path.starts_with("/v2/") => kserve,
        _ => return next.run(request).await,
    };
    let response = next.run(request).await;
    let Some(failure) = response.extensions().get::<Arc<Failure>>() else { return response };
    failure.response(&shape(failure))
}

fn kserve(failure: &Failure) -> Value {
    json!({"error": failure.text()})
}

fn mlflow(failure: &Failure) -> Value {
    let code = if failure.status().is_server_error() { "INTERNAL_ERROR" } else { "BAD_REQUEST" };
    json!({"error_code": code, "message": failure.text()})
}
