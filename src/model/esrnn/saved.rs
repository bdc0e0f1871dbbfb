//! A trained ensemble in a folder: `settings.json`, the series it knows, and for each member its weights and its smoothing
//! parameters.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::Fitted;
use super::ensemble::{Common, Trained};
use super::settings::{Kind, Settings};
use super::table::Table;
use crate::data::Timestamp;
use crate::error::{Error, Result};
use crate::model::categories::{self, Category};
use crate::model::rnn::{JointNetwork, load_lists, save_lists};
use crate::model::{Forecaster, saved};

const VERSION: u32 = 1;
const SERIES: &str = "series.json";

/// What stands in `settings.json`.
#[derive(Serialize, Deserialize)]
struct Saved {
    model: String,
    version: u32,
    horizon: usize,
    levels: Vec<f64>,
    season: usize,
    periods: Vec<usize>,
    #[serde(default)]
    categories: Vec<Category>,
    widths: Vec<f64>,
    kinds: Vec<Kind>,
    /// Of each member the rates that all series share, as logits.
    shared: Vec<Vec<f64>>,
    settings: Settings,
}

fn weights(number: usize) -> String {
    format!("weights_{number:02}.safetensors")
}

fn smoothing(number: usize) -> String {
    format!("smoothing_{number:02}.safetensors")
}

/// The rates that all series share, of a member that is kept on the way.
const RATES: &str = "rates.json";

/// Writes what a member has learned of the panel that it is trained on.
///
/// # Errors
/// If the folder cannot be written.
pub(super) fn keep((network, table): &(JointNetwork, Table), folder: &Path) -> Result<()> {
    network.save(&folder.join(weights(0)))?;
    save_lists(&folder.join(smoothing(0)), &[("own", &table.own)])?;
    let path = folder.join(RATES);
    let text = serde_json::to_string(&table.shared).expect("numbers are plain values");
    fs::write(&path, text + "\n").map_err(|source| Error::Io { path, action: "writing", source })
}

/// Takes over what [`keep`] wrote of a member that is trained on the same panel; else says in a few words why not.
pub(super) fn restore((network, table): &mut (JointNetwork, Table), folder: &Path) -> Result<(), String> {
    let text = fs::read_to_string(folder.join(RATES)).map_err(|e| e.to_string())?;
    let shared: Vec<f64> = serde_json::from_str(&text).map_err(|e| e.to_string())?;
    let own = load_lists(&folder.join(smoothing(0)))?.remove("own").unwrap_or_default();
    if shared.len() != table.shared.len() || own.len() != table.own.len() {
        return Err("it does not fit the series".into());
    }
    network.load(&folder.join(weights(0)))?;
    (table.shared, table.own) = (shared, own);
    Ok(())
}

pub(super) fn save(fitted: &Fitted, folder: &Path) -> Result<()> {
    let mut shared = Vec::with_capacity(fitted.members.len());
    for (number, trained) in fitted.members.iter().enumerate() {
        let parts = trained.parts.lock().unwrap_or_else(PoisonError::into_inner);
        parts.0.save(&folder.join(weights(number)))?;
        let table = &parts.1;
        let list = |of: fn(&super::table::Place) -> usize| -> Vec<f32> {
            // positions are far below 2^24, up to which a single is exact
            table.places.iter().map(|place| of(place) as f32).collect()
        };
        let (from, seasons) = (list(|place| place.from), list(|place| place.seasons));
        let lists = [("from", from.as_slice()), ("own", &table.own), ("seasons", &seasons)];
        save_lists(&folder.join(smoothing(number)), &lists)?;
        shared.push(table.shared.clone());
    }
    let path = folder.join(SERIES);
    let text = serde_json::to_string(&fitted.known).expect("keys and times are plain values");
    fs::write(&path, text + "\n").map_err(|source| Error::Io { path, action: "writing", source })?;
    let settings = Saved {
        model: Settings::NAME.into(),
        version: VERSION,
        horizon: fitted.horizon,
        levels: fitted.levels.clone(),
        season: fitted.season,
        periods: fitted.periods.clone(),
        categories: fitted.categories.clone(),
        widths: fitted.widths.clone(),
        kinds: fitted.members.iter().map(|member| member.kind.clone()).collect(),
        shared,
        settings: fitted.settings.clone(),
    };
    saved::write_settings(folder, &settings)
}

/// Reads a folder whose settings name this model.
pub(in crate::model) fn load(folder: &Path) -> Result<Box<dyn Forecaster>> {
    let saved: Saved = saved::read_versioned(folder, VERSION)?;
    if !saved.is_sound() {
        return Err(saved::unusable(folder, "the sizes in its settings do not fit together"));
    }
    let known =
        known(&folder.join(SERIES)).map_err(|reason| saved::unusable(folder, &format!("{SERIES}: {reason}")))?;
    let common = Common {
        horizon: saved.horizon,
        levels: &saved.levels,
        periods: &saved.periods,
        categories: categories::width(&saved.categories),
        seed: 0,
    };
    let mut members = Vec::with_capacity(saved.kinds.len());
    for (number, (kind, shared)) in saved.kinds.iter().zip(&saved.shared).enumerate() {
        let (file, path) = in_folder(folder, smoothing(number));
        let table = load_lists(&path).and_then(|lists| restored(&lists, &saved.periods, shared, known.len()));
        let table = table.map_err(|reason| saved::unusable(folder, &format!("{file}: {reason}")))?;
        let trained = Trained::new(kind, &common, number, table);
        let mut parts = trained.parts.into_inner().unwrap_or_else(PoisonError::into_inner);
        let (file, path) = in_folder(folder, weights(number));
        parts.0.load(&path).map_err(|reason| saved::unusable(folder, &format!("{file}: {reason}")))?;
        members.push(Trained { kind: trained.kind, parts: Mutex::new(parts) });
    }
    Ok(Box::new(Fitted {
        settings: saved.settings,
        members,
        horizon: saved.horizon,
        levels: saved.levels,
        periods: saved.periods,
        season: saved.season,
        categories: saved.categories,
        widths: saved.widths,
        known,
        hindcasts: Vec::new(),
    }))
}

fn in_folder(folder: &Path, name: String) -> (String, PathBuf) {
    let path = folder.join(&name);
    (name, path)
}

/// The series that it was fitted to, ascending by key.
fn known(path: &Path) -> Result<Vec<(Vec<String>, Timestamp)>, String> {
    let text = fs::read_to_string(path).map_err(|e| e.to_string())?;
    let known: Vec<(Vec<String>, Timestamp)> = serde_json::from_str(&text).map_err(|e| e.to_string())?;
    if known.is_sorted_by(|a, b| a.0 <= b.0) { Ok(known) } else { Err("its keys do not ascend".into()) }
}

fn restored(
    lists: &BTreeMap<String, Vec<f32>>,
    periods: &[usize],
    shared: &[f64],
    count: usize,
) -> Result<Table, String> {
    let list = |name: &str| lists.get(name).ok_or_else(|| format!("it has no {name}"));
    let (from, own, seasons) = (list("from")?, list("own")?, list("seasons")?);
    let whole = |x: &f32| *x >= 0.0 && x.fract() == 0.0;
    let places: Vec<(usize, usize)> = from.iter().zip(seasons).map(|(f, s)| (*f as usize, *s as usize)).collect();
    let fits = from.len() == count && seasons.len() == count && from.iter().chain(seasons).all(whole);
    let table = Table::restored(periods, shared.to_vec(), own.clone(), &places).filter(|_| fits);
    table.ok_or_else(|| "it does not fit the series".into())
}

impl Saved {
    fn is_sound(&self) -> bool {
        let Self { horizon, levels, season, periods, categories, widths, kinds, shared, .. } = self;
        let kind_is_sound = |kind: &Kind| {
            (1..=1 << 12).contains(&kind.window)
                && (1..=1 << 16).contains(&kind.context)
                && (1..=1 << 14).contains(&kind.hidden)
                && (1..=64).contains(&kind.dilations.iter().map(Vec::len).sum::<usize>())
                && kind.dilations.iter().flatten().all(|d| (1..=1 << 12).contains(d))
                && kind.batch > 0
        };
        self.model == Settings::NAME
            && (1..=1 << 16).contains(horizon)
            && saved::levels_are_sound(levels)
            && *season > 0
            && periods.len() <= 2
            && periods.iter().all(|m| (2..=1 << 12).contains(m))
            && categories::are_sound(categories)
            && widths.len() == horizon * levels.len()
            && widths.iter().all(|x| x.is_finite())
            && !kinds.is_empty()
            && kinds.iter().all(kind_is_sound)
            && shared.len() == kinds.len()
    }
}
