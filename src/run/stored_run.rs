//! A run as its folder holds it.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use crate::backtest::{ModelBacktest, Residuals};
use crate::components::Components;
use crate::error::{Error, Result, RunProblem};
use crate::forecast::{Forecast, LEVELS};
use crate::hierarchy::ALL;
use crate::model::{Epoch, Task};
use crate::panel::{Panel, Repair, RepairKind};
use crate::read::{Dataset, FailedSeries};
use crate::run::record::RunRecord;
use crate::run::stored_explanation::StoredExplanation;
use crate::run::stored_forecasts;
use crate::run::stored_history::StoredHistory;
use crate::run::stored_table::StoredFolder;

/// A run as its folder holds it: the record, the data, the forecasts, the hindcasts and the explanation.
///
/// Everything is as it was in the run. The forecasts have the digits of their file.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct StoredRun {
    /// The record of the run.
    pub record: RunRecord,
    /// The data as they were understood. The notices are in the record, as texts.
    pub dataset: Dataset,
    /// The series that were forecast: those of the dataset, with their sums if forecasts were reconciled.
    pub panel: Panel,
    /// The forecasts, one for each series of the panel; empty for a backtest.
    pub forecasts: Vec<Forecast>,
    /// The hindcasts of each model; empty if the model was not checked.
    pub backtests: Vec<ModelBacktest>,
    /// The epochs of the training; empty if no network was trained. The number of planned epochs is that of the last.
    pub epochs: Vec<Epoch>,
    /// The components of each forecast; empty if the run was not explained.
    pub components: Vec<Components>,
    /// The residuals; `None` if the run was not explained.
    pub residuals: Option<Residuals>,
}

impl StoredRun {
    /// Reads the folder that a run wrote.
    ///
    /// # Errors
    /// If the folder is not that of a run, lacks a file, or a file is damaged.
    pub fn read(folder: &Path) -> Result<Self> {
        let record = RunRecord::read(folder)?;
        let stored_grid = record.data.grid;
        let grid = stored_grid.ok_or_else(|| Error::run(folder, record.missing_file("history.csv")))?;
        let stored = StoredFolder { path: folder, record: &record, grid };
        let history = StoredHistory::read(&stored)?;
        let is_sum = |key: &[String]| record.reconciliation.is_some() && key.iter().any(|id| id == ALL);
        let panel = history.panel(&stored, |_| true)?;
        let of_file = history.panel(&stored, |key| !is_sum(key))?;
        let levels = levels(&stored)?;
        let forecasts = stored_forecasts::forecasts(&stored, &panel, &levels)?;
        let backtests = stored_forecasts::backtests(&stored, &panel, &levels)?;
        let epochs = epochs(&stored)?;
        let StoredExplanation { components, residuals } = StoredExplanation::read(&stored, &panel, &forecasts)?;
        let dataset = Dataset {
            repairs: repairs(&stored)?,
            failed: failed(&stored)?,
            notices: Vec::new(),
            sha256: record.input.sha256.clone(),
            rows: record.input.rows,
            step: record.data.row_step.clone(),
            conventions: record.data.conventions.clone(),
            panel: of_file,
        };
        Ok(Self { record, dataset, panel, forecasts, backtests, epochs, components, residuals })
    }

    /// The horizon and the levels of the run, and its seed.
    pub fn task(&self) -> Task {
        let number = |name: &str| self.record.settings.get(name).and_then(serde_json::Value::as_u64);
        let of_first = |forecast: &Forecast| (forecast.times().len(), forecast.levels());
        let hindcasts = self.backtests.iter().flat_map(|own| &own.hindcasts).map(|hindcast| &hindcast.forecast);
        let first = self.forecasts.iter().chain(hindcasts).next();
        let (horizon, levels) = first.map_or_else(|| (1, LEVELS.to_vec()), of_first);
        Task { levels, seed: number("seed").unwrap_or(0), ..Task::new(horizon) }
    }
}

impl RunRecord {
    /// Reads run.json of a folder.
    ///
    /// # Errors
    /// If there is none, or it is not the record of a run.
    pub fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(Self::FILE);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return Err(Error::run(folder, RunProblem::NotARun));
            }
            Err(source) => return Err(Error::Read { path, source }),
        };
        let foreign = |reason: String| Error::run(folder, RunProblem::ForeignRecord { reason });
        let record: Self = serde_json::from_slice(&bytes).map_err(|error| foreign(error.to_string()))?;
        if record.maker != Self::MAKER {
            return Err(foreign(format!("its maker is \"{}\"", record.maker)));
        }
        Ok(record)
    }
}

impl RunRecord {
    /// The problem of a table that the folder lacks. Versions whose runs have no schema did not write each table.
    pub(crate) fn missing_file(&self, file: &str) -> RunProblem {
        let (file, command) = (file.to_owned(), self.command.clone());
        if self.schema > 0 {
            return RunProblem::MissingFile { file, command };
        }
        let version = self.versions.get(Self::MAKER).cloned().unwrap_or_default();
        RunProblem::NotWritten { file, version, command }
    }
}

/// The quantile levels of the forecasts of a run.
fn levels(folder: &StoredFolder<'_>) -> Result<Vec<f64>> {
    let levels = folder.record.settings.get("levels").and_then(|levels| levels.as_array());
    let levels = levels.and_then(|levels| levels.iter().map(serde_json::Value::as_f64).collect::<Option<Vec<f64>>>());
    let are_valid = |levels: &Vec<f64>| levels.contains(&0.5) && levels.windows(2).all(|pair| pair[0] < pair[1]);
    levels.filter(are_valid).ok_or_else(|| folder.damaged(RunRecord::FILE, None, "the settings have no levels"))
}

fn repairs(folder: &StoredFolder<'_>) -> Result<Vec<Repair>> {
    let Some(table) = folder.table("repairs")? else { return Ok(Vec::new()) };
    let columns = &folder.record.data.columns;
    let ids = columns.ids.len();
    let mut header = columns.ids.clone();
    header.extend([columns.time_name(), "repair", "from", "to"].map(str::to_owned));
    let mut repairs = Vec::new();
    table.for_each(&header, |row| {
        let Some(row) = row else { return Ok(()) };
        let (time, name) = (row.text(ids), row.text(ids + 1));
        let kind = RepairKind::named(name).ok_or_else(|| format!("there is no repair \"{name}\""))?;
        let time = table.times(time).first().copied().ok_or_else(|| format!("\"{time}\" is not a time"))?;
        let (from, to) = (row.optional_number(ids + 2)?, row.optional_number(ids + 3)?);
        repairs.push(Repair { series: row.key(ids), time, kind, from, to });
        Ok(())
    })?;
    Ok(repairs)
}

/// The epochs of training.csv; empty if no network was trained.
fn epochs(folder: &StoredFolder<'_>) -> Result<Vec<Epoch>> {
    let Some(table) = folder.table("training")? else { return Ok(Vec::new()) };
    let header = ["epoch", "member", "training_loss", "validation_loss", "gradient_norm", "clipped", "learning_rate"];
    let header: Vec<String> = header.into_iter().chain(["best"]).map(str::to_owned).collect();
    let mut epochs = Vec::new();
    table.for_each(&header, |row| {
        let Some(row) = row else { return Ok(()) };
        let count = |column: usize| row.text(column).parse().map_err(|_| "a count is missing".to_owned());
        let (number, member): (usize, usize) = (count(0)?, count(1)?);
        // a loss that is not finite is an empty cell
        let number_or_nan = |column| Ok::<f64, String>(row.optional_number(column)?.unwrap_or(f64::NAN));
        epochs.push(Epoch {
            number,
            member: member.checked_sub(1).ok_or("members are counted from 1")?,
            of: 0,
            training_loss: number_or_nan(2)?,
            validation_loss: row.optional_number(3)?,
            gradient_norm: number_or_nan(4)?,
            clipped: number_or_nan(5)?,
            learning_rate: number_or_nan(6)?,
        });
        Ok(())
    })?;
    let of = epochs.iter().map(|epoch| epoch.number).max().unwrap_or(0);
    epochs.iter_mut().for_each(|epoch| epoch.of = of);
    Ok(epochs)
}

fn failed(folder: &StoredFolder<'_>) -> Result<Vec<FailedSeries>> {
    let Some(table) = folder.table("failed")? else { return Ok(Vec::new()) };
    let ids = &folder.record.data.columns.ids;
    let header: Vec<String> = ids.iter().cloned().chain(["reason".to_owned()]).collect();
    let mut failed = Vec::new();
    table.for_each(&header, |row| {
        failed.extend(row.map(|row| FailedSeries { key: row.key(ids.len()), reason: row.text(ids.len()).to_owned() }));
        Ok(())
    })?;
    Ok(failed)
}
