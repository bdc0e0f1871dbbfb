//! A trained network in a folder: `settings.json`, and `weights.safetensors`.

use std::path::Path;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::features::Inputs;
use super::{CellKind, Fitted, Network, Settings, Shape};
use crate::error::{Error, Result};
use crate::model::{Forecaster, saved};

const WEIGHTS: &str = "weights.safetensors";
const VERSION: u32 = 1;

/// What stands in `settings.json` beside the settings themselves.
#[derive(Serialize, Deserialize)]
struct Saved {
    model: CellKind,
    version: u32,
    horizon: usize,
    levels: Vec<f64>,
    seasons: Vec<usize>,
    best_epoch: usize,
    shape: Shape,
    settings: Settings,
}

pub(super) fn save(fitted: &Fitted, folder: &Path) -> Result<()> {
    let settings = Saved {
        model: fitted.settings.cell,
        version: VERSION,
        horizon: fitted.horizon,
        levels: fitted.levels.clone(),
        seasons: fitted.seasons.clone(),
        best_epoch: fitted.best_epoch,
        shape: fitted.network.shape(),
        settings: fitted.settings.clone(),
    };
    saved::write_settings(folder, &settings)?;
    fitted.network.store().save(folder.join(WEIGHTS)).map_err(Error::torch)
}

/// Reads a folder whose settings name a cell.
pub(in crate::model) fn load(folder: &Path) -> Result<Box<dyn Forecaster>> {
    let saved: Saved = saved::read_settings(folder)?;
    saved::known_version(folder, saved.version, VERSION)?;
    if !saved.is_sound() {
        return Err(saved::unusable(folder, "the sizes in its settings do not fit together"));
    }
    let mut network = Network::new(saved.shape, &mut ChaCha8Rng::seed_from_u64(0));
    let refuse = |reason: &str| saved::unusable(folder, &format!("{WEIGHTS}: {reason}"));
    let weights = network.store_mut().load(folder.join(WEIGHTS));
    weights.map_err(|e| refuse(e.to_string().lines().next().unwrap_or("cannot be read")))?;
    if network.store().trainable_variables().iter().any(|v| v.isfinite().all().int64_value(&[]) == 0) {
        return Err(refuse("a weight is not finite"));
    }
    Ok(Box::new(Fitted {
        settings: saved.settings,
        network,
        horizon: saved.horizon,
        levels: saved.levels,
        seasons: saved.seasons,
        best_epoch: saved.best_epoch,
    }))
}

impl Saved {
    fn is_sound(&self) -> bool {
        let Self { shape, horizon, levels, seasons, .. } = self;
        self.settings.cell == shape.cell
            && self.model == shape.cell
            && (1..=1 << 16).contains(horizon)
            && (1..=1 << 16).contains(&shape.hidden)
            && (1..=64).contains(&shape.layers)
            && seasons.iter().all(|m| *m > 1)
            && shape.inputs == Inputs::new(seasons, *horizon).count()
            && shape.outputs == horizon * levels.len()
            && levels.contains(&0.5)
            && levels.windows(2).all(|pair| pair[0] < pair[1])
    }
}
