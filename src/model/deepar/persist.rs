//! How a trained model is saved.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::model::deepar::categories;
use crate::model::deepar::categories::Category;
use crate::model::deepar::forecaster::FittedDeepAr;
use crate::model::deepar::inputs::View;
use crate::model::deepar::network::DeepArNetwork;
use crate::model::deepar::settings::DeepAr;
use crate::model::deepar::width_factors::WidthFactors;
use crate::model::nn;
use crate::model::nn::recurrent::Recurrent;
use crate::model::persist::{Persist, levels_are_sound};
use crate::model::weights::Weights;

/// What is saved of a trained model but its weights.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct DeepArState {
    horizon: usize,
    levels: Vec<f64>,
    seed: u64,
    view: View,
    categories: Vec<Category>,
    widths: WidthFactors,
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
            view: self.view.clone(),
            categories: self.categories.clone(),
            widths: self.widths,
            settings: self.settings.clone(),
        }
    }

    fn weights(&self) -> Weights {
        nn::weights::copy_out(self.network.store())
    }

    fn is_sound(state: &DeepArState) -> bool {
        let DeepArState { horizon, levels, view, categories, widths, settings, .. } = state;
        let factors = [widths.below, widths.above, view.typical, view.sizes.1];
        (1..=1 << 16).contains(horizon)
            && levels_are_sound(levels)
            && view.seasons.len() <= 2
            && view.seasons.iter().all(|m| (2..=1 << 12).contains(m))
            && (1..=1 << 16).contains(&view.context)
            && factors.iter().all(|x| x.is_finite() && *x > 0.0)
            && view.sizes.0.is_finite()
            && categories::are_sound(categories)
            && (1..=1 << 12).contains(&settings.hidden)
            && (1..=64).contains(&settings.layers)
            && (1..=1 << 16).contains(&settings.paths)
    }

    fn restore(state: DeepArState, weights: &mut Weights) -> Result<Self, String> {
        let DeepArState { horizon, levels, seed, view, categories, widths, settings } = state;
        let network = DeepArNetwork::new(settings.sizes(&view, &categories), &mut ChaCha8Rng::seed_from_u64(0));
        nn::weights::copy_in(network.store(), std::mem::take(weights))?;
        let hindcasts = Vec::new();
        Ok(Self { settings, network, view, categories, widths, horizon, levels, seed, hindcasts })
    }
}
