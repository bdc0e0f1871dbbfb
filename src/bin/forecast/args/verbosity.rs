//! `--quiet` and `--verbose`.

use clap::Args;

use crate::report::terminal::Verbosity;

/// How much is printed, as typed.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Messages")]
pub(crate) struct VerbosityArgs {
    /// Print errors only
    #[arg(short, long, conflicts_with = "verbose")]
    quiet: bool,

    /// Also print the repairs, the settings and the course of training
    #[arg(short, long)]
    verbose: bool,
}

impl VerbosityArgs {
    pub(crate) fn verbosity(self) -> Verbosity {
        match (self.quiet, self.verbose) {
            (true, _) => Verbosity::Quiet,
            (false, false) => Verbosity::Normal,
            (false, true) => Verbosity::Verbose,
        }
    }
}
