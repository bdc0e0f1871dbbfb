//! How many requests are computed at once, how long they may take, and how the service stops.

use std::io::{ErrorKind, Write};
use std::net::{Shutdown, TcpStream};

use super::{HttpService, Response};
use crate::sandbox::{Sandbox, daily_csv};

/// A training that lasts for days.
const ENDLESS: &str = "/v1/forecast?horizon=5&model=gru&epochs=100000000";

/// Sends a request that is not read to its end.
fn begin(service: &HttpService, path: &str) -> TcpStream {
    service.send(&format!("POST {path}\nContent-Type: text/csv"), daily_csv(56).as_bytes())
}

#[test]
fn a_request_that_nobody_waits_for_stops_its_training() {
    let sandbox = Sandbox::new();
    let service = HttpService::start(&sandbox, "--concurrency 1 --timeout 1h");
    let endless = begin(&service, ENDLESS);
    service.wait_for("forecast_computations", 1.0);
    endless.shutdown(Shutdown::Both).unwrap();
    // the only thread for computations is free again
    let next = service.post_csv("/v1/forecast?horizon=5&model=naive", &daily_csv(56));
    assert_eq!(next.status, 200, "{}", next.text());
    let metrics = service.get("/metrics").text();
    let cancelled = "forecast_http_requests_total{route=\"/v1/forecast\",status=\"cancelled\"} 1";
    assert!(metrics.contains(cancelled), "{metrics}");
}

#[test]
fn a_training_stops_at_the_time_limit() {
    let sandbox = Sandbox::new();
    let service = HttpService::start(&sandbox, "--concurrency 1 --timeout 2s");
    let response = service.post_csv(ENDLESS, &daily_csv(56));
    assert_eq!(response.status, 504);
    assert!(response.message().starts_with("the forecast was not done within the time limit"));
    service.wait_for("forecast_computations", 0.0);
    assert_eq!(service.post_csv("/v1/forecast?horizon=5&model=naive", &daily_csv(56)).status, 200);
}

#[test]
fn too_many_requests_are_refused_until_others_are_answered() {
    let sandbox = Sandbox::new();
    let service = HttpService::start(&sandbox, "--concurrency 1 --timeout 1h");
    let computed = begin(&service, ENDLESS);
    service.wait_for("forecast_computations", 1.0);
    let waiting: Vec<TcpStream> = (0..8).map(|_| begin(&service, ENDLESS)).collect();
    // nine requests and the one that asks
    service.wait_for("forecast_http_requests_in_flight", 10.0);
    let refused = service.post_csv("/v1/forecast?horizon=5&model=naive", &daily_csv(56));
    assert_eq!((refused.status, refused.header("retry-after")), (503, Some("1")));
    assert_eq!(refused.message(), "the service has too many requests");
    assert_eq!(service.metric("forecast_http_requests_refused_total"), 1.0);
    waiting.iter().chain([&computed]).for_each(|stream| stream.shutdown(Shutdown::Both).unwrap());
    service.wait_for("forecast_http_requests_in_flight", 1.0);
    assert_eq!(service.post_csv("/v1/forecast?horizon=5&model=naive", &daily_csv(56)).status, 200);
}

/// The connection of a client that never reads its responses is closed after the time limit.
#[test]
fn a_client_that_reads_nothing_is_dropped() {
    let sandbox = Sandbox::new();
    let service = HttpService::start(&sandbox, "--timeout 1s");
    let mut stream = service.connect();
    stream.set_nonblocking(true).unwrap();
    let request = format!("GET /openapi.json HTTP/1.1\r\nHost: {}\r\n\r\n", service.address).repeat(100);
    let start = std::time::Instant::now();
    loop {
        assert!(start.elapsed() < std::time::Duration::from_secs(120), "the connection stays open");
        match stream.write(request.as_bytes()) {
            Ok(_) => {}
            // the service reads no more requests while it cannot write
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            Err(_closed) => break,
        }
    }
    assert_eq!(service.get("/healthz").status, 200);
}

#[test]
fn a_running_request_is_answered_before_the_service_stops() {
    let sandbox = Sandbox::new();
    let service = HttpService::start(&sandbox, "--concurrency 1");
    let running = begin(&service, "/v1/forecast?horizon=5&model=gru&epochs=300");
    service.wait_for("forecast_computations", 1.0);
    let unused = service.connect();
    service.terminate();
    let response = Response::read(running);
    let answer = response.object();
    assert_eq!(response.status, 200);
    assert_eq!(answer["tables"]["forecast"].as_array().unwrap().len(), 5);
    assert_eq!(answer["interrupted"], false);
    let address = service.address.clone();
    let (status, printed) = service.end();
    assert_eq!(status.code(), Some(0), "{printed}");
    assert!(printed.starts_with("stopping when all requests are answered"), "{printed}");
    assert!(TcpStream::connect(address).is_err());
    drop(unused);
}

#[test]
fn a_second_signal_ends_the_service_at_once() {
    let sandbox = Sandbox::new();
    let service = HttpService::start(&sandbox, "--concurrency 1 --timeout 1h");
    let _endless = begin(&service, ENDLESS);
    service.wait_for("forecast_computations", 1.0);
    service.terminate();
    // the first signal must have been handled
    let refused = || TcpStream::connect(&service.address).is_err();
    while !refused() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    service.terminate();
    assert_eq!(service.end().0.code(), Some(130));
}
