//! The command line: `forecast --csv demand.csv --horizon 7`.

mod args;
mod cli_error;
mod commands;
mod exit_status;
mod fit;
mod hindcasts;
mod interrupt;
mod outcome;
mod reconcile;
mod report;
mod totals;

use std::process::ExitCode;

use crate::commands::Cli;
use crate::report::terminal;

fn main() -> ExitCode {
    run().unwrap_or_else(|error| terminal::print_failure(&error))
}

fn run() -> anyhow::Result<ExitCode> {
    match Cli::parse() {
        Ok((cli, threads)) => {
            threads.create_pool()?;
            interrupt::listen()?;
            cli.run()
        }
        Err(error) => commands::help_or_error(&error),
    }
}
