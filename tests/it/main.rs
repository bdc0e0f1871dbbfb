//! All integration tests in one binary, a module a theme: each further binary would link Polars and libtorch again.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(clippy::float_cmp, reason = "where numbers must be the same, they must be the same")]

mod auto;
mod backtest;
mod backtests;
mod baseline;
mod budget;
mod calendar;
mod capabilities;
mod cli;
mod covariates;
mod deepar;
mod desk;
mod failures;
mod file_variants;
mod files;
mod fixtures;
mod global;
mod hierarchy;
#[path = "../../src/bin/forecast/report/hints.rs"]
mod hints;
mod imperfect_files;
mod lesson;
mod metric;
mod model_invariants;
mod mutate;
mod networks;
mod oracle;
mod pages;
mod picture;
mod plot;
mod plot_diagnose;
mod reader;
mod reader_errors;
mod reader_invariants;
mod reader_repairs;
mod reader_robustness;
mod refusals;
mod resume;
mod rnn;
mod sample_paths;
mod saved_models;
mod sensitivity;
mod structure;
mod weights;
