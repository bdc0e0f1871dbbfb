//! `forecast update`: new rows for a saved model, which forecasts from there without training.

use std::process::ExitCode;
use std::time::Instant;

use clap::Args;
use forecast::backtest::{Drift, TrainingBacktest};
use forecast::panel::{Repair, RepairKind, RepairPolicy};
use forecast::read::Dataset;
use forecast::run::{HistoryUpdate, StoredRun, UpdateProblem};
use forecast::{Error, Panel};

use crate::args::reading::{EarlierFlags, ReadArgs};
use crate::commands::predict::{Prediction, SavedModelArgs};
use crate::exit_status::{self, CliError};
use crate::interrupt;
use crate::model_covariates;
use crate::report::hints::quoting::quoted;
use crate::report::run_json;
use crate::report::text_table::counted;
use crate::saved_model::{self, LoadedModel};

const AFTER_HELP: &str = "\
DIR is the folder of a run that saved a model: of `forecast train` or `forecast`. Its
history.csv has the values that the model was trained on. The rows of FILE are added
to them, and the model forecasts from the last one. Rows that the history has already
are compared with it: where they differ, those of FILE are used. FILE is read with the
flags of the run, unless others are typed; --only-typed reads it without them.

If the run has a backtest, the errors since the training are compared with it. Errors
that have grown by more than chance are a reason to train again.

Files in DIR of --out are those of `forecast predict`. With --save, the new history is
saved in model/history.csv, and the next update starts there.

Examples:
  forecast train --csv demand.csv --horizon 14 --out demand-model
  forecast update --model demand-model --csv july.csv
  forecast update --model demand-model --csv july.csv --save --out - > next_days.csv
";

/// Add new rows to the history of a saved model and forecast from there, without training
#[derive(Debug, Args)]
#[command(after_help = format!("{AFTER_HELP}\n{}", exit_status::help(exit_status::OF_PREDICTION)))]
pub(crate) struct UpdateArgs {
    #[command(flatten)]
    pub(super) of: SavedModelArgs,
    /// Keep the new rows, so that the next update starts after them
    #[arg(long, help_heading = "Forecast")]
    save: bool,
}

pub(super) fn run(args: &UpdateArgs, earlier_flags: EarlierFlags) -> anyhow::Result<ExitCode> {
    let (start, save, args) = (Instant::now(), args.save, &args.of);
    let model = LoadedModel::load(&args.model)?;
    let run = read_run(args, &model)?;
    model.check_covariates(&args.read)?;
    let earlier = model.saved.flags_of_run(args.inherit, earlier_flags)?.map(ReadArgs::without_covariates);
    let read = args.read.clone().or(earlier.as_ref());
    let newer = read_newer(args, &read, &model, &run)?;
    let history = run.model_history(&args.model)?;
    check_target(args, &newer.panel, &history)?;
    let policies = read.options();
    let update = HistoryUpdate::new(&history, &newer.panel, policies.gaps, policies.spikes);
    let update = update.map_err(|error| model_covariates::mismatch_error(error, &args.read))?;
    let update = update.map_err(|problem| problem_error(args, &history, &problem))?;
    let drift = drift(&model, &run, &update)?;
    let mut notices = saved_model::flags_notices(&args.read, earlier.as_ref());
    notices.extend(update_notices(&update, &history));
    notices.push(drift_sentence(drift.as_ref(), &run));
    // the gaps of the file are filled again, with the history
    let is_filled = |repair: &Repair| matches!(repair.kind, RepairKind::Missing | RepairKind::Empty);
    let mut repairs: Vec<Repair> = newer.repairs.into_iter().filter(|repair| !is_filled(repair)).collect();
    repairs.extend(update.repairs);
    let panel = model.with_seasons(update.panel, &args.read)?;
    // the series that cannot be forecast now have a history, too
    let new_history = save.then(|| panel.clone());
    let mut dataset = Dataset { panel, repairs, ..newer };
    model.leave_out_incomplete_futures(&mut dataset);
    let mut record = run_json::start_record("update", &args.read.csv, &dataset);
    record.drift = drift;
    Prediction { args, model: &model, dataset: &dataset, record, notices, start }.make()?;
    if let Some(history) = new_history {
        interrupt::deferred(|| StoredRun::save_model_history(&args.model, &history))?;
    }
    Ok(exit_status::done(&dataset, false))
}

/// The run that saved the model.
fn read_run(args: &SavedModelArgs, model: &LoadedModel) -> anyhow::Result<StoredRun> {
    let shown = args.model.display();
    let predict = format!("{} forecasts from a file with the whole history", predict_command(args));
    if model.saved.folder == args.model {
        let reason = format!("{shown} has no history, which is in the folder of the run that saved the model");
        return Err(CliError::usage(reason, format!("give that folder; or {predict}")));
    }
    let run = StoredRun::read(&args.model)?;
    if run.record.reconciliation.is_some() {
        let reason = format!("the model in {shown} forecasts series and their sums, which an update does not add up");
        return Err(CliError::usage(reason, predict));
    }
    Ok(run)
}

/// The command that forecasts with the same model, for a hint.
fn predict_command(args: &SavedModelArgs) -> String {
    format!("`forecast predict --model {} --csv FILE`", quoted(&args.model.to_string_lossy()))
}

/// Reads the new rows as the file of the run was read. Spikes are clipped later, on the whole history.
fn read_newer(args: &SavedModelArgs, read: &ReadArgs, model: &LoadedModel, run: &StoredRun) -> anyhow::Result<Dataset> {
    let mut options = if model.forecaster.forecasts_series_separately() {
        model.options(read, args.inherit)?
    } else {
        saved_model::options_for_new_rows(read, args.inherit, run, model.forecaster.covariates())
    };
    options.seasons = None;
    options.future = args.read.options().future;
    options.spikes = RepairPolicy::Keep;
    saved_model::read_for(&args.read, read.input(), options, model.saved.trained_on.as_ref())
}

/// Refuses values of another column, unless it was typed.
fn check_target(args: &SavedModelArgs, newer: &Panel, history: &Panel) -> anyhow::Result<()> {
    let (own, given) = (&history.columns().target, &newer.columns().target);
    if own == given || args.read.target().is_some() {
        return Ok(());
    }
    Err(CliError::data(
        format!("{}: the model was trained on the column {own}, and this is {given}", args.read.csv.display()),
        format!("`--target {}` adds the values of this column all the same", quoted(given)),
    ))
}

fn problem_error(args: &SavedModelArgs, history: &Panel, problem: &UpdateProblem) -> anyhow::Error {
    let hint = match problem {
        UpdateProblem::OtherFrequency { history, .. } | UpdateProblem::OtherTimes { step: history, .. } => {
            format!("give the values at the steps of the model ({history})")
        }
        UpdateProblem::OtherIds { .. } if history.columns().ids.is_empty() => {
            "give the rows of the one series of the model".to_owned()
        }
        UpdateProblem::OtherIds { .. } => {
            format!("name the columns with the ids: `--id {}`", history.columns().ids.join(","))
        }
        UpdateProblem::OtherZone { .. } => {
            format!("train the model again with the zone of both files: `{}`", args.read.train_command("--zone NAME"))
        }
        UpdateProblem::LongGap { .. } => "correct the time, or train a model on the new rows".to_owned(),
        UpdateProblem::NoTimes => format!("{} forecasts from a file of all rows", predict_command(args)),
        _ => format!("give a file with later values; {} forecasts from any history", predict_command(args)),
    };
    CliError::data(format!("{}: {problem}", args.read.csv.display()), hint)
}

/// What was added to the history.
fn update_notices(update: &HistoryUpdate, history: &Panel) -> Vec<String> {
    const MAX_NAMED: usize = 3;
    let named = |names: &[String]| {
        let first = names.iter().take(MAX_NAMED).cloned().collect::<Vec<_>>().join(", ");
        let more = names.len().saturating_sub(MAX_NAMED);
        if more > 0 { format!("{first} and {more} more") } else { first }
    };
    let end = history.iter().map(|series| series.end()).max().map(|end| history.format(end)).unwrap_or_default();
    let mut notices = vec![format!("{} after {end}", counted(update.new_values, "new value"))];
    if !update.new_series.is_empty() {
        let (count, values) = (update.new_series.len(), counted(update.values_of_new_series, "value"));
        notices.push(format!("{count} series new to the history, with {values}: {}", named(&update.new_series)));
    }
    if update.revised_values > 0 {
        let values = counted(update.revised_values, "earlier value");
        notices.push(format!("revised in the file: {values} of the history, which the model now has as in the file"));
    }
    let mut filled = update.repairs.iter().filter(|repair| repair.kind == RepairKind::Covariate);
    if let Some(first) = filled.next() {
        let (values, first) = (counted(1 + filled.count(), "value"), update.panel.format(first.time));
        notices.push(format!(
            "covariates lack {values} after the history, filled with the value before; the first is at {first}"
        ));
    }
    if !update.series_without_new_values.is_empty() && history.count() > 1 {
        let (count, of) = (update.series_without_new_values.len(), history.count());
        let names = named(&update.series_without_new_values);
        notices.push(format!("{count} of {of} series have no new value, and are forecast from their own end: {names}"));
    }
    notices
}

/// The errors since the training against those of the backtest of the run, if it has one.
fn drift(model: &LoadedModel, run: &StoredRun, update: &HistoryUpdate) -> anyhow::Result<Option<Drift>> {
    let Some(own) = run.backtests.first() else { return Ok(None) };
    let backtest = TrainingBacktest { panel: &run.panel, hindcasts: &own.hindcasts };
    match Drift::measure(model.forecaster.as_ref(), &update.panel, backtest) {
        // covariates of earlier horizons may be unknown
        Err(Error::CovariateTooShort { .. }) => Ok(None),
        drift => Ok(drift?),
    }
}

/// What the errors since the training say.
fn drift_sentence(drift: Option<&Drift>, run: &StoredRun) -> String {
    let Some(drift) = drift else {
        return if run.backtests.is_empty() {
            "the run has no backtest, so nothing is known of a drift since the training".to_owned()
        } else {
            "the new values do not show whether there is a drift since the training".to_owned()
        };
    };
    let figures = format!(
        "the errors since the training are {:.2} times those of the backtest (MASE {:.3} and {:.3} over {})",
        drift.growth(),
        drift.error,
        drift.backtest_error,
        counted(drift.steps, "step"),
    );
    match drift.p_value {
        _ if drift.has_drifted() => format!("{figures}, which is unlikely to be chance: train the model again"),
        Some(_) => format!("{figures}: no sign of a drift"),
        None => format!("{figures}; the backtest has too few origins to tell whether that is chance"),
    }
}
