//! The options and the format of a request: in its address and its headers.

use axum::extract::Query;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use serde_json::{Map, Value};

use super::failure::Failure;

/// The format of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BodyFormat {
    /// A JSON object with data and options.
    Json,
    /// The text of a CSV file. The options are in the address.
    Csv,
    /// An Arrow IPC stream. The options are in the address or in its metadata.
    Arrow,
}

/// The media type of Arrow IPC streams.
pub(super) const ARROW: &str = "application/vnd.apache.arrow.stream";

/// The format of the answer to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AnswerFormat {
    Json,
    Csv,
    Arrow,
}

impl AnswerFormat {
    /// The format that the header `Accept` prefers by its weights, the first one of equal weights; else JSON.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let mut best = (Self::Json, 0.0);
        for (format, weight) in accepted.split(',').filter_map(Self::of_media_range) {
            if weight > best.1 {
                best = (format, weight);
            }
        }
        best.0
    }

    /// A format and its weight, as in `text/csv;q=0.9`; `None` if there is no such format.
    fn of_media_range(range: &str) -> Option<(Self, f64)> {
        let mut parts = range.split(';').map(str::trim);
        let format = match parts.next()?.to_ascii_lowercase().as_str() {
            "application/json" | "application/*" | "*/*" => Self::Json,
            "text/csv" | "text/*" => Self::Csv,
            ARROW => Self::Arrow,
            _ => return None,
        };
        let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        Some((format, weight.map_or(Some(1.0), |weight| weight.parse().ok())?))
    }
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
            ARROW => Ok(Self::Arrow),
            _ => {
                let message = "the header `Content-Type` names no format that is read here";
                let hint = format!("send `Content-Type: application/json`, `text/csv` or `{ARROW}`");
                Err(Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message, hint))
            }
        }
    }
}

/// The format of a request, and the options in its address. One with JSON has none there, since its body has them.
pub(super) fn of_request(headers: &HeaderMap, uri: &Uri) -> Result<(BodyFormat, Map<String, Value>), Failure> {
    let format = BodyFormat::of(headers)?;
    let options = match format {
        BodyFormat::Json => refuse_in_address(uri).map(|()| Map::new()),
        BodyFormat::Csv | BodyFormat::Arrow => in_address(uri),
    };
    Ok((format, options?))
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
