//! The command line: `forecast --csv demand.csv --horizon 7`.

#[cfg(feature = "serve")]
mod agent;
mod args;
mod arguments;
mod commands;
mod doctor;
mod exit_status;
mod fit;
mod interrupt;
mod locale;
mod model_covariates;
mod outcome;
mod report;
mod saved_model;
mod service;
mod totals;
mod training_differences;

fn main() -> std::process::ExitCode {
    commands::run().unwrap_or_else(|error| report::json_output::print_failure(&error))
}
