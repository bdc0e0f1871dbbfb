//! The files of a saved model, in a folder or in memory.

use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

pub(crate) const SETTINGS_FILE: &str = "settings.json";
/// The file of the weights, as safetensors. A model without weights has no such file.
pub(crate) const WEIGHTS_FILE: &str = "weights.safetensors";

/// The files of one saved model: its settings and its weights.
///
/// They can be in a folder or in memory.
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
    origin: PathBuf,
    settings: Cow<'static, [u8]>,
    weights: Cow<'static, [u8]>,
}

impl ModelFiles {
    /// Files in memory. `origin` names them in messages; `weights` is empty for a model without weights.
    pub fn from_bytes(
        origin: impl Into<PathBuf>,
        settings: impl Into<Cow<'static, [u8]>>,
        weights: impl Into<Cow<'static, [u8]>>,
    ) -> Self {
        Self { origin: origin.into(), settings: settings.into(), weights: weights.into() }
    }

    /// Reads the files of a folder.
    ///
    /// # Errors
    /// If the folder holds no settings, or a file cannot be read.
    pub fn read(folder: &Path) -> Result<Self> {
        let file = |name: &str| {
            let reason = |source: std::io::Error| format!("{name}: {source}");
            fs::read(folder.join(name)).map_err(|source| {
                let missing = source.kind() == std::io::ErrorKind::NotFound;
                (missing, Error::UnusableModel { path: folder.to_path_buf(), reason: reason(source) })
            })
        };
        let settings = file(SETTINGS_FILE).map_err(|(_, error)| error)?;
        let weights = match file(WEIGHTS_FILE) {
            Err((true, _)) => Vec::new(),
            read => read.map_err(|(_, error)| error)?,
        };
        Ok(Self::from_bytes(folder, settings, weights))
    }

    /// Writes the files into an existing folder.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let file = |name: &str, bytes: &[u8]| {
            let path = folder.join(name);
            fs::write(&path, bytes).map_err(|source| Error::Write { path, source })
        };
        file(SETTINGS_FILE, &self.settings)?;
        if self.weights.is_empty() { Ok(()) } else { file(WEIGHTS_FILE, &self.weights) }
    }

    /// The settings, as JSON.
    pub fn settings(&self) -> &[u8] {
        &self.settings
    }

    /// The weights, as safetensors; empty for a model without weights.
    pub fn weights(&self) -> &[u8] {
        &self.weights
    }

    /// An error that says why these files cannot be used.
    pub(crate) fn unusable(&self, reason: impl Into<String>) -> Error {
        Error::UnusableModel { path: self.origin.clone(), reason: reason.into() }
    }
}
