//! The two traits of every model: settings that can be fitted, and the fitted model that forecasts.

use std::fmt::Debug;
use std::path::Path;

use crate::error::Result;
use crate::forecast::quantile_forecast::Forecast;
use crate::forecast::sample_paths::SamplePaths;
use crate::model::ensemble_weights::EnsembleWeights;
use crate::model::hindcast::Hindcast;
use crate::model::model_files::ModelFiles;
use crate::model::observer::Observer;
use crate::model::task::Task;
use crate::panel::Panel;
use crate::panel::covariates::Covariate;

/// A model's settings: it has seen nothing yet.
pub trait Model: Debug + Send + Sync {
    /// The name it is asked for by.
    fn name(&self) -> &'static str;

    /// Whether it uses a panel's covariates; to any other model they are not there.
    fn uses_covariates(&self) -> bool {
        false
    }

    /// Learns from a panel. Nothing after the panel's end is ever seen.
    ///
    /// # Errors
    /// If no series is long enough, or training fails; never for a value's sake.
    fn fit(&self, train: &Panel, task: &Task, observer: &mut dyn Observer) -> Result<Box<dyn Forecaster>>;
}

/// A model that has learned.
pub trait Forecaster: Debug + Send {
    /// The steps right after the end of each series in `history`, which may be another than it learned from; one
    /// forecast a series, in the panel's order.
    ///
    /// # Errors
    /// If a series of `history` cannot be used.
    fn predict(&self, history: &Panel) -> Result<Vec<Forecast>>;

    /// What the model, fitted on the past alone, said of stretches of the panel it was fitted to that are over by now;
    /// empty for a model that keeps no such record.
    fn hindcasts(&self) -> &[Hindcast] {
        &[]
    }

    /// `count` joint sample paths of each series over the steps right after its end, in the panel's order; `None` for a
    /// model that says quantiles of each step alone, for which [`schaake_shuffle::sample_paths`](crate::model::schaake_shuffle::sample_paths) makes them.
    ///
    /// # Errors
    /// As [`Forecaster::predict`].
    fn paths(&self, _history: &Panel, _count: usize, _seed: u64) -> Result<Option<Vec<SamplePaths>>> {
        Ok(None)
    }

    /// What a model that weighs others made of them, one item a series, in the order of the panel that it was fitted to;
    /// empty for any other model.
    fn weighing(&self) -> Vec<EnsembleWeights> {
        Vec::new()
    }

    /// The covariates that it learned from: what it forecasts must have the same.
    fn covariates(&self) -> &[Covariate] {
        &[]
    }

    /// The files of the fitted model, from which [`load_files`](crate::model::load_files) makes it again.
    fn to_files(&self) -> ModelFiles;

    /// Writes the files of the fitted model into an existing, empty folder, for [`load`](crate::model::load).
    ///
    /// # Errors
    /// If the folder cannot be written.
    fn save(&self, folder: &Path) -> Result<()> {
        self.to_files().write(folder)
    }
}
