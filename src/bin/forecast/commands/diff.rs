//! `forecast diff`: what changed between two runs, and what the difference of their forecasts is due to.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use forecast::model;
use forecast::run::{Change, RunDifference, StoredRun, difference_csv, difference_json};
use serde_json::{Map, Value, json};

use crate::exit_status::{self, CliError};
use crate::report::difference_table;
use crate::report::json_output::{JsonArg, RunsObject, json_array};
use crate::report::result_folder::ResultFolder;
use crate::report::terminal::Terminal;

const AFTER_HELP: &str = "\
The difference of two forecasts of the same steps has three parts, which add up to
it. The model of RUN1 forecasts again, from one more history each time:
  revised history   the history of RUN2 up to the end of RUN1's, against that of RUN1
  new data          the whole history of RUN2, against that part of it
  model or version  the forecast of RUN2, against that of RUN1's model from the same
                    history

RUN1 needs its model/ for this. Without it, only the whole difference is shown.

File in DIR, with --out:
  diff.csv  the medians of both runs for each series and step, their difference and
            its parts

Examples:
  forecast diff monday tuesday
  forecast diff monday tuesday --out changes
";

/// Show what changed between two runs, and what the difference of their forecasts is due to
#[derive(Debug, Args)]
#[command(after_help = format!("{AFTER_HELP}\n{}", exit_status::help(exit_status::OF_READING)))]
pub(crate) struct DiffArgs {
    /// Folder of the earlier run
    #[arg(value_name = "RUN1")]
    before: PathBuf,
    /// Folder of the later run
    #[arg(value_name = "RUN2")]
    after: PathBuf,
    /// Folder for diff.csv
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    terminal: Terminal,
    #[command(flatten)]
    json: JsonArg,
}

/// `options` are those of all commands.
pub(super) fn run(args: &DiffArgs, options: &[String]) -> anyhow::Result<ExitCode> {
    let terminal = &args.json.terminal(&args.terminal);
    let out = args.out.as_deref().map(|out| ResultFolder::check(out, "diff.csv")).transpose()?;
    let (before, after) = (StoredRun::read(&args.before)?, StoredRun::read(&args.after)?);
    let model = model::load(&args.before.join("model")).map_err(|error| error.to_string());
    let model = model.as_ref().map(AsRef::as_ref).map_err(Clone::clone);
    let difference = RunDifference::new(&before, &after, model).map_err(|problem| {
        CliError::data(problem.to_string(), "compare runs of `forecast` or `forecast predict` on the same series")
    })?;
    for line in difference_table::draw(&after.panel, &difference, options) {
        terminal.print(&line)?;
    }
    if let Some(unsplit) = &difference.unsplit {
        terminal.notice(format!("the differences are not split: {unsplit}"));
    }
    if let Some(out) = &out {
        out.write(|file| difference_csv(file, &after.panel, &difference.steps))?;
        terminal.print(&out.line())?;
    }
    let table = json_array(|to| difference_json(to, &after.panel, &difference.steps))?;
    let written = args.out.as_deref().map(|folder| (folder, vec!["diff.csv".to_owned()]));
    let members = members(&difference, options);
    RunsObject { kind: "diff", members, written }.print(&args.json, Some(("diff", table)))?;
    Ok(ExitCode::SUCCESS)
}

/// The members of the object of `--json` on what changed.
fn members(difference: &RunDifference, options: &[String]) -> Map<String, Value> {
    let name = |change: &Change| {
        if change.is_setting { difference_table::option_of(&change.name, options) } else { Some(change.name.clone()) }
    };
    let change = |change: &Change| Some(json!({"name": name(change)?, "before": change.before, "after": change.after}));
    let values = difference.values;
    let all = [
        ("changes", difference.changes.iter().filter_map(change).collect()),
        ("new_values", json!(values.new)),
        ("revised_values", json!(values.revised)),
        ("added_or_removed_values", json!(values.added_or_removed)),
        ("appeared_series", json!(difference.appeared)),
        ("vanished_series", json!(difference.vanished)),
        ("unsplit", json!(difference.unsplit.as_ref().map(ToString::to_string))),
    ];
    all.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The last part of a path, which names a run.
pub(super) fn run_name(folder: &Path) -> String {
    folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy().into_owned()
}
