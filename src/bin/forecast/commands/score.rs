//! `forecast score`: earlier forecasts against what happened since.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use forecast::model::TrainedOn;
use forecast::read::Dataset;
use forecast::run::{RunRecord, RunScore, ScoreProblem, StoredRun, score_csv, score_json};
use forecast::{Baseline, Error, Timestamp};
use serde_json::{Map, json};

use crate::args::reading::{EarlierFlags, InheritArg, ReadArgs};
use crate::commands::diff::run_name;
use crate::exit_status::{self, CliError};
use crate::report::json_output::{JsonArg, RunsObject, json_array};
use crate::report::result_folder::ResultFolder;
use crate::report::{inspection, score_table, terminal::Terminal};
use crate::saved_model;

const AFTER_HELP: &str = "\
NEW is read as the file of the run was: with the same columns, frequency and flags,
unless others are typed. Only its values at the times of the forecast are used, so it
may also have the history. Filled values are not scored.

bias is the mean of forecast minus actual value. WQL is the weighted quantile loss.
Seasonal naive forecasts from the same cutoff.

If RUN is a folder of several runs, each is scored. Then one table has a row for each
run, and one for each step, which is the age of the forecast.

File in DIR, with --out:
  score.csv  the scores of each run, series and step, with `all` for all series or
             steps

Examples:
  forecast score demand-forecast --csv demand-july.csv
  forecast score runs --csv demand-july.csv --out record
";

/// Score an earlier forecast, or a folder of them, against what happened since
#[derive(Debug, Args)]
#[command(after_help = format!("{AFTER_HELP}\n{}", exit_status::help(exit_status::OF_READING)))]
pub(crate) struct ScoreArgs {
    /// Folder of a run, or of several runs
    #[arg(value_name = "RUN")]
    run: PathBuf,
    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    inherit: InheritArg,
    /// Folder for score.csv
    #[arg(long, value_name = "DIR", help_heading = "Forecast")]
    out: Option<PathBuf>,
    #[command(flatten)]
    terminal: Terminal,
    #[command(flatten)]
    json: JsonArg,
}

pub(super) fn run(args: &ScoreArgs, earlier_flags: EarlierFlags) -> anyhow::Result<ExitCode> {
    if let Some(flag) = args.read.covariate_flags().into_iter().chain(args.read.future_flag()).next() {
        let hint = format!("leave {flag} out");
        return Err(CliError::usage(format!("{flag} has no effect on a score, which needs the target alone"), hint));
    }
    let out = args.out.as_deref().map(|out| ResultFolder::check(out, "score.csv")).transpose()?;
    let folders = run_folders(&args.run)?;
    let is_single = folders.len() == 1 && folders[0] == args.run;
    let mut scores: Vec<(Option<Timestamp>, String, RunScore)> = Vec::new();
    for folder in &folders {
        match score(args, folder, is_single, earlier_flags) {
            Ok((first, score)) => scores.push((first, run_name(folder), score)),
            Err(error) if is_single => return Err(error),
            Err(error) => args.terminal.notice(format!("{} is left out: {error:#}", run_name(folder))),
        }
    }
    if scores.is_empty() {
        return Err(CliError::data(
            format!("none of the runs in {} can be scored", args.run.display()),
            "the notices say why; `forecast score RUN --csv FILE` scores one of them",
        ));
    }
    // the earliest forecast first
    scores.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    let scores: Vec<(String, RunScore)> = scores.into_iter().map(|(_, name, score)| (name, score)).collect();
    let terminal = &args.json.terminal(&args.terminal);
    let mut notices = Vec::new();
    for (name, score) in &scores {
        let of = if is_single { String::new() } else { format!("{name}: ") };
        notices.extend(score_notices(score).into_iter().map(|notice| format!("{of}{notice}")));
    }
    notices.iter().for_each(|notice| terminal.notice(notice));
    let table = if is_single { score_table::draw(&scores[0].1) } else { score_table::draw_runs(&scores) };
    terminal.print(&table)?;
    if out.is_some() || args.json.has_object() {
        check_same_columns(&scores)?;
    }
    if let Some(out) = &out {
        out.write(|file| score_csv(file, &scores))?;
        terminal.print(&out.line())?;
    }
    if args.json.has_object() {
        let table = json_array(|to| score_json(to, &scores))?;
        let written = args.out.as_deref().map(|folder| (folder, vec!["score.csv".to_owned()]));
        let members = Map::from_iter([("notices".to_owned(), json!(notices))]);
        RunsObject { kind: "score", members, written }.print(&args.json, Some(("score", table)))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The folder itself if it is that of a run, or else those of runs in it, sorted by name.
fn run_folders(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if folder.join(RunRecord::FILE).exists() || !folder.is_dir() {
        return Ok(vec![folder.to_path_buf()]);
    }
    let entries = fs::read_dir(folder).map_err(|source| Error::Read { path: folder.into(), source })?;
    let inside = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut runs: Vec<PathBuf> = inside.filter(|path| path.join(RunRecord::FILE).is_file()).collect();
    runs.sort();
    if runs.is_empty() { Ok(vec![folder.to_path_buf()]) } else { Ok(runs) }
}

/// The first time that a run forecasts, and its scores.
fn score(
    args: &ScoreArgs,
    folder: &Path,
    prints_notices: bool,
    earlier_flags: EarlierFlags,
) -> anyhow::Result<(Option<Timestamp>, RunScore)> {
    let run = StoredRun::read(folder)?;
    if run.forecasts.is_empty() {
        return Err(problem_error(args, &run, &ScoreProblem::NoForecast));
    }
    let dataset = read_new(args, &run, earlier_flags)?;
    if prints_notices {
        inspection::print_notices(&args.terminal, &dataset, &dataset.panel);
    }
    let first = run.forecasts.iter().filter_map(|forecast| forecast.times().first().copied()).min();
    let score = RunScore::new(&run, &dataset.panel)?.map_err(|problem| problem_error(args, &run, &problem))?;
    Ok((first, score))
}

/// Reads the new values as the file of the run was read.
fn read_new(args: &ScoreArgs, run: &StoredRun, earlier_flags: EarlierFlags) -> anyhow::Result<Dataset> {
    let read = args.read.clone().or(args.inherit.flags_of(&run.record.command, earlier_flags).as_ref());
    let trained_on = TrainedOn::of(&run.dataset.panel, &Baseline::SeasonalNaive);
    let mut options = saved_model::options_for_new_rows(&read, args.inherit, run, &[]);
    options.covariates.clear();
    options.future = None;
    options.holidays = None;
    saved_model::read_for(&read, read.input(), options, Some(&trained_on))
}

fn problem_error(args: &ScoreArgs, run: &StoredRun, problem: &ScoreProblem) -> anyhow::Error {
    let hint = match problem {
        ScoreProblem::NoForecast => "give the folder that `forecast --csv FILE --horizon N` wrote".to_owned(),
        ScoreProblem::OtherFrequency { forecast, .. } | ScoreProblem::OtherTimes { step: forecast, .. } => {
            format!("give the values at the steps of the forecast ({forecast})")
        }
        ScoreProblem::OtherIds { .. } => {
            format!("name the columns with the ids: `--id {}`", run.panel.columns().ids.join(","))
        }
        ScoreProblem::OtherSeries { .. } => "give the values of the same series, with the same ids".to_owned(),
        ScoreProblem::NoNewValue { first, .. } => format!("give a file with values from {first} on"),
        _ => "give the file of the run, with the values since then".to_owned(),
    };
    CliError::data(format!("{}: {problem}", args.read.csv.display()), hint)
}

/// What the user should know about a score.
fn score_notices(score: &RunScore) -> Vec<String> {
    let mut notices = score.notices.clone();
    let of = score.panel().count();
    if score.unscored_series() > 0 {
        notices.push(format!("{} of {of} series of the run have no new value", score.unscored_series()));
    }
    if score.unknown_series() > 0 {
        notices.push(format!("the run has no forecast of {} of the series in the file", score.unknown_series()));
    }
    notices
}

/// Refuses one file for runs with other columns.
fn check_same_columns(scores: &[(String, RunScore)]) -> anyhow::Result<()> {
    let columns = |score: &RunScore| {
        let intervals = score.overall(forecast::backtest::Steps::All).forecast.intervals;
        (score.panel().columns().ids.clone(), intervals.iter().map(|own| own.percent.to_string()).collect::<Vec<_>>())
    };
    let first = columns(&scores[0].1);
    match scores.iter().find(|(_, score)| columns(score) != first) {
        None => Ok(()),
        Some((other, _)) => Err(CliError::data(
            format!("the runs {} and {other} have other id columns or intervals", scores[0].0),
            "score the runs one by one, each with its own `--out DIR`",
        )),
    }
}
