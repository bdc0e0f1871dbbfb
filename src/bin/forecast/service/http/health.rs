//! `GET /healthz`: whether the service runs.

/// Says that the service runs.
#[utoipa::path(get, path = "/healthz", responses((status = 200, description = "The service runs")), security(()))]
pub(super) async fn healthy() -> &'static str {
    "ok\n"
}
