//! `GET /v1/models`: the saved models of the service.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use forecast::model;
use serde_json::{Value, json};

use super::app::App;
use super::failure::json_response;
use crate::service::models::ServedModel;

/// Answers with a list of the saved models, which is empty if a model is fitted to each request. Then it also has the
/// names of the models that can be fitted.
#[utoipa::path(get, path = "/v1/models", responses((status = 200, description = "The models")))]
pub(super) async fn list(State(app): State<Arc<App>>) -> Response {
    let models: Vec<Value> = app.service.models.iter().map(|(name, model)| object(name, model)).collect();
    let fitted: Vec<&str> = if models.is_empty() { model::names().collect() } else { Vec::new() };
    json_response(&json!({"models": models, "fitted": fitted}))
}

/// The name of a model, its family, and what it needs to know of data.
fn object(name: &str, model: &ServedModel) -> Value {
    let summary = &model.summary;
    let trained_on = summary.trained_on.as_ref();
    json!({
        "name": name,
        "family": summary.family,
        "levels": summary.levels,
        "covariates": summary.covariates,
        "frequency": trained_on.map(|own| own.frequency.name()),
        "season": trained_on.map(|own| own.season),
        "columns": trained_on.map(|own| json!({
            "time": own.columns.time, "target": own.columns.target, "ids": own.columns.ids,
        })),
    })
}
