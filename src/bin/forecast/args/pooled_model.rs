//! `--sample` and `--pooled-model`: a pooled model of a sample, and forecasts with one that is given.
//!
//! With a model that is given, no series of a file influences another one.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use forecast::model::auto::{PooledModel, PooledTraining, WithPooledModel};
use forecast::panel::SeasonSource;
use forecast::read::{self, Dataset, Source};
use forecast::{Auto, Error, Model, Panel};

use crate::args::horizon::UntilArg;
use crate::args::reading::{EarlierFlags, InheritArg, ReadArgs};
use crate::args::usage::nearest;
use crate::args::value::at_least_one;
use crate::exit_status::CliError;
use crate::interrupt;
use crate::model_covariates;
use crate::report::{hints::quoting::quoted, text_table::counted};
use crate::saved_model::{self, ModelFolder};
use crate::training_differences::{differences_from, is_relevant_for_sample};

/// The name of the networks that ship with the program.
const PRETRAINED: &str = "pretrained";

const HELP: &str = "\
Forecast each series with a pooled model that is given: the folder that `forecast train --sample N` wrote, or \
`pretrained` for the networks that ship with the program. No series of the file influences another one, so that a file \
may be forecast in parts. Give --frequency, --time, --target and --id with `pretrained`, so that all parts are read alike";

#[derive(Debug, Args)]
pub(crate) struct PooledModelArg {
    /// Forecast each series by itself with a pooled model: the folder of `train --sample`, or `pretrained`
    #[arg(long, value_name = "DIR", help_heading = "Model", long_help = HELP)]
    pooled_model: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct SampleArg {
    /// Train a pooled model on at most N series, for `forecast --pooled-model`; they are chosen by a hash of their ids
    #[arg(long, value_name = "N", help_heading = "Model", value_parser = at_least_one)]
    #[arg(conflicts_with = "until")]
    sample: Option<usize>,
}

/// A pooled model that is given.
pub(crate) enum GivenModel {
    Pretrained,
    OfSample(Box<SampleModel>),
}

/// A pooled model of a sample, and how its training read the sample.
pub(crate) struct SampleModel {
    /// The folder as typed.
    typed: PathBuf,
    pooled: Arc<PooledModel>,
    saved: ModelFolder,
    /// The flags of its training, where none is typed.
    flags: Option<ReadArgs>,
    inherit: InheritArg,
}

/// Reads a file for a command that may have a pooled model.
pub(crate) fn read_for(given: Option<&GivenModel>, read: &ReadArgs, source: &Source) -> anyhow::Result<Dataset> {
    match given {
        Some(GivenModel::OfSample(own)) => own.read(read, source),
        Some(GivenModel::Pretrained) => read_pretrained(read, source),
        None => Ok(read::read(source, &read.options())?),
    }
}

/// Refuses data without the future of covariates that are known in it, as those of the training of a given model are. With
/// a model that is given, series without a whole future are left out, unless all are.
pub(crate) fn check_future(
    given: Option<&GivenModel>,
    dataset: &mut Dataset,
    read: &ReadArgs,
    horizon: usize,
) -> anyhow::Result<()> {
    if dataset.panel.covariates().is_empty() {
        return Ok(());
    }
    if given.is_some() {
        dataset.leave_out_incomplete_futures(horizon);
    }
    let panel = &dataset.panel;
    let Err(error) = panel.for_horizon(horizon) else { return Ok(()) };
    match given {
        Some(GivenModel::OfSample(own)) => Err(model_covariates::forecast_error(error, panel, read, &own.in_words())),
        _ => Err(error.into()),
    }
}

/// Refuses a model that pooled models have no effect on. `models` are the names that were typed, empty for the default
/// model.
fn check_is_auto(flag: &str, models: &[&str]) -> anyhow::Result<()> {
    match models.first().filter(|_| !models.contains(&Auto::NAME)) {
        Some(name) => Err(CliError::usage(
            format!("{flag} has no effect on {name}: pooled models are a part of auto"),
            format!("leave {flag} out, or choose `--model auto`"),
        )),
        None => Ok(()),
    }
}

impl PooledModelArg {
    /// The flag of another command with this value.
    pub(crate) fn of(pooled_model: Option<PathBuf>) -> Self {
        Self { pooled_model }
    }

    /// Whether it names the folder of a model, which has covariates of its own.
    pub(crate) fn names_a_folder(&self) -> bool {
        self.pooled_model.as_ref().is_some_and(|typed| typed != Path::new(PRETRAINED))
    }

    /// The pooled model; `None` without the flag. `models` are the names that were typed, empty for the default model.
    /// `earlier_flags` finds the flags of its training.
    pub(crate) fn resolve(
        &self,
        models: &[&str],
        inherit: InheritArg,
        earlier_flags: EarlierFlags,
    ) -> anyhow::Result<Option<GivenModel>> {
        let Some(typed) = self.pooled_model.clone() else {
            return inherit.check_has_model().map(|()| None);
        };
        check_is_auto("--pooled-model", models)?;
        if typed == Path::new(PRETRAINED) {
            return inherit.check_has_run().map(|()| Some(GivenModel::Pretrained));
        }
        let name = typed.to_string_lossy();
        if !typed.exists() && nearest(&name, std::iter::once(PRETRAINED)).is_some() {
            let hint = format!("did you mean `--pooled-model {PRETRAINED}`?");
            return Err(CliError::usage(format!("{name} does not exist"), hint));
        }
        let saved = ModelFolder::read(&typed)?;
        let Some(pooled) = PooledModel::load(&saved.folder)? else {
            return Err(CliError::usage(
                format!("{} holds a fitted model, but no pooled model of a sample", typed.display()),
                "train one: `forecast train --csv FILE --horizon N --out DIR --sample N`",
            ));
        };
        let flags = saved.flags_of_run(inherit, earlier_flags)?.map(ReadArgs::without_covariates);
        Ok(Some(GivenModel::OfSample(Box::new(SampleModel { typed, pooled, saved, flags, inherit }))))
    }
}

impl SampleArg {
    /// The model that is trained: `model`, or else a pooled model of a sample.
    pub(crate) fn model(&self, models: &[&str], model: Box<dyn Model>) -> anyhow::Result<Box<dyn Model>> {
        if self.sample.is_none() {
            return Ok(model);
        }
        check_is_auto("--sample", models)?;
        Ok(Box::new(PooledTraining))
    }

    /// Reads a file, or the sample of its series.
    pub(crate) fn read(&self, read: &ReadArgs) -> anyhow::Result<Dataset> {
        let Some(count) = self.sample else { return Ok(read.read()?) };
        let mut dataset = read::read(&read.input(), &read.options_of_separate_series("--sample")?)?;
        dataset.panel = dataset.panel.only(&dataset.panel.sample(count));
        if dataset.panel.seasons().source() == SeasonSource::Values {
            dataset.panel = dataset.panel.with_seasons_of_values();
        }
        let in_sample: HashSet<&[String]> = dataset.panel.iter().map(|series| series.key).collect();
        dataset.repairs.retain(|repair| in_sample.contains(repair.series.as_slice()));
        Ok(dataset)
    }

    /// Leaves out the series of a sample whose covariates are not known at every step to forecast, unless all are such.
    pub(crate) fn leave_out_incomplete_futures(&self, dataset: &mut Dataset, horizon: usize) {
        if self.sample.is_some() {
            dataset.leave_out_incomplete_futures(horizon);
        }
    }

    /// Refuses the model of an interrupted training on a sample. It would not be the one that the sample determines.
    pub(crate) fn check_complete(&self) -> anyhow::Result<()> {
        if self.sample.is_none() || !interrupt::requested() {
            return Ok(());
        }
        let message = "the training of the pooled model was interrupted, so no model is written";
        Err(CliError::interrupted(message, "run the same command with `--resume` to continue it"))
    }

    /// The command that forecasts with the model in a folder; `None` without a sample.
    pub(crate) fn next_command(&self, folder: &Path, horizon: usize) -> Option<String> {
        let folder = folder.display();
        self.sample.map(|_| format!("forecast --pooled-model {folder} --csv FILE --horizon {horizon}"))
    }
}

impl GivenModel {
    /// The automatic model with this pooled model.
    pub(crate) fn model(&self) -> Box<dyn Model> {
        Box::new(match self {
            Self::Pretrained => WithPooledModel::pretrained(),
            Self::OfSample(own) => WithPooledModel::of(own.pooled.clone()),
        })
    }

    /// The pooled model of a service, whose data are text.
    pub(crate) fn for_requests(mut self) -> Self {
        if let Self::OfSample(own) = &mut self {
            own.flags = own.flags.take().map(ReadArgs::for_requests);
        }
        self
    }

    /// Refuses flags of a command, or options of a request, that no pooled model or not this one may have.
    pub(crate) fn check(&self, read: &ReadArgs, until: &UntilArg) -> anyhow::Result<()> {
        let mut refused =
            until.is_typed().then_some(("--until", "give the number of steps instead, as in `--horizon 7`"));
        if let Self::OfSample(own) = self {
            // the seasons and the covariates of a sample are saved with its model
            if read.has_season() {
                refused = refused.or(Some(("--season", "leave --season out: the model has the seasons of its sample")));
            }
            model_covariates::check(own.pooled.covariates(), read, Some("--sample N"), || self.name())?;
        }
        let Some((flag, hint)) = refused else { return Ok(()) };
        Err(CliError::usage(format!("{flag} does not work with the pooled model {}", self.name()), hint))
    }

    /// Refuses the folder of the model for the output, which would replace it.
    pub(crate) fn check_output(&self, out: &Path) -> anyhow::Result<()> {
        let Self::OfSample(own) = self else { return Ok(()) };
        let is_same =
            |folder: &Path| folder.canonicalize().ok().is_some_and(|path| out.canonicalize().ok() == Some(path));
        if !is_same(&own.typed) && !is_same(&own.saved.folder) {
            return Ok(());
        }
        Err(CliError::usage(
            format!("--out and --pooled-model name the same folder, {}: the model would be replaced", out.display()),
            "choose another folder with `--out DIR`",
        ))
    }

    /// Its name as typed.
    fn name(&self) -> String {
        match self {
            Self::Pretrained => PRETRAINED.to_owned(),
            Self::OfSample(own) => own.typed.display().to_string(),
        }
    }

    /// A notice on the flags of the training that count, because none was typed.
    pub(crate) fn flags_notices(&self, read: &ReadArgs) -> Vec<String> {
        match self {
            Self::Pretrained => Vec::new(),
            Self::OfSample(own) => saved_model::flags_notices(read, own.flags.as_ref()),
        }
    }

    /// A notice on the flags of the training that count for requests.
    pub(crate) fn requests_notice(&self) -> Option<String> {
        let Self::OfSample(own) = self else { return None };
        saved_model::requests_notice("requests are read as in the training of the pooled model", own.flags.as_ref())
    }

    /// Refuses data that the pooled model cannot forecast, and returns their other differences from its sample.
    pub(crate) fn differences(&self, read: &ReadArgs, panel: &Panel) -> anyhow::Result<Vec<String>> {
        let Self::OfSample(own) = self else { return Ok(Vec::new()) };
        differences_from(own.saved.trained_on.as_ref(), read, panel, is_relevant_for_sample)
    }

    /// Refuses a command that forecasts the past, which networks of a sample have seen.
    pub(crate) fn check_for_backtest(&self) -> anyhow::Result<()> {
        match self {
            Self::Pretrained => Ok(()),
            Self::OfSample(own) => Err(CliError::usage(
                format!("the networks of {} were trained on values that a backtest forecasts", own.in_words()),
                format!(
                    "`forecast --csv FILE --horizon {} --pooled-model {}` has a verdict on networks that have not seen \
                     them; or backtest with `--pooled-model {PRETRAINED}`",
                    own.pooled.horizon(),
                    quoted(&own.typed.to_string_lossy())
                ),
            )),
        }
    }

    /// Refuses a horizon other than that of the pooled model.
    pub(crate) fn check_horizon(&self, horizon: usize) -> anyhow::Result<()> {
        let Self::OfSample(own) = self else { return Ok(()) };
        let own_horizon = own.pooled.horizon();
        if own_horizon == horizon {
            return Ok(());
        }
        Err(CliError::usage(
            format!("{} forecasts {}, and the horizon is {horizon}", own.in_words(), counted(own_horizon, "step")),
            format!(
                "give `--horizon {own_horizon}`, or train one: `forecast train --csv FILE --horizon {horizon} --out DIR \
                 --sample N`"
            ),
        ))
    }
}

impl SampleModel {
    /// Its name in a sentence.
    fn in_words(&self) -> String {
        format!("the pooled model in the folder {}", self.typed.display())
    }

    /// Reads a file without what would be inferred from several series. What the sample showed is taken from there.
    fn read(&self, read: &ReadArgs, source: &Source) -> anyhow::Result<Dataset> {
        let Self { pooled, saved, flags, inherit, .. } = self;
        let all = read.clone().or(flags.as_ref());
        let options = saved.options_of_separate_series(&all, *inherit, pooled.covariates(), "--pooled-model")?;
        let mut dataset = saved_model::read_for(read, source.clone(), options, saved.trained_on.as_ref())?;
        dataset.panel = pooled.prepared(dataset.panel).map_err(|error| match error {
            Error::InvalidInput { reason, .. } => CliError::data(
                format!("the file does not suit {}: {reason}", self.in_words()),
                format!(
                    "give a file with the step of the sample, or train a pooled model of this one: `{}`",
                    read.train_command("--sample N")
                ),
            ),
            error => model_covariates::mismatch_error(error, read),
        })?;
        Ok(dataset)
    }
}

/// Reads a file for the networks that ship. Refuses one whose seasons are found in the values of all series.
fn read_pretrained(read: &ReadArgs, source: &Source) -> anyhow::Result<Dataset> {
    let dataset = read::read(source, &read.options_of_separate_series("--pooled-model")?)?;
    let panel = &dataset.panel;
    if panel.seasons().source() != SeasonSource::Values {
        return Ok(dataset);
    }
    let found = if panel.season() > 1 { panel.season().to_string() } else { "none".into() };
    Err(CliError::usage(
        format!(
            "--pooled-model {PRETRAINED} needs a season that is given: the times have none, and that of the values depends \
             on which series are in the file"
        ),
        format!("give it with `--season {found}`, which the values of this file show"),
    ))
}
