//! `--threads`: the number of threads of a command.

use anyhow::Context;
use clap::Args;

use crate::args::value::at_least_one;

/// The number of threads. Each network uses one thread.
#[derive(Debug, Args)]
pub(crate) struct ThreadsArgs {
    /// Threads to compute on; the forecasts do not depend on it [default: one for each core]
    #[arg(
        long,
        global = true,
        value_name = "N",
        allow_negative_numbers = true,
        value_parser = at_least_one,
        help_heading = "Speed"
    )]
    threads: Option<usize>,
}

impl ThreadsArgs {
    /// Creates the thread pool of the process, which the library uses.
    pub(crate) fn create_pool(&self) -> anyhow::Result<()> {
        let Some(threads) = self.threads else { return Ok(()) };
        rayon::ThreadPoolBuilder::new().num_threads(threads).build_global().context("creating threads failed")
    }
}
