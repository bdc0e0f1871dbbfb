//! The default: read, check, fit, forecast, write, compare.

use forecast::plot;
use forecast::read;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Args;
use forecast::forecast::Forecast;
use forecast::model::Task;
use forecast::panel::Panel;
use forecast::read::Dataset;

use super::{HorizonArg, finished, save_training};
use crate::budget::Budget;
use crate::cli_error::{CliError, NO_SKILL};
use crate::covariates;
use crate::interrupt;
use crate::learn::{self, Fitted};
use crate::reading::ReadArgs;
use crate::reconcile::{Levels, Reconcile, Sums};
use crate::report::ensemble_summary;
use crate::report::forecast_csv;
use crate::report::output_dir::Destination;
use crate::report::run_json::RunRecord;
use crate::report::terminal::Terminal;
use crate::report::verdict::{self, Verdict, is_bar};
use crate::resume::ResumeArg;
use crate::sensitivity::{self, Sensitivity};
use crate::settings::{Chosen, Loudness, ModelArgs};
use crate::totals::TotalsArgs;

const AFTER: &str = "\
Writes into DIR:
  forecast.csv  id and time columns under the input's own names, then forecast,
                lo_80, hi_80, lo_95, hi_95
  forecast.png  the end of the history, the forecast and both bands
  totals.csv    with --total: the sum over each period and its bands; `of` is how
                many steps the whole period has, where the forecast covers a part
  threshold.csv with --threshold: how likely a value above it is at each step, how
                likely at least one by then, and how many are expected by then
  repairs.csv   every value that was filled, merged, clipped or left out, if any
  failed.csv    series that nothing can be said of, with the reason, if any
  sensitivity.csv  with --sensitivity, how far each kind of repair moved the
                forecast of each series
  loss.png      loss and gradient norm in training, of auto's best network; only
                where one was trained
  model/        what was learned, for `forecast predict`
  run.json      command, settings, versions, hash of the input, timings, scores,
                and what auto made of each method, with its error

auto, the default, tries every method at up to eight points of the past and
weighs it by its errors there; what the blend got wrong makes the bands. The
line `auto: ...` names those that count most, --verbose lists all. Of 400 series
or more one model learns from all of them too (--model global), and the last
horizon, held out, says how much it counts.

Totals and thresholds come from a thousand joint paths: deepar draws them itself;
for any other model each step keeps its own distribution, and which values go
together is taken from how past forecasts of the same series erred.

The last line compares the model with seasonal naive (the value of a season
ago) on up to five stretches of the past, with what was known before each: for
auto as weighed by the stretches before, for one network as trained once more
without them. The same command on the same file gives the same forecast.csv and
forecast.png, byte for byte, unless there is a --budget.

Examples:
  forecast --csv demand.csv --horizon 7
  forecast --csv demand.csv --horizon 2w --target demand --out july
  forecast --csv sales.csv --id store,item -n 8 --model gru
  forecast --csv tourism.csv -n 8 --reconcile
  forecast --csv demand.csv -n 7 --budget 20s --require-skill
  forecast --csv demand.csv -n 14 --total week --threshold 250000
  forecast --csv sales.csv -n 28 --model deepar --total month
  forecast --csv demand.csv -n 7 --covariates temperature --future weather.csv --holidays AU
  cat demand.csv | forecast --csv - --target demand -n 7 --out - > next.csv
";

const RECONCILE: &str = "\
Forecast the sums of the series by every id column too, and make all forecasts add up: mint [the default of \
--reconcile] moves each by how much it usually errs, bottom-up adds up those of the single series. In forecast.csv \
`(all)` stands for all values of an id column. For amounts that can be added up, not for means, prices or shares";

#[derive(Debug, Args)]
#[command(after_help = format!("{AFTER}\n{}", super::EXIT_CODES))]
pub(crate) struct ForecastArgs {
    #[command(flatten)]
    read: ReadArgs,

    #[command(flatten)]
    ahead: HorizonArg,

    /// OutputDir to write, `-` for forecast.csv alone on stdout [default: <the file's stem>-forecast]
    #[arg(long, value_name = "DIR", help_heading = "Forecast")]
    out: Option<PathBuf>,

    #[command(flatten)]
    joint: TotalsArgs,

    /// End with exit code 5 if the model does not beat seasonal naive, or could not be compared with it
    #[arg(long, help_heading = "Forecast")]
    require_skill: bool,

    /// Forecast the sums by every id column too, and make all add up; for amounts, not for means or shares
    #[arg(
        long,
        value_name = "HOW",
        help_heading = "Forecast",
        value_enum,
        conflicts_with_all = ["covariates", "holidays", "future"],
        num_args = 0..=1,
        default_missing_value = "mint",
        long_help = RECONCILE
    )]
    reconcile: Option<Reconcile>,

    /// Forecast again without each kind of repair, or with it done otherwise, and say how far that moves the forecast
    #[arg(long, help_heading = "Forecast", conflicts_with_all = ["reconcile", "budget"])]
    sensitivity: bool,

    #[command(flatten)]
    model: ModelArgs,

    #[command(flatten)]
    resume: ResumeArg,

    #[command(flatten)]
    loudness: Loudness,
}

pub(super) fn run(args: &ForecastArgs) -> anyhow::Result<ExitCode> {
    let chosen = args.model.resolve()?;
    if args.require_skill && is_bar(chosen.model().name()) {
        return Err(CliError::usage(
            "--require-skill cannot be met by seasonal-naive, which is the bar",
            "leave --require-skill out, or choose another model, such as `--model lstm`",
        ));
    }
    covariates::check(&args.read, std::iter::once(chosen.model()))?;
    let screen = Terminal::new(args.loudness);
    let (began, budget) = (Instant::now(), Budget::of(args.model.fitting.budget()));
    let input = if args.sensitivity { args.read.input().held()? } else { args.read.input() };
    let dataset = read::read(&input, &args.read.options())?;
    let mut record = RunRecord::new(args.read.shown(), &dataset);
    record.took("read", began.elapsed());
    let sums = args.reconcile.map(|how| Sums::of(how, &dataset.panel)).transpose()?;
    let panel = sums.as_ref().map_or(&dataset.panel, Sums::panel);
    let task = Task { seed: args.model.fitting.seed(), ..Task::new(args.ahead.horizon.steps(panel.frequency())?) };
    panel.for_horizon(task.horizon)?;
    let destination = Destination::check(&args.out.clone().unwrap_or_else(|| args.read.default_folder("forecast")))?;
    args.joint.check(panel.frequency(), &destination)?;
    let chosen = chosen.settled(panel, sums.is_some());
    let folder = match &destination {
        Destination::Stdout => None,
        Destination::Folder(folder) => Some(folder),
    };
    let unfinished = args.resume.place(&chosen, panel, folder, &screen)?;
    let task = Task { checkpoints: unfinished.path(), ..task };
    record.settings(&task, &chosen);
    screen.understood(&dataset);
    screen.beside(panel);
    if let Some(sums) = &sums {
        screen.note(&sums.understood());
    }
    screen.detail(&record.settings_in_words());

    let learned = learn(&chosen, panel, &task, budget, &screen, sums.as_ref())?;
    let Learned { fitted, forecasts, verdict, levels } = &learned;
    screen.trained(fitted);
    let own = sums.is_none().then_some(fitted.forecaster.as_ref());
    let joint = args.joint.answer(own, panel, forecasts, task.seed)?;
    record.took("fit", fitted.took);
    record.training(fitted, interrupt::requested());
    let weighings = fitted.forecaster.weighing();
    screen.weights(&weighings);
    let weights = ensemble_summary::line(chosen.model().name(), &weighings);
    record.weights(weighings);
    record.verdict(verdict);
    record.levels(levels.as_ref());
    let options = args.read.options();
    let again = |model: &Chosen| sensitivity::measure((&input, &options), &dataset, model, (&task, forecasts), &screen);
    let sensitivity = args.sensitivity.then(|| again(&chosen));
    record.sensitivity(sensitivity.as_ref());
    record.took("total", began.elapsed());
    match destination {
        Destination::Stdout => {
            Terminal::csv(panel, forecasts)?;
            for line in levels.iter().map(Levels::line).chain(weights) {
                screen.note(&line);
            }
            if let Some(sensitivity) = &sensitivity {
                screen.note(&sensitivity.draw());
            }
            screen.note(&verdict.to_string());
        }
        Destination::Folder(folder) => {
            folder.replace(|new| {
                write_forecast(new, panel, forecasts)?;
                write_repairs(new, &dataset)?;
                joint.iter().try_for_each(|joint| joint.write(new, panel, forecasts))?;
                save_training(new, fitted)?;
                write_sensitivity(new, &dataset, sensitivity.as_ref())?;
                record.write(new)
            })?;
            screen.table(panel, forecasts)?;
            joint.iter().try_for_each(|joint| screen.joint(joint, panel, forecasts))?;
            screen.wrote(&folder)?;
            screen.levels(levels.as_ref())?;
            screen.sensitivity(sensitivity.as_ref())?;
            weights.iter().try_for_each(|line| screen.say(line))?;
            screen.say(&verdict.to_string())?;
        }
    }
    unfinished.over(&screen)?;
    let skill_missing = args.require_skill && !verdict.is_win() && !interrupt::requested();
    Ok(if skill_missing { ExitCode::from(NO_SKILL) } else { finished() })
}

/// What came of it all.
struct Learned {
    fitted: Fitted,
    forecasts: Vec<Forecast>,
    verdict: Verdict,
    /// What adding up did to the errors, where it was asked for.
    levels: Option<Levels>,
}

/// The share of a budget that goes into the model that forecasts; the rest is for judging it, which takes another fit
/// unless the model keeps a record of its own.
const FOR_FORECAST: f64 = 0.55;
const FOR_ALL: f64 = 0.9;

/// Fits on everything, forecasts, then judges. If the fit is interrupted, its best so far is what there is.
fn learn(
    chosen: &Chosen,
    panel: &Panel,
    task: &Task,
    budget: Budget,
    screen: &Terminal,
    sums: Option<&Sums>,
) -> anyhow::Result<Learned> {
    let model = chosen.model();
    let recorded = matches!(chosen, Chosen::Auto(_) | Chosen::Deepar(_) | Chosen::Global(_));
    let share = if recorded { FOR_ALL } else { FOR_FORECAST };
    let share = budget.left(Duration::ZERO).map(|left| left.mul_f64(share));
    let fitted = learn::fit(
        model,
        panel,
        &Task { budget: share, ..task.clone() },
        screen,
        &format!("fitting {}", model.name()),
    )?;
    let began = Instant::now();
    let forecasts = fitted.forecaster.predict(panel)?;
    let said = verdict::record(chosen, &fitted, panel, task, (budget, began.elapsed()), screen)?;
    let (forecasts, said, levels) = match sums {
        None => (forecasts, said, None),
        Some(sums) => {
            let (forecasts, said, levels) = sums.reconcile(&forecasts, said);
            (forecasts, said, Some(levels))
        }
    };
    let verdict = verdict::judged(model.name(), panel, task, said)?;
    Ok(Learned { fitted, forecasts, verdict, levels })
}

/// Writes sensitivity.csv, where it was asked for.
fn write_sensitivity(folder: &Path, dataset: &Dataset, sensitivity: Option<&Sensitivity>) -> anyhow::Result<()> {
    let Some(sensitivity) = sensitivity else { return Ok(()) };
    let file = File::create(folder.join("sensitivity.csv")).context("writing sensitivity.csv failed")?;
    let ids = &dataset.panel.columns().ids;
    sensitivity.write(std::io::BufWriter::new(file), ids).context("writing sensitivity.csv failed")
}

/// Writes repairs.csv and failed.csv, where there is anything to list.
pub(super) fn write_repairs(folder: &Path, dataset: &Dataset) -> anyhow::Result<()> {
    if !dataset.repairs.is_empty() {
        let file = File::create(folder.join("repairs.csv")).context("writing repairs.csv failed")?;
        forecast_csv::write_repairs(std::io::BufWriter::new(file), dataset).context("writing repairs.csv failed")?;
    }
    if !dataset.failed.is_empty() {
        let file = File::create(folder.join("failed.csv")).context("writing failed.csv failed")?;
        forecast_csv::write_failed(std::io::BufWriter::new(file), dataset).context("writing failed.csv failed")?;
    }
    Ok(())
}

/// Writes forecast.csv and forecast.png.
pub(super) fn write_forecast(folder: &Path, panel: &Panel, forecasts: &[Forecast]) -> anyhow::Result<()> {
    let path = folder.join("forecast.csv");
    let file = File::create(&path).context("writing forecast.csv failed")?;
    forecast_csv::write(std::io::BufWriter::new(file), panel, forecasts).context("writing forecast.csv failed")?;
    plot::forecast(&folder.join("forecast.png"), panel, forecasts)?;
    Ok(())
}
