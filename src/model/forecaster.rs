//! Fitted models, which forecast.

use std::fmt::Debug;
use std::path::Path;

use crate::error::Result;
use crate::forecast::quantile_forecast::Forecast;
use crate::forecast::sample_paths::SamplePaths;
use crate::model::persist::ModelFiles;
use crate::model::schaake_shuffle;
use crate::panel::Panel;
use crate::panel::covariates::Covariate;

/// A fitted model. It forecasts any panel of the same frequency, including one that it was not fitted to.
pub trait Forecaster: Debug + Send {
    /// Forecasts the steps right after the end of each series of `history`: one forecast a series, in the order of the
    /// panel.
    ///
    /// # Errors
    /// If a series of `history` cannot be used.
    fn predict(&self, history: &Panel) -> Result<Vec<Forecast>>;

    /// Draws `count` sample paths of each series over the steps of `forecasts`, which are those of the model for
    /// `history`. A model without a joint distribution of the steps draws them by
    /// [`schaake_shuffle`](crate::model::schaake_shuffle::sample_paths).
    ///
    /// # Errors
    /// As [`Forecaster::predict`].
    fn sample_paths(
        &self,
        history: &Panel,
        forecasts: &[Forecast],
        count: usize,
        seed: u64,
    ) -> Result<Vec<SamplePaths>> {
        Ok(schaake_shuffle::sample_paths(forecasts, history, count, seed))
    }

    /// The covariates that the model was fitted with. A panel that it forecasts must have the same.
    fn covariates(&self) -> &[Covariate] {
        &[]
    }

    /// The files of the fitted model, which [`load_files`](crate::model::load_files) reads.
    fn to_files(&self) -> ModelFiles;

    /// Writes the files of the fitted model into an existing, empty folder, which [`load`](crate::model::load) reads.
    ///
    /// # Errors
    /// If the folder cannot be written.
    fn save(&self, folder: &Path) -> Result<()> {
        self.to_files().write(folder)
    }
}
