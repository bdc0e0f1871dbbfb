//! `--pooled-model`: a pooled model that is given, so that no series of the file influences another one.

use std::path::PathBuf;

use clap::Args;
use forecast::model::auto::WithPooledModel;
use forecast::panel::SeasonSource;
use forecast::read::{self, Dataset, Source};
use forecast::{Auto, Model};

use crate::args::reading::ReadArgs;
use crate::exit_status::CliError;

/// The name of the networks that ship with the program.
const PRETRAINED: &str = "pretrained";

const HELP: &str = "\
Forecast each series with a pooled model that is given: `pretrained` for the networks that ship with the program. No \
series of the file influences another one, so that a file may be forecast in parts. Give --frequency, --time, --target \
and --id, so that all parts are read alike";

#[derive(Debug, Args)]
pub(crate) struct PooledModelArg {
    /// Forecast each series by itself with a pooled model that is given: `pretrained` for the networks that ship
    #[arg(long, value_name = "MODEL", help_heading = "Model", long_help = HELP)]
    #[arg(conflicts_with_all = ["covariates", "future"])]
    pooled_model: Option<PathBuf>,
}

/// A pooled model that is given.
pub(crate) struct GivenModel {
    typed: PathBuf,
}

/// Reads a file for a command that may have a pooled model.
pub(crate) fn read_for(given: Option<&GivenModel>, read: &ReadArgs, source: &Source) -> anyhow::Result<Dataset> {
    match given {
        Some(given) => given.read(read, source),
        None => Ok(read::read(source, &read.options())?),
    }
}

impl PooledModelArg {
    /// The pooled model; `None` without the flag. `models` are the names that were typed, empty for the default model.
    pub(crate) fn resolve(&self, models: &[&str]) -> anyhow::Result<Option<GivenModel>> {
        let Some(typed) = self.pooled_model.clone() else { return Ok(None) };
        if let Some(name) = models.first().filter(|_| !models.contains(&Auto::NAME)) {
            return Err(CliError::usage(
                format!("--pooled-model has no effect on {name}, which is no model of many series"),
                "leave --pooled-model out, or forecast by `--model auto`",
            ));
        }
        if typed.as_os_str() != PRETRAINED {
            return Err(CliError::usage(
                format!("{} is not the name of a pooled model", typed.display()),
                format!("give `--pooled-model {PRETRAINED}` for the networks that ship with the program"),
            ));
        }
        Ok(Some(GivenModel { typed }))
    }
}

impl GivenModel {
    /// The automatic model with this pooled model.
    pub(crate) fn model(&self) -> Box<dyn Model> {
        Box::new(WithPooledModel::pretrained())
    }

    /// Reads a file without what would be inferred from several series. Refuses one whose seasons are found in the values
    /// of all series.
    pub(crate) fn read(&self, read: &ReadArgs, source: &Source) -> anyhow::Result<Dataset> {
        let dataset = read::read(source, &read.options_by_series()?)?;
        let panel = &dataset.panel;
        if panel.seasons().source() != SeasonSource::Values {
            return Ok(dataset);
        }
        let found = if panel.season() > 1 { panel.season().to_string() } else { "none".into() };
        Err(CliError::usage(
            format!(
                "--pooled-model {} needs a season that is given: the times have none, and that of the values depends on \
                 which series are in the file",
                self.typed.display()
            ),
            format!("give it with `--season {found}`, which the values of this file show"),
        ))
    }
}
