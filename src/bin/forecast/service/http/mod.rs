//! Requests over HTTP: the same as on stdin, and in the shapes of `KServe` and `MLflow`.

mod app;
mod body;
mod failure;
mod forecasts;
mod guards;
mod health;
mod input;
mod kserve;
mod measuring;
mod metrics;
mod mlflow;
mod models;
mod openapi;
mod options;
mod page;
mod routes;
pub(crate) mod server;
pub(crate) mod settings;
mod shapes;
mod tables;
