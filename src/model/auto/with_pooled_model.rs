//! The automatic model with a pooled model that is given.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::budget::shares;
use crate::error::Result;
use crate::model::auto::local::LocalFit;
use crate::model::auto::model::{FittedAuto, fit_adjusted};
use crate::model::auto::series_model::SeriesModel;
use crate::model::auto::settings::{Auto, CandidateSearch, MAX_HINDCASTS};
use crate::model::fit::{Fit, FitReport, Model, ModelOption, Task, UnsupportedOption};
use crate::model::global::pretrained::PretrainedFrequency;
use crate::model::observer::Observer;
use crate::panel::Panel;

/// The automatic model with a pooled model that is given, so that no series of a panel influences the forecast of another
/// one.
///
/// The forecast of a series, its hindcasts and its weights are the same in every panel with the same frequency and
/// seasons. So a panel of any size can be forecast in parts. Only a budget that ends takes that away.
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
pub struct WithPooledModel(());

impl WithPooledModel {
    /// With the networks that ship with the crate, as a candidate of each series. Without networks for the frequency, each
    /// series has its other candidates.
    pub fn pretrained() -> Self {
        Self(())
    }

    /// The candidates of each series.
    fn search(&self, train: &Panel, task: &Task) -> CandidateSearch {
        CandidateSearch {
            task: Task { budget: task.budget.split(shares::CANDIDATES), ..task.clone() },
            seasons: train.seasons().lengths().to_vec(),
            season_source: train.seasons().source(),
            with_networks: false,
            with_ets: true,
            pretrained: PretrainedFrequency::of(train),
            prior: Arc::default(),
            records_errors: false,
            max_hindcasts: MAX_HINDCASTS,
            steps_with_known_seasons: train.steps_with_known_seasons(),
        }
    }
}

impl Model for WithPooledModel {
    fn name(&self) -> &'static str {
        Auto::NAME
    }

    fn settings(&self) -> Value {
        json!({ "pooled_model": "pretrained" })
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
        fit_adjusted(train, task.horizon, |adjusted| {
            let local = LocalFit::with_search(adjusted, &self.search(adjusted, task), observer)?;
            let ensemble_weights = local.models.series.iter().map(SeriesModel::ensemble_weights).collect();
            let notices = local.notice().into_iter().collect();
            let report = FitReport { ensemble_weights, notices, hindcasts: local.hindcasts };
            Ok(Fit { forecaster: Box::new(FittedAuto::Local(local.models)), report })
        })
    }
}
