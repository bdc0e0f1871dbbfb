//! Saving of the fitted automatic model in its two forms, local and pooled, with the weights of its networks.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::model::auto::candidates::candidate::Candidate;
use crate::model::auto::candidates::network::CandidateNetwork;
use crate::model::auto::intervals::Intervals;
use crate::model::auto::local::FittedLocal;
use crate::model::auto::pooled::FittedPooled;
use crate::model::auto::pooled_mixture::PooledMixture;
use crate::model::auto::series_model::{SeriesModel, WeightedCandidate};
use crate::model::auto::settings::Auto;
use crate::model::forecaster::Forecaster;
use crate::model::global::fitted::{FittedGlobal, GlobalState};
use crate::model::model_files::ModelFiles;
use crate::model::parallel::Exclusive;
use crate::model::persist::{self, Persist, levels_are_valid};
use crate::model::segment::layout::Layout;
use crate::model::segment::network::SegmentNetwork;
use crate::model::weights::Weights;
use crate::panel::covariates::Covariate;

/// The longest season that is accepted, in steps. Arithmetic on it does not overflow.
const MAX_SEASON: usize = 1 << 32;
/// The largest hidden state that is accepted.
const MAX_HIDDEN: usize = 1 << 9;
/// The longest horizon that is accepted, in steps.
const MAX_HORIZON: usize = 1 << 16;

/// The parts of a pooled model, by which their weights are named.
const GLOBAL_PART: &str = "global";
const LOCAL_PART: &str = "local";

/// The saved state of either form of the fitted automatic model.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "one value exists for a moment, while a model is saved or loaded")]
enum AutoState {
    Local(LocalState),
    Pooled(PooledState),
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct LocalState {
    horizon: usize,
    levels: Vec<f64>,
    covariates: Vec<Covariate>,
    series: Vec<SeriesModelState>,
}

#[derive(Debug, Serialize, Deserialize)]
struct SeriesModelState {
    key: Vec<String>,
    seasons: Vec<usize>,
    first_cutoff: usize,
    scale: f64,
    origins: usize,
    candidates: Vec<CandidateState>,
    intervals: Intervals,
}

#[derive(Debug, Serialize, Deserialize)]
struct CandidateState {
    #[serde(flatten)]
    candidate: Candidate,
    weight: f64,
    error: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    network: Option<NetworkState>,
}

/// The saved state of the network of a candidate, without its weights.
#[derive(Debug, Serialize, Deserialize)]
struct NetworkState {
    hidden: usize,
    on_ridge: bool,
    layout: Layout,
}

/// The saved state of a global model and its local models.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PooledState {
    horizon: usize,
    levels: Vec<f64>,
    mixture: PooledMixture,
    global: GlobalState,
    local: Option<LocalState>,
}

/// The fitted automatic model of these files.
///
/// # Errors
/// If they cannot be used.
pub(crate) fn load(files: &ModelFiles) -> Result<Box<dyn Forecaster>> {
    Ok(match persist::read_state(files)? {
        AutoState::Local(state) => Box::new(persist::restore::<FittedLocal>(files, state)?),
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
            mixture: self.mixture.clone(),
            global: self.global.state(),
            local: self.local.as_ref().map(FittedLocal::state),
        }
    }

    fn weights(&self) -> Weights {
        let mut weights = Weights::default();
        weights.insert_part(GLOBAL_PART, self.global.weights());
        if let Some(local) = &self.local {
            weights.insert_part(LOCAL_PART, local.weights());
        }
        weights
    }

    fn files(&self) -> ModelFiles {
        persist::files_of(Auto::NAME, &AutoState::Pooled(self.state()), &self.weights())
    }

    fn is_valid(state: &PooledState) -> bool {
        let PooledState { horizon, levels, mixture, global, local } = state;
        let fits = |of: (usize, &[f64])| of == (*horizon, levels.as_slice());
        mixture.width_factors.len() == horizon * levels.len()
            && mixture.width_factors.iter().all(|factor| factor.is_finite() && *factor >= 0.0)
            && (0.0..=1.0).contains(&mixture.global_weight)
            && fits((global.horizon, &global.levels))
            && FittedGlobal::is_valid(global)
            && local.as_ref().is_none_or(|local| fits((local.horizon, &local.levels)) && FittedLocal::is_valid(local))
    }

    fn restore(state: PooledState, weights: &mut Weights) -> std::result::Result<Self, String> {
        let PooledState { horizon, levels, mixture, global, local } = state;
        let global = FittedGlobal::restore(global, &mut weights.take_part(GLOBAL_PART))?;
        let mut local_weights = weights.take_part(LOCAL_PART);
        let local = local.map(|local| FittedLocal::restore(local, &mut local_weights)).transpose()?;
        local_weights.check_all_taken()?;
        Ok(Self { global, local, mixture, horizon, levels, hindcasts: Vec::new(), notices: Vec::new() })
    }
}

/// The name of the weights of a candidate's network.
fn network_part(series: usize, candidate: usize) -> String {
    format!("series_{series}.candidate_{candidate}")
}

impl Persist for FittedLocal {
    type State = LocalState;

    fn name(_: &LocalState) -> &'static str {
        Auto::NAME
    }

    fn state(&self) -> LocalState {
        LocalState {
            horizon: self.horizon,
            levels: self.levels.clone(),
            covariates: self.covariates.clone(),
            series: self.series.iter().map(SeriesModelState::of).collect(),
        }
    }

    fn weights(&self) -> Weights {
        let mut weights = Weights::default();
        for (series_index, series) in self.series.iter().enumerate() {
            for (index, candidate) in series.candidates.iter().enumerate() {
                if let Some(network) = &candidate.network {
                    let network = network.lock();
                    weights.insert_part(&network_part(series_index, index), network.network.weights());
                }
            }
        }
        weights
    }

    fn files(&self) -> ModelFiles {
        persist::files_of(Auto::NAME, &AutoState::Local(self.state()), &self.weights())
    }

    fn is_valid(state: &LocalState) -> bool {
        (1..=MAX_HORIZON).contains(&state.horizon)
            && levels_are_valid(&state.levels)
            && state.series.is_sorted_by(|a, b| a.key < b.key)
            && state.series.iter().all(|series| series.is_valid(state.horizon))
    }

    fn restore(state: LocalState, weights: &mut Weights) -> std::result::Result<Self, String> {
        let LocalState { horizon, levels, covariates, series } = state;
        let series = series.into_iter().enumerate().map(|(index, series)| series.restore(index, weights));
        let series = series.collect::<std::result::Result<Vec<_>, String>>()?;
        Ok(Self { horizon, levels, covariates, series, hindcasts: Vec::new(), series_cut_short: 0 })
    }
}

impl SeriesModelState {
    fn of(fitted: &SeriesModel) -> Self {
        let candidate = |weighted: &WeightedCandidate| {
            let WeightedCandidate { candidate, weight, error, ref network } = *weighted;
            let network = network.as_ref().map(|network| {
                let CandidateNetwork { network, on_ridge, .. } = &*network.lock();
                NetworkState { hidden: network.hidden(), on_ridge: *on_ridge, layout: network.layout.clone() }
            });
            CandidateState { candidate, weight, error, network }
        };
        Self {
            key: fitted.key.clone(),
            seasons: fitted.seasons.clone(),
            first_cutoff: fitted.first_cutoff,
            scale: fitted.scale,
            origins: fitted.origins,
            candidates: fitted.candidates.iter().map(candidate).collect(),
            intervals: fitted.intervals.clone(),
        }
    }

    fn is_valid(&self, horizon: usize) -> bool {
        let candidate_is_sound = |candidate: &CandidateState| {
            candidate.candidate.is_valid(MAX_SEASON)
                && (0.0..=1.0).contains(&candidate.weight)
                && candidate.network.as_ref().is_none_or(|network| {
                    (1..=MAX_HIDDEN).contains(&network.hidden) && network.layout.is_valid(horizon)
                })
        };
        self.seasons.iter().all(|m| (2..=MAX_SEASON).contains(m))
            && self.scale.is_finite()
            && self.scale > 0.0
            && self.intervals.is_valid(horizon)
            && self.candidates.iter().all(candidate_is_sound)
    }

    fn restore(self, series_index: usize, weights: &mut Weights) -> std::result::Result<SeriesModel, String> {
        let mut candidates = Vec::with_capacity(self.candidates.len());
        for (index, CandidateState { candidate, weight, error, network }) in self.candidates.into_iter().enumerate() {
            let network = match network {
                Some(NetworkState { hidden, on_ridge, layout }) => {
                    let weights = weights.take_part(&network_part(series_index, index));
                    let network = SegmentNetwork::with_weights(layout, hidden, weights)?;
                    Some(Exclusive::new(CandidateNetwork { network, on_ridge, epochs: Vec::new() }))
                }
                None => None,
            };
            candidates.push(WeightedCandidate { candidate, weight, error, network });
        }
        Ok(SeriesModel {
            key: self.key,
            seasons: self.seasons,
            first_cutoff: self.first_cutoff,
            scale: self.scale,
            origins: self.origins,
            candidates,
            intervals: self.intervals,
            cached: None,
        })
    }
}
