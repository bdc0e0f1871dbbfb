//! Forecasts over HTTP are those of the command line.

use serde_json::{Value, json};

use super::HttpService;
use crate::json_schema::checked;
use crate::sandbox::{Sandbox, daily_csv, stdout};

#[test]
fn answers_are_those_of_predict() {
    let sandbox = Sandbox::with_daily();
    let service = HttpService::start_trained(&sandbox, "");
    let line = "predict --model trained --csv daily.csv -n 3 --level 80 --out -";
    let predicted = checked(&stdout(&sandbox.run(&format!("{line} --json"))));
    let request =
        json!({"id": 18_446_744_073_709_551_615_u64, "data": daily_csv(56), "options": {"horizon": 3, "level": [80]}});
    let of_json = service.post_json("/v1/forecast", &request);
    let of_csv = service.post_csv("/v1/forecast?horizon=3&level=80", &daily_csv(56));
    assert_eq!((of_json.status, of_csv.status), (200, 200), "{}", of_csv.text());
    assert_eq!(of_json.object()["id"], request["id"]);
    for answer in [of_json.object(), of_csv.object()] {
        for member in ["kind", "data", "settings", "notices", "tables"] {
            let mut expected = predicted[member].clone();
            expected.as_object_mut().and_then(|members| members.remove("model_folder"));
            assert_eq!(answer[member], expected, "{member}");
        }
        assert_eq!(answer["command"], json!(["forecast", "serve"]), "the arguments are not for clients");
    }
    let head = "POST /v1/forecast?horizon=3&level=80\nContent-Type: text/csv\nAccept: text/csv";
    let csv = service.ask(head, daily_csv(56).as_bytes());
    assert_eq!(csv.text(), stdout(&sandbox.run(line)));
    assert!(csv.header("content-type").unwrap().starts_with("text/csv"));
    for (accept, media_type) in [
        ("text/csv;q=0.1, application/json", "application/json"),
        ("text/html, text/csv;q=0.9, application/json;q=0.8", "text/csv"),
        ("text/csv;q=0", "application/json"),
        ("text/csv;q=much, image/png", "application/json"),
        ("*/*", "application/json"),
    ] {
        let head = format!("POST /v1/forecast?horizon=3\nContent-Type: text/csv\nAccept: {accept}");
        let answer = service.ask(&head, daily_csv(56).as_bytes());
        assert!(answer.header("content-type").unwrap().starts_with(media_type), "{accept}");
    }
}

#[test]
fn a_compressed_body_is_the_same_request() {
    let sandbox = Sandbox::with_daily();
    let service = HttpService::start_trained(&sandbox, "");
    let plain = service.post_csv("/v1/forecast", &daily_csv(56));
    let head = "POST /v1/forecast\nContent-Type: text/csv\nContent-Encoding: gzip";
    let compressed = service.ask(head, &super::attacks::gzip(daily_csv(56).as_bytes()));
    assert_eq!(compressed.object()["tables"], plain.object()["tables"]);
}

#[test]
fn without_a_saved_model_each_request_fits_its_own() {
    let sandbox = Sandbox::with_daily();
    let expected = checked(&stdout(&sandbox.run("--csv daily.csv -n 5 --model theta --json --out -")));
    let service = HttpService::start(&sandbox, "--horizon 5");
    let answer = service.post_csv("/v1/forecast?model=theta", &daily_csv(56)).object();
    for member in ["kind", "verdict", "settings", "tables"] {
        assert_eq!(answer[member], expected[member], "{member}");
    }
    let models = service.get("/v1/models").json();
    assert_eq!(models["models"], json!([]));
    assert!(models["fitted"].as_array().unwrap().contains(&json!("theta")));
}

#[test]
fn several_models_have_the_names_of_their_folders() {
    let sandbox = Sandbox::with_daily();
    sandbox.run("train --csv daily.csv -n 7 --model naive --out flat");
    let service = HttpService::start_trained(&sandbox, "flat");
    let listed = service.get("/v1/models").json();
    let names: Vec<&Value> = listed["models"].as_array().unwrap().iter().map(|model| &model["name"]).collect();
    assert_eq!(names, ["flat", "trained"]);
    let first = &listed["models"][0];
    assert_eq!(
        (&first["family"], &first["frequency"], &first["season"]),
        (&json!("naive"), &json!("daily"), &json!(7))
    );
    assert_eq!(first["columns"], json!({"time": "date", "target": "sales", "ids": []}));
    for (name, family) in [("flat", "naive"), ("trained", "theta")] {
        let answer = service.post_csv(&format!("/v1/forecast?model={name}"), &daily_csv(56)).object();
        assert_eq!(answer["settings"]["model"], family);
    }
    let unnamed = service.post_csv("/v1/forecast", &daily_csv(56));
    assert_eq!(
        (unnamed.status, unnamed.message().as_str()),
        (400, "the request names none of the models of the service")
    );
    let output = sandbox.forecast("serve --stdin --model flat --model trained/../flat").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn metrics_count_requests_by_route_and_status() {
    let sandbox = Sandbox::with_daily();
    let service = HttpService::start_trained(&sandbox, "");
    assert_eq!(service.get("/healthz").text(), "ok\n");
    service.post_csv("/v1/forecast", &daily_csv(56));
    service.post_csv("/v1/forecast?horizon=9", &daily_csv(56));
    service.get("/made/up");
    let metrics = service.get("/metrics");
    assert!(metrics.header("content-type").unwrap().contains("openmetrics"));
    let text = metrics.text();
    for line in [
        "forecast_http_requests_total{route=\"/v1/forecast\",status=\"200\"} 1",
        "forecast_http_requests_total{route=\"/v1/forecast\",status=\"400\"} 1",
        "forecast_http_requests_total{route=\"other\",status=\"404\"} 1",
        "forecast_http_request_duration_seconds_count{route=\"/v1/forecast\",status=\"200\"} 1",
        "forecast_http_requests_refused_total 0",
        "forecast_http_requests_in_flight 1",
        "forecast_computations 0",
    ] {
        assert!(text.lines().any(|own| own == line), "{line} is not in\n{text}");
    }
    assert!(text.ends_with("# EOF\n"));
}

/// The page of a fit has its verdict, the page of a saved model the forecast alone.
#[test]
fn a_report_is_the_page_of_a_run_and_its_forecast() {
    let sandbox = Sandbox::with_daily();
    let expected = stdout(&sandbox.run("--csv daily.csv -n 7 --model theta --out - -q"));
    let fitting = HttpService::start(&sandbox, "");
    let trained = HttpService::start_trained(&sandbox, "");
    for (service, path, has_verdict) in
        [(&fitting, "/v1/report?horizon=7&model=theta", true), (&trained, "/v1/report", false)]
    {
        let report = service.post_csv(path, &daily_csv(56)).json();
        assert_eq!(report["forecast"], expected);
        let page = report["page"].as_str().unwrap();
        assert!(page.starts_with("<!DOCTYPE html>") && page.contains("<h1>sales</h1>"));
        assert_eq!(page.contains("seasonal naive"), has_verdict);
    }
}
