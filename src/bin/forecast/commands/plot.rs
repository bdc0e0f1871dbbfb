//! `forecast plot`: draws the pictures and the page of a run again, from its files.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use forecast::run::StoredRun;
use serde_json::Map;

use crate::args::format::PictureArgs;
use crate::exit_status::{self, CliError};
use crate::report::json_output::{JsonArg, RunsObject};
use crate::report::picture_files::PictureFiles;
use crate::report::pictures;
use crate::report::result_folder::ResultFolder;
use crate::report::terminal::Terminal;

const AFTER_HELP: &str = "\
Files, as the run drew them:
  forecast.png, loss.png, report.html; of a run with --explain, also components.png,
  residuals.png and backtest.png; of a backtest, folds.png and report.html

They are drawn from run.json and the tables of the run, without training. The
page is drawn also if the run was made with --no-report. Without other options,
pictures have the format, size, colours and title of those of the run.

Examples:
  forecast plot demand-forecast
  forecast plot demand-backtest --out pictures
  forecast plot demand-forecast --format svg --theme dark --out slides
";

/// Draw the pictures and the page of a run again, from its files
#[derive(Debug, Args)]
#[command(after_help = format!("{AFTER_HELP}\n{}", exit_status::help(exit_status::OF_READING)))]
pub(crate) struct PlotArgs {
    /// Folder of a run
    #[arg(value_name = "DIR")]
    run: PathBuf,
    /// Folder for the pictures [default: that of the run]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    pictures: PictureArgs,
    #[command(flatten)]
    terminal: Terminal,
    #[command(flatten)]
    json: JsonArg,
}

pub(super) fn run(args: &PlotArgs) -> anyhow::Result<ExitCode> {
    let run = StoredRun::read(&args.run)?;
    if run.record.kind == "train" || (run.forecasts.is_empty() && run.backtests.is_empty()) {
        return Err(CliError::usage(
            format!("{} has no forecast to draw", args.run.display()),
            "give the folder that `forecast --csv FILE --horizon N` or `forecast backtest --csv FILE --horizon N` wrote",
        ));
    }
    let out = args.out.as_ref().unwrap_or(&args.run);
    let files = args.pictures.resolve_or(PictureFiles::recorded(&run.record)?);
    ResultFolder::check(out, "report.html")?;
    let names = pictures::draw(&run, out, &files)?;
    let terminal = args.json.terminal(&args.terminal);
    terminal.print(&format!("wrote {}/: {}", out.display(), names.join(", ")))?;
    RunsObject { kind: "plot", members: Map::new(), written: Some((out, names)) }.print(&args.json, None)?;
    Ok(ExitCode::SUCCESS)
}
