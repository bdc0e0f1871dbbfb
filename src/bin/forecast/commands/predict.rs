//! Forecast with a saved model: no training.

use forecast::model;
use forecast::read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;
use forecast::error::Error;
use forecast::forecast::Forecast;
use forecast::panel::Covariate;

use super::forecast::{write_forecast, write_repairs};
use crate::cli_error::CliError;
use crate::horizon::Horizon;
use crate::reading::ReadArgs;
use crate::report::output_dir::Destination;
use crate::report::run_json::RunRecord;
use crate::report::terminal::Terminal;
use crate::settings::Loudness;
use crate::totals::TotalsArgs;

const AFTER: &str = "\
Writes into DIR:
  forecast.csv, forecast.png, repairs.csv, totals.csv, threshold.csv, run.json, as
  `forecast` does

Examples:
  forecast predict --model demand-model --csv newer.csv
  forecast predict --model demand-forecast --csv newer.csv --horizon 3 --out - > next_days.csv
";

/// Forecast with a model that was trained before, on the same data or newer
#[derive(Debug, Args)]
#[command(after_help = format!("{AFTER}\n{}", super::EXIT_CODES))]
pub(crate) struct PredictArgs {
    /// OutputDir of a saved model, or the folder of the run that saved it
    #[arg(long, value_name = "DIR")]
    model: PathBuf,

    #[command(flatten)]
    read: ReadArgs,

    /// Steps to forecast, or a span of time such as 2w; at most what the model was trained for [default: all of it]
    #[arg(
        short = 'n',
        long,
        value_name = "STEPS",
        help_heading = "Forecast",
        visible_aliases = ["steps", "periods", "h"],
        allow_negative_numbers = true
    )]
    horizon: Option<Horizon>,

    #[command(flatten)]
    joint: TotalsArgs,

    /// OutputDir to write, `-` for forecast.csv alone on stdout [default: <the file's stem>-prediction]
    #[arg(long, value_name = "DIR", help_heading = "Forecast")]
    out: Option<PathBuf>,

    #[command(flatten)]
    loudness: Loudness,
}

pub(super) fn run(args: &PredictArgs) -> anyhow::Result<ExitCode> {
    let began = Instant::now();
    let screen = Terminal::new(args.loudness);
    let saved = model_folder(&args.model);
    let name = model::saved_name(&saved)?;
    let forecaster = model::load(&saved)?;
    check(&args.read, &name, forecaster.covariates())?;
    let dataset = read::read(&args.read.input(), &args.read.options_for(forecaster.covariates()))?;
    let mut record = RunRecord::new(args.read.shown(), &dataset);
    let panel = &dataset.panel;
    let asked = args.horizon.map(|horizon| horizon.steps(panel.frequency())).transpose()?;
    let destination = Destination::check(&args.out.clone().unwrap_or_else(|| args.read.default_folder("prediction")))?;
    args.joint.check(panel.frequency(), &destination)?;
    keep_model(&destination, &saved)?;
    screen.understood(&dataset);
    screen.beside(panel);

    let forecasts = shortened(forecaster.predict(panel).map_err(whole_horizon)?, asked)?;
    let joint = args.joint.answer(Some(forecaster.as_ref()), panel, &forecasts, 0)?;
    record.setting("model", &name);
    record.setting("model_folder", &args.model);
    record.setting("horizon", forecasts.first().map_or(0, |forecast| forecast.times().len()));
    record.took("total", began.elapsed());
    match destination {
        Destination::Stdout => Terminal::csv(panel, &forecasts)?,
        Destination::Folder(folder) => {
            folder.replace(|new| {
                write_forecast(new, panel, &forecasts)?;
                write_repairs(new, &dataset)?;
                joint.iter().try_for_each(|joint| joint.write(new, panel, &forecasts))?;
                record.write(new)
            })?;
            screen.table(panel, &forecasts)?;
            joint.iter().try_for_each(|joint| screen.joint(joint, panel, &forecasts))?;
            screen.wrote(&folder)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Refuses flags on covariates for a model that learned from none.
fn check(read: &ReadArgs, name: &str, learned: &[Covariate]) -> anyhow::Result<()> {
    match read.covariates_flag().or_else(|| read.future_flag()).filter(|_| learned.is_empty()) {
        Some(flag) => Err(CliError::usage(
            format!("{flag} does nothing for this model ({name}), which learned from the target alone"),
            format!("leave {flag} out, or train one with covariates: `forecast train --covariates NAMES`"),
        )),
        None => Ok(()),
    }
}

/// The model's own folder, whether it or the run around it was named.
fn model_folder(named: &Path) -> PathBuf {
    let inside = named.join("model");
    if inside.is_dir() { inside } else { named.to_path_buf() }
}

/// Refuses to replace the folder that the model lies in.
fn keep_model(destination: &Destination, model: &Path) -> anyhow::Result<()> {
    match destination {
        Destination::Folder(folder) if folder.contains(model) => Err(CliError::usage(
            format!("{} holds the model, it is not replaced", folder.shown().display()),
            "choose another folder with `--out DIR`",
        )),
        _ => Ok(()),
    }
}

/// Whatever is asked for, the model says its whole horizon, and needs to know all of it.
fn whole_horizon(error: Error) -> anyhow::Error {
    match error {
        Error::NotKnownAhead { .. } => CliError::data(
            error.to_string(),
            "add these values: the model forecasts as many steps as it was trained for, and needs the covariates of all",
        ),
        other => other.into(),
    }
}

/// The first steps asked for, if the model reaches that far.
fn shortened(forecasts: Vec<Forecast>, asked: Option<usize>) -> anyhow::Result<Vec<Forecast>> {
    let Some(asked) = asked else { return Ok(forecasts) };
    let trained = forecasts.iter().map(|forecast| forecast.times().len()).min().unwrap_or(0);
    if asked > trained {
        return Err(CliError::usage(
            format!("the model was trained to forecast {trained} steps, {asked} were asked for"),
            format!("train one that reaches further: `forecast train --csv FILE --horizon {asked} --out DIR`"),
        ));
    }
    Ok(forecasts.into_iter().map(|forecast| forecast.first(asked)).collect())
}
