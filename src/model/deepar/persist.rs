//! The model in a folder: `settings.json`, and `weights.safetensors`.

use crate::model::deepar::categories;
use crate::model::registry;
use std::path::Path;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::model::deepar::categories::Category;
use crate::model::deepar::forecaster::FittedDeepAr;
use crate::model::deepar::inputs::View;
use crate::model::deepar::network::DeepArNetwork;
use crate::model::deepar::settings::DeepAr;
use crate::model::deepar::width_factors::Widths;
use crate::model::forecaster::Forecaster;

const WEIGHTS: &str = "weights.safetensors";
const VERSION: u32 = 1;

/// What stands in `settings.json`.
#[derive(Serialize, Deserialize)]
struct Saved {
    model: String,
    version: u32,
    horizon: usize,
    levels: Vec<f64>,
    seed: u64,
    view: View,
    categories: Vec<Category>,
    widths: Widths,
    settings: DeepAr,
}

pub(crate) fn save(fitted: &FittedDeepAr, folder: &Path) -> Result<()> {
    let settings = Saved {
        model: DeepAr::NAME.into(),
        version: VERSION,
        horizon: fitted.horizon,
        levels: fitted.levels.clone(),
        seed: fitted.seed,
        view: fitted.view.clone(),
        categories: fitted.categories.clone(),
        widths: fitted.widths,
        settings: fitted.settings.clone(),
    };
    registry::write_settings(folder, &settings)?;
    fitted.network.save(&folder.join(WEIGHTS))
}

/// Reads a folder whose settings name this model.
pub(crate) fn load(folder: &Path) -> Result<Box<dyn Forecaster>> {
    let saved: Saved = registry::read_versioned(folder, VERSION)?;
    if !saved.is_sound() {
        return Err(registry::unusable(folder, "the sizes in its settings do not fit together"));
    }
    let Saved { horizon, levels, seed, view, categories, widths, settings, .. } = saved;
    let mut network = DeepArNetwork::new(settings.sizes(&view, &categories), &mut ChaCha8Rng::seed_from_u64(0));
    network
        .load(&folder.join(WEIGHTS))
        .map_err(|reason| registry::unusable(folder, &format!("{WEIGHTS}: {reason}")))?;
    let hindcasts = Vec::new();
    Ok(Box::new(FittedDeepAr { settings, network, view, categories, widths, horizon, levels, seed, hindcasts }))
}

impl Saved {
    fn is_sound(&self) -> bool {
        let Self { horizon, levels, view, categories, widths, settings, .. } = self;
        let factors = [widths.below, widths.above, view.typical, view.sizes.1];
        self.model == DeepAr::NAME
            && (1..=1 << 16).contains(horizon)
            && registry::levels_are_sound(levels)
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
}
