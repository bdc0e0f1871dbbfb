//! All integration tests in one binary, a module a theme: each further binary would link Polars and libtorch again.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(clippy::float_cmp, reason = "where numbers must be the same, they must be the same")]

mod auto;
mod backtest;
mod backtests;
mod baseline;
mod budget;
mod calendar;
mod cli;
mod covariates;
mod damaged;
mod data;
mod deepar;
mod desk;
mod failures;
mod files;
mod fixtures;
mod global;
mod hierarchy;
mod lesson;
mod messy;
mod metric;
mod model_invariants;
mod mutate;
mod networks;
mod oracle;
mod picture;
mod plot;
mod plot_diagnose;
mod promises;
mod refusals;
mod resume;
mod rnn;
mod robust;
mod sample_paths;
mod saved_models;
mod sensitivity;
mod structure;
mod unreadable;
mod weights;
