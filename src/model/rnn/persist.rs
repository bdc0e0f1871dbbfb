//! The saved form of a trained network.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::model::fit::Model;
use crate::model::nn::batch::Recurrent;
use crate::model::nn::network::{Network, NetworkShape};
use crate::model::nn::tensor;
use crate::model::persist::{Persist, levels_are_valid};
use crate::model::rnn::forecaster::FittedRnn;
use crate::model::rnn::settings::{Head, Rnn};
use crate::model::weights::Weights;

/// The saved state of a trained network, without its weights.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RnnState {
    horizon: usize,
    levels: Vec<f64>,
    seasons: Vec<usize>,
    best_epoch: usize,
    shape: NetworkShape,
    /// The quantiles of path errors [horizon * levels], of a recursive head or a decoder.
    error_quantiles: Option<Vec<f32>>,
    settings: Rnn,
}

impl Persist for FittedRnn {
    type State = RnnState;

    fn name(state: &RnnState) -> &'static str {
        state.settings.name()
    }

    fn state(&self) -> RnnState {
        RnnState {
            horizon: self.horizon,
            levels: self.levels.clone(),
            seasons: self.seasons.clone(),
            best_epoch: self.best_epoch,
            shape: self.network.shape(),
            error_quantiles: self.error_quantiles.clone(),
            settings: self.settings.clone(),
        }
    }

    fn weights(&self) -> Weights {
        tensor::weights_of(self.network.store())
    }

    fn is_valid(state: &RnnState) -> bool {
        let RnnState { settings, horizon, levels, seasons, error_quantiles, shape, .. } = state;
        let error_quantiles_fit = match error_quantiles {
            None => settings.head == Head::Direct,
            Some(quantiles) => settings.head != Head::Direct && quantiles.len() == horizon * levels.len(),
        };
        (1..=1 << 16).contains(horizon)
            && (1..=1 << 16).contains(&settings.hidden)
            && (1..=64).contains(&settings.layers)
            && seasons.iter().all(|m| *m > 1)
            && levels_are_valid(levels)
            && *shape == settings.shape(seasons, *horizon, levels)
            && error_quantiles_fit
    }

    fn restore(state: RnnState, weights: &mut Weights) -> Result<Self, String> {
        let network = Network::new(state.shape, &mut ChaCha8Rng::seed_from_u64(0));
        tensor::set_weights(network.store(), std::mem::take(weights))?;
        Ok(Self {
            settings: state.settings,
            network,
            horizon: state.horizon,
            levels: state.levels,
            seasons: state.seasons,
            best_epoch: state.best_epoch,
            error_quantiles: state.error_quantiles,
        })
    }
}
