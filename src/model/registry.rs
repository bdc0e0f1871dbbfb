//! What every saved model's folder has: `settings.json`, which names the model and the version of its layout.

use crate::model::auto;
use crate::model::deepar;
use crate::model::global;
use crate::model::rnn;
use crate::model::stat;
use std::fs;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::model::auto::Auto;
use crate::model::forecaster::Forecaster;
use crate::model::rnn::settings::Rnn;
use crate::model::stat::Baseline;

const SETTINGS: &str = "settings.json";

/// The model that was saved in a folder, ready to forecast.
///
/// # Errors
/// If the folder holds no model, or one that this version cannot read.
pub fn load(folder: &Path) -> Result<Box<dyn Forecaster>> {
    match saved_name(folder)?.as_str() {
        Auto::NAME => auto::load(folder),
        name if Baseline::named(name).is_some() => stat::load(folder),
        name if Rnn::named(name).is_some() => rnn::load(folder),
        global::Global::NAME => Ok(Box::new(global::load(folder)?)),
        deepar::DeepAr::NAME => deepar::load(folder),
        other => Err(unusable(folder, &format!("its model `{other}` is not one that this version knows"))),
    }
}

/// The name of the model that was saved in a folder.
///
/// # Errors
/// If the folder holds no model.
pub fn saved_name(folder: &Path) -> Result<String> {
    #[derive(Deserialize)]
    struct Named {
        model: String,
    }
    Ok(read_settings::<Named>(folder)?.model)
}

pub(crate) fn write_settings(folder: &Path, settings: &impl Serialize) -> Result<()> {
    let path = folder.join(SETTINGS);
    let mut text = serde_json::to_string_pretty(settings).expect("settings are plain values");
    text.push('\n');
    fs::write(&path, text).map_err(|source| Error::Io { path, action: "writing", source })
}

pub(crate) fn read_settings<T: DeserializeOwned>(folder: &Path) -> Result<T> {
    let path = folder.join(SETTINGS);
    let text = fs::read_to_string(&path).map_err(|source| unusable(folder, &format!("{SETTINGS}: {source}")))?;
    serde_json::from_str(&text).map_err(|source| unusable(folder, &format!("{SETTINGS}: {source}")))
}

/// As [`read_settings`], of a layout up to `newest`. A newer one may lack what this one has, so the version is looked at
/// before anything else.
pub(crate) fn read_versioned<T: DeserializeOwned>(folder: &Path, newest: u32) -> Result<T> {
    version(folder, newest)?;
    read_settings(folder)
}

/// The version of a folder's layout, up to `newest`.
pub(crate) fn version(folder: &Path, newest: u32) -> Result<u32> {
    #[derive(Deserialize)]
    struct Versioned {
        version: u32,
    }
    let found = read_settings::<Versioned>(folder)?.version;
    if found > newest {
        return Err(unusable(folder, &format!("it was saved in layout {found}, this version reads up to {newest}")));
    }
    Ok(found)
}

/// Whether quantile levels ascend in (0, 1), the median among them.
pub(crate) fn levels_are_sound(levels: &[f64]) -> bool {
    levels.contains(&0.5)
        && levels.windows(2).all(|pair| pair[0] < pair[1])
        && levels.iter().all(|level| *level > 0.0 && *level < 1.0)
}

pub(crate) fn unusable(folder: &Path, reason: &str) -> Error {
    Error::NoModel { path: folder.to_path_buf(), reason: reason.to_owned() }
}
