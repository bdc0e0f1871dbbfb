//! All models by name, with their default settings and the functions that load them. No other file knows all families.

use std::path::Path;

use crate::error::Result;
use crate::model::auto::fitted::FittedAuto;
use crate::model::auto::settings::Auto;
use crate::model::deepar::fitted::FittedDeepAr;
use crate::model::deepar::settings::DeepAr;
use crate::model::fit::Model;
use crate::model::forecaster::Forecaster;
use crate::model::global::fitted::FittedGlobal;
use crate::model::global::settings::Global;
use crate::model::nn::cell::CellKind;
use crate::model::persist::{self, ModelFiles, Persist};
use crate::model::rnn::forecaster::FittedRnn;
use crate::model::rnn::settings::Rnn;
use crate::model::stat::baseline::{Baseline, FittedBaseline};

struct Entry {
    name: &'static str,
    /// The model with its default settings.
    default: fn() -> Box<dyn Model>,
    /// The fitted model of saved files.
    load: fn(&ModelFiles) -> Result<Box<dyn Forecaster>>,
}

/// All models, in the order in which they are listed to users.
const MODELS: [Entry; 18] = [
    Entry { name: Auto::NAME, default: || Box::new(Auto::default()), load: load_as::<FittedAuto> },
    Entry { name: "rnn", default: || Box::new(Rnn::with_cell(CellKind::Rnn)), load: load_as::<FittedRnn> },
    Entry { name: "lstm", default: || Box::new(Rnn::with_cell(CellKind::Lstm)), load: load_as::<FittedRnn> },
    Entry { name: "gru", default: || Box::new(Rnn::with_cell(CellKind::Gru)), load: load_as::<FittedRnn> },
    Entry { name: Rnn::SEQ2SEQ, default: || Box::new(Rnn::seq2seq()), load: load_as::<FittedRnn> },
    Entry { name: Global::NAME, default: || Box::new(Global::default()), load: load_as::<FittedGlobal> },
    Entry { name: DeepAr::NAME, default: || Box::new(DeepAr::default()), load: load_as::<FittedDeepAr> },
    Entry { name: "naive", default: || Box::new(Baseline::Naive), load: load_as::<FittedBaseline> },
    Entry { name: "seasonal-naive", default: || Box::new(Baseline::SeasonalNaive), load: load_as::<FittedBaseline> },
    Entry { name: "drift", default: || Box::new(Baseline::Drift), load: load_as::<FittedBaseline> },
    Entry { name: "mean", default: || Box::new(Baseline::Mean), load: load_as::<FittedBaseline> },
    Entry { name: "comb", default: || Box::new(Baseline::Comb), load: load_as::<FittedBaseline> },
    Entry { name: "ets", default: || Box::new(Baseline::Ets), load: load_as::<FittedBaseline> },
    Entry { name: "theta", default: || Box::new(Baseline::Theta), load: load_as::<FittedBaseline> },
    Entry { name: "arima", default: || Box::new(Baseline::Arima), load: load_as::<FittedBaseline> },
    Entry { name: "mstl", default: || Box::new(Baseline::Mstl), load: load_as::<FittedBaseline> },
    Entry { name: "ridge", default: || Box::new(Baseline::Ridge), load: load_as::<FittedBaseline> },
    Entry { name: "croston", default: || Box::new(Baseline::Croston), load: load_as::<FittedBaseline> },
];

/// The names of all models.
///
/// ```
/// assert!(forecast::model::names().any(|name| name == "lstm"));
/// ```
pub fn names() -> impl Iterator<Item = &'static str> {
    MODELS.iter().map(|entry| entry.name)
}

/// The model of this name with its default settings; `None` if there is none of this name.
///
/// ```
/// use forecast::model::{self, SilentObserver, Task};
/// use forecast::panel::Panel;
///
/// let history = Panel::from_values(&[2.0, 4.0, 6.0], 1);
/// let drift = model::named("drift").expect("it is one of `names`");
/// let forecasts = drift.fit(&history, &Task::new(2), &mut SilentObserver)?.predict(&history)?;
/// assert_eq!(forecasts[0].median(), [8.0, 10.0]);
/// assert!(model::named("oracle").is_none());
/// # Ok::<(), forecast::Error>(())
/// ```
pub fn named(name: &str) -> Option<Box<dyn Model>> {
    MODELS.iter().find(|entry| entry.name == name).map(|entry| (entry.default)())
}

/// The fitted model that was saved in a folder.
///
/// # Errors
/// If the folder holds no model, or one that this version cannot read.
///
/// ```no_run
/// # fn history() -> forecast::panel::Panel { unimplemented!() }
/// let fitted = forecast::model::load("july/model".as_ref())?;
/// let forecasts = fitted.predict(&history())?;
/// # Ok::<(), forecast::Error>(())
/// ```
pub fn load(folder: &Path) -> Result<Box<dyn Forecaster>> {
    load_files(&ModelFiles::read(folder)?)
}

/// The fitted model of saved files.
///
/// # Errors
/// If they are of no model, or of one that this version cannot read.
pub fn load_files(files: &ModelFiles) -> Result<Box<dyn Forecaster>> {
    let name = persist::read_name(files)?;
    let entry = MODELS.iter().find(|entry| entry.name == name);
    let entry = entry.ok_or_else(|| files.unusable(format!("this version has no model named `{name}`")))?;
    (entry.load)(files)
}

/// The name of the model that was saved in a folder.
///
/// # Errors
/// If the folder holds no model, or one that this version cannot read.
pub fn saved_name(folder: &Path) -> Result<String> {
    persist::read_name(&ModelFiles::read(folder)?)
}

fn load_as<P: Persist + Forecaster + 'static>(files: &ModelFiles) -> Result<Box<dyn Forecaster>> {
    persist::from_files::<P>(files).map(|fitted| Box::new(fitted) as Box<dyn Forecaster>)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_model_has_the_name_of_its_entry() {
        for entry in &MODELS {
            assert_eq!((entry.default)().name(), entry.name);
        }
    }
}
