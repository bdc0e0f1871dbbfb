//! The fitted automatic model in its two forms, and how it is saved.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::forecast::quantile_forecast::Forecast;
use crate::model::auto::local::FittedLocal;
use crate::model::auto::pooled::FittedPooled;
use crate::model::auto::pooled_mixture::PooledMixture;
use crate::model::auto::settings::Auto;
use crate::model::forecaster::Forecaster;
use crate::model::global::fitted::{FittedGlobal, GlobalState};
use crate::model::persist::{ModelFiles, Persist};
use crate::model::weights::Weights;
use crate::panel::Panel;
use crate::panel::covariates::Covariate;

/// The parts of a pooled model, by which their weights are named.
const GLOBAL_PART: &str = "global";
const LOCAL_PART: &str = "local";

#[derive(Debug)]
pub(crate) enum FittedAuto {
    Local(FittedLocal),
    Pooled(Box<FittedPooled>),
}

impl Forecaster for FittedAuto {
    fn predict(&self, history: &Panel) -> Result<Vec<Forecast>> {
        match self {
            Self::Local(local) => local.predict(history),
            Self::Pooled(pooled) => pooled.predict(history),
        }
    }

    fn covariates(&self) -> &[Covariate] {
        match self {
            Self::Local(local) => &local.covariates,
            Self::Pooled(_) => &[],
        }
    }

    fn to_files(&self) -> ModelFiles {
        self.files()
    }
}

/// Everything that is saved, except the weights.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "one value exists for a moment, while a model is saved or loaded")]
pub(crate) enum AutoState {
    Local(FittedLocal),
    Pooled(PooledState),
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PooledState {
    horizon: usize,
    levels: Vec<f64>,
    mixture: PooledMixture,
    global: GlobalState,
    local: Option<FittedLocal>,
}

impl PooledState {
    fn is_valid(&self) -> bool {
        let task = (self.horizon, self.levels.as_slice());
        self.mixture.is_valid(self.horizon * self.levels.len())
            && (self.global.horizon, &*self.global.levels) == task
            && FittedGlobal::is_valid(&self.global)
            && self.local.as_ref().is_none_or(|local| (local.horizon, &*local.levels) == task && local.is_valid())
    }
}

impl Persist for FittedAuto {
    type State = AutoState;

    fn name(_: &AutoState) -> &'static str {
        Auto::NAME
    }

    fn state(&self) -> AutoState {
        match self {
            Self::Local(local) => AutoState::Local(local.clone()),
            Self::Pooled(pooled) => AutoState::Pooled(PooledState {
                horizon: pooled.global.state.horizon,
                levels: pooled.global.state.levels.clone(),
                mixture: pooled.mixture.clone(),
                global: pooled.global.state(),
                local: pooled.local.clone(),
            }),
        }
    }

    fn weights(&self) -> Weights {
        match self {
            Self::Local(local) => local.weights(),
            Self::Pooled(pooled) => {
                let mut weights = Weights::default();
                weights.insert_part(GLOBAL_PART, pooled.global.weights());
                if let Some(local) = &pooled.local {
                    weights.insert_part(LOCAL_PART, local.weights());
                }
                weights
            }
        }
    }

    fn is_valid(state: &AutoState) -> bool {
        match state {
            AutoState::Local(local) => local.is_valid(),
            AutoState::Pooled(pooled) => pooled.is_valid(),
        }
    }

    fn restore(state: AutoState, weights: &mut Weights) -> std::result::Result<Self, String> {
        match state {
            AutoState::Local(mut local) => {
                local.take_weights(weights)?;
                Ok(Self::Local(local))
            }
            AutoState::Pooled(PooledState { mixture, global, mut local, .. }) => {
                let global = FittedGlobal::restore(global, &mut weights.take_part(GLOBAL_PART))?;
                let mut local_weights = weights.take_part(LOCAL_PART);
                if let Some(local) = &mut local {
                    local.take_weights(&mut local_weights)?;
                }
                local_weights.check_all_taken()?;
                Ok(Self::Pooled(Box::new(FittedPooled { global, local, mixture })))
            }
        }
    }
}
