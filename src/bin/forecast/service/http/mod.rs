//! Requests over HTTP: the same as on stdin, and in the shapes of `KServe` and `MLflow`.

mod app;
mod body;
mod failure;
mod forecasts;
mod guards;
mod metrics;
mod models;
mod options;
mod routes;
pub(crate) mod server;
pub(crate) mod settings;
