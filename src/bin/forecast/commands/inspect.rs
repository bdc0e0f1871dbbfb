//! `forecast inspect`: prints how a file is read. It trains no model and writes no file.

use std::process::ExitCode;

use clap::Args;

use forecast::write::Table;

use crate::args::reading::ReadArgs;
use crate::exit_status;
use crate::report::{
    inspection, json_output::JsonArg, output_dir, run_json, table_files::TableSink, terminal::Terminal,
};

const AFTER_HELP: &str = "\
Examples:
  forecast inspect --csv demand.csv
  forecast inspect --csv sales.csv --id store,item --verbose
  forecast inspect --csv demand.csv --json | jq .data.columns
";

/// Show how a file is read: columns, frequency, series, gaps, repairs; trains and writes nothing
#[derive(Debug, Args)]
#[command(after_help = format!("{AFTER_HELP}\n{}", exit_status::help(exit_status::OF_READING)))]
pub(crate) struct InspectArgs {
    #[command(flatten)]
    read: ReadArgs,
    /// List every series and every repair, not only the first ones
    #[arg(short, long, conflicts_with = "json")]
    verbose: bool,
    #[command(flatten)]
    json: JsonArg,
}

pub(super) fn run(args: &InspectArgs) -> anyhow::Result<ExitCode> {
    let dataset = args.read.read()?;
    args.json.terminal(&Terminal::default()).print(&inspection::draw(&dataset, args.verbose))?;
    let mut record = run_json::start_record("inspect", &args.read.csv, &dataset);
    args.json.print(&mut record, Ok(()), |to| {
        to.add(&dataset.panel, &Table::Series)?;
        output_dir::add_repairs(to, &dataset)
    })?;
    Ok(ExitCode::SUCCESS)
}
