//! The automatic model with a pooled model that is given.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::error::Result;
use crate::model::auto::local::LocalFit;
use crate::model::auto::model::{FittedAuto, fit_adjusted, fit_of_local};
use crate::model::auto::pooled_model::PooledModel;
use crate::model::auto::settings::{Auto, CandidateSearch};
use crate::model::fit::{Fit, Model, ModelOption, Task, UnsupportedOption};
use crate::model::observer::Observer;
use crate::model::persist::{self, ModelFiles};
use crate::panel::{MAX_CATEGORIES, Panel};

/// The automatic model with a pooled model that is given, so that no series of a panel influences the forecast of another
/// one.
///
/// The forecast of a series, its hindcasts and its weights are the same in every panel with the same frequency and the
/// same seasons of the calendar or of the caller. So a panel of any size can be forecast in parts. A budget that ends takes
/// that away, and so do seasons that are found in the values, except those of a pooled model.
///
/// ```
/// use forecast::model::auto::WithPooledModel;
/// use forecast::model::{Model, SilentObserver, Task};
/// use forecast::panel::{Columns, Panel, Series};
/// use forecast::{Frequency, Timestamp};
///
/// let series = |shop: usize| Series {
///     key: vec![shop.to_string()],
///     start: Timestamp::Index(1),
///     values: (0..40).map(|t| (20 + t * (shop + 3) % 7) as f64).collect(),
///     observed: vec![true; 40],
/// };
/// let columns = Columns { time: None, target: "sales".into(), ids: vec!["shop".into()] };
/// let panel = Panel::new(columns, Frequency::INDEX, 4, (1..4).map(series).collect())?;
/// let model = WithPooledModel::pretrained();
/// let forecasts = |panel: &Panel| model.fit(panel, &Task::new(4), &mut SilentObserver)?.predict(panel);
/// assert_eq!(forecasts(&panel)?[1], forecasts(&panel.only(&[1]))?[0]);
/// # Ok::<(), forecast::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct WithPooledModel {
    /// `None` for the networks that ship with the crate.
    given: Option<Arc<PooledModel>>,
}

impl WithPooledModel {
    /// With the networks that ship with the crate, as a candidate of each series. Without networks for the frequency, each
    /// series has its other candidates.
    pub fn pretrained() -> Self {
        Self { given: None }
    }

    /// With a pooled model of a sample of series.
    ///
    /// Its networks, the mixture with the candidates of each series, and what is known of the errors of candidates come
    /// from the sample. A fit fails for another horizon.
    pub fn of(pooled: Arc<PooledModel>) -> Self {
        Self { given: Some(pooled) }
    }
}

impl PooledModel {
    /// Reads a saved pooled model; `None` if the folder has another model.
    ///
    /// # Errors
    /// If the folder has no saved model, or it is damaged.
    pub fn load(folder: &Path) -> Result<Option<Arc<Self>>> {
        let files = ModelFiles::read(folder)?;
        if persist::read_name(&files)? != Auto::NAME {
            return Ok(None);
        }
        Ok(match persist::from_files(&files)? {
            FittedAuto::OfSample(pooled) => Some(pooled),
            _ => None,
        })
    }
}

/// The training of a pooled model, for which all series of a panel are the sample.
///
/// ```
/// use forecast::Model;
/// use forecast::model::auto::PooledTraining;
///
/// assert!(PooledTraining.is_trained() && PooledTraining.records_hindcasts());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PooledTraining;

impl Model for PooledTraining {
    fn name(&self) -> &'static str {
        Auto::NAME
    }

    fn settings(&self) -> Value {
        json!({ "pooled_model": "trained" })
    }

    fn set_option(&mut self, _: ModelOption) -> std::result::Result<(), UnsupportedOption> {
        Err(UnsupportedOption("its networks have settings of their own"))
    }

    fn uses_covariates(&self) -> bool {
        true
    }

    fn records_hindcasts(&self) -> bool {
        true
    }

    fn keeps_checkpoints(&self, _: &Panel) -> bool {
        true
    }

    fn needed_values(&self, _: usize) -> usize {
        // the sample knows what few values do not show
        1
    }

    fn fit(&self, train: &Panel, task: &Task, observer: &mut dyn Observer) -> Result<Fit> {
        let train = &train.clone().with_frequent_categories(MAX_CATEGORIES);
        fit_adjusted(train, task.horizon, |adjusted| {
            let (pooled, report) = PooledModel::train(adjusted, task, observer)?;
            Ok(Fit { forecaster: Box::new(FittedAuto::OfSample(Arc::new(pooled))), report })
        })
    }
}

impl Model for WithPooledModel {
    fn name(&self) -> &'static str {
        Auto::NAME
    }

    fn settings(&self) -> Value {
        match &self.given {
            None => json!({ "pooled_model": "pretrained" }),
            Some(pooled) => json!({ "pooled_model": { "series": pooled.series() } }),
        }
    }

    fn set_option(&mut self, _: ModelOption) -> std::result::Result<(), UnsupportedOption> {
        Err(UnsupportedOption("its networks are trained already"))
    }

    fn is_trained(&self) -> bool {
        false
    }

    fn uses_covariates(&self) -> bool {
        true
    }

    fn records_hindcasts(&self) -> bool {
        true
    }

    fn fits_series_separately(&self) -> bool {
        true
    }

    fn fit(&self, train: &Panel, task: &Task, observer: &mut dyn Observer) -> Result<Fit> {
        let train = &*match &self.given {
            Some(pooled) => pooled.with_own_covariates(train)?,
            None => Cow::Borrowed(train),
        };
        fit_adjusted(train, task.horizon, |adjusted| {
            if let Some(pooled) = &self.given {
                let (fitted, report) = pooled.fit_each(adjusted, task, observer)?;
                return Ok(Fit { forecaster: Box::new(FittedAuto::Pooled(Box::new(fitted))), report });
            }
            let local = LocalFit::with_search(adjusted, &CandidateSearch::of(adjusted, task), observer)?;
            Ok(fit_of_local(local, Vec::new()))
        })
    }
}
