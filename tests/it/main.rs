//! All integration tests in one binary, with one module for each subject. Each further binary would link Polars and
//! libtorch again.

#![expect(clippy::unwrap_used, reason = "a test fails at an unexpected error")]
#![expect(clippy::float_cmp, reason = "tests of repeatability compare numbers exactly")]

mod anomalies;
mod auto;
mod backtest;
mod backtests;
mod baseline;
mod budget;
mod calendar;
mod capabilities;
mod cli;
mod covariates;
mod csv_files;
mod deepar;
mod failures;
mod file_variants;
mod files;
mod fixtures;
mod follow_hint;
mod global;
mod global_covariates;
mod hierarchy;
mod hint_arms;
mod hint_cases;
mod hint_files;
#[path = "../../src/bin/forecast/report/hints.rs"]
mod hints;
mod hints_followed;
mod horizon;
mod imperfect_files;
mod lesson;
mod levels;
mod long_series;
mod metric;
mod model_invariants;
mod mutate;
mod networks;
mod oracle;
mod other_data;
mod pages;
mod panel;
mod picture;
mod plot;
mod plot_diagnose;
mod pretrain;
mod pretrained;
mod rare_days;
mod reader;
mod reader_cells;
mod reader_encodings;
mod reader_errors;
mod reader_gaps;
mod reader_invariants;
mod reader_layouts;
mod reader_repairs;
mod reader_robustness;
mod reader_series;
mod reader_times;
mod reader_values;
mod reader_zones;
mod refusals;
mod report;
mod resume;
mod rnn;
mod sample_paths;
mod sandbox;
mod saved_models;
mod seasons;
mod sensitivity;
mod structure;
mod verdict;
mod weights;
mod workbooks;
