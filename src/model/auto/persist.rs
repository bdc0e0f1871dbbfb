//! The automatic model in a folder: `settings.json`, and the weights of each network; of many series, two such folders.

use crate::model::global;
use crate::model::registry;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::model::auto::candidates::Candidate;
use crate::model::auto::intervals::Intervals;
use crate::model::auto::networks::Network;
use crate::model::auto::pooled::{FittedPooled, Mix};
use crate::model::auto::series_model::{SeriesModel, WeightedCandidate};
use crate::model::auto::{Auto, FittedSeries};
use crate::model::forecaster::Forecaster;
use crate::model::segment::{Layout, SegmentNetwork};
use crate::panel::covariates::Covariate;

/// Of each series by itself; the second layout has covariates; where there are none, the first is written.
const VERSION: u32 = 2;
/// Of many series; the third layout had series that followed others, which this version does not do.
const MANY_VERSION: u32 = 4;
const FOLLOWING_VERSION: u32 = 3;
/// The longest season that is believed, in steps: no arithmetic on it leaves the range of numbers.
const LONGEST: usize = 1 << 32;

#[derive(Serialize, Deserialize)]
struct Saved {
    model: String,
    version: u32,
    horizon: usize,
    levels: Vec<f64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    covariates: Vec<Covariate>,
    series: Vec<SavedSeries>,
}

#[derive(Serialize, Deserialize)]
struct SavedSeries {
    key: Vec<String>,
    seasons: Vec<usize>,
    first: usize,
    unit: f64,
    origins: usize,
    members: Vec<SavedMember>,
    bands: Intervals,
}

#[derive(Serialize, Deserialize)]
struct SavedMember {
    #[serde(flatten)]
    member: Candidate,
    weight: f64,
    error: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    network: Option<SavedNetwork>,
}

#[derive(Serialize, Deserialize)]
struct SavedNetwork {
    weights: String,
    hidden: usize,
    refines: bool,
    layout: Layout,
}

pub(crate) fn save(fitted: &FittedSeries, folder: &Path) -> Result<()> {
    let mut series = Vec::with_capacity(fitted.series.len());
    for (number, learned) in fitted.series.iter().enumerate() {
        let mut members = Vec::with_capacity(learned.members.len());
        for (place, weighed) in learned.members.iter().enumerate() {
            let network = match &weighed.network {
                Some(network) => {
                    let network = network.lock().expect("no thread panicked with it");
                    Some(save_network(&network, folder, format!("network-{number}-{place}.safetensors"))?)
                }
                None => None,
            };
            let WeightedCandidate { member, weight, error, .. } = *weighed;
            members.push(SavedMember { member, weight, error, network });
        }
        let SeriesModel { key, seasons, first, unit, origins, bands, .. } = learned;
        series.push(SavedSeries {
            key: key.clone(),
            seasons: seasons.clone(),
            first: *first,
            unit: *unit,
            origins: *origins,
            members,
            bands: bands.clone(),
        });
    }
    let (horizon, levels) = (fitted.horizon, fitted.levels.clone());
    let covariates = fitted.covariates.clone();
    let version = if covariates.is_empty() { 1 } else { VERSION };
    registry::write_settings(folder, &Saved { model: Auto::NAME.into(), version, horizon, levels, covariates, series })
}

fn save_network(network: &Network, folder: &Path, weights: String) -> Result<SavedNetwork> {
    let Network { segmented, refines, .. } = network;
    segmented.save(&folder.join(&weights))?;
    let (hidden, layout) = (segmented.hidden(), segmented.layout().clone());
    Ok(SavedNetwork { weights, hidden, refines: *refines, layout })
}

/// What stands in the settings of a model of many series: its two halves have folders of their own.
#[derive(Serialize, Deserialize)]
struct SavedMany {
    model: String,
    version: u32,
    horizon: usize,
    levels: Vec<f64>,
    mix: Mix,
}

const GLOBAL: &str = "global";
const EACH: &str = "each";

pub(crate) fn save_many(many: &FittedPooled, folder: &Path) -> Result<()> {
    let settings = SavedMany {
        model: Auto::NAME.into(),
        version: MANY_VERSION,
        horizon: many.horizon,
        levels: many.levels.clone(),
        mix: many.mix.clone(),
    };
    registry::write_settings(folder, &settings)?;
    let within = |name: &str| -> Result<PathBuf> {
        let path = folder.join(name);
        std::fs::create_dir(&path).map_err(|source| Error::Io { path: path.clone(), action: "writing", source })?;
        Ok(path)
    };
    many.global.save(&within(GLOBAL)?)?;
    match &many.each {
        Some(each) => save(each, &within(EACH)?),
        None => Ok(()),
    }
}

fn load_many(folder: &Path) -> Result<Box<dyn Forecaster>> {
    let SavedMany { horizon, levels, mix, .. } = registry::read_settings(folder)?;
    let global = global::load(&folder.join(GLOBAL))?;
    let path = folder.join(EACH);
    let each = if path.is_dir() { Some(load_each(&path)?) } else { None };
    let fits = |of: (usize, &[f64])| of == (horizon, levels.as_slice());
    let is_sound = mix.widths.len() == horizon * levels.len()
        && mix.widths.iter().all(|width| width.is_finite() && *width >= 0.0)
        && (0.0..=1.0).contains(&mix.share)
        && fits(global.task())
        && each.as_ref().is_none_or(|each| fits((each.horizon, &each.levels)));
    if !is_sound {
        return Err(registry::unusable(folder, "the numbers in its settings do not fit together"));
    }
    Ok(Box::new(FittedPooled { global, each, mix, horizon, levels, hindcasts: Vec::new() }))
}

/// Reads a folder whose settings name the automatic model.
pub(crate) fn load(folder: &Path) -> Result<Box<dyn Forecaster>> {
    match registry::version(folder, MANY_VERSION)? {
        MANY_VERSION => load_many(folder),
        FOLLOWING_VERSION => {
            Err(registry::unusable(folder, "its series may follow others, which this version cannot do"))
        }
        _ => Ok(Box::new(load_each(folder)?)),
    }
}

fn load_each(folder: &Path) -> Result<FittedSeries> {
    let saved: Saved = registry::read_versioned(folder, VERSION)?;
    if !saved.is_sound() {
        return Err(registry::unusable(folder, "the numbers in its settings do not fit together"));
    }
    let mut series = Vec::with_capacity(saved.series.len());
    for SavedSeries { key, seasons, first, unit, origins, members, bands } in saved.series {
        let mut weighed = Vec::with_capacity(members.len());
        for SavedMember { member, weight, error, network } in members {
            let network = match network {
                Some(network) => Some(Mutex::new(load_network(network, folder)?)),
                None => None,
            };
            weighed.push(WeightedCandidate { member, weight, error, network });
        }
        series.push(SeriesModel { key, seasons, first, unit, origins, members: weighed, bands, latest: None });
    }
    let Saved { horizon, levels, covariates, .. } = saved;
    Ok(FittedSeries { horizon, levels, covariates, series, hindcasts: Vec::new() })
}

fn load_network(saved: SavedNetwork, folder: &Path) -> Result<Network> {
    let SavedNetwork { weights, hidden, refines, layout } = saved;
    // a name, not a way out of the folder
    if weights.contains(['/', '\\']) {
        return Err(registry::unusable(folder, "its settings name weights that lie elsewhere"));
    }
    let segmented = SegmentNetwork::load(&folder.join(&weights), layout, hidden)
        .map_err(|reason| registry::unusable(folder, &format!("{weights}: {reason}")))?;
    Ok(Network { segmented, refines, epochs: Vec::new() })
}

impl Saved {
    fn is_sound(&self) -> bool {
        let layout_fits =
            |network: &SavedNetwork| (1..=1 << 9).contains(&network.hidden) && network.layout.is_sound(self.horizon);
        let series_fits = |series: &SavedSeries| {
            series.seasons.iter().all(|m| (2..=LONGEST).contains(m))
                && series.unit.is_finite()
                && series.unit > 0.0
                && series.bands.is_sound(self.horizon)
                && series.members.iter().all(|m| m.member.is_sound(LONGEST) && (0.0..=1.0).contains(&m.weight))
                && series.members.iter().filter_map(|m| m.network.as_ref()).all(layout_fits)
        };
        (1..=1 << 16).contains(&self.horizon)
            && registry::levels_are_sound(&self.levels)
            && self.series.is_sorted_by(|a, b| a.key < b.key)
            && self.series.iter().all(series_fits)
    }
}
