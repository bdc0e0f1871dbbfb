//! The options and the format of a request: in its address and its headers.

use axum::extract::Query;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use serde_json::{Map, Value};

use super::failure::Failure;

/// The format of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BodyFormat {
    /// A JSON object with data and options.
    Json,
    /// The text of a CSV file. The options are in the address.
    Csv,
}

impl BodyFormat {
    /// The format that the header `Content-Type` names. Those that a form of a web page can have are refused, so that no page
    /// of another site can send requests.
    fn of(headers: &HeaderMap) -> Result<Self, Failure> {
        let typed = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let name = typed.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match name.as_str() {
            "application/json" => Ok(Self::Json),
            "text/csv" | "text/tab-separated-values" => Ok(Self::Csv),
            _ => {
                let message = "the header `Content-Type` names no format that is read here";
                let hint = "send `Content-Type: application/json` or `Content-Type: text/csv`";
                Err(Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message, hint))
            }
        }
    }
}

/// The options in the address of a request with CSV; none of one with JSON, whose body has them.
pub(super) fn of_request(headers: &HeaderMap, uri: &Uri) -> Result<Option<Map<String, Value>>, Failure> {
    match BodyFormat::of(headers)? {
        BodyFormat::Json => refuse_in_address(uri).map(|()| None),
        BodyFormat::Csv => in_address(uri).map(Some),
    }
}

/// Whether the header `Accept` asks for CSV first.
pub(super) fn wants_csv(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.trim_start().starts_with("text/csv")
}

/// The options in an address, as in `?horizon=7&level=80,95`. Several values of one name are a list.
fn in_address(uri: &Uri) -> Result<Map<String, Value>, Failure> {
    let pairs: Query<Vec<(String, String)>> = Query::try_from_uri(uri).map_err(|_| {
        let hint = "give options as in `?horizon=7&level=80,95`";
        Failure::new(StatusCode::BAD_REQUEST, "the options in the address cannot be read", hint)
    })?;
    let mut options = Map::new();
    for (name, value) in pairs.0 {
        match options.get_mut(&name) {
            Some(Value::String(values)) => *values = format!("{values},{value}"),
            _ => _ = options.insert(name, Value::String(value)),
        }
    }
    Ok(options)
}

/// Refuses options in the address of a request whose body has them.
fn refuse_in_address(uri: &Uri) -> Result<(), Failure> {
    if uri.query().is_none_or(str::is_empty) {
        return Ok(());
    }
    let hint = "give them in the member `options` of the body; those of CSV are in the address";
    Err(Failure::new(StatusCode::BAD_REQUEST, "the address has options, and the body is JSON", hint))
}
