//! Arrow IPC streams as bodies and as answers.

use forecast::read::ArrowStream;
use polars_arrow::array::{DictionaryArray, PrimitiveArray, Utf8ViewArray};
use polars_arrow::io::ipc::write::Compression;
use serde_json::{Value, json};

use super::{HttpService, Response};
use crate::arrow::{daily, read_stream, stream_of};
use crate::sandbox::{Sandbox, daily_csv};

const ARROW: &str = "application/vnd.apache.arrow.stream";

fn post(service: &HttpService, path: &str, accept: &str, body: &[u8]) -> Response {
    service.ask(&format!("POST {path}\nContent-Type: {ARROW}\nAccept: {accept}"), body)
}

#[test]
fn a_stream_is_answered_as_csv_is_and_in_the_wanted_format() {
    let sandbox = Sandbox::with_daily();
    let service = HttpService::start_trained(&sandbox, "");
    let expected = service.post_csv("/v1/forecast?horizon=3&level=80", &daily_csv(56)).object();
    let plain = stream_of(&daily(), None, &[]);
    let options = json!({"horizon": 3, "level": [80]}).to_string();
    let with_options = stream_of(&daily(), None, &[("forecast.id", "seven"), ("forecast.options", &options)]);
    let in_address = post(&service, "/v1/forecast?horizon=3&level=80", "*/*", &plain);
    let in_metadata = post(&service, "/v1/forecast", "application/json", &with_options);
    let in_both = post(
        &service,
        "/v1/forecast?horizon=3",
        "*/*",
        &stream_of(&daily(), None, &[("forecast.options", r#"{"level": 80}"#)]),
    );
    for answer in [&in_address, &in_metadata, &in_both] {
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.object()["tables"], expected["tables"]);
    }
    assert_eq!(in_metadata.object()["id"], "seven");
    let twice = post(&service, "/v1/forecast?horizon=2", "*/*", &with_options);
    assert_eq!(twice.status, 400);
    assert_eq!(twice.message(), "the option `horizon` is in the address and in the metadata of the stream");
    assert_eq!(post(&service, "/v1/forecast?horizon=3&level=80", "text/csv", &plain).text().lines().count(), 4);

    let streams = [
        post(&service, "/v1/forecast", ARROW, &with_options),
        service.ask(
            &format!("POST /v1/forecast\nContent-Type: application/json\nAccept: {ARROW}"),
            json!({"id": "seven", "data": daily_csv(56), "options": {"horizon": 3, "level": [80]}})
                .to_string()
                .as_bytes(),
        ),
    ];
    for answer in streams {
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(ARROW)));
        let stream = read_stream(&answer.body);
        assert_eq!(stream.rows.len(), 3);
        let run: Value = serde_json::from_str(&stream.metadata["forecast.run"]).unwrap();
        assert_eq!(run["settings"], expected["settings"]);
        assert_eq!(stream.metadata["forecast.id"], "seven");
        assert!(ArrowStream::from_bytes(answer.body).is_ok());
    }
    let report = post(&service, "/v1/report?horizon=3", "*/*", &plain).json();
    assert!(report["page"].as_str().unwrap().starts_with("<!DOCTYPE html>"));
    let predictions = post(&service, "/invocations?horizon=3", "*/*", &plain).json();
    assert_eq!(predictions["predictions"].as_array().unwrap().len(), 3);
}

#[test]
fn a_damaged_stream_is_refused_with_its_place() {
    let sandbox = Sandbox::with_daily();
    let service = HttpService::start_trained(&sandbox, "");
    let bytes = stream_of(&daily(), None, &[]);
    for cut in (4..bytes.len()).step_by(101) {
        let response = post(&service, "/v1/forecast", "*/*", &bytes[..cut]);
        assert_eq!(response.status, 400, "{cut}: {}", response.text());
        assert!(response.message().contains(&format!("is cut at byte {cut}")), "{}", response.message());
    }
    for at in (4..bytes.len()).step_by(13) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x81;
        let response = post(&service, "/v1/forecast", "*/*", &damaged);
        // other values and names may still be data
        if response.status == 200 {
            continue;
        }
        assert!([400, 422].contains(&response.status), "{at}: {}", response.text());
        let error = &response.object()["error"];
        for member in ["message", "hint"] {
            assert!(error[member].as_str().is_some_and(|text| !text.is_empty()), "{at}: {member} of {error}");
        }
    }
    let mut no_message = bytes.clone();
    no_message[1] = 0;
    for (body, message) in [
        (no_message, "no message starts here"),
        (bytes.repeat(2), "bytes follow the end of the Arrow stream"),
        (daily_csv(56).into_bytes(), "no message starts here"),
        (Vec::new(), "is cut at byte 0"),
    ] {
        let response = post(&service, "/v1/forecast", "*/*", &body);
        assert_eq!(response.status, 400, "{}", response.text());
        assert!(response.message().contains(message), "{}", response.message());
    }
    assert_eq!(post(&service, "/v1/forecast", "*/*", &bytes).status, 200);
}

/// A small body must not become larger than the memory.
#[test]
fn a_stream_that_may_grow_is_refused() {
    let sandbox = Sandbox::with_daily();
    let service = HttpService::start_trained(&sandbox, "");
    let keys = PrimitiveArray::<i8>::from_vec(vec![0; 56]);
    let names = Utf8ViewArray::from_slice([Some("north")]).boxed();
    let mut columns = daily();
    columns.push(("shop", DictionaryArray::try_from_keys(keys, names, false).unwrap().boxed()));
    for (body, what) in [
        (stream_of(&daily(), Some(Compression::LZ4), &[]), "compressed buffers"),
        (stream_of(&columns, None, &[]), "a dictionary"),
    ] {
        let response = post(&service, "/v1/forecast", "*/*", &body);
        assert_eq!(response.status, 400, "{}", response.text());
        assert!(response.message().starts_with(&format!("the Arrow stream has {what}")), "{}", response.message());
    }
    let many = 1_000_000;
    let nulls = polars_arrow::array::NullArray::new(polars_arrow::datatypes::ArrowDataType::Null, many).boxed();
    let response = post(&service, "/v1/forecast", "*/*", &stream_of(&[("nothing", nulls)], None, &[]));
    assert_eq!(response.status, 400, "{}", response.text());
    assert!(response.message().starts_with("the Arrow stream has more cells than bytes"), "{}", response.message());
}
