//! Saving and loading of fitted models, in one format for all families.
//!
//! A saved model is `settings.json` and, where it has networks, `weights.safetensors`. The settings name the model and
//! the version of the format. Everything is checked once, while a model is loaded.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::model::weights::Weights;

const SETTINGS_FILE: &str = "settings.json";
/// A model without weights has no such file.
const WEIGHTS_FILE: &str = "weights.safetensors";

/// The version of the format in which models are saved. Every released version stays readable.
pub(crate) const FORMAT_VERSION: u32 = 1;

/// The files of one saved model, from a folder or in memory.
///
/// ```
/// use forecast::model::stat::Baseline;
/// use forecast::model::{self, Model, ModelFiles, SilentObserver, Task};
/// use forecast::panel::Panel;
///
/// let history = Panel::from_values(&[1.0, 5.0, 2.0, 5.5, 3.0, 6.0], 2);
/// let fitted = Baseline::SeasonalNaive.fit(&history, &Task::new(2), &mut SilentObserver)?;
/// let files: ModelFiles = fitted.forecaster.to_files();
/// let loaded = model::load_files(&files)?;
/// assert_eq!(loaded.predict(&history)?, fitted.predict(&history)?);
/// # Ok::<(), forecast::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelFiles {
    /// The folder or the name of the model, for messages.
    pub origin: PathBuf,
    /// The settings, as JSON.
    pub settings: Vec<u8>,
    /// The weights, as safetensors; empty for a model without weights.
    pub weights: Vec<u8>,
}

impl ModelFiles {
    /// Reads the files of a folder.
    ///
    /// # Errors
    /// If the folder holds no settings, or a file cannot be read.
    pub fn read(folder: &Path) -> Result<Self> {
        let unreadable = |name: &str, source: &io::Error| {
            let reason = format!("{name}: {source}");
            Error::UnusableModel { path: folder.to_path_buf(), reason }
        };
        let settings = fs::read(folder.join(SETTINGS_FILE)).map_err(|source| unreadable(SETTINGS_FILE, &source))?;
        let weights = match fs::read(folder.join(WEIGHTS_FILE)) {
            Err(source) if source.kind() == ErrorKind::NotFound => Vec::new(),
            read => read.map_err(|source| unreadable(WEIGHTS_FILE, &source))?,
        };
        Ok(Self { origin: folder.to_path_buf(), settings, weights })
    }

    /// Writes the files into an existing folder.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn write(&self, folder: &Path) -> Result<()> {
        for (name, bytes) in [(SETTINGS_FILE, &self.settings), (WEIGHTS_FILE, &self.weights)] {
            if !bytes.is_empty() {
                let path = folder.join(name);
                fs::write(&path, bytes).map_err(|source| Error::Write { path, source })?;
            }
        }
        Ok(())
    }

    /// An error that says why these files cannot be used.
    pub(crate) fn unusable(&self, reason: impl Into<String>) -> Error {
        Error::UnusableModel { path: self.origin.clone(), reason: reason.into() }
    }
}

/// A fitted model that can be saved and loaded.
pub(crate) trait Persist: Sized {
    /// Everything that is saved, except the weights.
    type State: Serialize + DeserializeOwned;

    /// The name of the model whose state this is.
    fn name(state: &Self::State) -> &'static str;

    /// The state of the model.
    fn state(&self) -> Self::State;

    /// The weights of its networks; none for a model without networks.
    fn weights(&self) -> Weights {
        Weights::default()
    }

    /// The files of the model.
    fn files(&self) -> ModelFiles {
        let state = self.state();
        let model = Self::name(&state);
        let saved = Saved { model: model.to_owned(), format_version: FORMAT_VERSION, fitted: state };
        let mut settings = serde_json::to_vec_pretty(&saved).expect("settings are plain values");
        settings.push(b'\n');
        ModelFiles { origin: model.into(), settings, weights: self.weights().to_bytes() }
    }

    /// Whether the numbers of a state are consistent, so that [`Persist::restore`] and forecasts can rely on them.
    fn is_valid(state: &Self::State) -> bool;

    /// Restores a model from a valid state. It removes its weights from `weights`. The error says which are missing or have
    /// other shapes.
    fn restore(state: Self::State, weights: &mut Weights) -> std::result::Result<Self, String>;
}

/// The fields of `settings.json` that every version of the format has.
#[derive(Deserialize)]
struct Header {
    model: String,
    /// Missing in files that version 0.1.0 saved.
    format_version: Option<u32>,
}

#[derive(Serialize, Deserialize)]
struct Saved<S> {
    model: String,
    format_version: u32,
    fitted: S,
}

/// The name of the model that was saved, in this version of the format.
pub(crate) fn read_name(files: &ModelFiles) -> Result<String> {
    let Header { model, format_version } = parse(files)?;
    match format_version {
        Some(FORMAT_VERSION) => Ok(model),
        None => Err(files.unusable("it was saved by version 0.1.0; train the model again with this version")),
        Some(newer) => Err(files.unusable(format!(
            "it was saved in format {newer}, and this version reads format {FORMAT_VERSION}; install a newer version"
        ))),
    }
}

/// The fitted model of these files.
pub(crate) fn from_files<P: Persist>(files: &ModelFiles) -> Result<P> {
    // before the state, because a newer format may lack the fields of this one
    let name = read_name(files)?;
    let Saved { fitted: state, .. } = parse::<Saved<P::State>>(files)?;
    if name != P::name(&state) || !P::is_valid(&state) {
        return Err(files.unusable("the numbers in its settings are inconsistent"));
    }
    let restored = Weights::from_bytes(&files.weights).and_then(|mut weights| {
        let fitted = P::restore(state, &mut weights)?;
        weights.check_all_taken().map(|()| fitted)
    });
    restored.map_err(|reason| files.unusable(format!("{WEIGHTS_FILE}: {reason}")))
}

fn parse<T: DeserializeOwned>(files: &ModelFiles) -> Result<T> {
    serde_json::from_slice(&files.settings).map_err(|source| files.unusable(format!("{SETTINGS_FILE}: {source}")))
}

/// Whether quantile levels ascend in (0, 1), the median among them.
pub(crate) fn levels_are_valid(levels: &[f64]) -> bool {
    levels.contains(&0.5)
        && levels.windows(2).all(|pair| pair[0] < pair[1])
        && levels.iter().all(|level| *level > 0.0 && *level < 1.0)
}
