//! Models as settings that can be fitted, and what a fit returns.

use std::any::Any;
use std::fmt::Debug;

use serde_json::Value;

use crate::error::Result;
use crate::forecast::quantile_forecast::Forecast;
use crate::model::fit_report::{FitReport, Hindcast};
use crate::model::forecaster::Forecaster;
use crate::model::model_option::{ModelOption, UnsupportedOption};
use crate::model::observer::Observer;
use crate::model::task::Task;
use crate::panel::Panel;

/// The settings of a model. Fitting them to a panel gives a [`Forecaster`].
///
/// Its methods say what a model supports, so that callers need not know the families of models. A caller that needs the
/// settings of one family can downcast to them through [`Any`].
///
/// ```
/// use forecast::model::{self, SilentObserver, Task};
/// use forecast::panel::Panel;
///
/// let history = Panel::from_values(&[3.0, 5.0, 4.0, 6.0, 5.0, 7.0], 2);
/// assert!(model::named("oracle").is_none() && model::names().any(|name| name == "theta"));
/// let theta = model::named("theta").expect("a model of the registry");
/// assert!(!theta.is_trained() && !theta.uses_covariates());
/// let fit = theta.fit(&history, &Task { seed: 7, ..Task::new(4) }, &mut SilentObserver)?;
/// // any later panel is forecast by the same fit
/// let later = Panel::from_values(&[3.0, 5.0, 4.0, 6.0, 5.0, 7.0, 6.0], 2);
/// assert_eq!(fit.predict(&later)?[0].median().len(), 4);
/// # Ok::<(), forecast::Error>(())
/// ```
pub trait Model: Any + Debug + Send + Sync {
    /// The name of the model in the registry.
    fn name(&self) -> &'static str;

    /// The same settings in a box.
    fn boxed(&self) -> Box<dyn Model>;

    /// The settings as JSON; null for a model that has none.
    fn settings(&self) -> Value {
        Value::Null
    }

    /// Sets an option. Layers are set before dropout, which needs two of them.
    ///
    /// # Errors
    /// If the option has no effect on the model; the error says why.
    fn set_option(&mut self, option: ModelOption) -> std::result::Result<(), UnsupportedOption>;

    /// Whether fitting trains networks, which takes time. Other models are fast enough to be fitted again at each
    /// origin.
    fn is_trained(&self) -> bool {
        true
    }

    /// Whether the model uses the covariates of a panel. Other models ignore them.
    fn uses_covariates(&self) -> bool {
        false
    }

    /// Whether the report of a fit has hindcasts, so that the model need not be fitted again to be evaluated.
    fn records_hindcasts(&self) -> bool {
        false
    }

    /// Whether a fit to this panel keeps checkpoints in the folder of the task, from which it can be resumed.
    fn keeps_checkpoints(&self, _train: &Panel) -> bool {
        false
    }

    /// The settings, with explicit values for those that depend on the panel.
    fn resolved_for(&self, _train: &Panel) -> Box<dyn Model> {
        self.boxed()
    }

    /// The settings whose fit reports hindcasts at several origins, if the model supports that. Reconciliation
    /// estimates the correlation of errors between series from them.
    fn with_hindcasts_of_several_origins(&self) -> Box<dyn Model> {
        self.boxed()
    }

    /// Fits the model to a panel. Nothing after the panel's end is used.
    ///
    /// # Errors
    /// If no series is long enough, or training fails.
    fn fit(&self, train: &Panel, task: &Task, observer: &mut dyn Observer) -> Result<Fit>;
}

impl Clone for Box<dyn Model> {
    fn clone(&self) -> Self {
        self.as_ref().boxed()
    }
}

/// A fitted model, and the report of the fit.
#[derive(Debug)]
pub struct Fit {
    /// The fitted model.
    pub forecaster: Box<dyn Forecaster>,
    /// The report of the fit.
    pub report: FitReport,
}

impl Fit {
    /// A fitted model with an empty report.
    pub fn new(forecaster: impl Forecaster + 'static) -> Self {
        Self { forecaster: Box::new(forecaster), report: FitReport::default() }
    }

    /// As [`Forecaster::predict`] of the fitted model.
    ///
    /// # Errors
    /// If a series of `history` cannot be used.
    pub fn predict(&self, history: &Panel) -> Result<Vec<Forecast>> {
        self.forecaster.predict(history)
    }

    /// The same fit, with these hindcasts in its report.
    #[must_use]
    pub fn with_hindcasts(mut self, hindcasts: Vec<Hindcast>) -> Self {
        self.report.hindcasts = hindcasts;
        self
    }
}
