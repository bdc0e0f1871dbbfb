//! All models by name, with their default settings and the functions that load them. No other file knows all families.

use std::path::Path;

use crate::error::Result;
use crate::model::fit::{Forecaster, Model};
use crate::model::global::pretrained::{FittedPretrained, Pretrained};
use crate::model::persist::{self, ModelFiles, Persist};
use crate::model::stat::baseline::{Baseline, FittedBaseline};
use crate::model::{auto::model::FittedAuto, auto::settings::Auto, deepar::fitted::FittedDeepAr};
use crate::model::{deepar::settings::DeepAr, global::fitted::FittedGlobal, global::settings::Global};
use crate::model::{nn::cell::CellKind, rnn::forecaster::FittedRnn, rnn::settings::Rnn};

/// Models that have one type of fitted model.
struct Family {
    /// The models with their default settings.
    models: fn() -> Vec<Box<dyn Model>>,
    /// The fitted model of saved files.
    load: fn(&ModelFiles) -> Result<Box<dyn Forecaster>>,
}

/// All families, in the order in which their models are listed to users.
const FAMILIES: [Family; 6] = [
    Family { models: || boxed([Auto::default()]), load: load_as::<FittedAuto> },
    Family {
        models: || boxed(CellKind::ALL.map(Rnn::with_cell).into_iter().chain([Rnn::seq2seq()])),
        load: load_as::<FittedRnn>,
    },
    Family { models: || boxed([Global::default()]), load: load_as::<FittedGlobal> },
    Family { models: || boxed([Pretrained]), load: load_as::<FittedPretrained> },
    Family { models: || boxed([DeepAr::default()]), load: load_as::<FittedDeepAr> },
    Family { models: || boxed(Baseline::ALL), load: load_as::<FittedBaseline> },
];

fn boxed<M: Model>(models: impl IntoIterator<Item = M>) -> Vec<Box<dyn Model>> {
    models.into_iter().map(|model| Box::new(model) as Box<dyn Model>).collect()
}

fn load_as<P: Persist + Forecaster + 'static>(files: &ModelFiles) -> Result<Box<dyn Forecaster>> {
    persist::from_files::<P>(files).map(|fitted| Box::new(fitted) as Box<dyn Forecaster>)
}

/// The names of all models.
pub fn names() -> impl Iterator<Item = &'static str> {
    FAMILIES.iter().flat_map(|family| (family.models)()).map(|model| model.name())
}

/// The model of this name with its default settings; `None` if no model has the name.
pub fn named(name: &str) -> Option<Box<dyn Model>> {
    FAMILIES.iter().flat_map(|family| (family.models)()).find(|model| model.name() == name)
}

/// The fitted model that was saved in a folder.
///
/// # Errors
/// If the folder holds no model, or one that this version cannot read.
pub fn load(folder: &Path) -> Result<Box<dyn Forecaster>> {
    load_files(&ModelFiles::read(folder)?)
}

/// The fitted model of saved files.
///
/// # Errors
/// If they are not those of a model that this version can read.
pub fn load_files(files: &ModelFiles) -> Result<Box<dyn Forecaster>> {
    let name = persist::read_name(files)?;
    let family = FAMILIES.iter().find(|family| (family.models)().iter().any(|model| model.name() == name));
    let family = family.ok_or_else(|| files.unusable(format!("this version has no model named `{name}`")))?;
    (family.load)(files)
}

/// The name of the model that was saved in a folder.
///
/// # Errors
/// If the folder holds no model, or one that this version cannot read.
pub fn saved_name(folder: &Path) -> Result<String> {
    persist::read_name(&ModelFiles::read(folder)?)
}
