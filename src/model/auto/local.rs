//! Local models: one fitted ensemble for each series of a panel.

use std::collections::HashMap;
use std::sync::Arc;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::forecast::quantile_forecast::Forecast;
use crate::model::auto::candidates::backtest::CandidateBacktest;
use crate::model::auto::series_model::SeriesModel;
use crate::model::auto::settings::{Auto, CandidateSearch};
use crate::model::fit::{FitNotice, Hindcast, Task};
use crate::model::member_weights::EnsembleWeights;
use crate::model::observer::{Control, Observer};
use crate::model::persist::{Weights, levels_are_valid};
use crate::model::{auto::panel_prior::PanelPrior, auto::series_fit::SeriesFit};
use crate::model::{parallel::map_with_progress, regression::series_view::ExogenousData};
use crate::panel::{Panel, TimeSeries, covariates::Covariate};

/// The maximum number of series from which the panel prior is estimated.
const PRIOR_SAMPLE_SERIES: usize = 60;
/// The longest horizon of a loaded model, in steps.
const MAX_HORIZON: usize = 1 << 16;

/// The fitted ensembles of the series of a panel. The fields are saved as they are.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct FittedLocal {
    pub(crate) horizon: usize,
    pub(crate) levels: Vec<f64>,
    /// The covariates of the training panel.
    pub(crate) covariates: Vec<Covariate>,
    /// Ascending by key.
    pub(crate) series: Vec<SeriesModel>,
}

/// Fitted local models, and what the fit reports.
pub(crate) struct LocalFit {
    pub(crate) models: FittedLocal,
    pub(crate) hindcasts: Vec<Hindcast>,
    /// Number of series for which the budget ended before all candidates were fitted.
    series_cut_short: usize,
    pub(crate) prior: Arc<PanelPrior>,
}

impl LocalFit {
    /// Fits the series of a panel that have the indices `which`. Fails if covariates are not known for the horizon.
    pub(crate) fn new(
        auto: &Auto,
        train: &Panel,
        which: &[usize],
        task: &Task,
        observer: &mut dyn Observer,
    ) -> Result<Self> {
        Self::with_prior(auto, train, which, None, task, observer)
    }

    /// Adds other series of the same panel.
    pub(crate) fn add(
        &mut self,
        auto: &Auto,
        train: &Panel,
        which: &[usize],
        task: &Task,
        observer: &mut dyn Observer,
    ) -> Result<()> {
        let other = Self::with_prior(auto, train, which, Some(self.prior.clone()), task, observer)?;
        self.models.series.extend(other.models.series);
        self.models.series.sort_by(|a, b| a.key.cmp(&b.key));
        self.hindcasts.extend(other.hindcasts);
        self.hindcasts.sort_by_key(|hindcast| hindcast.series);
        self.series_cut_short += other.series_cut_short;
        Ok(())
    }

    /// Without a prior, that of the series `which` is estimated.
    fn with_prior(
        auto: &Auto,
        train: &Panel,
        which: &[usize],
        prior: Option<Arc<PanelPrior>>,
        task: &Task,
        observer: &mut dyn Observer,
    ) -> Result<Self> {
        let mut search = auto.search(train, task);
        let extended = extended_to_horizon(train, task.horizon)?;
        let train = extended.as_ref().unwrap_or(train);
        let mut done = HashMap::new();
        search.prior = match prior {
            None if train.count() > 1 => {
                let all: Vec<TimeSeries<'_>> = train.iter().collect();
                let search = CandidateSearch { with_networks: false, records_errors: true, ..auto.search(train, task) };
                let sample: Vec<usize> =
                    which.iter().copied().step_by(which.len().div_ceil(PRIOR_SAMPLE_SERIES).max(1)).collect();
                let fit = |index: &usize| {
                    let fit = SeriesFit::new(&all[*index], ExogenousData::if_any(train, *index), &search, &[], None);
                    (fit.record, (*index, fit.backtests))
                };
                let (records, backtests): (Vec<_>, Vec<_>) = sample.par_iter().map(fit).unzip();
                done.extend(backtests);
                Arc::new(PanelPrior::new(&records))
            }
            prior => prior.unwrap_or_default(),
        };
        Ok(Self::fit_known(train, which, &search, &done, observer))
    }

    /// Fits all series of a panel by a search that is the same for each of them. Fails if covariates are not known for the
    /// horizon.
    pub(crate) fn with_search(train: &Panel, search: &CandidateSearch, observer: &mut dyn Observer) -> Result<Self> {
        let extended = extended_to_horizon(train, search.task.horizon)?;
        let train = extended.as_ref().unwrap_or(train);
        let all: Vec<usize> = (0..train.count()).collect();
        Ok(Self::fit_known(train, &all, search, &HashMap::new(), observer))
    }

    /// Fits the series `which` of a panel whose covariates reach to the end of the horizon. The backtests `done` are not
    /// made again.
    fn fit_known(
        train: &Panel,
        which: &[usize],
        search: &CandidateSearch,
        done: &HashMap<usize, Vec<CandidateBacktest>>,
        observer: &mut dyn Observer,
    ) -> Self {
        let all: Vec<TimeSeries<'_>> = train.iter().collect();
        let task = &search.task;
        let mut progress = |done: usize, of: usize| {
            if observer.candidate(done, of) == Control::Stop {
                search.task.budget.stop();
            }
        };
        let fit = |index: usize, progress: Option<&mut dyn FnMut(usize, usize)>| {
            let done = done.get(&index).map_or(&[][..], Vec::as_slice);
            SeriesFit::new(&all[index], ExogenousData::if_any(train, index), search, done, progress)
        };
        let fits: Vec<SeriesFit> = match *which {
            [only] => vec![fit(only, Some(&mut progress))],
            _ => map_with_progress(which, |index| fit(*index, None), |done| progress(done, which.len())),
        };
        for epoch in fits.iter().filter(|_| which.len() == 1).flat_map(|fit| &fit.epochs) {
            // the training is over, so the answer has no effect
            let _ = observer.epoch(epoch);
        }
        let series_cut_short = fits.iter().filter(|fit| fit.is_cut_short).count();
        let (mut series, mut hindcasts) = (Vec::with_capacity(fits.len()), Vec::new());
        for (&index, fit) in which.iter().zip(fits) {
            let hindcast = |(cutoff, forecast)| Hindcast { series: index, cutoff, forecast };
            hindcasts.extend(fit.hindcasts.into_iter().map(hindcast));
            series.push(fit.model);
        }
        let covariates = train.covariates().columns().to_vec();
        let models = FittedLocal { horizon: task.horizon, levels: task.levels.clone(), covariates, series };
        Self { models, hindcasts, series_cut_short, prior: search.prior.clone() }
    }

    /// The notice that the budget was too short for all candidates.
    pub(crate) fn notice(&self) -> Option<FitNotice> {
        let (series, of) = (self.series_cut_short, self.models.series.len());
        (series > 0).then_some(FitNotice::CandidatesLeftOut { series, of })
    }
}

impl FittedLocal {
    /// Forecasts each series at some levels. Fails if covariates are missing, or not known for the horizon.
    pub(crate) fn predict_at(&self, history: &Panel, levels: &[f64]) -> Result<Vec<Forecast>> {
        let extended = self.with_covariates(history)?;
        let history = extended.as_ref().unwrap_or(history);
        let series: Vec<(usize, TimeSeries<'_>)> = history.iter().enumerate().collect();
        let is_single = series.len() == 1;
        let forecast = |(index, series): &(usize, TimeSeries<'_>)| {
            let exogenous = ExogenousData::if_any(history, *index);
            let fitted;
            let model = if let Some(model) = self.find(series.key) {
                model
            } else {
                // a series that was not in the training panel is fitted now, without networks
                let task = Task { levels: levels.to_vec(), ..Task::new(self.horizon) };
                let search = CandidateSearch {
                    max_hindcasts: 0,
                    steps_with_known_seasons: usize::MAX,
                    ..CandidateSearch::of(history, &task)
                };
                fitted = SeriesFit::new(series, exogenous, &search, &[], None).model;
                &fitted
            };
            model.forecast(series, self.horizon, levels, exogenous, is_single)
        };
        Ok(if is_single { vec![forecast(&series[0])] } else { series.par_iter().map(forecast).collect() })
    }

    /// The history with the covariates of the fit for the whole horizon; `None` without covariates.
    pub(crate) fn with_covariates(&self, history: &Panel) -> Result<Option<Panel>> {
        match self.covariates.as_slice() {
            [] if history.covariates().is_empty() => Ok(None),
            columns => extended_to_horizon(&history.with_matching_covariates(columns)?, self.horizon),
        }
    }

    /// The weights of the candidates of each series.
    pub(crate) fn ensemble_weights(&self) -> impl Iterator<Item = EnsembleWeights> {
        self.series.iter().map(SeriesModel::ensemble_weights)
    }

    /// The seasons of the panel. A short series has fewer.
    pub(crate) fn seasons(&self) -> Vec<usize> {
        let of_series = self.series.iter().map(|series| &series.seasons);
        of_series.max_by_key(|seasons| seasons.len()).cloned().unwrap_or_default()
    }

    /// The fitted model of a series. Series are sorted by key, as in every panel.
    pub(crate) fn find(&self, key: &[String]) -> Option<&SeriesModel> {
        self.series.binary_search_by(|model| model.key.as_slice().cmp(key)).ok().map(|at| &self.series[at])
    }

    pub(crate) fn weights(&self) -> Weights {
        let mut weights = Weights::default();
        for (series, model) in self.series.iter().enumerate() {
            for (candidate, weighted) in model.candidates.iter().enumerate() {
                if let Some(network) = &weighted.network {
                    weights.insert_part(&network_part(series, candidate), network.weights.clone());
                }
            }
        }
        weights
    }

    /// Moves the weights of the networks of a loaded model out of `weights`, whose shapes are checked.
    pub(crate) fn take_weights(&mut self, weights: &mut Weights) -> std::result::Result<(), String> {
        for (series, model) in self.series.iter_mut().enumerate() {
            for (candidate, weighted) in model.candidates.iter_mut().enumerate() {
                if let Some(network) = &mut weighted.network {
                    network.weights = weights.take_part(&network_part(series, candidate));
                    network.network()?;
                }
            }
        }
        Ok(())
    }

    pub(crate) fn is_valid(&self) -> bool {
        (1..=MAX_HORIZON).contains(&self.horizon)
            && levels_are_valid(&self.levels)
            && self.series.is_sorted_by(|a, b| a.key < b.key)
            && self.series.iter().all(|series| series.is_valid(self.horizon))
    }
}

/// The name of the weights of a candidate's network.
fn network_part(series: usize, candidate: usize) -> String {
    format!("series_{series}.candidate_{candidate}")
}

/// The panel with its covariates for the whole horizon; `None` for a panel without covariates.
fn extended_to_horizon(panel: &Panel, horizon: usize) -> Result<Option<Panel>> {
    if panel.covariates().is_empty() { Ok(None) } else { panel.for_horizon(horizon).map(Some) }
}
