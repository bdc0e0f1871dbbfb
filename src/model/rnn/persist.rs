//! A trained network in a folder: `settings.json`, and `weights.safetensors`.

use crate::model::registry;
use std::path::Path;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::model::forecaster::{Forecaster, Model};
use crate::model::nn::network::{Network, Shape};
use crate::model::nn::train::Recurrent;
use crate::model::rnn::forecaster::FittedRnn;
use crate::model::rnn::settings::{Head, Rnn};

const WEIGHTS: &str = "weights.safetensors";
const VERSION: u32 = 1;

/// What stands in `settings.json` beside the settings themselves.
#[derive(Serialize, Deserialize)]
struct Saved {
    model: String,
    version: u32,
    horizon: usize,
    levels: Vec<f64>,
    seasons: Vec<usize>,
    best_epoch: usize,
    shape: Shape,
    /// [horizon * levels], of a head that hears itself.
    bands: Option<Vec<f32>>,
    settings: Rnn,
}

pub(crate) fn save(fitted: &FittedRnn, folder: &Path) -> Result<()> {
    let settings = Saved {
        model: fitted.settings.name().into(),
        version: VERSION,
        horizon: fitted.horizon,
        levels: fitted.levels.clone(),
        seasons: fitted.seasons.clone(),
        best_epoch: fitted.best_epoch,
        shape: fitted.network.shape(),
        bands: fitted.bands.clone(),
        settings: fitted.settings.clone(),
    };
    registry::write_settings(folder, &settings)?;
    fitted.network.store().save(folder.join(WEIGHTS)).map_err(Error::torch)
}

/// Reads a folder whose settings name a network.
pub(crate) fn load(folder: &Path) -> Result<Box<dyn Forecaster>> {
    let saved: Saved = registry::read_versioned(folder, VERSION)?;
    if !saved.is_sound() {
        return Err(registry::unusable(folder, "the sizes in its settings do not fit together"));
    }
    let mut network = Network::new(saved.shape, &mut ChaCha8Rng::seed_from_u64(0));
    load_weights(&mut network, &folder.join(WEIGHTS))
        .map_err(|reason| registry::unusable(folder, &format!("{WEIGHTS}: {reason}")))?;
    Ok(Box::new(FittedRnn {
        settings: saved.settings,
        network,
        horizon: saved.horizon,
        levels: saved.levels,
        seasons: saved.seasons,
        best_epoch: saved.best_epoch,
        bands: saved.bands,
    }))
}

/// Reads a network's weights from a file; an error says why they cannot be used.
pub(crate) fn load_weights(network: &mut Network, path: &Path) -> std::result::Result<(), String> {
    let read = network.store_mut().load(path);
    read.map_err(|e| e.to_string().lines().next().unwrap_or("cannot be read").to_owned())?;
    if network.store().trainable_variables().iter().any(|v| v.isfinite().all().int64_value(&[]) == 0) {
        return Err("a weight is not finite".into());
    }
    Ok(())
}

impl Saved {
    fn is_sound(&self) -> bool {
        let Self { settings, horizon, levels, seasons, bands, .. } = self;
        let bands_fit = match bands {
            None => settings.head == Head::Direct,
            Some(bands) => settings.head != Head::Direct && bands.len() == horizon * levels.len(),
        };
        self.model == settings.name()
            && (1..=1 << 16).contains(horizon)
            && (1..=1 << 16).contains(&settings.hidden)
            && (1..=64).contains(&settings.layers)
            && seasons.iter().all(|m| *m > 1)
            && registry::levels_are_sound(levels)
            && self.shape == settings.shape(seasons, *horizon, levels)
            && bands_fit
    }
}
