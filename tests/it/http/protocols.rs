//! The description of the routes, and the routes of other protocols.

use serde_json::{Value, json};

use super::HttpService;
use crate::sandbox::{Sandbox, daily_csv, stdout};

/// The columns of daily.csv.
fn columns() -> (Vec<String>, Vec<f64>) {
    let rows = daily_csv(56);
    rows.lines()
        .skip(1)
        .map(|row| row.split_once(',').unwrap())
        .map(|(date, value)| (date.to_owned(), value.parse::<f64>().unwrap()))
        .unzip()
}

/// The rows of the forecast of daily.csv by the saved model, with the names of forecast.csv.
fn expected_rows(service: &HttpService) -> Value {
    let mut rows = service.post_csv("/v1/forecast?horizon=3", &daily_csv(56)).object()["tables"]["forecast"].clone();
    for row in rows.as_array_mut().unwrap() {
        let row = row.as_object_mut().unwrap();
        row.remove("ids");
        let time = row.remove("time").unwrap();
        row.insert("date".into(), time);
    }
    rows
}

#[test]
fn the_description_names_every_route() {
    let sandbox = Sandbox::new();
    let service = HttpService::start(&sandbox, "");
    let description = service.get("/openapi.json").json();
    assert_eq!(description["openapi"], "3.1.0");
    assert_eq!(description["info"]["version"], env!("CARGO_PKG_VERSION"));
    let source = include_str!("../../../src/bin/forecast/service/http/routes.rs");
    let routes = source.split(".route(\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    let described = &description["paths"];
    let routes: Vec<&str> = routes.filter(|route| !route.starts_with("/page.")).collect();
    assert!(routes.len() > 12 && routes.len() == described.as_object().unwrap().len(), "{routes:?}");
    for route in routes {
        assert!(described[route].is_object(), "{route} is not described");
    }
    // every reference is to a schema of the document
    let text = description.to_string();
    for reference in text.split("\"$ref\":\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(description["components"]["schemas"][name].is_object(), "{name} has no schema");
    }
    assert!(text.contains("#/components/schemas/run\""));
}

#[test]
fn kserve_infers_from_columns() {
    let sandbox = Sandbox::with_daily();
    let service = HttpService::start_trained(&sandbox, "");
    assert_eq!(service.get("/v2/health/live").json(), json!({"live": true}));
    assert_eq!(service.get("/v2/health/ready").json(), json!({"ready": true}));
    assert_eq!(service.get("/v2").json()["name"], "forecast");
    assert_eq!(service.get("/v2/models/trained/ready").json(), json!({"name": "trained", "ready": true}));
    let model = service.get("/v2/models/trained").json();
    assert_eq!(model["platform"], "forecast_theta");
    let names = |tensors: &Value| -> Vec<String> {
        tensors.as_array().unwrap().iter().map(|own| own["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&model["inputs"]), ["date", "sales"]);
    assert_eq!(names(&model["outputs"]), ["date", "forecast", "lo_80", "hi_80", "lo_95", "hi_95"]);
    let (dates, values) = columns();
    let nested: Vec<Vec<f64>> = values.iter().map(|value| vec![*value]).collect();
    let inputs = |data: Value, shape: Value| {
        json!([
            {"name": "date", "datatype": "BYTES", "shape": [56], "data": dates},
            {"name": "sales", "datatype": "FP64", "shape": shape, "data": data},
        ])
    };
    let expected = expected_rows(&service);
    for inputs in [inputs(json!(values), json!([56])), inputs(json!(nested), json!([56, 1]))] {
        let request = json!({"id": "first", "parameters": {"horizon": 3}, "inputs": inputs});
        let answer = service.post_json("/v2/models/trained/infer", &request).json();
        assert_eq!((&answer["id"], &answer["model_name"]), (&json!("first"), &json!("trained")));
        assert_eq!(answer["outputs"].as_array().unwrap().len(), 6);
        for output in answer["outputs"].as_array().unwrap() {
            let column: Vec<Value> =
                expected.as_array().unwrap().iter().map(|row| row[output["name"].as_str().unwrap()].clone()).collect();
            assert_eq!(output["data"], json!(column));
            assert_eq!(output["shape"], json!([3]));
            assert_eq!(output["datatype"], if output["name"] == "date" { "BYTES" } else { "FP64" });
        }
    }
    let one = json!({"inputs": inputs(json!(values), json!([56])), "outputs": [{"name": "forecast"}]});
    let answer = service.post_json("/v2/models/trained/infer", &one).json();
    assert_eq!(names(&answer["outputs"]), ["forecast"]);
    for (path, inputs, status, message) in [
        (
            "trained",
            json!([{"name": "sales", "datatype": "FP64", "shape": [3], "data": [1, 2]}]),
            400,
            "of shape [3] is no column with 2",
        ),
        (
            "trained",
            json!([{"name": "a", "datatype": "FP64", "shape": [1], "data": [1]}, {"name": "a", "datatype": "FP64", "shape": [1], "data": [1]}]),
            400,
            "two columns have the name a",
        ),
        ("trained", inputs(json!([5.0]), json!([1])), 400, "the input sales has 1 values, and date has 56"),
        (
            "trained",
            json!([{"name": "date", "datatype": "TEXT", "shape": [1], "data": ["2024-01-01"]}]),
            400,
            "the input date has the datatype TEXT, which cannot be read (give one of BOOL, ",
        ),
        (
            "trained",
            json!([{"name": "sales", "datatype": "INT64", "shape": [2], "data": [null, 1.5]}]),
            400,
            "value 2 of the input sales is no INT64: 1.5",
        ),
        (
            "trained",
            json!([{"name": "sales", "datatype": "FP32", "shape": [1], "data": ["5"]}]),
            400,
            "value 1 of the input sales is no FP32: \"5\"",
        ),
        (
            "trained",
            json!([{"name": "date", "datatype": "BYTES", "shape": [1], "data": [20_240_101]}]),
            400,
            "value 1 of the input date is no BYTES: 20240101",
        ),
        ("trained", json!([]), 422, "the data"),
        ("other", json!([]), 404, "the service has no model other"),
        ("..%2F..%2Fetc%2Fpasswd", json!([]), 404, "the service has no model ../../etc/passwd"),
    ] {
        let response = service.post_json(&format!("/v2/models/{path}/infer"), &json!({"inputs": inputs}));
        assert_eq!(response.status, status, "{}", response.text());
        assert!(response.json()["error"].as_str().unwrap().contains(message), "{}", response.text());
    }
}

#[test]
fn kserve_names_a_model_by_the_address_alone() {
    let sandbox = Sandbox::with_daily();
    sandbox.run("train --csv daily.csv -n 7 --model naive --out flat");
    let service = HttpService::start_trained(&sandbox, "flat");
    let (dates, values) = columns();
    let infer = |model: &str| {
        let inputs = json!([
            {"name": "date", "datatype": "BYTES", "shape": [56], "data": dates},
            {"name": "sales", "datatype": "FP64", "shape": [56], "data": values},
        ]);
        service.post_json("/v2/models/trained/infer", &json!({"parameters": {"model": model}, "inputs": inputs}))
    };
    assert_eq!(infer("trained").status, 200);
    let other = infer("flat");
    let message = "the parameter `model` names another model than the address, which is trained";
    assert!(other.status == 400 && other.text().contains(message), "{}", other.text());
}

#[test]
fn an_id_column_may_have_the_name_of_a_column_of_the_forecast() {
    let sandbox = Sandbox::new();
    let row = |line: &str| format!("north,{line}\n");
    let series: String = daily_csv(56).lines().skip(1).map(row).collect();
    sandbox.write("daily.csv", &format!("forecast,date,sales\n{series}"));
    sandbox.run("train --csv daily.csv -n 7 --model theta --id forecast --out trained");
    let service = HttpService::start(&sandbox, "--model trained");
    let answer = service.post_csv("/invocations?horizon=3", &sandbox.read("daily.csv")).json();
    let first = &answer["predictions"][0];
    assert_eq!(first["forecast"], "north", "{answer}");
    assert!(first["forecast_2"].is_number(), "{answer}");
    let outputs = service.get("/v2/models/trained").json()["outputs"].clone();
    let names: Vec<&str> = outputs.as_array().unwrap().iter().map(|output| output["name"].as_str().unwrap()).collect();
    assert_eq!(names[..3], ["forecast", "date", "forecast_2"]);
}

#[test]
fn mlflow_has_predictions_for_data_frames() {
    let sandbox = Sandbox::with_daily();
    let service = HttpService::start_trained(&sandbox, "");
    assert_eq!(
        (service.get("/ping").status, service.get("/version").text().as_str()),
        (200, env!("CARGO_PKG_VERSION"))
    );
    let (dates, values) = columns();
    let rows: Vec<Value> = dates.iter().zip(&values).map(|(date, value)| json!([date, value])).collect();
    let records: Vec<Value> =
        dates.iter().zip(&values).map(|(date, value)| json!({"date": date, "sales": value})).collect();
    let split = json!({"columns": ["date", "sales"], "index": [0], "data": rows});
    let expected = json!({"predictions": expected_rows(&service)});
    for request in [
        json!({"dataframe_split": split, "params": {"horizon": 3}}),
        json!({"dataframe_records": records, "params": {"horizon": 3}}),
    ] {
        assert_eq!(service.post_json("/invocations", &request).json(), expected);
    }
    assert_eq!(service.post_csv("/invocations?horizon=3", &daily_csv(56)).json(), expected);
    for (request, message) in [
        (json!({"instances": [1, 2]}), "unknown field `instances`"),
        (json!({"dataframe_split": {"columns": ["a"], "data": [[1, 2]]}}), "row 1 of the data frame has 2 cells"),
        (json!({"params": {}}), "the request needs one of dataframe_split and dataframe_records"),
    ] {
        let response = service.post_json("/invocations", &request);
        assert_eq!((response.status, &response.json()["error_code"]), (400, &json!("BAD_REQUEST")));
        assert!(response.json()["message"].as_str().unwrap().contains(message), "{}", response.text());
    }
}

#[test]
fn the_page_allows_its_own_sources_and_those_of_a_report() {
    let sandbox = Sandbox::with_daily();
    let service = HttpService::start(&sandbox, "");
    let page = service.get("/");
    let policy = page.header("content-security-policy").unwrap();
    assert!(
        policy.starts_with("default-src 'none'; script-src 'self' 'sha256-")
            && policy.contains("frame-ancestors 'none'")
    );
    let report = service.post_csv("/v1/report?horizon=3&model=naive", &daily_csv(56)).json();
    let of_report = report["page"].as_str().unwrap().split("script-src '").nth(1).unwrap().split('\'').next().unwrap();
    assert!(policy.contains(of_report), "{policy} lacks {of_report}");
    for (path, content_type) in [("/page.js", "text/javascript"), ("/page.css", "text/css")] {
        assert!(page.text().contains(path));
        assert!(service.get(path).header("content-type").unwrap().starts_with(content_type));
    }
    assert!(!page.text().contains("<script>") && !page.text().contains(" style="));
    assert_eq!(stdout(&sandbox.run("--csv daily.csv -n 3 --model naive --out - -q")), report["forecast"]);
}
