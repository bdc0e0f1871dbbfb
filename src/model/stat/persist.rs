//! A fitted baseline on disk: `settings.json` alone.

use crate::model::registry;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::model::forecaster::Forecaster;
use crate::model::stat::{Baseline, FittedBaseline};

const VERSION: u32 = 1;

#[derive(Debug, Serialize, Deserialize)]
struct Saved {
    model: Baseline,
    version: u32,
    season: usize,
    horizon: usize,
    levels: Vec<f64>,
}

pub(crate) fn save(fitted: &FittedBaseline, folder: &Path) -> Result<()> {
    let FittedBaseline { baseline, season, horizon, levels } = fitted.clone();
    registry::write_settings(folder, &Saved { model: baseline, version: VERSION, season, horizon, levels })
}

/// Reads a folder whose settings name a baseline.
pub(crate) fn load(folder: &Path) -> Result<Box<dyn Forecaster>> {
    let Saved { model, season, horizon, levels, .. } = registry::read_versioned(folder, VERSION)?;
    let sound = season > 0 && horizon > 0 && registry::levels_are_sound(&levels);
    if !sound {
        return Err(registry::unusable(folder, "its season, horizon or quantile levels make no sense"));
    }
    Ok(Box::new(FittedBaseline { baseline: model, season, horizon, levels }))
}
