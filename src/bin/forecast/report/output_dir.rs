//! The output folder. It is checked before the fit, filled under a temporary name, and renamed at the end.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::slice;

use anyhow::{Context, Result};
use forecast::backtest::{Anomalies, Folds, ModelBacktest};
use forecast::model::TrainedOn;
use forecast::read::Dataset;
use forecast::run::RunRecord;
use forecast::write::Table;
use forecast::{Forecast, Forecaster, Panel, plot};

use crate::exit_status::CliError;
use crate::fit::TrainingLog;
use crate::interrupt;
use crate::report::hints::quoting::quoted;
use crate::report::run_json::{has_run_record, write_record};
use crate::report::table_files::{FileFormats, TableFiles, TableSink};

/// A folder that may be written or replaced. `path` is absolute if the folder exists.
pub(crate) struct OutputDir {
    path: PathBuf,
    pub(crate) typed_path: PathBuf,
}

impl OutputDir {
    /// Checks the folder as [`OutputDir::check`] does; `None` for `-`, which stands for stdout.
    pub(crate) fn check_unless_stdout(out: &Path) -> Result<Option<Self>> {
        (out != Path::new("-")).then(|| Self::check(out)).transpose()
    }

    /// Checks that the folder can be written. If it exists, it must be empty or from an earlier run.
    pub(crate) fn check(out: &Path) -> Result<Self> {
        check_is_no_file_name(out)?;
        check_is_no_home(out)?;
        let path = if out.exists() { fs::canonicalize(out).map_err(|e| unwritable(out, &e))? } else { out.into() };
        let folder = Self { path, typed_path: out.into() };
        if folder.path.exists() {
            folder.check_replaceable()?;
        }
        let mut parent = parent_of(&folder.path);
        while !parent.exists() {
            parent = parent_of(parent);
        }
        tempfile::tempdir_in(parent).map_err(|e| unwritable(out, &e))?;
        Ok(folder)
    }

    fn check_replaceable(&self) -> Result<()> {
        let shown = self.typed_path.display();
        if !self.path.is_dir() {
            return Err(CliError::failure(
                format!("{shown} is a file, the output needs a folder"),
                "choose a folder with `--out DIR`",
            ));
        }
        if std::env::current_dir().is_ok_and(|current| current.starts_with(&self.path)) {
            return Err(CliError::failure(
                format!("{shown} is the current folder, which is never replaced"),
                format!("choose a folder inside it, as in `--out {}`", self.typed_path.join("out").display()),
            ));
        }
        let empty = fs::read_dir(&self.path).map_err(|e| unwritable(&self.typed_path, &e))?.next().is_none();
        if empty || has_run_record(&self.path) {
            return Ok(());
        }
        Err(CliError::failure(
            format!("{shown} was not written by forecast, so it is not replaced"),
            "choose another folder with `--out DIR`, or remove this one",
        ))
    }

    /// `wrote demand-forecast/: forecast.csv, forecast.png, model/, run.json`
    pub(crate) fn contents_line(&self) -> io::Result<String> {
        Ok(format!("wrote {}/: {}", self.typed_path.display(), names_in(&self.path)?.join(", ")))
    }

    /// The error if a file cannot be written after the work is done. The cause names the file in the folder `new`.
    fn not_written(&self, cause: &anyhow::Error, new: &Path) -> anyhow::Error {
        let cause = format!("{cause:#}").replace(&format!("{}/", new.display()), "");
        CliError::failure(
            format!("{} could not be written, and is as before: {cause}", self.typed_path.display()),
            "free some space, or choose a folder on another disk with `--out DIR`, and run the command again",
        )
    }

    /// Whether a file or folder is inside, so that it would be replaced too.
    pub(crate) fn contains(&self, path: &Path) -> bool {
        fs::canonicalize(path).is_ok_and(|path| path.starts_with(&self.path))
    }

    /// Calls `fill` with the files of a temporary folder, which gets the record and then replaces the output folder. After
    /// a failure, the output folder is as before.
    pub(crate) fn replace(
        &self,
        record: &mut RunRecord,
        formats: &FileFormats,
        fill: impl FnOnce(&mut TableFiles<'_>) -> Result<()>,
    ) -> Result<()> {
        interrupt::deferred(|| self.fill_and_rename(record, formats, fill))
    }

    /// Writes the record of a run, with the names of the files in the folder `new`, as the last of them.
    fn write_record(&self, record: &mut RunRecord, new: &Path) -> Result<()> {
        record.folder = Some(self.typed_path.to_string_lossy().into_owned());
        record.files = names_in(new)?;
        record.files.push(RunRecord::FILE.to_owned());
        record.files.sort();
        write_record(record, new)
    }

    fn fill_and_rename(
        &self,
        record: &mut RunRecord,
        formats: &FileFormats,
        fill: impl FnOnce(&mut TableFiles<'_>) -> Result<()>,
    ) -> Result<()> {
        let failed = |e: io::Error| unwritable(&self.typed_path, &e);
        let parent = parent_of(&self.path);
        fs::create_dir_all(parent).map_err(failed)?;
        let staging = tempfile::Builder::new().prefix(".forecast-").tempdir_in(parent).map_err(failed)?;
        // the temporary folder itself cannot become the output, because only its owner may read it
        let (new, old) = (staging.path().join("new"), staging.path().join("old"));
        fs::create_dir(&new).map_err(failed)?;
        let mut files = TableFiles::new(&new, formats);
        let written = fill(&mut files).and_then(|()| files.finish()).and_then(|()| self.write_record(record, &new));
        written.map_err(|error| self.not_written(&error, &new))?;
        let replaces = self.path.exists();
        if replaces {
            fs::rename(&self.path, &old).map_err(failed)?;
        }
        fs::rename(&new, &self.path).map_err(|e| {
            if replaces {
                // if this fails too, the error of the first rename is returned
                let _ = fs::rename(&old, &self.path);
            }
            failed(e)
        })
    }
}

/// The names in a folder, sorted. Those of folders end with a slash.
fn names_in(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let slash = if entry.file_type()?.is_dir() { "/" } else { "" };
        names.push(format!("{}{slash}", entry.file_name().to_string_lossy()));
    }
    names.sort();
    Ok(names)
}

/// The endings of files that the output folder could be taken for.
const FILE_ENDINGS: [&str; 10] = ["xlsx", "xls", "ods", "csv", "tsv", "json", "parquet", "arrow", "arrows", "feather"];

/// Refuses a new folder with the name of a file.
fn check_is_no_file_name(out: &Path) -> Result<()> {
    let ending = out.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    if out.exists() || !FILE_ENDINGS.contains(&ending.as_str()) {
        return Ok(());
    }
    let folder = quoted(&out.with_extension("").to_string_lossy());
    let hint = match ending.as_str() {
        "xlsx" | "xls" | "ods" => format!("`--out {folder} --format xlsx` writes the tables as one workbook in it"),
        "csv" | "tsv" => {
            let file = quoted(&out.to_string_lossy());
            format!("`--out {folder}` writes CSV files in it, `--out - > {file}` the forecast alone")
        }
        "arrow" | "arrows" | "feather" => {
            let file = quoted(&out.to_string_lossy());
            format!("`--out - --format arrow > {file}` writes the forecast as an Arrow stream")
        }
        _ => format!("name a folder, as in `--out {folder}`"),
    };
    Err(CliError::usage(format!("{} is the name of a file, the output needs a folder", out.display()), hint))
}

/// Refuses a path that begins with the sign of a home folder, which a shell replaces unless it is quoted.
fn check_is_no_home(out: &Path) -> Result<()> {
    let is_home = out.iter().next().is_some_and(|first| first.to_string_lossy().starts_with('~'));
    if !is_home || out.exists() {
        return Ok(());
    }
    let shown = out.display();
    let rest = out.strip_prefix("~").map_or_else(|_| "DIR".to_owned(), |rest| rest.display().to_string());
    Err(CliError::usage(
        format!("no shell has replaced the ~ of {shown} by a home folder"),
        format!(
            "`--out \"$HOME/{rest}\"` is in the home folder, `--out {}` in this one",
            quoted(&format!("./{shown}"))
        ),
    ))
}

fn parent_of(path: &Path) -> &Path {
    path.parent().filter(|parent| *parent != Path::new("")).unwrap_or(Path::new("."))
}

fn unwritable(path: &Path, cause: &io::Error) -> anyhow::Error {
    CliError::failure(
        // only the kind, because the error of tempfile adds its own path
        format!("{} cannot be written: {}", path.display(), cause.kind()),
        "choose a folder you may write to with `--out DIR`",
    )
}

/// Refuses a flag that writes its own file if the output goes to stdout, so that there is no folder.
pub(crate) fn check_has_folder(flag: &str, folder: Option<&OutputDir>) -> Result<()> {
    if folder.is_some() {
        return Ok(());
    }
    Err(CliError::usage(
        format!("{flag} writes its own file, but stdout is for the forecast only"),
        format!("choose a folder with `--out DIR`, or leave {flag} out"),
    ))
}

/// Writes the series as models see them, and the backtest of the model behind the verdict, if there is one.
pub(crate) fn write_past(files: &TableFiles<'_>, panel: &Panel, backtest: Option<&ModelBacktest>) -> Result<()> {
    files.add_as_csv(panel, &Table::History)?;
    let Some(own) = backtest else { return Ok(()) };
    let horizon = own.scorecard.horizon();
    let folds = Folds { count: own.scorecard.folds(), step: horizon, horizon, min_history: 1 };
    files.add_as_csv(panel, &Table::Backtest(&folds, slice::from_ref(own)))
}

/// Draws the forecasts with marks on anomalies.
pub(crate) fn draw_forecast(
    files: &TableFiles<'_>,
    panel: &Panel,
    forecasts: &[Forecast],
    anomalies: Option<&Anomalies>,
) -> Result<()> {
    files.draw("forecast", |picture| match anomalies {
        Some(anomalies) => plot::forecast_with_anomalies(picture, panel, forecasts, anomalies),
        None => plot::forecast(picture, panel, forecasts),
    })
}

/// Adds the tables of repairs and of failed series, each only if it has rows.
pub(crate) fn add_repairs(tables: &mut impl TableSink, dataset: &Dataset) -> Result<()> {
    let Dataset { panel, repairs, failed, .. } = dataset;
    if !repairs.is_empty() {
        tables.add(panel, &Table::Repairs(repairs))?;
    }
    if !failed.is_empty() {
        tables.add(panel, &Table::Failed(failed))?;
    }
    Ok(())
}

/// Writes model/ with a summary of its training data. If the training had epochs, writes them as a table, and loss.png
/// with a sentence on them.
pub(crate) fn write_model(
    files: &mut TableFiles<'_>,
    panel: &Panel,
    forecaster: &dyn Forecaster,
    trained_on: &TrainedOn,
    (log, sentence): (&TrainingLog, &str),
) -> Result<()> {
    let model = files.folder.join("model");
    fs::create_dir(&model).context("writing model/ failed")?;
    forecaster.save(&model)?;
    trained_on.save(&model)?;
    if !log.epochs.is_empty() {
        files.add(panel, &Table::Training(&log.epochs, log.best_epoch()))?;
        files.draw("loss", |picture| plot::training(picture, &log.epochs, log.best_epoch(), sentence))?;
    }
    Ok(())
}
