//! How the fitted automatic model is saved: either form of it, and the weights of its networks.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::model::auto::candidates::Candidate;
use crate::model::auto::intervals::Intervals;
use crate::model::auto::networks::Network;
use crate::model::auto::pooled::{FittedPooled, Mix};
use crate::model::auto::series_model::{SeriesModel, WeightedCandidate};
use crate::model::auto::{Auto, FittedSeries};
use crate::model::forecaster::Forecaster;
use crate::model::global::fitted::FittedGlobal;
use crate::model::global::persist::GlobalState;
use crate::model::model_files::ModelFiles;
use crate::model::parallel::Exclusive;
use crate::model::persist::{self, Persist, levels_are_sound};
use crate::model::segment::layout::Layout;
use crate::model::segment::network::SegmentNetwork;
use crate::model::weights::Weights;
use crate::panel::covariates::Covariate;

/// The longest season that is accepted, in steps: arithmetic on it stays in the range of the integers.
const MAX_SEASON: usize = 1 << 32;
/// The largest hidden state that is accepted.
const MAX_HIDDEN: usize = 1 << 9;
/// The longest horizon that is accepted, in steps.
const MAX_HORIZON: usize = 1 << 16;

/// The parts of a pooled model, by which their weights are named.
const GLOBAL_PART: &str = "global";
const SERIES_PART: &str = "each_series";

/// What is saved of either form of the fitted automatic model.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum AutoState {
    EachSeries(SeriesModelsState),
    Pooled(PooledState),
}

/// What is saved of a model for each series.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SeriesModelsState {
    horizon: usize,
    levels: Vec<f64>,
    covariates: Vec<Covariate>,
    series: Vec<SeriesModelState>,
}

/// What is saved of the model of one series.
#[derive(Debug, Serialize, Deserialize)]
struct SeriesModelState {
    key: Vec<String>,
    seasons: Vec<usize>,
    first: usize,
    unit: f64,
    origins: usize,
    candidates: Vec<CandidateState>,
    intervals: Intervals,
}

/// What is saved of a candidate.
#[derive(Debug, Serialize, Deserialize)]
struct CandidateState {
    #[serde(flatten)]
    candidate: Candidate,
    weight: f64,
    error: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    network: Option<NetworkState>,
}

/// What is saved of the network of a candidate but its weights.
#[derive(Debug, Serialize, Deserialize)]
struct NetworkState {
    hidden: usize,
    refines: bool,
    layout: Layout,
}

/// What is saved of a model of many series.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PooledState {
    horizon: usize,
    levels: Vec<f64>,
    mix: Mix,
    global: GlobalState,
    each_series: Option<SeriesModelsState>,
}

/// The fitted automatic model of these files.
///
/// # Errors
/// If they cannot be used.
pub(crate) fn load(files: &ModelFiles) -> Result<Box<dyn Forecaster>> {
    Ok(match persist::read_state(files)? {
        AutoState::EachSeries(state) => Box::new(persist::restore::<FittedSeries>(files, state)?),
        AutoState::Pooled(state) => Box::new(persist::restore::<FittedPooled>(files, state)?),
    })
}

impl Persist for FittedPooled {
    type State = PooledState;

    fn name(_: &PooledState) -> &'static str {
        Auto::NAME
    }

    fn state(&self) -> PooledState {
        PooledState {
            horizon: self.horizon,
            levels: self.levels.clone(),
            mix: self.mix.clone(),
            global: self.global.state(),
            each_series: self.each.as_ref().map(FittedSeries::state),
        }
    }

    fn weights(&self) -> Weights {
        let mut weights = Weights::default();
        weights.insert_part(GLOBAL_PART, self.global.weights());
        if let Some(each) = &self.each {
            weights.insert_part(SERIES_PART, each.weights());
        }
        weights
    }

    fn files(&self) -> ModelFiles {
        persist::files_of(Auto::NAME, &AutoState::Pooled(self.state()), &self.weights())
    }

    fn is_sound(state: &PooledState) -> bool {
        let PooledState { horizon, levels, mix, global, each_series } = state;
        let fits = |of: (usize, &[f64])| of == (*horizon, levels.as_slice());
        mix.widths.len() == horizon * levels.len()
            && mix.widths.iter().all(|width| width.is_finite() && *width >= 0.0)
            && (0.0..=1.0).contains(&mix.share)
            && fits(global.task())
            && FittedGlobal::is_sound(global)
            && each_series
                .as_ref()
                .is_none_or(|each| fits((each.horizon, &each.levels)) && FittedSeries::is_sound(each))
    }

    fn restore(state: PooledState, weights: &mut Weights) -> std::result::Result<Self, String> {
        let PooledState { horizon, levels, mix, global, each_series } = state;
        let global = FittedGlobal::restore(global, &mut weights.take_part(GLOBAL_PART))?;
        let mut rest = weights.take_part(SERIES_PART);
        let each = each_series.map(|each| FittedSeries::restore(each, &mut rest)).transpose()?;
        rest.check_all_taken()?;
        Ok(Self { global, each, mix, horizon, levels, hindcasts: Vec::new() })
    }
}

fn network_name(series: usize, candidate: usize) -> String {
    format!("series_{series}.candidate_{candidate}")
}

impl Persist for FittedSeries {
    type State = SeriesModelsState;

    fn name(_: &SeriesModelsState) -> &'static str {
        Auto::NAME
    }

    fn state(&self) -> SeriesModelsState {
        SeriesModelsState {
            horizon: self.horizon,
            levels: self.levels.clone(),
            covariates: self.covariates.clone(),
            series: self.series.iter().map(SeriesModelState::of).collect(),
        }
    }

    fn weights(&self) -> Weights {
        let mut weights = Weights::default();
        for (number, series) in self.series.iter().enumerate() {
            for (place, candidate) in series.members.iter().enumerate() {
                if let Some(network) = &candidate.network {
                    let network = network.lock();
                    weights.insert_part(&network_name(number, place), network.segmented.weights());
                }
            }
        }
        weights
    }

    fn files(&self) -> ModelFiles {
        persist::files_of(Auto::NAME, &AutoState::EachSeries(self.state()), &self.weights())
    }

    fn is_sound(state: &SeriesModelsState) -> bool {
        (1..=MAX_HORIZON).contains(&state.horizon)
            && levels_are_sound(&state.levels)
            && state.series.is_sorted_by(|a, b| a.key < b.key)
            && state.series.iter().all(|series| series.is_sound(state.horizon))
    }

    fn restore(state: SeriesModelsState, weights: &mut Weights) -> std::result::Result<Self, String> {
        let SeriesModelsState { horizon, levels, covariates, series } = state;
        let series = series.into_iter().enumerate().map(|(number, series)| series.restore(number, weights));
        let series = series.collect::<std::result::Result<Vec<_>, String>>()?;
        Ok(Self { horizon, levels, covariates, series, hindcasts: Vec::new() })
    }
}

impl SeriesModelState {
    fn of(fitted: &SeriesModel) -> Self {
        let candidate = |weighted: &WeightedCandidate| {
            let WeightedCandidate { member, weight, error, ref network } = *weighted;
            let network = network.as_ref().map(|network| {
                let Network { segmented, refines, .. } = &*network.lock();
                NetworkState { hidden: segmented.hidden(), refines: *refines, layout: segmented.layout().clone() }
            });
            CandidateState { candidate: member, weight, error, network }
        };
        Self {
            key: fitted.key.clone(),
            seasons: fitted.seasons.clone(),
            first: fitted.first,
            unit: fitted.unit,
            origins: fitted.origins,
            candidates: fitted.members.iter().map(candidate).collect(),
            intervals: fitted.bands.clone(),
        }
    }

    fn is_sound(&self, horizon: usize) -> bool {
        let candidate_is_sound = |candidate: &CandidateState| {
            candidate.candidate.is_sound(MAX_SEASON)
                && (0.0..=1.0).contains(&candidate.weight)
                && candidate.network.as_ref().is_none_or(|network| {
                    (1..=MAX_HIDDEN).contains(&network.hidden) && network.layout.is_sound(horizon)
                })
        };
        self.seasons.iter().all(|m| (2..=MAX_SEASON).contains(m))
            && self.unit.is_finite()
            && self.unit > 0.0
            && self.intervals.is_sound(horizon)
            && self.candidates.iter().all(candidate_is_sound)
    }

    fn restore(self, number: usize, weights: &mut Weights) -> std::result::Result<SeriesModel, String> {
        let mut members = Vec::with_capacity(self.candidates.len());
        for (place, CandidateState { candidate, weight, error, network }) in self.candidates.into_iter().enumerate() {
            let network = match network {
                Some(NetworkState { hidden, refines, layout }) => {
                    let weights = weights.take_part(&network_name(number, place));
                    let segmented = SegmentNetwork::with_weights(layout, hidden, weights)?;
                    Some(Exclusive::new(Network { segmented, refines, epochs: Vec::new() }))
                }
                None => None,
            };
            members.push(WeightedCandidate { member: candidate, weight, error, network });
        }
        Ok(SeriesModel {
            key: self.key,
            seasons: self.seasons,
            first: self.first,
            unit: self.unit,
            origins: self.origins,
            members,
            bands: self.intervals,
            latest: None,
        })
    }
}
