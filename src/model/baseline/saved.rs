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
    let Saved { model, version, season, horizon, levels } = saved::read_settings(folder)?;
    saved::known_version(folder, version, VERSION)?;
    let sound = season > 0
        && horizon > 0
        && levels.contains(&0.5)
        && levels.windows(2).all(|pair| pair[0] < pair[1])
        && levels.iter().all(|level| *level > 0.0 && *level < 1.0);
    if !sound {
        return Err(saved::unusable(folder, "its season, horizon or quantile levels make no sense"));
    }
    Ok(Box::new(Fitted { baseline: model, season, horizon, levels }))
}
