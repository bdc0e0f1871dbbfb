//! The description of all routes in the format of `OpenAPI` 3.1.

use anyhow::Context;
use axum::response::Response;
use serde_json::{Map, Value, json};
use utoipa::OpenApi;

use super::failure::{Failure, json_response};
use super::{forecasts, health, kserve, measuring, mlflow, models, page};

/// The schema of the objects of `--json`, which are those of answers and failures.
const RUN_SCHEMA: &str = include_str!("../../../../../docs/run.schema.json");

#[derive(OpenApi)]
#[openapi(
    info(title = "forecast", description = "Forecasts of time series", license(name = "MIT OR Apache-2.0")),
    paths(
        forecasts::forecast,
        forecasts::report,
        models::list,
        measuring::metrics,
        openapi,
        health::healthy,
        page::page,
        kserve::server,
        kserve::live,
        kserve::ready,
        kserve::model,
        kserve::model_ready,
        kserve::infer,
        mlflow::ping,
        mlflow::version,
        mlflow::invocations,
    )
)]
struct Description;

/// Answers with this description.
#[utoipa::path(get, path = "/openapi.json", responses((status = 200, description = "The description of all routes")))]
pub(super) async fn openapi() -> Result<Response, Failure> {
    Ok(json_response(&document()?))
}

/// The description, with the schema of answers and the token of requests.
fn document() -> anyhow::Result<Value> {
    let mut document = serde_json::to_value(Description::openapi())?;
    // a definition is a component of the document
    let schema = RUN_SCHEMA.replace("#/$defs/", "#/components/schemas/");
    let mut schema: Value = serde_json::from_str(&schema)?;
    let definitions = schema["$defs"].take();
    let components = document["components"]["schemas"].as_object_mut().context("the routes have schemas")?;
    components.extend(definitions.as_object().cloned().unwrap_or_else(Map::new));
    document["components"]["securitySchemes"] = json!({"token": {"type": "http", "scheme": "bearer"}});
    document["security"] = json!([{}, {"token": []}]);
    Ok(document)
}
