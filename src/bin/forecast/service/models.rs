//! The saved models of a service, by name.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, PoisonError};

use anyhow::Context;
#[cfg(feature = "serve")]
use forecast::model::TrainedOn;

use crate::args::reading::{EarlierFlags, InheritArg, ReadArgs};
use crate::exit_status::CliError;
use crate::saved_model::{self, LoadedModel};

/// The saved models of a service. Without any, a model is fitted to the data of each request.
#[derive(Default)]
pub(crate) struct ServedModels(BTreeMap<String, ServedModel>);

/// A saved model, loaded as often as requests are answered at once: a network is used by one thread at a time.
pub(crate) struct ServedModel {
    #[cfg(feature = "serve")]
    pub(crate) summary: ModelSummary,
    /// The flags of the run that saved it, where a request has no option.
    pub(crate) flags: Option<ReadArgs>,
    unused: Mutex<Vec<LoadedModel>>,
    returned: Condvar,
}

/// What is known of a model without using it.
#[cfg(feature = "serve")]
pub(crate) struct ModelSummary {
    /// The name of its family, such as `theta`.
    pub(crate) family: String,
    /// The quantile levels of its forecasts.
    pub(crate) levels: Vec<f64>,
    /// The names of its covariates.
    pub(crate) covariates: Vec<String>,
    /// The data that it was trained on; `None` for a model of an early version.
    pub(crate) trained_on: Option<TrainedOn>,
}

#[cfg(feature = "serve")]
impl ModelSummary {
    fn of(model: &LoadedModel) -> Self {
        let LoadedModel { name, forecaster, saved } = model;
        let covariates = forecaster.covariates().iter().map(|own| own.name.clone()).collect();
        let (family, levels) = (name.clone(), forecaster.levels().to_vec());
        Self { family, levels, covariates, trained_on: saved.trained_on.clone() }
    }
}

/// A copy of a model that one request uses. Another one may use it afterwards, also after a panic.
pub(crate) struct BorrowedModel<'a> {
    of: &'a ServedModel,
    /// `Some` until it is returned.
    model: Option<LoadedModel>,
}

impl ServedModels {
    /// Loads the models of these folders, whose names are theirs, `copies` times each. `earlier_flags` finds the flags of
    /// the runs that saved them.
    pub(crate) fn load(folders: &[PathBuf], copies: usize, earlier_flags: EarlierFlags) -> anyhow::Result<Self> {
        let mut models = BTreeMap::new();
        for folder in folders {
            let name = name_of(folder)?;
            let model = ServedModel::load(folder, copies, earlier_flags)?;
            if models.insert(name.clone(), model).is_some() {
                return Err(CliError::usage(
                    format!("two models have the name {name}, which is that of their folders"),
                    "rename one of these folders, or start another service for it",
                ));
            }
        }
        Ok(Self(models))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The models with their names, sorted by these.
    #[cfg(feature = "serve")]
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &ServedModel)> {
        self.0.iter().map(|(name, model)| (name.as_str(), model))
    }

    /// What the requests to each model inherit from the run that saved it.
    pub(crate) fn notices(&self) -> Vec<String> {
        let notice = |(name, model): (&String, &ServedModel)| {
            let whose = format!("requests to the model {name} are read as in its training");
            saved_model::requests_notice(&whose, model.flags.as_ref())
        };
        self.0.iter().filter_map(notice).collect()
    }

    /// The model of a name; without a name, the only one.
    pub(crate) fn find(&self, name: Option<&str>) -> anyhow::Result<&ServedModel> {
        let names: Vec<&str> = self.0.keys().map(String::as_str).collect();
        let list = names.join(", ");
        match name {
            Some(name) => self
                .0
                .get(name)
                .ok_or_else(|| CliError::usage(format!("the service has no model {name}"), format!("it has {list}"))),
            None if names.len() > 1 => Err(CliError::usage(
                "the request names none of the models of the service",
                format!("give the option `model`, one of {list}"),
            )),
            None => self.0.values().next().context("the service has no saved model"),
        }
    }
}

impl ServedModel {
    /// Loads the model of a folder several times, at least once.
    fn load(folder: &Path, copies: usize, earlier_flags: EarlierFlags) -> anyhow::Result<Self> {
        let mut unused = vec![LoadedModel::load(folder)?];
        let flags = unused[0].saved.flags_of_run(InheritArg::default(), earlier_flags)?.map(ReadArgs::for_requests);
        for _ in 1..copies {
            unused.push(LoadedModel::load(folder)?);
        }
        Ok(Self {
            #[cfg(feature = "serve")]
            summary: ModelSummary::of(&unused[0]),
            flags,
            unused: Mutex::new(unused),
            returned: Condvar::new(),
        })
    }

    /// A copy of the model, which is waited for if all are in use.
    pub(crate) fn borrow(&self) -> BorrowedModel<'_> {
        let unused = self.unused.lock().unwrap_or_else(PoisonError::into_inner);
        let mut unused =
            self.returned.wait_while(unused, |unused| unused.is_empty()).unwrap_or_else(PoisonError::into_inner);
        BorrowedModel { of: self, model: unused.pop() }
    }
}

impl Deref for BorrowedModel<'_> {
    type Target = LoadedModel;

    fn deref(&self) -> &LoadedModel {
        self.model.as_ref().expect("the model is returned at the end only")
    }
}

impl Drop for BorrowedModel<'_> {
    fn drop(&mut self) {
        self.of.unused.lock().unwrap_or_else(PoisonError::into_inner).extend(self.model.take());
        self.of.returned.notify_one();
    }
}

/// The name of the folder of a saved model, or of the run that saved it.
fn name_of(folder: &Path) -> anyhow::Result<String> {
    // the path may end in a link or in `..`
    let path = folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf());
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    name.ok_or_else(|| {
        CliError::usage(
            format!("{} has no name that requests could use", folder.display()),
            "give the folder of the model by its name",
        )
    })
}
