//! The command line: `forecast --csv demand.csv --horizon 7`.

mod beside;
mod budget;
mod commands;
mod folder;
mod hindsight;
mod horizon;
mod inspection;
mod interrupt;
mod joint;
mod learn;
mod models;
mod networks;
mod output;
mod ranking;
mod reading;
mod record;
mod refusal;
mod resume;
mod sensitivity;
mod settings;
mod sums;
mod table;
mod tidy;
mod usage;
mod verdict;
mod weights;

use std::process::ExitCode;

use commands::Cli;

fn main() -> ExitCode {
    let result = match Cli::parse() {
        Ok(cli) => interrupt::listen().and_then(|()| cli.run()),
        Err(error) => output::parse_failure(&error),
    };
    result.unwrap_or_else(|error| output::failure(&error))
}
