//! `forecast plot`: draws the pictures and the page of a run again, from its files.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use forecast::run::StoredRun;

use crate::exit_status;
use crate::report::pictures;
use crate::report::result_folder::ResultFolder;
use crate::report::terminal::Terminal;

const AFTER_HELP: &str = "\
Files, as the run drew them:
  forecast.png, loss.png, report.html; of a backtest, folds.png and report.html

They are drawn from run.json and the tables of the run, without training. The
page is drawn also if the run was made with --no-report. Of a run with --explain,
backtest.png is drawn, and the page and residuals.png are left as they are.

Examples:
  forecast plot demand-forecast
  forecast plot demand-backtest --out pictures
";

/// Draw the pictures and the page of a run again, from its files
#[derive(Debug, Args)]
#[command(after_help = format!("{AFTER_HELP}\n{}", exit_status::HELP))]
pub(crate) struct PlotArgs {
    /// Folder of a run
    #[arg(value_name = "DIR")]
    run: PathBuf,
    /// Folder for the pictures [default: that of the run]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    terminal: Terminal,
}

pub(super) fn run(args: &PlotArgs) -> anyhow::Result<ExitCode> {
    let run = StoredRun::read(&args.run)?;
    let out = args.out.as_ref().unwrap_or(&args.run);
    ResultFolder::check(out, "report.html")?;
    let names = pictures::draw(&run, out)?;
    if !names.contains(&"report.html") {
        args.terminal.note("note: report.html and residuals.png are left as they are: their residuals need the model");
    }
    args.terminal.print(&format!("wrote {}/: {}", out.display(), names.join(", ")))?;
    Ok(ExitCode::SUCCESS)
}
