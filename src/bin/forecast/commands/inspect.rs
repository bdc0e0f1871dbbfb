//! `forecast inspect`: prints how a file is read. It trains no model and writes no file.

use std::process::ExitCode;

use clap::Args;

use crate::args::reading::ReadArgs;
use crate::exit_status;
use crate::report::{inspection, terminal::Terminal};

const AFTER_HELP: &str = "\
Examples:
  forecast inspect --csv demand.csv
  forecast inspect --csv sales.csv --id store,item --verbose
";

/// Show how a file is read: columns, frequency, series, gaps, repairs; trains and writes nothing
#[derive(Debug, Args)]
#[command(after_help = format!("{AFTER_HELP}\n{}", exit_status::HELP))]
pub(crate) struct InspectArgs {
    #[command(flatten)]
    read: ReadArgs,
    /// List every series and every repair, not only the first ones
    #[arg(short, long)]
    verbose: bool,
}

pub(super) fn run(args: &InspectArgs) -> anyhow::Result<ExitCode> {
    let dataset = args.read.read()?;
    Terminal::default().print(&inspection::draw(&dataset, args.verbose))?;
    Ok(ExitCode::SUCCESS)
}
