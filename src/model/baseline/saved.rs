//! A fitted baseline on disk: `settings.json` alone.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{Baseline, Fitted};
use crate::error::Result;
use crate::model::{Forecaster, saved};

const VERSION: u32 = 1;

#[derive(Debug, Serialize, Deserialize)]
struct Saved {
    model: Baseline,
    version: u32,
    season: usize,
    horizon: usize,
    levels: Vec<f64>,
}

pub(super) fn save(fitted: &Fitted, folder: &Path) -> Result<()> {
    let Fitted { baseline, season, horizon, levels } = fitted.clone();
    saved::write_settings(folder, &Saved { model: baseline, version: VERSION, season, horizon, levels })
}

/// Reads a folder whose settings name a baseline.
pub(in crate::model) fn load(folder: &Path) -> Result<Box<dyn Forecaster>> {
    let Saved { model, season, horizon, levels, .. } = saved::read_versioned(folder, VERSION)?;
    let sound = season > 0 && horizon > 0 && saved::levels_are_sound(&levels);
    if !sound {
        return Err(saved::unusable(folder, "its season, horizon or quantile levels make no sense"));
    }
    Ok(Box::new(Fitted { baseline: model, season, horizon, levels }))
}
