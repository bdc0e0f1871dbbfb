//! Checks of each request before it is read: where it comes from, its token, and whether there is room for it.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, Uri, header, uri::Authority};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::app::App;
use super::body;
use super::failure::Failure;

/// Refuses requests that a page of another site may have sent through a browser. With a token this needs no check, since
/// such a page does not know it.
///
/// The name of a site may be made to stand for this computer (DNS rebinding). So the host must be this computer by a name
/// that nobody else controls.
pub(super) async fn check_origin(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    if app.settings.token.is_some() {
        return next.run(request).await;
    }
    let host = host(request.uri(), request.headers());
    if !host.as_ref().is_some_and(|host| is_loopback(host.host())) {
        let hint = "call it as 127.0.0.1 or localhost; behind a proxy, start it with `--token-file FILE`";
        let failure = Failure::new(StatusCode::FORBIDDEN, "the header `Host` does not name this computer", hint);
        return refused(request, failure).await;
    }
    let origin = request.headers().get(header::ORIGIN).map(|origin| origin.to_str().unwrap_or_default());
    let is_own = |origin: &str| origin.strip_prefix("http://").is_some_and(|own| host.is_some_and(|host| host == own));
    if origin.is_some_and(|origin| !is_own(origin)) {
        let hint = "call the service from its own page, or from a program";
        let failure = Failure::new(StatusCode::FORBIDDEN, "the request comes from a page of another site", hint);
        return refused(request, failure).await;
    }
    next.run(request).await
}

/// The host of a request, with its port.
fn host(uri: &Uri, headers: &HeaderMap) -> Option<Authority> {
    let typed = headers.get(header::HOST).and_then(|host| host.to_str().ok()?.parse().ok());
    // an address with a host of its own must not replace the one that is checked
    match uri.authority() {
        Some(own) => typed.filter(|typed| typed == own),
        None => typed,
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

/// Refuses requests without the token, if the service has one.
pub(super) async fn check_token(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let given = request.headers().get(header::AUTHORIZATION).map_or(&b""[..], |value| value.as_bytes());
    let given = match given.split_at_checked(7) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case(b"bearer ") => Some(token.trim_ascii()),
        _ => None,
    };
    let message = match (&app.settings.token, given) {
        (None, _) => return next.run(request).await,
        (Some(token), Some(given)) if token.is(given) => return next.run(request).await,
        (Some(_), Some(_)) => "the token is not that of the service",
        (Some(_), None) => "the request has no token",
    };
    let hint = "send the header `Authorization: Bearer TOKEN`, with the token in the file of `--token-file`";
    refused(request, Failure::new(StatusCode::UNAUTHORIZED, message, hint)).await
}

/// Refuses requests beyond those that the service takes at once, and bodies that are too long.
pub(super) async fn admit(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    if let Err(failure) = body::check_headers(&app, request.headers()) {
        return refused(request, failure).await;
    }
    let Some(_permit) = app.admit() else { return refused(request, Failure::busy()).await };
    next.run(request).await
}

async fn refused(request: Request, failure: Failure) -> Response {
    body::discard(request.into_body()).await;
    failure.into_response()
}
