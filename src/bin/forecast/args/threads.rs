//! `--threads`: the threads that a command computes on.

use anyhow::Context;
use clap::Args;

use crate::args::value::at_least_one;

/// The threads that a command computes on. The networks compute on one thread each.
#[derive(Debug, Args)]
pub(crate) struct ThreadsArgs {
    /// Threads to compute on; the forecasts do not depend on it [default: one a core]
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
    /// Makes the pool of threads that everything in the library shares.
    pub(crate) fn make_pool(&self) -> anyhow::Result<()> {
        let Some(threads) = self.threads else { return Ok(()) };
        rayon::ThreadPoolBuilder::new().num_threads(threads).build_global().context("making threads failed")
    }
}
