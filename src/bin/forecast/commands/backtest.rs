//! Forecast the past from rolling origins with several models, and score them.

use forecast::plot;
use forecast::read;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Args;
use forecast::backtest::{Folds, Scorecard};
use forecast::error::Error;
use forecast::model::Task;
use forecast::panel::Panel;

use super::{HorizonArg, finished};
use crate::budget::Budget;
use crate::cli_error::CliError;
use crate::covariates;
use crate::horizon::{in_words, last};
use crate::interrupt;
use crate::learn;
use crate::models::ModelsArgs;
use crate::networks::at_least_one;
use crate::reading::ReadArgs;
use crate::report::backtest_csv;
use crate::report::leaderboard::{self, Contender};
use crate::report::output_dir::OutputDir;
use crate::report::run_json::RunRecord;
use crate::report::terminal::Terminal;
use crate::report::verdict::{Verdict, is_bar};
use crate::settings::{Chosen, Loudness};

const AFTER: &str = "\
Each fold is a stretch of the past, as long as the horizon, that is forecast
with nothing but what was known before it. A baseline is fitted anew for each.
A network is fitted once, before the first, and reads the values that have come
since; --refit trains it anew too. Values that were filled in are not scored.

Writes into DIR:
  metrics.csv   every score by series, model and step of the horizon, `all` for
                all of them together; `why` says what is missing
  backtest.csv  every forecast made, with both bands, beside what happened
  folds.png     the best model's forecasts over what happened
  run.json      command, settings, versions, hash of the input, timings, scores

Examples:
  forecast backtest --csv demand.csv --horizon 7
  forecast backtest --csv demand.csv -n 7 --folds 10 --step 1 --model gru,drift
  forecast backtest --csv sales.csv --id store -n 8 --refit --budget 5m
  forecast backtest --csv demand.csv -n 7 --covariates temperature --known temperature
";

/// Forecast the past from several points in it with several models, and score them
#[derive(Debug, Args)]
#[command(after_help = format!("{AFTER}\n{}", super::EXIT_CODES))]
pub(crate) struct BacktestArgs {
    #[command(flatten)]
    read: ReadArgs,

    #[command(flatten)]
    ahead: HorizonArg,

    #[arg(
        long,
        value_name = "N",
        help_heading = "Forecast",
        allow_negative_numbers = true,
        value_parser = at_least_one,
        help = format!("Stretches of the past to forecast [default: up to {}, as far as there is history]", Folds::DEFAULT_COUNT)
    )]
    folds: Option<usize>,

    /// Steps from one fold to the next [default: the horizon]
    #[arg(long, value_name = "STEPS", help_heading = "Forecast", allow_negative_numbers = true, value_parser = at_least_one)]
    step: Option<usize>,

    /// Train networks anew for each fold
    #[arg(long, help_heading = "Forecast")]
    refit: bool,

    /// Covariates that will be known ahead, though the file has no value of them after its last target
    #[arg(long, value_name = "NAMES", value_delimiter = ',', help_heading = "Covariates", requires = "covariates")]
    known: Vec<String>,

    /// OutputDir to write [default: <the file's stem>-backtest]
    #[arg(long, value_name = "DIR", help_heading = "Forecast")]
    out: Option<PathBuf>,

    #[command(flatten)]
    models: ModelsArgs,

    #[command(flatten)]
    loudness: Loudness,
}

pub(super) fn run(args: &BacktestArgs) -> anyhow::Result<ExitCode> {
    let models = args.models.resolve()?;
    if args.refit && !models.iter().any(Chosen::is_trained) {
        return Err(CliError::usage(
            "--refit does nothing here: baselines are fitted anew for each fold as it is",
            "leave --refit out, or add a network, as in `--model lstm,drift`",
        ));
    }
    covariates::check(&args.read, models.iter().map(Chosen::model))?;
    let screen = Terminal::new(args.loudness);
    let (began, budget) = (Instant::now(), Budget::of(args.models.fitting.budget()));
    let mut dataset = read::read(&args.read.input(), &args.read.options())?;
    let task =
        Task { seed: args.models.fitting.seed(), ..Task::new(args.ahead.horizon.steps(dataset.panel.frequency())?) };
    if !args.known.is_empty() {
        dataset.panel = dataset.panel.assuming_known(&args.known, task.horizon)?;
    }
    let mut record = RunRecord::new(args.read.shown(), &dataset);
    record.took("read", began.elapsed());
    let panel = &dataset.panel;
    panel.for_horizon(task.horizon)?;
    let folds = planned(args, panel, task.horizon, &models)?;
    let folder = OutputDir::check(&args.out.clone().unwrap_or_else(|| args.read.default_folder("backtest")))?;
    screen.understood(&dataset);
    screen.beside(panel);

    let (folds, mut contenders) = contest(args, &models, panel, &task, folds, budget, &screen)?;
    leaderboard::rank(&mut contenders);
    screen.note(&plan_in_words(panel, &folds));
    screen.left_out(panel, &folds);
    let verdict = verdict(&contenders);
    describe(&mut record, args, &models, &task, &folds);
    for contender in &contenders {
        record.took(contender.name, contender.took);
    }
    record.took("total", began.elapsed());
    record.scores(backtest_csv::in_json(&contenders));
    record.verdict(&verdict);
    folder.replace(|new| {
        write(new, panel, &folds, &contenders, shown(&models, &contenders))?;
        record.write(new)
    })?;
    screen.ranking(&contenders)?;
    screen.wrote(&folder)?;
    screen.say(&verdict.to_string())?;
    Ok(finished())
}

/// The folds asked for, if there is room for them.
fn planned(args: &BacktestArgs, panel: &Panel, horizon: usize, models: &[Chosen]) -> anyhow::Result<Folds> {
    let (step, anew) = (args.step.unwrap_or(horizon), args.refit || !models.iter().any(Chosen::is_trained));
    let usual = Folds::default_for(panel, horizon, step, anew);
    let usual = usual.ok_or_else(|| no_room(panel, horizon))?;
    let Some(count) = args.folds else { return Ok(usual) };
    let folds = Folds { count, minimum: panel.season() + 1, ..usual };
    let room = folds.room(panel);
    if room < count {
        let every = if step == horizon { String::new() } else { format!(", one every {step} steps") };
        return Err(CliError::usage(
            format!(
                "there is no room for {count} folds of {}{every}, only for {room}",
                in_words(horizon, panel.frequency())
            ),
            format!("give `--folds {room}`, or a smaller --horizon or --step"),
        ));
    }
    Ok(folds)
}

/// Not even one fold: says which horizon would leave a season and one value, if any.
fn no_room(panel: &Panel, horizon: usize) -> anyhow::Error {
    let (stretch, season) = (last(horizon, panel.frequency()), panel.season());
    let longest = panel.iter().map(|series| series.len()).max().unwrap_or(0);
    let who = if panel.count() > 1 { "every series is" } else { "the series is" };
    let hint = match longest.saturating_sub(season + 1) {
        0 if season > 1 && longest > 2 => "without a season fewer values are enough: `--season 1`".to_owned(),
        0 => "a backtest needs at least 3 values".to_owned(),
        most => format!("`--horizon {most}` is the most that leaves a season and one value"),
    };
    CliError::data(format!("{who} too short to hold out the {stretch}: the longest has {longest} values"), hint)
}

/// Has every model forecast the same folds. Where nobody asked for a number of folds there are fewer if a model cannot
/// learn from what precedes the first. Once interrupted, networks that are not done are left out.
fn contest(
    args: &BacktestArgs,
    models: &[Chosen],
    panel: &Panel,
    task: &Task,
    mut folds: Folds,
    budget: Budget,
    screen: &Terminal,
) -> anyhow::Result<(Folds, Vec<Contender>)> {
    'folds: loop {
        let mut contenders = Vec::new();
        let mut to_train = models.iter().filter(|chosen| chosen.is_trained()).count() as u32;
        for chosen in models {
            let name = chosen.model().name();
            if chosen.is_trained() && interrupt::requested() {
                continue;
            }
            let mut task = task.clone();
            if chosen.is_trained() {
                task.budget = budget.left(Duration::ZERO).map(|left| left / to_train);
                to_train -= 1;
            }
            let began = Instant::now();
            let said = learn::backtest(chosen, panel, &task, &folds, args.refit, screen, name);
            let hindcasts = match said {
                Err(Error::TooShort { .. }) if args.folds.is_none() && folds.count > 1 => {
                    folds.count -= 1;
                    continue 'folds;
                }
                Err(error) => return Err(too_short(error, panel, &folds)),
                Ok(_) if chosen.is_trained() && args.refit && interrupt::requested() => continue,
                Ok(hindcasts) => hindcasts,
            };
            let card = Scorecard::new(panel, &hindcasts);
            contenders.push(Contender { name, hindcasts, card, took: began.elapsed() });
        }
        return Ok((folds, contenders));
    }
}

/// Says how many folds would leave a model enough to learn from.
fn too_short(error: Error, panel: &Panel, folds: &Folds) -> anyhow::Error {
    let Error::TooShort { need, .. } = error else { return error.into() };
    let room = Folds { minimum: need, ..*folds }.room(panel);
    if room == 0 {
        return CliError::data(format!("{error} before the first fold"), error.hint().unwrap_or_default());
    }
    CliError::usage(
        format!("{error} before the first of {} folds", folds.count),
        format!("`--folds {room}` leaves enough before the first"),
    )
}

/// Of the best but seasonal naive, which is the bar.
fn verdict(contenders: &[Contender]) -> Verdict {
    let bar = contenders.iter().find(|contender| is_bar(contender.name));
    let bar = bar.expect("seasonal naive is always among them");
    let best = contenders.iter().find(|contender| !is_bar(contender.name)).unwrap_or(bar);
    Verdict::of(best.name, contenders.len() - 1, &best.card, &bar.card)
}

/// The model whose folds are drawn: the one that was asked for, or the best of several.
fn shown<'a>(models: &[Chosen], contenders: &'a [Contender]) -> &'a Contender {
    let asked = |contender: &&Contender| contender.name == models[0].model().name();
    let only = if models.len() == 2 { contenders.iter().find(asked) } else { None };
    only.unwrap_or(&contenders[0])
}

fn describe(record: &mut RunRecord, args: &BacktestArgs, models: &[Chosen], task: &Task, folds: &Folds) {
    record.setting("models", models.iter().map(|chosen| chosen.model().name()).collect::<Vec<_>>());
    record.setting("horizon", task.horizon);
    record.setting("levels", &task.levels);
    record.setting("folds", folds.count);
    record.setting("step", folds.step);
    record.setting("refit", args.refit);
    if models.iter().any(Chosen::is_trained) {
        record.setting("seed", task.seed);
    }
    for chosen in models {
        match chosen {
            Chosen::Auto(auto) => record.setting(chosen.model().name(), auto),
            Chosen::Network(settings) => record.setting(chosen.model().name(), settings),
            Chosen::Global(settings) => record.setting(chosen.model().name(), settings),
            Chosen::Deepar(settings) => record.setting(chosen.model().name(), settings),
            Chosen::Baseline(_) => {}
        }
    }
}

/// `5 folds of 7 days, 2014-11-27 to 2014-12-31`
fn plan_in_words(panel: &Panel, folds: &Folds) -> String {
    let frequency = panel.frequency();
    let plural = if folds.count == 1 { "" } else { "s" };
    let step = if folds.step == folds.horizon || folds.count == 1 {
        String::new()
    } else {
        format!(", one every {}", in_words(folds.step, frequency).trim_start_matches("1 "))
    };
    let length = in_words(folds.horizon, frequency);
    let where_from = match panel.iter().next() {
        Some(only) if panel.count() == 1 => {
            let first = only.time_at(only.len() - folds.unknown(1));
            format!("{} to {}", frequency.format(first), frequency.format(only.end()))
        }
        _ => "counted back from each series' end".to_owned(),
    };
    format!("{} fold{plural} of {length}{step}, {where_from}", folds.count)
}

fn write(new: &Path, panel: &Panel, folds: &Folds, contenders: &[Contender], shown: &Contender) -> anyhow::Result<()> {
    let file = |name: &str| File::create(new.join(name)).map(BufWriter::new);
    let metrics = file("metrics.csv").and_then(|to| backtest_csv::write_metrics(to, panel, contenders));
    metrics.context("writing metrics.csv failed")?;
    let forecasts = file("backtest.csv").and_then(|to| backtest_csv::write_forecasts(to, panel, folds, contenders));
    forecasts.context("writing backtest.csv failed")?;
    plot::folds(&new.join("folds.png"), panel, shown.name, &shown.hindcasts)?;
    Ok(())
}
