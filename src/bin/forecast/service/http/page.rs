//! The page on which a file is dropped and forecast.

use axum::http::{HeaderName, header};
use axum::response::IntoResponse;
use forecast::report::Report;

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Answers with the page. The page shows a report in a frame without any rights. The frame inherits the policy of the
/// page, so that policy also allows the script and the style of a report.
#[utoipa::path(
    get, path = "/", responses((status = 200, description = "A page that forecasts a file", content_type = "text/html")),
    security(())
)]
pub(super) async fn page() -> impl IntoResponse {
    let (script, style) = Report::source_hashes();
    let policy = format!(
        "default-src 'none'; script-src 'self' '{script}'; style-src 'self' '{style}'; connect-src 'self'; img-src data:; \
         frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    );
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()), (header::CONTENT_SECURITY_POLICY, policy)], PAGE)
}

pub(super) async fn style() -> impl IntoResponse {
    source("text/css; charset=utf-8", STYLE)
}

pub(super) async fn script() -> impl IntoResponse {
    source("text/javascript; charset=utf-8", SCRIPT)
}

fn source(content_type: &'static str, text: &'static str) -> ([(HeaderName, &'static str); 1], &'static str) {
    ([(header::CONTENT_TYPE, content_type)], text)
}
