//! The files that a run writes into its output folder.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::Path;

use anyhow::Context;
use forecast::forecast::Forecast;
use forecast::model::Forecaster;
use forecast::panel::Panel;
use forecast::plot;
use forecast::read::Dataset;
use forecast::write;

use crate::report::progress::TrainingLog;

/// Creates a file in a folder, and writes it by `fill`.
pub(crate) fn write_file(
    folder: &Path,
    name: &str,
    fill: impl FnOnce(BufWriter<File>) -> io::Result<()>,
) -> anyhow::Result<()> {
    let written = File::create(folder.join(name)).map(BufWriter::new).and_then(fill);
    written.with_context(|| format!("writing {name} failed"))
}

/// Writes forecast.csv and forecast.png.
pub(crate) fn write_forecast(folder: &Path, panel: &Panel, forecasts: &[Forecast]) -> anyhow::Result<()> {
    write_file(folder, "forecast.csv", |to| write::forecast_csv(to, panel, forecasts))?;
    plot::forecast(&folder.join("forecast.png"), panel, forecasts)?;
    Ok(())
}

/// Writes repairs.csv and failed.csv, each only if it has rows.
pub(crate) fn write_repairs(folder: &Path, dataset: &Dataset) -> anyhow::Result<()> {
    let Dataset { panel, repairs, failed, .. } = dataset;
    if !repairs.is_empty() {
        write_file(folder, "repairs.csv", |to| write::repairs_csv(to, panel, repairs))?;
    }
    if !failed.is_empty() {
        write_file(folder, "failed.csv", |to| write::failed_csv(to, panel, failed))?;
    }
    Ok(())
}

/// Writes model/, and loss.png if the training had epochs.
pub(crate) fn write_model(folder: &Path, forecaster: &dyn Forecaster, log: &TrainingLog) -> anyhow::Result<()> {
    let model = folder.join("model");
    fs::create_dir(&model).context("writing model/ failed")?;
    forecaster.save(&model)?;
    if !log.epochs.is_empty() {
        plot::training(&folder.join("loss.png"), &log.epochs, log.best_epoch())?;
    }
    Ok(())
}
