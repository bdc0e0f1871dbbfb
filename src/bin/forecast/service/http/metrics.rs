//! Metrics in the text format of Prometheus.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use prometheus_client::encoding::{EncodeLabelSet, text::encode};
use prometheus_client::metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram};
use prometheus_client::registry::Registry;

use super::app::App;
use super::failure::Failure;

/// The upper ends of the buckets of durations in seconds.
const BUCKETS: [f64; 14] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0, 60.0];
/// The route of requests that no route answers. Their paths are not listed, since anybody can make up new ones.
const OTHER: &str = "other";
/// The status of requests whose client did not wait for the response.
const CANCELLED: &str = "cancelled";

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    route: String,
    status: String,
}

/// The metrics of all requests since the start.
pub(super) struct Metrics {
    registry: Registry,
    requests: Family<Labels, Counter>,
    durations: Family<Labels, Histogram, fn() -> Histogram>,
    in_flight: Gauge,
    computing: Gauge,
    refused: Counter,
}

impl Default for Metrics {
    fn default() -> Self {
        let histogram: fn() -> Histogram = || Histogram::new(BUCKETS);
        let mut registry = Registry::with_prefix("forecast");
        let (requests, durations) = (Family::default(), Family::new_with_constructor(histogram));
        let (in_flight, computing, refused) = (Gauge::default(), Gauge::default(), Counter::default());
        registry.register("http_requests", "Requests by route and status", requests.clone());
        registry.register("http_request_duration_seconds", "Durations of requests in seconds", durations.clone());
        registry.register("http_requests_in_flight", "Requests that are not answered yet", in_flight.clone());
        registry.register("computations", "Requests that are being computed", computing.clone());
        registry.register("http_requests_refused", "Requests refused because there were too many", refused.clone());
        Self { registry, requests, durations, in_flight, computing, refused }
    }
}

/// Adds one to a gauge until it is dropped.
pub(super) struct Counted(Gauge<i64, AtomicI64>);

impl Counted {
    fn new(gauge: &Gauge<i64, AtomicI64>) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// A request that is measured until it is dropped.
struct Measured {
    app: Arc<App>,
    start: Instant,
    labels: Labels,
    _in_flight: Counted,
}

impl Drop for Measured {
    fn drop(&mut self) {
        let metrics = &self.app.metrics;
        metrics.requests.get_or_create(&self.labels).inc();
        metrics.durations.get_or_create(&self.labels).observe(self.start.elapsed().as_secs_f64());
    }
}

impl Metrics {
    /// Counts a computation until it is dropped.
    pub(super) fn computation(&self) -> Counted {
        Counted::new(&self.computing)
    }
}

/// Measures a request.
pub(super) async fn measure(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or(OTHER, MatchedPath::as_str).to_owned();
    let labels = Labels { route, status: CANCELLED.to_owned() };
    let in_flight = Counted::new(&app.metrics.in_flight);
    let mut measured = Measured { app: Arc::clone(&app), start: Instant::now(), labels, _in_flight: in_flight };
    let response = next.run(request).await;
    response.status().as_str().clone_into(&mut measured.labels.status);
    if response.status() == StatusCode::SERVICE_UNAVAILABLE {
        app.metrics.refused.inc();
    }
    response
}

/// Answers with all metrics.
pub(super) async fn text(State(app): State<Arc<App>>) -> Response {
    let mut metrics = String::new();
    if encode(&mut metrics, &app.metrics.registry).is_err() {
        return Failure::panicked().into_response();
    }
    ([(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], metrics).into_response()
}
