//! Requests that mean harm.

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use flate2::{Compression, write::GzEncoder};
use serde_json::json;

use super::{HttpService, Response};
use crate::sandbox::{Sandbox, daily_csv};

/// The most memory in MB that a service with limits of one MiB may take. The program itself takes half of it.
const MAX_MEMORY: f64 = 500.0;

pub(super) fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// A service with small limits, which must answer the usual request after all attacks.
fn attacked(line: &str, attack: impl Fn(&HttpService)) {
    let sandbox = Sandbox::with_daily();
    let service = HttpService::start_trained(&sandbox, &format!("--max-body 1 {line}"));
    attack(&service);
    assert_eq!(service.post_csv("/v1/forecast", &daily_csv(56)).status, 200);
    let memory = service.peak_memory();
    assert!(memory < MAX_MEMORY, "{memory} MB");
    service.terminate();
    let (status, printed) = service.end();
    assert!(status.success() && !printed.contains("panicked"), "{printed}");
}

#[test]
fn a_slow_body_is_refused_in_time() {
    attacked("--timeout 2s", |service| {
        let mut stream = service.connect();
        let host = &service.address;
        let head = format!(
            "POST /v1/forecast HTTP/1.1\r\nHost: {host}\r\nContent-Type: text/csv\r\nConnection: close\r\nContent-Length: 99\r\n\r\ndate,"
        );
        stream.write_all(head.as_bytes()).unwrap();
        let response = Response::read(stream);
        assert_eq!(response.status, 408);
        assert!(response.message().contains("did not arrive within the time limit"));
    });
}

#[test]
fn a_connection_with_slow_headers_is_closed() {
    attacked("--timeout 2s", |service| {
        let mut stream = service.connect();
        stream.write_all(b"POST /v1/forecast HTTP/1.1\r\nHost: loc").unwrap();
        let mut rest = Vec::new();
        let start = Instant::now();
        // closed or reset, but not left open
        let _ = stream.read_to_end(&mut rest);
        assert!(start.elapsed() < Duration::from_secs(30));
        assert!(!String::from_utf8_lossy(&rest).contains(" 200 "));
    });
}

#[test]
fn a_huge_body_is_refused_before_it_is_read() {
    attacked("", |service| {
        let mut stream = service.connect();
        let host = &service.address;
        let head = format!(
            "POST /v1/forecast HTTP/1.1\r\nHost: {host}\r\nContent-Type: text/csv\r\nConnection: close\r\nContent-Length: 99999999999\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        assert_eq!(Response::read(stream).status, 413);
        // without a length, the limit is that of what arrives
        let mut stream = service.connect();
        let head = format!(
            "POST /v1/forecast HTTP/1.1\r\nHost: {host}\r\nContent-Type: text/csv\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        let chunk = format!("10000\r\n{}\r\n", "1\n".repeat(1 << 15));
        for _ in 0..20 {
            stream.write_all(chunk.as_bytes()).unwrap();
        }
        stream.write_all(b"0\r\n\r\n").unwrap();
        let response = Response::read(stream);
        assert_eq!(response.status, 413);
        assert!(response.message().starts_with("the request is longer than 1048576 bytes"));
    });
}

#[test]
fn a_small_body_that_becomes_large_is_refused() {
    attacked("", |service| {
        let zeros = gzip(&vec![b'0'; 1 << 26]);
        assert!(zeros.len() < 1 << 20);
        let head = "POST /v1/forecast\nContent-Type: text/csv\nContent-Encoding: gzip";
        assert_eq!(service.ask(head, &zeros).status, 413);
        // a compressed file is not decompressed
        assert_eq!(service.ask("POST /v1/forecast\nContent-Type: text/csv", &zeros).status, 422);
        let twice = gzip(&zeros);
        assert_eq!(service.ask(head, &twice).status, 422);
    });
}

#[test]
fn no_name_leaves_the_folder_of_a_model() {
    attacked("", |service| {
        for name in ["../trained", "trained/../trained", "/etc/passwd", "trained/model", "..", "", "trained\0"] {
            let request = json!({"data": daily_csv(56), "options": {"model": name}});
            let response = service.post_json("/v1/forecast", &request);
            assert_eq!(response.status, 400, "{name}");
            assert_eq!(response.message(), format!("the service has no model {}", name.replace('\0', r"\0")));
        }
    });
}

#[test]
fn a_column_name_makes_no_header() {
    attacked("", |service| {
        let name = "sales\r\nSet-Cookie: a=b\r\n\r\n<script>";
        let csv = daily_csv(56).replace("sales", &format!("\"{name}\""));
        let head = |accept: &str| format!("POST /v1/forecast\nContent-Type: text/csv\nAccept: {accept}");
        for accept in ["application/json", "text/csv"] {
            let response = service.ask(&head(accept), csv.as_bytes());
            assert!(response.status == 200 || response.status == 422, "{}", response.text());
            assert_eq!(response.header("set-cookie"), None);
            assert_eq!(response.header("x-content-type-options"), Some("nosniff"));
        }
    });
}

#[test]
fn ten_thousand_columns_are_answered_in_bounded_memory() {
    attacked("", |service| {
        let header: Vec<String> = (0..10_000).map(|column| format!("c{column}")).collect();
        let row = vec!["1"; 10_000].join(",");
        let csv = format!("date,{}\n2024-01-01,{row}\n2024-01-02,{row}\n", header.join(","));
        let response = service.post_csv("/v1/forecast", &csv);
        assert_eq!(response.status, 422, "{}", response.text());
        assert!(response.message().starts_with("the model was trained on the column sales"), "{}", response.text());
    });
}

#[test]
fn rows_with_another_column_each_are_refused_in_bounded_memory() {
    attacked("", |service| {
        let row = |at: usize| format!("{{\"a{at}\":1}}");
        let rows: Vec<String> = (0..60_000).map(row).collect();
        // the last row has all columns, after many without any
        let wide: Vec<String> = (0..40_000).map(|at| format!("\"a{at}\":1")).collect();
        let wide = format!("{}{{{}}}", "{},".repeat(50_000), wide.join(","));
        for rows in [rows.join(","), wide] {
            let head = "POST /v1/forecast\nContent-Type: application/json";
            let response = service.ask(head, format!("{{\"data\":[{rows}]}}").as_bytes());
            assert_eq!(response.status, 422, "{}", response.text());
            assert!(response.message().ends_with("values: nearly all cells are empty"), "{}", response.text());
        }
        let response = service.post_csv("/v1/forecast", &rows.join("\n"));
        assert_eq!(response.status, 422, "{}", response.text());
    });
}

#[test]
fn networks_larger_than_the_memory_are_refused() {
    let sandbox = Sandbox::new();
    let service = HttpService::start(&sandbox, "");
    for (name, size, largest) in [("hidden", 30_000, 512), ("layers", 9, 8), ("members", 33, 32)] {
        let request = json!({"data": daily_csv(56), "options": {"model": "lstm", "horizon": 2, name: size}});
        let response = service.post_json("/v1/forecast", &request);
        assert_eq!(response.status, 400, "{}", response.text());
        let message = format!("the option `{name}` of a request is at most {largest}, and {size} was given");
        assert_eq!(response.message(), message);
    }
}

#[test]
fn ten_million_rows_are_refused_in_bounded_memory() {
    attacked("", |service| {
        let rows = "1\n".repeat(10_000_000);
        let response = service.post_csv("/v1/forecast", &rows);
        assert_eq!(response.status, 413);
        let head = "POST /v1/forecast\nContent-Type: text/csv\nContent-Encoding: gzip";
        assert_eq!(service.ask(head, &gzip(rows.as_bytes())).status, 413);
    });
}
