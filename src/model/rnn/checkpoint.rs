//! A trained network in a folder: `settings.json`, and `weights.safetensors`.

use std::fs;
use std::path::Path;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::features::Inputs;
use super::{Fitted, Network, Settings, Shape};
use crate::error::{Error, Result};
use crate::model::{Forecaster, SETTINGS_FILE, VERSION};

const WEIGHTS_FILE: &str = "weights.safetensors";

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
    settings: Settings,
}

pub(super) fn save(fitted: &Fitted, folder: &Path) -> Result<()> {
    let saved = Saved {
        model: fitted.settings.cell.name().into(),
        version: VERSION,
        horizon: fitted.horizon,
        levels: fitted.levels.clone(),
        seasons: fitted.seasons.clone(),
        best_epoch: fitted.best_epoch,
        shape: fitted.network.shape(),
        settings: fitted.settings.clone(),
    };
    let path = folder.join(SETTINGS_FILE);
    let text = serde_json::to_string_pretty(&saved).expect("settings are plain data") + "\n";
    fs::write(&path, text).map_err(|source| Error::Io { path, action: "writing", source })?;
    fitted.network.store().save(folder.join(WEIGHTS_FILE)).map_err(Error::torch)
}

/// Reads a network that [`Forecaster::save`] wrote.
///
/// # Errors
/// [`Error::Checkpoint`] if a file is missing or damaged, or does not fit the other one.
pub fn load(folder: &Path) -> Result<Box<dyn Forecaster>> {
    let path = folder.join(SETTINGS_FILE);
    let refuse = |path: &Path, reason: String| Error::Checkpoint { path: path.into(), reason };
    let text = fs::read_to_string(&path).map_err(|e| refuse(&path, format!("reading failed: {e}")))?;
    let saved: Saved = serde_json::from_str(&text).map_err(|e| refuse(&path, format!("not a saved network: {e}")))?;
    let (shape, horizon) = (saved.shape, saved.horizon);
    let fits = saved.settings.cell == shape.cell
        && shape.inputs == Inputs::new(&saved.seasons, horizon).count()
        && shape.outputs == horizon * saved.levels.len()
        && (1..=1 << 16).contains(&shape.hidden)
        && (1..=64).contains(&shape.layers)
        && horizon > 0
        && saved.levels.contains(&0.5)
        && saved.levels.windows(2).all(|w| w[0] < w[1]);
    if !fits {
        return Err(refuse(&path, "its sizes do not fit together".into()));
    }
    let mut network = Network::new(shape, &mut ChaCha8Rng::seed_from_u64(0));
    let path = folder.join(WEIGHTS_FILE);
    network.store_mut().load(&path).map_err(|e| refuse(&path, format!("not the weights of this network: {e}")))?;
    if network.store().trainable_variables().iter().any(|v| v.isfinite().all().int64_value(&[]) == 0) {
        return Err(refuse(&path, "a weight is not finite".into()));
    }
    Ok(Box::new(Fitted {
        settings: saved.settings,
        network,
        horizon,
        levels: saved.levels,
        seasons: saved.seasons,
        best_epoch: saved.best_epoch,
    }))
}
