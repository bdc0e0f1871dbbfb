//! All integration tests in one binary, with one module for each subject. Each further binary would link Polars and
//! libtorch again.

#![expect(clippy::unwrap_used, reason = "a test fails at an unexpected error")]
#![expect(clippy::float_cmp, reason = "tests of repeatability compare numbers exactly")]

#[cfg(feature = "serve")]
mod agent_paths;
#[cfg(feature = "serve")]
mod agent_session;
#[cfg(feature = "serve")]
mod agents;
mod anomalies;
mod arrow;
mod auto;
mod backtest;
mod backtests;
mod baseline;
mod budget;
mod calendar;
mod capabilities;
mod cli;
mod climatology;
mod completions;
mod components;
mod covariates;
mod csv_files;
mod deepar;
mod doctor;
mod failures;
mod file_variants;
mod files;
mod fixtures;
mod follow_hint;
mod future_files;
mod global;
mod global_covariates;
mod hierarchy;
mod hint_arms;
mod hint_cases;
mod hint_files;
mod hint_future_cases;
mod hint_notice_cases;
mod hint_time_cases;
#[path = "../../src/bin/forecast/report/hints/mod.rs"]
mod hints;
mod hints_followed;
mod horizon;
#[cfg(feature = "serve")]
mod http;
mod imperfect_files;
mod json_output;
mod json_schema;
mod lesson;
mod levels;
mod long_series;
mod metric;
mod model_invariants;
mod model_list;
mod mutate;
mod networks;
mod oracle;
mod other_data;
mod pages;
mod panel;
mod picture;
mod picture_options;
mod plot;
mod plot_diagnose;
mod plot_trust;
mod pooled_hints;
mod pretrain;
mod pretrained;
mod rare_days;
mod reader;
mod reader_cells;
mod reader_encodings;
mod reader_eras;
mod reader_errors;
mod reader_gaps;
mod reader_invariants;
mod reader_layouts;
mod reader_offices;
mod reader_repairs;
mod reader_reported;
mod reader_robustness;
mod reader_series;
mod reader_tables;
mod reader_times;
mod reader_times_refused;
mod reader_values;
mod reader_zones;
mod refusals;
mod report;
mod residuals;
mod resume;
mod rnn;
mod run_differences;
mod run_record;
mod run_scores;
mod sample_paths;
mod sandbox;
mod saved_models;
mod seasons;
mod sensitivity;
mod separate_covariates;
mod separate_series;
mod separate_words;
mod serve;
mod stored_runs;
mod structure;
mod terminal;
mod update;
mod update_reading;
mod verdict;
mod weights;
mod workbooks;
