//! Saved models, and the data for them, which are read with the names that the model knows.

use std::path::{Path, PathBuf};

use forecast::error::{DataProblem, Setting};
use forecast::model::{self, DataMismatch, Forecaster, TrainedOn};
use forecast::panel::{Covariate, SeasonSource, Seasons};
use forecast::read::{self, Conventions, Dataset, ReadOptions, Source};
use forecast::run::{RunRecord, StoredRun};
use forecast::{Error, Forecast, Panel};

use crate::args::levels::LevelArgs;
use crate::args::reading::{EarlierFlags, InheritArg, ReadArgs};
use crate::exit_status::CliError;
use crate::model_covariates;
use crate::report::{forecast_table, text_table::counted};
use crate::training_differences::{differences_from, is_relevant_for_sample, named_frequency};

/// The file that every saved model has.
const SETTINGS_FILE: &str = "settings.json";

/// The folder of a saved model in that of its run.
const MODEL: &str = "model";

/// A saved model, and its folder.
pub(crate) struct LoadedModel {
    pub(crate) name: String,
    pub(crate) forecaster: Box<dyn Forecaster>,
    pub(crate) saved: ModelFolder,
}

/// The folder of a saved model, and what its files say of the training. The model is not loaded.
pub(crate) struct ModelFolder {
    /// The folder of the files of the model.
    pub(crate) folder: PathBuf,
    pub(crate) trained_on: Option<TrainedOn>,
    /// The record of the run that saved the model; `None` if its folder is alone.
    pub(crate) record: Option<RunRecord>,
}

impl ModelFolder {
    /// Reads a folder, which may also be that of the run that saved the model.
    pub(crate) fn read(typed: &Path) -> anyhow::Result<Self> {
        let subfolder = typed.join(MODEL);
        let folder = if subfolder.is_dir() { subfolder } else { typed.to_path_buf() };
        check_folder(typed, &folder)?;
        let (trained_on, record) = (TrainedOn::load(&folder)?, record_of_folder(&folder)?);
        Ok(Self { folder, trained_on, record })
    }

    /// The flags of the file in the command of the run that saved the model, unless only the typed ones count.
    pub(crate) fn flags_of_run(
        &self,
        inherit: InheritArg,
        earlier_flags: EarlierFlags,
    ) -> anyhow::Result<Option<ReadArgs>> {
        match &self.record {
            Some(record) => Ok(inherit.flags_of(&record.command, earlier_flags)),
            None => inherit.check_has_run().map(|()| None),
        }
    }

    /// The options to read a file for a pooled model of a sample, with its covariates. Nothing is inferred from several
    /// series, and what the sample showed is taken from there. `flag` names the model.
    pub(crate) fn options_of_separate_series(
        &self,
        read: &ReadArgs,
        inherit: InheritArg,
        covariates: &[Covariate],
        flag: &str,
    ) -> anyhow::Result<ReadOptions> {
        let mut options = read.options_of_separate_series(flag)?;
        read.add_covariates(&mut options, covariates);
        options.conventions = self.conventions(inherit);
        let frequency = self.trained_on.as_ref().and_then(|own| named_frequency(own.frequency));
        options.frequency = options.frequency.or(frequency);
        Ok(options)
    }

    /// How the file of the training was written, unless only the typed flags count.
    pub(crate) fn conventions(&self, inherit: InheritArg) -> Conventions {
        let of_run = self.record.as_ref().map(|record| inherit.conventions_of(&record.data.conventions));
        of_run.unwrap_or_default()
    }
}

impl LoadedModel {
    /// Loads the model of a folder, which may also be that of the run that saved it.
    pub(crate) fn load(typed: &Path) -> anyhow::Result<Self> {
        let saved = ModelFolder::read(typed)?;
        let (name, forecaster) = (model::saved_name(&saved.folder)?, model::load(&saved.folder)?);
        Ok(Self { name, forecaster, saved })
    }

    /// The options to read a file with these flags, and with the covariates of the model.
    pub(crate) fn options(&self, read: &ReadArgs, inherit: InheritArg) -> anyhow::Result<ReadOptions> {
        let covariates = self.forecaster.covariates();
        if self.forecaster.forecasts_series_separately() {
            return self.saved.options_of_separate_series(read, inherit, covariates, "--model");
        }
        Ok(ReadOptions { conventions: self.saved.conventions(inherit), ..read.options_for(covariates) })
    }

    /// The panel with the seasons of the model. Those of the calendar are kept if the model has them, too. Seasons are not
    /// searched for again, because a few more values do not change them. A season that was typed is refused if the model
    /// keeps another one.
    pub(crate) fn with_seasons(&self, panel: Panel, args: &ReadArgs) -> anyhow::Result<Panel> {
        let Some(lengths) = self.forecaster.seasons() else { return Ok(panel) };
        let trained_on = self.saved.trained_on.as_ref();
        if args.has_season() {
            let other = trained_on.map(|trained_on| trained_on.season).filter(|season| *season != panel.season());
            let Some(season) = other else { return Ok(panel) };
            let train = args.train_command(&format!("--season {}", panel.season()));
            return Err(CliError::usage(
                format!("`--season` has no effect on this model, which was trained with a season of {season} steps"),
                format!("leave `--season` out, or train a model with another season: `{train}`"),
            ));
        }
        let is_unusual = trained_on.is_some_and(|trained_on| trained_on.season != trained_on.frequency.season());
        let is_found = panel.seasons().source() == SeasonSource::Values;
        if is_found || is_unusual { Ok(panel.with_seasons(Seasons::of_model(lengths))?) } else { Ok(panel) }
    }

    /// Leaves out the series whose covariates are not known at every step of the model, if it forecasts each series by
    /// itself.
    pub(crate) fn leave_out_incomplete_futures(&self, dataset: &mut Dataset) {
        if let Some(horizon) = self.forecaster.horizon().filter(|_| self.forecaster.forecasts_series_separately()) {
            dataset.leave_out_incomplete_futures(horizon);
        }
    }

    /// Refuses flags on covariates for a model that was fitted without any.
    pub(crate) fn check_covariates(&self, read: &ReadArgs) -> anyhow::Result<()> {
        model_covariates::check(self.forecaster.covariates(), read, None, || self.name.clone())
    }

    /// The levels as typed, or else those of the model.
    pub(crate) fn levels(&self, typed: &LevelArgs) -> anyhow::Result<Vec<f64>> {
        Ok(typed.typed()?.unwrap_or_else(|| self.forecaster.levels().to_vec()))
    }

    /// Refuses data that the model cannot forecast, and returns their other differences from the training data.
    pub(crate) fn differences(&self, read: &ReadArgs, panel: &Panel) -> anyhow::Result<Vec<String>> {
        let is_separate = self.forecaster.forecasts_series_separately();
        let is_relevant = if is_separate { is_relevant_for_sample } else { |_: &DataMismatch| true };
        differences_from(self.saved.trained_on.as_ref(), read, panel, is_relevant)
    }

    /// The forecasts of the first steps, or of the whole horizon of the model. `read` are the flags of the data.
    pub(crate) fn forecast(
        &self,
        (panel, read): (&Panel, &ReadArgs),
        levels: &[f64],
        steps: Option<usize>,
    ) -> anyhow::Result<Vec<Forecast>> {
        let forecasts = self.forecaster.predict_at(panel, levels);
        let in_words = |error| model_covariates::forecast_error(error, panel, read, "the model");
        first_steps(forecasts.map_err(in_words)?, steps)
    }

    /// Adds the model, and what its forecasts need to be understood, to the record of a run.
    pub(crate) fn record_forecasts(&self, record: &mut RunRecord, differences: &[String], forecasts: &[Forecast]) {
        let first = forecasts.first();
        record.setting("model", &self.name);
        record.setting("levels", first.map_or_else(Vec::new, Forecast::levels));
        record.setting("differences_from_training", Some(differences).filter(|all| !all.is_empty()));
        record.setting("horizon", first.map_or(0, |forecast| forecast.times().len()));
        record.notices.extend(forecast_table::width_notice(forecasts));
    }
}

/// A notice on the flags of an earlier run that count, because none was typed.
pub(crate) fn flags_notices(typed: &ReadArgs, earlier: Option<&ReadArgs>) -> Vec<String> {
    let names = earlier.map(|earlier| typed.names_from(earlier)).filter(|names| !names.is_empty());
    let notice = |names: Vec<&str>| {
        format!("the file is read as in the training, with {} (`--only-typed` reads it without)", names.join(", "))
    };
    names.map(notice).into_iter().collect()
}

/// A notice on the flags of a training that count for requests, which `whose` names. `None` without any.
pub(crate) fn requests_notice(whose: &str, flags: Option<&ReadArgs>) -> Option<String> {
    let inherited = ReadArgs::default().names_from(flags?).join(", ");
    let notice = || format!("{whose}, with {inherited}; an option of a request replaces its flag");
    (!inherited.is_empty()).then(notice)
}

/// The record of the run in whose folder a model is.
fn record_of_folder(model_folder: &Path) -> anyhow::Result<Option<RunRecord>> {
    let of_run = model_folder.canonicalize().ok().and_then(|path| path.parent().map(Path::to_path_buf));
    match of_run.filter(|folder| folder.join(RunRecord::FILE).is_file()) {
        Some(folder) if model_folder.ends_with(MODEL) => Ok(Some(RunRecord::read(&folder)?)),
        _ => Ok(None),
    }
}

/// Refuses a folder without a saved model. `typed` is the folder as typed, which may hold that of the model.
fn check_folder(typed: &Path, model_folder: &Path) -> anyhow::Result<()> {
    if model_folder.join(SETTINGS_FILE).is_file() {
        return Ok(());
    }
    let (shown, name) = (typed.display(), typed.to_string_lossy());
    if !typed.exists() && model::names().any(|known| known == name) {
        let hint = format!("`forecast --csv FILE --horizon N --model {name}` forecasts with it");
        return Err(CliError::usage(format!("{shown} is the name of a model, not the folder of a saved one"), hint));
    }
    let hint = "give the folder that `forecast train --csv FILE --horizon N --out DIR` wrote";
    let reason = if typed.exists() { "holds no saved model" } else { "does not exist" };
    Err(CliError::usage(format!("{shown} {reason}"), hint))
}

/// The options for rows after those of a run, with these covariates. They may be too few to show a frequency or a season.
pub(crate) fn options_for_new_rows(
    read: &ReadArgs,
    inherit: InheritArg,
    run: &StoredRun,
    covariates: &[Covariate],
) -> ReadOptions {
    let mut options = read.options_for(covariates);
    options.seasons = None;
    options.conventions = inherit.conventions_of(&run.record.data.conventions);
    options.frequency = options.frequency.or_else(|| named_frequency(run.panel.frequency()));
    options
}

/// Reads a file with these flags for a model. Columns that no flag names are those of its training data, if the file has them.
pub(crate) fn read_for(
    args: &ReadArgs,
    source: Source,
    mut options: ReadOptions,
    trained_on: Option<&TrainedOn>,
) -> anyhow::Result<Dataset> {
    let Some(trained_on) = trained_on else {
        return read::read(&source, &options).map_err(|error| model_covariates::read_error(error, args));
    };
    let source = source.into_rereadable()?;
    options.earlier_frequency = Some(trained_on.frequency);
    let columns = &trained_on.columns;
    if options.wide.is_empty() {
        options.target = options.target.or_else(|| Some(columns.target.clone()));
        options.time = options.time.or_else(|| columns.time.clone());
        if options.ids.is_empty() {
            options.ids.clone_from(&columns.ids);
        }
    }
    let mut missing_target = None;
    loop {
        let error = match read::read(&source, &options) {
            Ok(dataset) => return Ok(dataset),
            Err(error) => error,
        };
        // a name that was not typed may be of another layout, such as one column for each series
        let missing = missing_column(&error);
        match missing {
            Some(Setting::Target) if args.target().is_none() => {
                options.target = None;
                missing_target = Some(target_error(&error, columns.target.as_str()));
            }
            Some(Setting::Covariates) => return Err(model_covariates::read_error(error, args)),
            Some(Setting::Time) if args.time().is_none() => options.time = None,
            Some(Setting::Ids) if args.ids().is_empty() => options.ids.clear(),
            _ => return Err(missing_target.unwrap_or_else(|| model_covariates::read_error(error, args))),
        }
    }
}

/// The setting whose column is not in the file.
fn missing_column(error: &Error) -> Option<Setting> {
    let Error::Data { problem, .. } = error else { return None };
    if let DataProblem::ColumnNotFound { setting, .. } = **problem { Some(setting) } else { None }
}

/// The error that a file lacks the column that a model forecasts.
fn target_error(error: &Error, target: &str) -> anyhow::Error {
    CliError::data(
        format!("the model forecasts the column {target}; {error}"),
        "name the column with the same meaning by `--target NAME`, or the columns that are a series each by `--wide NAMES`",
    )
}

/// The first `steps` steps of the forecasts, unless the horizon of the model is shorter.
fn first_steps(forecasts: Vec<Forecast>, steps: Option<usize>) -> anyhow::Result<Vec<Forecast>> {
    let Some(steps) = steps else { return Ok(forecasts) };
    let horizon = forecasts.iter().map(|forecast| forecast.times().len()).min().unwrap_or(0);
    if steps > horizon {
        return Err(CliError::usage(
            format!("the model was trained to forecast {}, {steps} were requested", counted(horizon, "step")),
            format!("train a model with that horizon: `forecast train --csv FILE --horizon {steps} --out DIR`"),
        ));
    }
    Ok(forecasts.into_iter().map(|forecast| forecast.first(steps)).collect())
}
