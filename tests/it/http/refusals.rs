//! What is refused, with which status and which object.

use serde_json::json;

use super::HttpService;
use crate::sandbox::{Sandbox, daily_csv, stderr};

#[test]
fn failures_have_a_status_by_their_kind() {
    let sandbox = Sandbox::with_daily();
    let service = HttpService::start_trained(&sandbox, "");
    let daily = daily_csv(56);
    let json = "POST /v1/forecast\nContent-Type: application/json";
    let csv = "POST /v1/forecast\nContent-Type: text/csv";
    let failures = [
        (json, "{\"data\": ", 400, "the request cannot be read: the text ends within a value"),
        (json, "{\"id\": 7}", 400, "the request has no data"),
        (json, "{\"data\": [], \"options\": {\"csv\": \"/etc/passwd\"}}", 400, "the option `csv` names a file"),
        (json, "{\"data\": [], \"options\": {\"future\": \"/etc/passwd\"}}", 400, "the option `future` names a file"),
        (csv, "a,b\nx,y\n", 422, "the model forecasts the column sales"),
        (csv, "", 422, "the data: the file is empty"),
        (csv, "PK\u{3}\u{4}", 422, "the data are compressed"),
        ("POST /v1/forecast?horizon=8\nContent-Type: text/csv", &daily, 400, "the model was trained to forecast 7"),
        ("POST /v1/forecast?model=gru\nContent-Type: text/csv", &daily, 400, "the service has no model gru"),
        ("POST /v1/forecast?level=%FF%\nContent-Type: text/csv", &daily, 400, "`\"level\""),
        ("POST /v1/forecast?horizon=3\nContent-Type: application/json", "{}", 400, "the address has options"),
        ("POST /v1/forecast", &daily, 415, "the header `Content-Type` names no format"),
        ("POST /v1/forecast\nContent-Type: text/plain", &daily, 415, "the header `Content-Type` names no format"),
        (&format!("{csv}\nContent-Encoding: br"), &daily, 415, "the encoding of the body is not known"),
        (&format!("{csv}\nContent-Encoding: gzip"), &daily, 400, "the body of the request is damaged"),
        ("GET /v1/forecast", "", 405, "the route /v1/forecast has no method GET"),
        ("GET /v1/../../etc/passwd", "", 404, "there is no route /v1/../../etc/passwd"),
    ];
    for (head, body, status, message) in failures {
        let response = service.ask(head, body.as_bytes());
        assert_eq!(response.status, status, "{head}: {}", response.text());
        assert!(response.message().starts_with(message), "{head}: {}", response.text());
        assert_eq!(response.header("x-content-type-options"), Some("nosniff"), "{head}");
        assert!(response.header("content-security-policy").unwrap().contains("default-src 'none'"), "{head}");
        assert_eq!(service.post_csv("/v1/forecast", &daily).status, 200, "after {head}");
    }
    // a body that is refused unread is long enough to be reset
    let long = vec![b'1'; 1 << 21];
    let json = "Content-Type: application/json";
    for (head, status) in [
        ("POST /v1/forecast\nContent-Type: text/plain".to_owned(), 415),
        ("POST /invocations\nContent-Type: text/plain".to_owned(), 415),
        (format!("POST /v1/forecast?horizon=3\n{json}"), 400),
        (format!("POST /v2/models/gru/infer\n{json}"), 404),
        (format!("POST /v2/models/%FF/infer\n{json}"), 404),
        (format!("POST /v1/unknown\n{json}"), 404),
        (format!("POST /v1/models\n{json}"), 405),
    ] {
        let response = service.ask(&head, &long);
        assert_eq!(response.status, status, "{head}: {}", response.text());
        assert!(response.json().is_object(), "{head}");
    }
    let failed = service.post_json("/v1/forecast", &json!({"id": "seven", "data": []}));
    assert_eq!(failed.object()["id"], "seven");
}

#[test]
fn a_service_that_other_computers_reach_needs_a_token() {
    let sandbox = Sandbox::new();
    sandbox.write("empty", "\n");
    sandbox.write("short", "secret\n");
    for (line, code, message) in [
        ("--listen 0.0.0.0:0", 2, "other computers reach 0.0.0.0:0, and there is no token"),
        ("--listen [::]:0", 2, "other computers reach [::]:0"),
        ("--listen 127.0.0.1:0 --token-file absent", 2, "the token file absent cannot be read"),
        ("--listen 127.0.0.1:0 --token-file empty", 2, "the token file empty has no token"),
        ("--listen 0.0.0.0:0 --token-file short", 2, "the token file short has no token"),
        ("--listen example.org:80", 2, "`--listen example.org:80`: not an address with a port"),
        ("--listen 127.0.0.1:0 --timeout 0s", 2, "`--timeout 0s`: a number above 0"),
        ("--listen 192.0.2.1:80 --token-file good", 1, "the service cannot listen on 192.0.2.1:80"),
        ("--stdin --timeout 3s", 2, "--timeout has no effect on requests from stdin"),
        ("--stdin --listen 127.0.0.1:0", 2, "--stdin and --listen cannot be used together"),
        ("", 2, "neither --stdin nor --listen"),
    ] {
        sandbox.write("good", "0123456789abcdef\n");
        let output = sandbox.forecast(&format!("serve {line}")).output().unwrap();
        let printed = stderr(&output);
        assert_eq!(output.status.code(), Some(code), "{line}: {printed}");
        assert!(printed.contains(message) && printed.contains("hint: "), "{line}: {printed}");
    }
}

#[test]
fn only_requests_with_the_token_are_answered() {
    let sandbox = Sandbox::with_daily();
    sandbox.write("token", "0123456789abcdef\n");
    let service = HttpService::start_trained(&sandbox, "--token-file token");
    let forecast = |authorization: &str| {
        let head = format!("POST /v1/forecast\nContent-Type: text/csv{authorization}");
        service.ask(&head, daily_csv(56).as_bytes())
    };
    for refused in [
        "",
        "\nAuthorization: Bearer 0123456789abcdeX",
        "\nAuthorization: Bearer 0123456789abcde",
        "\nAuthorization: Bearer 0123456789abcdef0",
        "\nAuthorization: Bearer ",
        "\nAuthorization: Basic 0123456789abcdef",
        "\nAuthorization: 0123456789abcdef",
    ] {
        let response = forecast(refused);
        assert_eq!(response.status, 401, "{refused}");
        assert_eq!(response.header("www-authenticate"), Some("Bearer"));
        assert!(response.message().contains("token"), "{refused}");
    }
    assert_eq!(forecast("\nAuthorization: Bearer 0123456789abcdef").status, 200);
    assert_eq!(forecast("\nauthorization: bearer 0123456789abcdef").status, 200);
    for route in ["/v1/models", "/metrics"] {
        assert_eq!(service.get(route).status, 401, "{route}");
    }
    assert_eq!(service.get("/healthz").status, 200, "a health check has no token");
}

#[test]
fn pages_of_other_sites_cannot_send_requests() {
    let sandbox = Sandbox::new();
    let service = HttpService::start(&sandbox, "");
    let port = service.address.rsplit(':').next().unwrap();
    let status = |headers: &str| {
        let head = format!("GET /v1/models HTTP/1.1\r\nConnection: close\r\n{headers}\r\n");
        let mut stream = service.connect();
        std::io::Write::write_all(&mut stream, head.as_bytes()).unwrap();
        super::Response::read(stream).status
    };
    for host in ["127.0.0.1", "localhost", "LocalHost", "[::1]", "127.0.0.1:1"] {
        assert_eq!(status(&format!("Host: {host}\r\n")), 200, "{host}");
    }
    let own = format!("Host: localhost:{port}\r\nOrigin: http://localhost:{port}\r\n");
    assert_eq!(status(&own), 200);
    for headers in [
        "Host: rebound.example\r\n".to_owned(),
        format!("Host: rebound.example:{port}\r\n"),
        "Host: 127.0.0.1.example\r\n".into(),
        "Host: 10.0.0.1\r\n".into(),
        "Host: localhost@rebound.example\r\n".into(),
        String::new(),
        format!("Host: localhost:{port}\r\nOrigin: http://rebound.example\r\n"),
        format!("Host: localhost:{port}\r\nOrigin: null\r\n"),
        format!("Host: localhost:{port}\r\nOrigin: http://localhost:1\r\n"),
    ] {
        let status = status(&headers);
        assert!(status == 403 || status == 400, "{headers}: {status}");
    }
}
