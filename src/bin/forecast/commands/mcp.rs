//! `forecast mcp`: tools for agents, over the Model Context Protocol on stdin and stdout.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::exit_status;
use crate::report::terminal::Terminal;

const AFTER_HELP: &str = "\
An agent starts this program and calls its tools:
  inspect   how a file is read
  forecast  the forecast of a file, and its comparison with seasonal naive
  backtest  forecasts of the past by several models, with their scores
  explain   a forecast, the components that add up to it, and a sentence on each
  compare   two runs, or a run with the values since then

An answer is the object of `--json`, which docs/json.md describes. Tools read files
below DIR and no others, whatever links are there. They write nothing.

Examples:
  forecast mcp --folder data
";

/// Offer tools to agents, which read the files of one folder and write nothing
#[derive(Debug, Args)]
#[command(after_help = format!("{AFTER_HELP}\n{}", exit_status::help(&[])))]
pub(crate) struct McpArgs {
    /// Folder with the files that tools may read
    #[arg(long, value_name = "DIR")]
    folder: PathBuf,
    #[command(flatten)]
    terminal: Terminal,
}

/// `commands` are all commands, whose flags are arguments of the tools.
#[cfg(feature = "serve")]
pub(super) fn run(args: &McpArgs, commands: &clap::Command) -> anyhow::Result<ExitCode> {
    use crate::agent::{folder::Folder, offer::Offer, server};

    if !cfg!(target_os = "linux") {
        return Err(exit_status::CliError::usage(
            "`forecast mcp` needs Linux: elsewhere a file cannot be opened again without a new look at its path",
            "run it on Linux, or in the container that docs/install.md describes",
        ));
    }
    let folder = Folder::open(&args.folder)?;
    server::serve(folder, Offer::all(commands), args.terminal.clone())?;
    Ok(ExitCode::SUCCESS)
}

/// Without the protocol, nothing can be offered.
#[cfg(not(feature = "serve"))]
pub(super) fn run(args: &McpArgs, _commands: &clap::Command) -> anyhow::Result<ExitCode> {
    let folder = args.folder.display();
    Err(exit_status::CliError::usage(
        format!("the tools for {folder} need the feature `serve`, without which this program was built"),
        "the archive of a release has it; from source, `cargo install --path . --features serve` builds it",
    ))
}
