//! `forecast backtest`: forecasts the past from several origins with several models, and scores them.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;
use forecast::backtest::{self, Folds, ModelBacktest, Verdict, is_verdict_baseline, sort_by_accuracy};
use forecast::read::Dataset;
use forecast::report::Report;
use forecast::run::RunRecord;
use forecast::write::{Table, hindcasts_as_written};
use forecast::{Auto, Budget, Error, Model, Panel, Task, plot};

use crate::args::pooled_model::{self, GivenModel, PooledModelArg};
use crate::args::reading::{InheritArg, ReadArgs};
use crate::args::value::at_least_one;
use crate::args::{format::FormatArg, horizon::HorizonArg, levels::LevelArgs, model::ModelsArgs};
use crate::exit_status::CliError;
use crate::report::json_output::JsonArg;
use crate::report::output_dir::{self, OutputDir};
use crate::report::{hints::error_hint, html_report::ReportArg, inspection, leaderboard, run_json};
use crate::report::{pictures, table_files::TableSink, terminal::Terminal, text_table::counted, verdict_line};
use crate::{exit_status, fit, interrupt};

const AFTER_HELP: &str = "\
Each fold is a cutoff and the horizon after it. It is forecast from the data
before the cutoff. A baseline is fitted again for each fold. A network is fitted
once, before the first fold, and uses the data before each later cutoff as
history. --refit trains it again for each fold. Filled values are not scored.

Files in DIR:
  metrics.csv   every score by series, model and step of the horizon, with `all`
                for all series or steps; `why` is the reason of an empty score
  backtest.csv  every forecast with its intervals and the actual value
  history.csv   the series as the models see them, and their values in the file
  folds.png     the forecasts of the best model and the actual values
  report.html   scores, folds, and errors by step on one page, which loads nothing
  repairs.csv   the values that were filled, merged, clipped or left out, if any
  failed.csv    the series that cannot be forecast and why, if any
  backtest.xlsx with --format xlsx: the tables above as sheets, instead of .csv
  run.json      command, settings, versions, hash of the input, timings, scores

Examples:
  forecast backtest --csv demand.csv --horizon 7
  forecast backtest --csv demand.csv -n 7 --folds 10 --step 1 --model gru,drift
  forecast backtest --csv sales.csv --id store -n 8 --refit --budget 5m
  forecast backtest --csv demand.csv -n 7 --covariates temperature --known temperature
";

/// Forecast the past from several origins with several models, and score them
#[derive(Debug, Args)]
#[command(after_help = format!("{AFTER_HELP}\n{}", exit_status::help(exit_status::OF_FIT)))]
pub(crate) struct BacktestArgs {
    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    horizon: HorizonArg,
    #[command(flatten)]
    levels: LevelArgs,
    #[arg(long, value_name = "N", help_heading = "Forecast", value_parser = at_least_one)]
    #[arg(help = format!("Number of folds [default: up to {}, fewer for a short history]", Folds::DEFAULT_COUNT))]
    folds: Option<usize>,
    /// Steps from one fold to the next [default: the horizon]
    #[arg(long, value_name = "STEPS", help_heading = "Forecast", value_parser = at_least_one)]
    step: Option<usize>,
    /// Train networks again for each fold
    #[arg(long, help_heading = "Forecast")]
    refit: bool,
    /// Covariates to treat as known in the future, even without values after the last target
    #[arg(long, value_name = "NAMES", value_delimiter = ',', help_heading = "Covariates")]
    known: Vec<String>,
    /// Folder to write, `-` for none: the object of --json, or --format arrow, on stdout [default: <name of the file>-backtest]
    #[arg(long, value_name = "DIR", help_heading = "Forecast")]
    out: Option<PathBuf>,
    #[command(flatten)]
    format: FormatArg,
    #[command(flatten)]
    page: ReportArg,
    #[command(flatten)]
    models: ModelsArgs,
    #[command(flatten)]
    pooled: PooledModelArg,
    #[command(flatten)]
    terminal: Terminal,
    #[command(flatten)]
    json: JsonArg,
}

pub(super) fn run(args: &BacktestArgs) -> anyhow::Result<ExitCode> {
    let (start, budget) = (Instant::now(), args.models.fitting.start_budget());
    let json = args.json.or_stream(args.format.is_stream())?;
    let terminal = &json.terminal(&args.terminal);
    let given = args.pooled.resolve(&args.models.typed(), InheritArg::default(), |_| None)?;
    given.iter().try_for_each(GivenModel::check_for_backtest)?;
    given.iter().try_for_each(|given| given.check(&args.read, args.horizon.until()))?;
    let (models, levels) = (checked_models(args, given.as_ref())?, args.levels.resolve()?);
    let mut dataset = pooled_model::read_for(given.as_ref(), &args.read, &args.read.input())?;
    let horizon = args.horizon.steps(&dataset.panel)?;
    if !args.known.is_empty() {
        dataset.panel = dataset.panel.assuming_known(&args.known, horizon)?;
    }
    dataset.notices.extend(dataset.uneven_series_notices(horizon));
    let panel = &dataset.panel;
    panel.for_horizon(horizon).inspect_err(|_| inspection::print_future_notices(terminal, &dataset))?;
    let task = Task { levels, seed: args.models.fitting.seed(), ..Task::new(horizon) };
    let run = Run { args, models, panel, task, budget };
    let mut record = run_json::start_record("backtest", &args.read.csv, &dataset);
    record.duration("read", start.elapsed());
    let planned = run.planned_folds()?;
    let folder = OutputDir::check_unless_stdout(&args.read.out_or_default(args.out.as_deref(), "backtest"))?;
    if folder.is_none() && !json.has_object() {
        return Err(CliError::usage(
            "a backtest has no CSV file for stdout, but several tables",
            "add `--json` for an object with all tables, or `--format arrow` for the forecasts; or choose a folder with \
             `--out DIR`",
        ));
    }
    args.format.check(folder.as_ref(), panel.count() * run.models.len() * planned.count * horizon)?;
    let page = args.page.check(folder.as_ref(), panel)?;
    inspection::print_notices(terminal, &dataset, panel);

    let (folds, backtests) = run.backtest_all(planned, &mut record)?;
    let verdict = verdict_on_best(&backtests);
    let sentence = verdict_line::verdict_line(&verdict, panel, &run.task);
    print_folds(terminal, panel, &folds);
    run.note_unfinished(&backtests);
    run.record_settings(&mut record, &folds);
    record.scores(&backtests);
    record.verdict(&verdict, &sentence);
    record.duration("total", start.elapsed());
    let formats = args.format.resolve();
    formats.pictures.record(&mut record);
    let page = page.of_run(&mut record, panel);
    let written = folder.as_ref().map(|folder| {
        folder.replace(&mut record, &formats, |files| {
            add_tables(files, &dataset, &folds, &backtests)?;
            files.add_as_csv(panel, &Table::History)?;
            let backtests = as_written(panel, &backtests);
            let drawn = pictures::backtest_to_draw(&backtests);
            files.draw("folds", |picture| plot::folds(picture, panel, drawn.model, &drawn.hindcasts))?;
            let report = || Report { verdict: &sentence, backtests: &backtests, ..Report::new(&dataset, panel) };
            page.write(files.folder, report)
        })
    });
    terminal.print(&leaderboard::draw(&backtests, Terminal::width()))?;
    if let (Some(folder), Some(Ok(()))) = (&folder, &written) {
        terminal.print(&folder.contents_line()?)?;
    }
    terminal.print(&sentence)?;
    json.print(&mut record, written.unwrap_or(Ok(())), |to| add_tables(to, &dataset, &folds, &backtests))?;
    Ok(exit_status::done(&dataset, false))
}

fn add_tables(
    to: &mut impl TableSink,
    dataset: &Dataset,
    folds: &Folds,
    backtests: &[ModelBacktest],
) -> anyhow::Result<()> {
    to.add(&dataset.panel, &Table::Backtest(folds, backtests))?;
    to.add(&dataset.panel, &Table::Metrics(backtests))?;
    output_dir::add_repairs(to, dataset)
}

/// The models, checked against the other flags. The automatic one has the pooled model that is given.
fn checked_models(args: &BacktestArgs, given: Option<&GivenModel>) -> anyhow::Result<Vec<Box<dyn Model>>> {
    let mut models = args.models.resolve()?;
    let auto = models.iter_mut().find(|model| model.name() == Auto::NAME);
    if let Some((auto, given)) = auto.zip(given) {
        *auto = given.model();
    }
    if args.refit && !any_is_trained(&models) {
        return Err(CliError::usage(
            "--refit has no effect on baselines, which are fitted again for each fold anyway",
            "leave --refit out, or add a network, as in `--model lstm,drift`",
        ));
    }
    args.read.check_covariates(&models)?;
    Ok(models)
}

fn any_is_trained(models: &[Box<dyn Model>]) -> bool {
    models.iter().any(|model| model.is_trained())
}

/// The arguments of a backtest, and what is derived from them.
struct Run<'a> {
    args: &'a BacktestArgs,
    models: Vec<Box<dyn Model>>,
    panel: &'a Panel,
    /// The task of every model.
    task: Task,
    budget: Budget,
}

impl Run<'_> {
    /// The requested folds, if the history is long enough for them.
    fn planned_folds(&self) -> anyhow::Result<Folds> {
        let Self { args, panel, task: Task { horizon, .. }, .. } = self;
        let (horizon, step) = (*horizon, args.step.unwrap_or(*horizon));
        let refit = args.refit || !any_is_trained(&self.models);
        let default_folds = Folds::default_for(panel, horizon, step, refit).ok_or_else(|| no_fold(panel, horizon))?;
        let Some(count) = args.folds else { return Ok(default_folds) };
        let folds = Folds { count, min_history: panel.season() + 1, ..default_folds };
        let max_count = folds.max_count(panel);
        if max_count < count {
            let every = if step == horizon { String::new() } else { format!(", one every {}", counted(step, "step")) };
            let length = panel.frequency().steps_in_words(horizon);
            return Err(CliError::usage(
                format!("the history is too short for {count} folds of {length}{every}, the maximum is {max_count}"),
                format!("give `--folds {max_count}`, or a smaller --horizon or --step"),
            ));
        }
        Ok(folds)
    }

    /// Backtests every model, and sorts the backtests by accuracy. Without `--folds`, the folds become fewer until every
    /// model has enough data before the first. After an interrupt, networks without a complete backtest are left out.
    fn backtest_all(&self, mut folds: Folds, record: &mut RunRecord) -> anyhow::Result<(Folds, Vec<ModelBacktest>)> {
        loop {
            match self.backtest_on(&folds, record) {
                Ok(mut backtests) => {
                    sort_by_accuracy(&mut backtests);
                    return Ok((folds, backtests));
                }
                Err(Error::TooShort { .. }) if self.args.folds.is_none() && folds.count > 1 => folds.count -= 1,
                Err(error) => return Err(too_short(error, self.panel, &folds)),
            }
        }
    }

    /// Backtests every model on these folds. A model that is not trained is always fitted again at each origin. Ctrl-C
    /// stops all models but the baseline.
    fn backtest_on(&self, folds: &Folds, record: &mut RunRecord) -> forecast::Result<Vec<ModelBacktest>> {
        let (panel, args) = (self.panel, self.args);
        let mut backtests = Vec::new();
        let mut left_to_train = self.models.iter().filter(|model| model.is_trained()).count() as u32;
        for model in &self.models {
            let (name, trained) = (model.name(), model.is_trained());
            let is_stoppable = !is_verdict_baseline(name);
            if is_stoppable && interrupt::requested() {
                continue;
            }
            let mut task = self.task.clone();
            if trained {
                task.budget = self.budget.split(1.0 / f64::from(left_to_train));
                left_to_train -= 1;
            }
            let start = Instant::now();
            let refit = args.refit || !trained;
            let backtest = fit::observed(name, &args.terminal, &task.budget, is_stoppable, |observer| {
                backtest::run(model.as_ref(), panel, &task, folds, refit, observer)
            })?;
            // a model that is fitted again at each origin lacks folds
            if !(is_stoppable && refit && interrupt::requested()) {
                backtests.push(ModelBacktest::new(name, panel, backtest.fit));
                record.duration(name, start.elapsed());
            }
        }
        Ok(backtests)
    }

    /// Prints which models have no complete backtest after an interruption.
    fn note_unfinished(&self, backtests: &[ModelBacktest]) {
        let is_left_out = |name: &&str| !backtests.iter().any(|backtest| backtest.model == *name);
        let left_out: Vec<&str> = self.models.iter().map(|model| model.name()).filter(is_left_out).collect();
        if !left_out.is_empty() {
            self.args.terminal.notice(format!("interrupted before these models were done: {}", left_out.join(", ")));
        }
    }

    fn record_settings(&self, record: &mut RunRecord, folds: &Folds) {
        record.setting("models", self.models.iter().map(|model| model.name()).collect::<Vec<_>>());
        record.setting("horizon", self.task.horizon);
        record.setting("levels", &self.task.levels);
        record.setting("folds", folds.count);
        record.setting("step", folds.step);
        record.setting("refit", self.args.refit);
        if any_is_trained(&self.models) {
            record.setting("seed", self.task.seed);
        }
        for model in &self.models {
            record.setting(model.name(), model.settings());
        }
    }
}

/// The backtests with the numbers of their file, from which pictures can be drawn again.
fn as_written(panel: &Panel, backtests: &[ModelBacktest]) -> Vec<ModelBacktest> {
    let written =
        |own: &ModelBacktest| ModelBacktest::new(own.model, panel, hindcasts_as_written(panel, &own.hindcasts));
    backtests.iter().map(written).collect()
}

/// Prints the folds, and how many series are too short for them.
fn print_folds(terminal: &Terminal, panel: &Panel, folds: &Folds) {
    terminal.message(&folds_in_words(panel, folds));
    let left_out = panel.iter().filter(|series| !folds.fits_in(series)).count();
    if left_out > 0 {
        let verb = if left_out == 1 { "is" } else { "are" };
        let all = panel.count();
        terminal.notice(format!("{left_out} of {all} series {verb} too short for any fold, and left out"));
    }
}

/// The error if the history is too short for one fold. The hint gives the longest horizon that leaves a season and a value.
fn no_fold(panel: &Panel, horizon: usize) -> anyhow::Error {
    let season = panel.season();
    let longest = panel.iter().map(|series| series.len()).max().unwrap_or(0);
    let hint = match longest.saturating_sub(season + 1) {
        0 if season > 1 && longest > 2 => "without a season fewer values are enough: `--season 1`".to_owned(),
        0 => "a backtest needs at least 3 values".to_owned(),
        max => format!("`--horizon {max}` is the longest that leaves a season and one value"),
    };
    CliError::data(format!("{}: the longest has {longest} values", verdict_line::too_short(panel, horizon)), hint)
}

/// The error if a model needs more data before the first fold. The hint gives the number of folds that leaves enough data.
fn too_short(error: Error, panel: &Panel, folds: &Folds) -> anyhow::Error {
    let Error::TooShort { model, horizon, need, got } = error else { return error.into() };
    let fold = if folds.count == 1 { "the fold".to_owned() } else { format!("the first of {} folds", folds.count) };
    let message = format!(
        "{model} needs at least {need} values before {fold} to forecast {steps}, the longest series has {got}",
        steps = counted(horizon, "step")
    );
    let max_count = Folds { min_history: need, ..*folds }.max_count(panel);
    if max_count == 0 {
        return CliError::data(message, error_hint(&error, |_, _| false).unwrap_or_default());
    }
    CliError::usage(message, format!("`--folds {max_count}` leaves enough before the first"))
}

/// The verdict on the best model other than the baseline.
fn verdict_on_best(backtests: &[ModelBacktest]) -> Verdict {
    let is_baseline = |backtest: &&ModelBacktest| is_verdict_baseline(backtest.model);
    let baseline = backtests.iter().find(is_baseline).expect("seasonal naive is always backtested");
    let best = backtests.iter().find(|backtest| !is_baseline(backtest)).unwrap_or(baseline);
    Verdict::new(best.model, backtests.len() - 1, &best.scorecard, &baseline.scorecard)
}

/// `5 folds of 7 days, 2014-11-27 to 2014-12-31`
fn folds_in_words(panel: &Panel, folds: &Folds) -> String {
    let frequency = panel.frequency();
    let every = if folds.step == folds.horizon || folds.count == 1 {
        String::new()
    } else {
        format!(", one every {}", frequency.steps_in_words(folds.step).trim_start_matches("1 "))
    };
    let extent = match panel.iter().next() {
        Some(only) if panel.count() == 1 => {
            let first = only.time_at(only.len() - folds.steps_after_origin(1));
            format!("{} to {}", frequency.format(first), frequency.format(only.end()))
        }
        _ => "counted back from the end of each series".to_owned(),
    };
    format!("{} of {}{every}, {extent}", counted(folds.count, "fold"), frequency.steps_in_words(folds.horizon))
}
