//! The default: read, check, fit, forecast, write, compare.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context;
use clap::Args;
use forecast::data::{self, Dataset, Panel};
use forecast::forecast::Forecast;
use forecast::model::{Model, Task};
use forecast::plot;

use super::{HorizonArg, finished, save_training};
use crate::folder::Destination;
use crate::interrupt;
use crate::learn::{self, Fitted};
use crate::output::Screen;
use crate::record::Record;
use crate::settings::{Loudness, ModelArgs, ReadArgs};
use crate::tidy;
use crate::verdict::{self, Verdict};

const AFTER: &str = "\
Writes into DIR:
  forecast.csv  id and time columns under the input's own names, then forecast,
                lo_80, hi_80, lo_95, hi_95
  forecast.png  the end of the history, the forecast and both bands
  repairs.csv   every value that was filled, merged, clipped or left out, if any
  loss.png      training and validation loss, gradient norm (networks only)
  model/        what was learned, for `forecast predict`
  run.json      command, settings, versions, hash of the input, timings, scores

The last line compares the model with seasonal naive (the value of a season
ago) on the last horizon, which is held out for that. The same command on the
same file gives the same forecast.csv and forecast.png, byte for byte.

Examples:
  forecast --csv demand.csv --horizon 7
  forecast --csv demand.csv --horizon 2w --target demand --out july
  forecast --csv sales.csv --id store,item -n 8 --model gru
  cat demand.csv | forecast --csv - --target demand -n 7 --out - > next.csv
";

#[derive(Debug, Args)]
#[command(after_help = format!("{AFTER}\n{}", super::EXIT_CODES))]
pub(crate) struct ForecastArgs {
    #[command(flatten)]
    read: ReadArgs,

    #[command(flatten)]
    ahead: HorizonArg,

    /// Folder to write, `-` for forecast.csv alone on stdout [default: <the file's stem>-forecast]
    #[arg(long, value_name = "DIR", help_heading = "Forecast")]
    out: Option<PathBuf>,

    #[command(flatten)]
    model: ModelArgs,

    #[command(flatten)]
    loudness: Loudness,
}

pub(super) fn run(args: &ForecastArgs) -> anyhow::Result<ExitCode> {
    let chosen = args.model.resolve()?;
    let screen = Screen::new(args.loudness);
    let began = Instant::now();
    let dataset = data::read(&args.read.input(), &args.read.options())?;
    let mut record = Record::new(args.read.shown(), &dataset);
    record.took("read", began.elapsed());
    let panel = &dataset.panel;
    let task = Task { seed: args.model.seed(), ..Task::new(args.ahead.horizon.steps(panel.frequency())?) };
    let destination = Destination::check(&args.out.clone().unwrap_or_else(|| args.read.default_folder("forecast")))?;
    record.settings(&task, &chosen);
    screen.understood(&dataset);
    screen.detail(&record.settings_in_words());

    let (verdict, fitted) = learn(chosen.model(), panel, &task, &screen, &mut record)?;
    let forecasts = fitted.forecaster.predict(panel)?;
    record.training(&fitted, interrupt::requested());
    record.held_out(&verdict);
    record.took("total", began.elapsed());
    match destination {
        Destination::Stdout => {
            Screen::csv(panel, &forecasts)?;
            screen.note(&verdict.to_string());
        }
        Destination::Folder(folder) => {
            folder.replace(|new| {
                write_forecast(new, panel, &forecasts)?;
                write_repairs(new, &dataset)?;
                save_training(new, &fitted)?;
                record.write(new)
            })?;
            screen.table(panel, &forecasts)?;
            screen.wrote(&folder)?;
            screen.say(&verdict.to_string())?;
        }
    }
    Ok(finished())
}

/// Fits twice: without the last horizon, to be judged, then on everything. If the first fit is interrupted, what it
/// learned is what there is to forecast with.
fn learn(
    model: &dyn Model,
    panel: &Panel,
    task: &Task,
    screen: &Screen,
    record: &mut Record,
) -> anyhow::Result<(Verdict, Fitted)> {
    let (verdict, trial) = verdict::reach(model, panel, task, screen)?;
    if let Some(trial) = &trial {
        record.took("fit without the last horizon", trial.took);
    }
    let fitted = match trial {
        Some(trial) if interrupt::requested() => trial,
        _ => learn::fit(model, panel, task, screen, &format!("fitting {}", model.name()))?,
    };
    record.took("fit", fitted.took);
    screen.trained(&fitted);
    Ok((verdict, fitted))
}

/// Writes repairs.csv, where there is anything to list.
pub(super) fn write_repairs(folder: &Path, dataset: &Dataset) -> anyhow::Result<()> {
    if dataset.repairs.is_empty() {
        return Ok(());
    }
    let file = File::create(folder.join("repairs.csv")).context("writing repairs.csv failed")?;
    tidy::write_repairs(std::io::BufWriter::new(file), dataset).context("writing repairs.csv failed")
}

/// Writes forecast.csv and forecast.png.
pub(super) fn write_forecast(folder: &Path, panel: &Panel, forecasts: &[Forecast]) -> anyhow::Result<()> {
    let path = folder.join("forecast.csv");
    let file = File::create(&path).context("writing forecast.csv failed")?;
    tidy::write(std::io::BufWriter::new(file), panel, forecasts).context("writing forecast.csv failed")?;
    plot::forecast(&folder.join("forecast.png"), panel, forecasts)?;
    Ok(())
}
