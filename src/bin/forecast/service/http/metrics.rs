//! Metrics in the text format of Prometheus.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Instant;

use axum::http::StatusCode;
use prometheus_client::encoding::{EncodeLabelSet, text::encode};
use prometheus_client::metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram};
use prometheus_client::registry::Registry;

/// The upper ends of the buckets of durations in seconds.
const BUCKETS: [f64; 14] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0, 60.0];
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
pub(super) struct Measured {
    metrics: Arc<Metrics>,
    start: Instant,
    labels: Labels,
    _in_flight: Counted,
}

impl Measured {
    /// Notes the status of the response.
    pub(super) fn answered(&mut self, status: StatusCode) {
        status.as_str().clone_into(&mut self.labels.status);
        if status == StatusCode::SERVICE_UNAVAILABLE {
            self.metrics.refused.inc();
        }
    }
}

impl Drop for Measured {
    fn drop(&mut self) {
        self.metrics.requests.get_or_create(&self.labels).inc();
        self.metrics.durations.get_or_create(&self.labels).observe(self.start.elapsed().as_secs_f64());
    }
}

impl Metrics {
    /// Begins to measure a request.
    pub(super) fn request(self: &Arc<Self>, route: &str) -> Measured {
        let labels = Labels { route: route.to_owned(), status: CANCELLED.to_owned() };
        let in_flight = Counted::new(&self.in_flight);
        Measured { metrics: Arc::clone(self), start: Instant::now(), labels, _in_flight: in_flight }
    }

    /// All metrics in the text format; `None` if that fails.
    pub(super) fn text(&self) -> Option<String> {
        let mut text = String::new();
        encode(&mut text, &self.registry).ok()?;
        Some(text)
    }

    /// Counts a computation until it is dropped.
    pub(super) fn computation(&self) -> Counted {
        Counted::new(&self.computing)
    }
}
