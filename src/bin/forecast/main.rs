//! The command line: `forecast --csv demand.csv --horizon 7`.

mod budget;
mod cli_error;
mod commands;
mod covariates;
mod horizon;
mod interrupt;
mod learn;
mod models;
mod networks;
mod reading;
mod reconcile;
mod report;
mod resume;
mod sensitivity;
mod settings;
mod totals;
mod usage;

use std::process::ExitCode;

use commands::Cli;
use report::terminal;

fn main() -> ExitCode {
    let result = match Cli::parse() {
        Ok(cli) => interrupt::listen().and_then(|()| cli.run()),
        Err(error) => terminal::parse_failure(&error),
    };
    result.unwrap_or_else(|error| terminal::failure(&error))
}
