//! Saving of a fitted network.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::model::deepar::fitted::FittedDeepAr;
use crate::model::deepar::inputs::InputConfig;
use crate::model::deepar::network::DeepArNetwork;
use crate::model::deepar::settings::DeepAr;
use crate::model::deepar::static_features::{self, StaticFeature};
use crate::model::deepar::width_factors::WidthFactors;
use crate::model::nn::batch::Recurrent;
use crate::model::nn::tensor;
use crate::model::persist::{Persist, levels_are_valid};
use crate::model::weights::Weights;

/// Everything that is saved, except the weights.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct DeepArState {
    horizon: usize,
    levels: Vec<f64>,
    seed: u64,
    input_config: InputConfig,
    static_features: Vec<StaticFeature>,
    width_factors: WidthFactors,
    settings: DeepAr,
}

impl Persist for FittedDeepAr {
    type State = DeepArState;

    fn name(_: &DeepArState) -> &'static str {
        DeepAr::NAME
    }

    fn state(&self) -> DeepArState {
        DeepArState {
            horizon: self.horizon,
            levels: self.levels.clone(),
            seed: self.seed,
            input_config: self.input_config.clone(),
            static_features: self.static_features.clone(),
            width_factors: self.width_factors,
            settings: self.settings.clone(),
        }
    }

    fn weights(&self) -> Weights {
        tensor::weights_of(self.network.store())
    }

    fn is_valid(state: &DeepArState) -> bool {
        let DeepArState { horizon, levels, input_config, static_features, width_factors, settings, .. } = state;
        let WidthFactors { below, above } = *width_factors;
        let positive = [below, above, input_config.typical_step, input_config.log_size_deviation];
        (1..=1 << 16).contains(horizon)
            && levels_are_valid(levels)
            && input_config.seasons.len() <= 2
            && input_config.seasons.iter().all(|m| (2..=1 << 12).contains(m))
            && (1..=1 << 16).contains(&input_config.context)
            && positive.iter().all(|x| x.is_finite() && *x > 0.0)
            && input_config.log_size_mean.is_finite()
            && static_features::are_valid(static_features)
            && (1..=1 << 12).contains(&settings.hidden)
            && (1..=64).contains(&settings.layers)
            && (1..=1 << 16).contains(&settings.paths)
    }

    fn restore(state: DeepArState, weights: &mut Weights) -> Result<Self, String> {
        let DeepArState { horizon, levels, seed, input_config, static_features, width_factors, settings } = state;
        let config = settings.network_config(&input_config, &static_features);
        let network = DeepArNetwork::new(config, &mut ChaCha8Rng::seed_from_u64(0));
        tensor::set_weights(network.store(), std::mem::take(weights))?;
        Ok(Self { settings, network, input_config, static_features, width_factors, horizon, levels, seed })
    }
}
