//! An ensemble in a folder: `settings.json`, and the weights of each member in a file of its own.

use crate::model::registry;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::model::global::combination::Blend;
use crate::model::global::ensemble::{Common, TrainedMember};
use crate::model::global::forecaster::FittedGlobal;
use crate::model::global::series_pool::Pool;
use crate::model::global::settings::{Global, Kind};
use crate::panel::Panel;

const VERSION: u32 = 2;

/// What stands in `settings.json`.
#[derive(Serialize, Deserialize)]
struct Saved {
    model: String,
    version: u32,
    horizon: usize,
    levels: Vec<f64>,
    season: usize,
    periods: Vec<usize>,
    blend: Blend,
    kinds: Vec<Kind>,
    settings: Global,
}

fn weights(folder: &Path, number: usize) -> PathBuf {
    folder.join(format!("weights_{number:02}.safetensors"))
}

pub(crate) fn save(fitted: &FittedGlobal, folder: &Path) -> Result<()> {
    let settings = Saved {
        model: Global::NAME.into(),
        version: VERSION,
        horizon: fitted.horizon,
        levels: fitted.levels.clone(),
        season: fitted.season,
        periods: fitted.periods.clone(),
        blend: fitted.blend.clone(),
        kinds: fitted.members.iter().map(|member| member.kind.clone()).collect(),
        settings: fitted.settings.clone(),
    };
    registry::write_settings(folder, &settings)?;
    for (number, trained) in fitted.members.iter().enumerate() {
        trained.member.lock().unwrap_or_else(PoisonError::into_inner).save(&weights(folder, number))?;
    }
    Ok(())
}

/// Reads a folder whose settings name this model.
pub(crate) fn load(folder: &Path) -> Result<FittedGlobal> {
    let saved: Saved = registry::read_versioned(folder, VERSION)?;
    if !saved.is_sound() {
        return Err(registry::unusable(folder, "the sizes in its settings do not fit together"));
    }
    let common = Common { horizon: saved.horizon, levels: &saved.levels, seed: 0 };
    // the sizes of a network follow from its kind; what it is made for has no part in them
    let pool = Pool::new(&Panel::from_values(&[1.0], saved.season), &saved.periods, 0);
    let mut members = Vec::with_capacity(saved.kinds.len());
    for (number, kind) in saved.kinds.iter().enumerate() {
        let trained = TrainedMember::new(kind, &pool, &common, number);
        let path = weights(folder, number);
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let mut member = trained.member.into_inner().unwrap_or_else(PoisonError::into_inner);
        member.load(&path).map_err(|reason| registry::unusable(folder, &format!("{name}: {reason}")))?;
        members.push(TrainedMember { member: Mutex::new(member), ..trained });
    }
    Ok(FittedGlobal {
        settings: saved.settings,
        members,
        horizon: saved.horizon,
        levels: saved.levels,
        periods: saved.periods,
        season: saved.season,
        blend: saved.blend,
        hindcasts: Vec::new(),
    })
}

impl Saved {
    fn is_sound(&self) -> bool {
        let Self { horizon, levels, season, periods, blend, kinds, .. } = self;
        let kind_is_sound = |kind: &Kind| {
            (1..=1 << 12).contains(&kind.window)
                && (1..=1 << 16).contains(&kind.context)
                && (1..=1 << 14).contains(&kind.hidden)
                && kind.batch > 0
        };
        self.model == Global::NAME
            && (1..=1 << 16).contains(horizon)
            && registry::levels_are_sound(levels)
            && *season > 0
            && periods.iter().all(|m| (2..=1 << 12).contains(m))
            && blend.widths.len() == horizon * levels.len()
            && blend.shares.iter().chain(&blend.widths).all(|x| x.is_finite())
            && !kinds.is_empty()
            && kinds.iter().all(kind_is_sound)
    }
}
