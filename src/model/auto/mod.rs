//! The default model: statistical baselines, autoregressions and recurrent networks, weighed by how well each forecast
//! the past.
//!
//! For each series every member is tried at up to eight rolling origins and weighed by its errors there; what the blend
//! of them got wrong at those origins makes the bands (combining: Bates & Granger 1969, *The combination of forecasts*,
//! Operational Research Quarterly 20(4)). Short histories go down a ladder: below eight values nothing can be tried and
//! the naive guess shares with Theta; a constant stays what it is; counts that are often zero go to methods for counts.
//! Where there are many series one model that learns from all of them forecasts better than one for each: see
//! [`super::global`].

pub(crate) mod candidates;
pub(crate) mod epoch_recorder;
pub(crate) mod intervals;
pub(crate) mod networks;
pub(crate) mod origins;
pub(crate) mod persist;
pub(crate) mod pooled;
pub(crate) mod series_model;
pub(crate) mod weights;
pub(crate) mod year_end;

use crate::model::parallel::map_with_progress;
use rayon::prelude::*;

use serde::{Deserialize, Serialize};

use crate::budget::{Budget, shares};
use crate::error::{Error, Result};
use crate::forecast::quantile_forecast::Forecast;
use crate::model::auto::candidates::FitContext;
use crate::model::auto::series_model::{OriginForecast, SeriesFit, SeriesModel};
use crate::model::ensemble_weights::EnsembleWeights;
use crate::model::forecaster::{Forecaster, Model};
use crate::model::hindcast::Hindcast;
use crate::model::model_files::ModelFiles;
use crate::model::observer::{Control, Observer};
use crate::model::persist::Persist;
use crate::model::regression::series_view::ExogenousData;
use crate::model::task::Task;
use crate::panel::Panel;
use crate::panel::covariates::Covariate;
use crate::panel::series::TimeSeries;

/// The settings of the default model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Auto {
    /// Panels of more series than this are forecast without a network for each.
    pub network_series: usize,
    /// Panels of more series than this are forecast without the members that take longest.
    pub thorough_series: usize,
    /// Panels of at least so many series are also forecast by one [global](super::global) model that learns from all of them.
    pub global_series: usize,
}

impl Auto {
    /// The name it is asked for by.
    pub const NAME: &str = "auto";
}

impl Default for Auto {
    fn default() -> Self {
        Self { network_series: 4, thorough_series: 50, global_series: 400 }
    }
}

impl Model for Auto {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn uses_covariates(&self) -> bool {
        true
    }

    fn fit(&self, train: &Panel, task: &Task, observer: &mut dyn Observer) -> Result<Box<dyn Forecaster>> {
        if train.covariates().is_empty() && train.count() >= self.global_series {
            match pooled::fit(self, train, task, observer) {
                Err(Error::TooShort { .. }) => {}
                learned => return Ok(Box::new(learned?)),
            }
        }
        let all: Vec<usize> = (0..train.count()).collect();
        Ok(Box::new(self.fit_each(train, &all, task, observer)?))
    }
}

impl Auto {
    /// Learns some series of a panel, each by itself.
    fn fit_each(
        &self,
        train: &Panel,
        which: &[usize],
        task: &Task,
        observer: &mut dyn Observer,
    ) -> Result<FittedSeries> {
        let tools = FitContext {
            networks: train.count() <= self.network_series,
            thorough: train.count() <= self.thorough_series,
            // a global model has one held-out horizon to be compared over
            records: if train.count() < self.global_series { SeriesModel::HINDCASTS } else { 1 },
            seed: task.seed,
            budget: task.budget.split(shares::CANDIDATES),
        };
        let reaching = reaching(train, task.horizon)?;
        let train = reaching.as_ref().unwrap_or(train);
        let seasons = train.seasons();
        let (horizon, levels) = (task.horizon, task.levels.as_slice());
        let all: Vec<TimeSeries<'_>> = train.iter().collect();
        let series: Vec<TimeSeries<'_>> = which.iter().map(|i| all[*i]).collect();
        let budget = &tools.budget;
        let mut tried = |done: usize, of: usize| {
            if observer.tried(done, of) == Control::Stop {
                budget.stop();
            }
        };
        let outcomes: Vec<SeriesFit> = if let ([only], [number]) = (series.as_slice(), which) {
            vec![SeriesModel::of(only, &seasons, horizon, levels, beside(train, *number), &tools, Some(&mut tried))]
        } else {
            let numbered: Vec<(usize, &TimeSeries<'_>)> = which.iter().copied().zip(&series).collect();
            let one = |(number, one): &(usize, &TimeSeries<'_>)| {
                SeriesModel::of(one, &seasons, horizon, levels, beside(train, *number), &tools, None)
            };
            map_with_progress(&numbered, one, |done| tried(done, series.len()))
        };
        let alone = series.len() == 1;
        let mut fitted = FittedSeries {
            horizon,
            levels: task.levels.clone(),
            covariates: train.covariates().columns().to_vec(),
            series: Vec::new(),
            hindcasts: Vec::new(),
        };
        for (number, SeriesFit { learned, hindcasts, epochs }) in outcomes.into_iter().enumerate() {
            let hindcast = |OriginForecast { cutoff, rows }| {
                let known = series[number].first(cutoff);
                Hindcast { series: which[number], cutoff, forecast: Forecast::after(&known, levels, rows) }
            };
            fitted.hindcasts.extend(hindcasts.into_iter().map(hindcast));
            fitted.series.push(learned);
            if alone {
                // it is over by now, whatever the answer
                for epoch in &epochs {
                    let _ = observer.epoch(epoch);
                }
            }
        }
        Ok(fitted)
    }
}

/// What was learned of every series.
#[derive(Debug)]
pub(crate) struct FittedSeries {
    horizon: usize,
    levels: Vec<f64>,
    /// What stood beside the series that it was learned from.
    covariates: Vec<Covariate>,
    series: Vec<SeriesModel>,
    hindcasts: Vec<Hindcast>,
}

impl FittedSeries {
    /// Other series of the same panel, learned to the same task.
    fn add(&mut self, other: Self) {
        self.series.extend(other.series);
        self.series.sort_by(|a, b| a.key.cmp(&b.key));
        self.hindcasts.extend(other.hindcasts);
        self.hindcasts.sort_by_key(|hindcast| hindcast.series);
    }
}

impl Forecaster for FittedSeries {
    fn predict(&self, history: &Panel) -> Result<Vec<Forecast>> {
        let known = match self.covariates.as_slice() {
            [] if history.covariates().is_empty() => None,
            learned => reaching(&history.like(learned)?, self.horizon)?,
        };
        let history = known.as_ref().unwrap_or(history);
        let series: Vec<(usize, TimeSeries<'_>)> = history.iter().enumerate().collect();
        let seasons = history.seasons();
        let alone = series.len() == 1;
        let one = |(number, one): &(usize, TimeSeries<'_>)| {
            let beside = beside(history, *number);
            // series are in the order of their keys, as in every panel
            if let Ok(at) = self.series.binary_search_by(|learned| learned.key.as_slice().cmp(one.key)) {
                return self.series[at].forecast(one, self.horizon, &self.levels, beside, alone);
            }
            // a series that was not there to learn from: all but networks is learned from its history now
            let tools =
                FitContext { networks: false, thorough: true, records: 0, seed: 0, budget: Budget::unlimited() };
            let SeriesFit { learned, .. } =
                SeriesModel::of(one, &seasons, self.horizon, &self.levels, beside, &tools, None);
            learned.forecast(one, self.horizon, &self.levels, beside, alone)
        };
        Ok(if alone { vec![one(&series[0])] } else { series.par_iter().map(one).collect() })
    }

    fn hindcasts(&self) -> &[Hindcast] {
        &self.hindcasts
    }

    fn weighing(&self) -> Vec<EnsembleWeights> {
        self.series.iter().map(SeriesModel::weighing).collect()
    }

    fn covariates(&self) -> &[Covariate] {
        &self.covariates
    }

    fn to_files(&self) -> ModelFiles {
        self.files()
    }
}

/// The panel with what is known ahead for all of a horizon; `None` where nothing stands beside it.
fn reaching(panel: &Panel, horizon: usize) -> Result<Option<Panel>> {
    if panel.covariates().is_empty() { Ok(None) } else { panel.for_horizon(horizon).map(Some) }
}

/// What stands beside one series of a panel.
fn beside(panel: &Panel, series: usize) -> Option<ExogenousData<'_>> {
    let covariates = panel.covariates();
    (!covariates.is_empty()).then(|| ExogenousData { columns: covariates.columns(), values: covariates.values(series) })
}
