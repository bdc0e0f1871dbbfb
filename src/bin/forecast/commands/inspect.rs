//! Say what a file was understood as; nothing is trained or written.

use forecast::read;
use std::process::ExitCode;

use clap::Args;

use crate::reading::ReadArgs;
use crate::report::terminal::Terminal;
use crate::settings::Loudness;

const AFTER: &str = "\
Examples:
  forecast inspect --csv demand.csv
  forecast inspect --csv sales.csv --id store,item --verbose
";

/// Say what a file is understood as: columns, frequency, series, gaps, repairs; nothing is trained or written
#[derive(Debug, Args)]
#[command(after_help = format!("{AFTER}\n{}", super::EXIT_CODES))]
pub(crate) struct InspectArgs {
    #[command(flatten)]
    read: ReadArgs,

    /// List every series and every repair, not only the first few
    #[arg(short, long)]
    verbose: bool,
}

pub(super) fn run(args: &InspectArgs) -> anyhow::Result<ExitCode> {
    let dataset = read::read(&args.read.input(), &args.read.options())?;
    Terminal::new(Loudness { quiet: false, verbose: args.verbose }).inspection(&dataset)?;
    Ok(ExitCode::SUCCESS)
}
