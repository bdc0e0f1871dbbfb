//! Local models: one fitted ensemble for each series of a panel.

use rayon::prelude::*;

use crate::budget::{Budget, shares};
use crate::error::Result;
use crate::forecast::quantile_forecast::Forecast;
use crate::model::auto::search::SearchLimits;
use crate::model::auto::series_backtest::OriginForecast;
use crate::model::auto::series_fit::{SeriesFit, SeriesTask};
use crate::model::auto::series_model::SeriesModel;
use crate::model::auto::settings::Auto;
use crate::model::fit::Fit;
use crate::model::fit_report::{FitNotice, FitReport, Hindcast};
use crate::model::forecaster::Forecaster;
use crate::model::model_files::ModelFiles;
use crate::model::observer::{Control, Observer};
use crate::model::parallel::map_with_progress;
use crate::model::persist::Persist;
use crate::model::regression::series_view::ExogenousData;
use crate::model::task::Task;
use crate::panel::Panel;
use crate::panel::covariates::Covariate;
use crate::panel::series::TimeSeries;

const MAX_HINDCASTS: usize = 5;

/// The fitted ensembles of the series of a panel.
#[derive(Debug)]
pub(crate) struct FittedLocal {
    pub(crate) horizon: usize,
    pub(crate) levels: Vec<f64>,
    /// The covariates of the training panel.
    pub(crate) covariates: Vec<Covariate>,
    /// Ascending by key.
    pub(crate) series: Vec<SeriesModel>,
    pub(crate) hindcasts: Vec<Hindcast>,
    /// Number of series for which the budget ended before all candidates were fitted; 0 for a loaded model.
    pub(crate) series_cut_short: usize,
}

impl FittedLocal {
    /// Fits the series of a panel that have the indices `which`.
    ///
    /// # Errors
    /// If the covariates are not known for the horizon.
    pub(crate) fn fit(
        auto: &Auto,
        train: &Panel,
        which: &[usize],
        task: &Task,
        observer: &mut dyn Observer,
    ) -> Result<Self> {
        let limits = search_limits(auto, train.count(), task);
        let extended = extended_to_horizon(train, task.horizon)?;
        let train = extended.as_ref().unwrap_or(train);
        let seasons = train.seasons();
        let (horizon, levels) = (task.horizon, task.levels.as_slice());
        let series_task = SeriesTask { seasons: &seasons, horizon, levels, limits: &limits };
        let all: Vec<TimeSeries<'_>> = train.iter().collect();
        let mut progress = |done: usize, of: usize| {
            if observer.candidate(done, of) == Control::Stop {
                limits.budget.stop();
            }
        };
        let is_single = which.len() == 1;
        let fits: Vec<SeriesFit> = if let [only] = *which {
            vec![SeriesFit::new(&all[only], exogenous(train, only), series_task, Some(&mut progress))]
        } else {
            let fit = |index: &usize| SeriesFit::new(&all[*index], exogenous(train, *index), series_task, None);
            map_with_progress(which, fit, |done| progress(done, which.len()))
        };
        let mut fitted = Self {
            horizon,
            levels: task.levels.clone(),
            covariates: train.covariates().columns().to_vec(),
            series: Vec::with_capacity(fits.len()),
            hindcasts: Vec::new(),
            series_cut_short: fits.iter().filter(|fit| fit.is_cut_short).count(),
        };
        for (index, SeriesFit { model, hindcasts, epochs, .. }) in which.iter().copied().zip(fits) {
            let hindcast = |OriginForecast { cutoff, quantiles }| {
                let known = all[index].first(cutoff);
                Hindcast { series: index, cutoff, forecast: Forecast::after(&known, levels, quantiles) }
            };
            fitted.hindcasts.extend(hindcasts.into_iter().map(hindcast));
            fitted.series.push(model);
            if is_single {
                // the training is over, so the answer has no effect
                for epoch in &epochs {
                    let _ = observer.epoch(epoch);
                }
            }
        }
        Ok(fitted)
    }

    /// Adds other series of the same panel, fitted to the same task.
    pub(crate) fn add(&mut self, other: Self) {
        self.series.extend(other.series);
        self.series.sort_by(|a, b| a.key.cmp(&b.key));
        self.hindcasts.extend(other.hindcasts);
        self.hindcasts.sort_by_key(|hindcast| hindcast.series);
        self.series_cut_short += other.series_cut_short;
    }

    /// The fitted ensemble of a series. Series are sorted by key, as in every panel.
    fn find(&self, key: &[String]) -> Option<&SeriesModel> {
        self.series.binary_search_by(|model| model.key.as_slice().cmp(key)).ok().map(|at| &self.series[at])
    }

    /// The fitted model with its report.
    pub(crate) fn into_fit(mut self) -> Fit {
        let hindcasts = std::mem::take(&mut self.hindcasts);
        let ensemble_weights = self.series.iter().map(SeriesModel::ensemble_weights).collect();
        let notices = self.notice().into_iter().collect();
        Fit { forecaster: Box::new(self), report: FitReport { hindcasts, ensemble_weights, notices } }
    }

    /// The notice that the budget was too short for all candidates.
    pub(crate) fn notice(&self) -> Option<FitNotice> {
        let (series, of) = (self.series_cut_short, self.series.len());
        (series > 0).then_some(FitNotice::CandidatesLeftOut { series, of })
    }
}

impl Forecaster for FittedLocal {
    fn predict(&self, history: &Panel) -> Result<Vec<Forecast>> {
        let extended = match self.covariates.as_slice() {
            [] if history.covariates().is_empty() => None,
            columns => extended_to_horizon(&history.with_matching_covariates(columns)?, self.horizon)?,
        };
        let history = extended.as_ref().unwrap_or(history);
        let series: Vec<(usize, TimeSeries<'_>)> = history.iter().enumerate().collect();
        let (horizon, levels, seasons) = (self.horizon, self.levels.as_slice(), history.seasons());
        let is_single = series.len() == 1;
        let forecast = |(index, series): &(usize, TimeSeries<'_>)| {
            let exogenous = exogenous(history, *index);
            if let Some(model) = self.find(series.key) {
                return model.forecast(series, horizon, levels, exogenous, is_single);
            }
            // a series that was not in the training panel is fitted now, without networks
            let limits = SearchLimits {
                with_networks: false,
                with_ets: true,
                max_hindcasts: 0,
                seed: 0,
                budget: Budget::unlimited(),
            };
            let task = SeriesTask { seasons: &seasons, horizon, levels, limits: &limits };
            let SeriesFit { model, .. } = SeriesFit::new(series, exogenous, task, None);
            model.forecast(series, horizon, levels, exogenous, is_single)
        };
        Ok(if is_single { vec![forecast(&series[0])] } else { series.par_iter().map(forecast).collect() })
    }

    fn covariates(&self) -> &[Covariate] {
        &self.covariates
    }

    fn to_files(&self) -> ModelFiles {
        self.files()
    }
}

/// The limits for a panel of `count` series.
fn search_limits(auto: &Auto, count: usize, task: &Task) -> SearchLimits {
    SearchLimits {
        with_networks: count <= auto.max_network_series,
        with_ets: count <= auto.max_ets_series,
        // the global model has a single holdout, with which the local models are compared
        max_hindcasts: if count < auto.min_pooled_series { MAX_HINDCASTS } else { 1 },
        seed: task.seed,
        budget: task.budget.split(shares::CANDIDATES),
    }
}

/// The panel with its covariates for the whole horizon; `None` for a panel without covariates.
fn extended_to_horizon(panel: &Panel, horizon: usize) -> Result<Option<Panel>> {
    if panel.covariates().is_empty() { Ok(None) } else { panel.for_horizon(horizon).map(Some) }
}

fn exogenous(panel: &Panel, series: usize) -> Option<ExogenousData<'_>> {
    let covariates = panel.covariates();
    (!covariates.is_empty()).then(|| ExogenousData { columns: covariates.columns(), values: covariates.values(series) })
}
