//! All routes, and the checks that each request passes before one answers.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::decompression::RequestDecompressionLayer;
use tower_http::set_header::SetResponseHeaderLayer;

use super::app::App;
use super::failure::Failure;
use super::{body, forecasts, guards, health, kserve, measuring, mlflow, models, openapi, page, shapes};

/// Headers of each response that has none of its own: nothing may be loaded, framed, guessed or stored.
const HEADERS: [(HeaderName, &str); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// The routes of the service.
pub(super) fn router(app: &Arc<App>) -> Router {
    let mut router = Router::new()
        .merge(computing(app))
        .route("/v1/models", get(models::list))
        .route("/metrics", get(measuring::metrics))
        .route("/openapi.json", get(openapi::openapi))
        .route("/version", get(mlflow::version))
        .route("/v2", get(kserve::server))
        .route("/v2/models/{name}", get(kserve::model))
        .route("/v2/models/{name}/ready", get(kserve::model_ready))
        .layer(from_fn_with_state(Arc::clone(app), guards::check_token))
        .merge(open())
        .fallback(unknown_route)
        .method_not_allowed_fallback(unknown_method)
        .layer(from_fn_with_state(Arc::clone(app), guards::check_origin))
        .layer(CatchPanicLayer::custom(Failure::of_panic))
        .layer(from_fn(shapes::of_protocol))
        .layer(from_fn_with_state(Arc::clone(app), measuring::measure))
        .with_state(Arc::clone(app));
    for (name, value) in HEADERS {
        router = router.layer(SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value)));
    }
    router
}

/// The routes that compute, so that only some are answered at once.
fn computing(app: &Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route("/v1/forecast", post(forecasts::forecast))
        .route("/v1/report", post(forecasts::report))
        .route("/v2/models/{name}/infer", post(kserve::infer))
        .route("/invocations", post(mlflow::invocations))
        .layer(RequestDecompressionLayer::new())
        .layer(from_fn_with_state(Arc::clone(app), guards::admit))
}

/// The routes that need no token: those of health checks, and the page, which asks for the token.
fn open() -> Router<Arc<App>> {
    Router::new()
        .route("/", get(page::page))
        .route("/page.css", get(page::style))
        .route("/page.js", get(page::script))
        .route("/healthz", get(health::healthy))
        .route("/ping", get(mlflow::ping))
        .route("/v2/health/live", get(kserve::live))
        .route("/v2/health/ready", get(kserve::ready))
}

async fn unknown_route(uri: Uri, body: Body) -> Failure {
    body::discard(body).await;
    let message = format!("there is no route {}", uri.path());
    Failure::new(StatusCode::NOT_FOUND, message, "/openapi.json lists the routes; `POST /v1/forecast` forecasts")
}

async fn unknown_method(method: Method, uri: Uri, body: Body) -> Failure {
    body::discard(body).await;
    let message = format!("the route {} has no method {method}", uri.path());
    Failure::new(StatusCode::METHOD_NOT_ALLOWED, message, "/openapi.json lists the methods of each route")
}
