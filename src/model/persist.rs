//! Saving and loading of fitted models, in one format for all families.
//!
//! A saved model is `settings.json` and, where it has networks, `weights.safetensors`. The settings name the model and
//! the version of the format. Everything is checked once, while a model is loaded.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, ErrorKind};
use std::ops::Range;
use std::path::{Path, PathBuf};

use half::f16;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

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

    fn state(&self) -> Self::State;

    /// The weights of all networks; none for a model without networks.
    fn weights(&self) -> Weights {
        Weights::default()
    }

    /// Whether the numbers of a state are consistent, so that [`Persist::restore`] and forecasts can rely on them.
    fn is_valid(state: &Self::State) -> bool;

    /// Restores a model from a valid state. It removes its weights from `weights`. The error says which are missing or have
    /// other shapes.
    fn restore(state: Self::State, weights: &mut Weights) -> std::result::Result<Self, String>;
}

/// A fitted model that can be saved.
pub trait ToFiles {
    /// The files of the fitted model, which [`load_files`](crate::model::load_files) reads.
    fn to_files(&self) -> ModelFiles;
}

impl<P: Persist> ToFiles for P {
    fn to_files(&self) -> ModelFiles {
        let fitted = self.state();
        let model = P::name(&fitted);
        let saved = Saved { model: model.to_owned(), format_version: FORMAT_VERSION, fitted };
        let mut settings = serde_json::to_vec_pretty(&saved).expect("settings are plain values");
        settings.push(b'\n');
        ModelFiles { origin: model.into(), settings, weights: self.weights().to_bytes() }
    }
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

/// Whether a number is zero, which is not saved then.
pub(crate) fn is_zero<T: Default + PartialEq>(number: &T) -> bool {
    *number == T::default()
}

/// Whether quantile levels ascend in (0, 1), the median among them.
pub(crate) fn levels_are_valid(levels: &[f64]) -> bool {
    levels.contains(&0.5)
        && levels.windows(2).all(|pair| pair[0] < pair[1])
        && levels.iter().all(|level| *level > 0.0 && *level < 1.0)
}

/// An array of weights.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Array {
    pub(crate) shape: Vec<usize>,
    /// In row-major order.
    pub(crate) values: Vec<f32>,
}

/// Arrays of weights by name. The arrays of a network inside a model begin with the name of the network and a point.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Weights(BTreeMap<String, Array>);

impl Weights {
    pub(crate) fn insert(&mut self, name: String, array: Array) {
        self.0.insert(name, array);
    }

    /// Adds the weights of a part of the model under the name of this part.
    pub(crate) fn insert_part(&mut self, part: &str, weights: Self) {
        self.0.extend(weights.0.into_iter().map(|(name, array)| (format!("{part}.{name}"), array)));
    }

    /// Removes and returns the weights of a part of the model.
    pub(crate) fn take_part(&mut self, part: &str) -> Self {
        let prefix = format!("{part}.");
        let (inside, others): (BTreeMap<_, _>, _) =
            std::mem::take(&mut self.0).into_iter().partition(|(name, _)| name.starts_with(&prefix));
        self.0 = others;
        Self(inside.into_iter().map(|(name, array)| (name[prefix.len()..].to_owned(), array)).collect())
    }

    /// Removes rows of the arrays whose names begin with `prefix`.
    pub(crate) fn remove_rows(&mut self, prefix: &str, rows: Range<usize>) {
        for (_, Array { shape, values }) in self.0.iter_mut().filter(|(name, _)| name.starts_with(prefix)) {
            let width = values.len() / shape[0];
            values.drain(rows.start * width..rows.end * width);
            shape[0] -= rows.len();
        }
    }

    /// Removes and returns an array. The error says that it is missing or has another shape.
    pub(crate) fn take(&mut self, name: &str, shape: &[usize]) -> Result<Array, String> {
        let array = self.0.remove(name).ok_or_else(|| format!("the weight `{name}` is missing"))?;
        if array.shape == shape {
            Ok(array)
        } else {
            Err(format!("the weight `{name}` has the shape {:?}, but the settings need {shape:?}", array.shape))
        }
    }

    /// Checks that all arrays were removed. The error names one that is left.
    pub(crate) fn check_all_taken(&self) -> Result<(), String> {
        self.0.keys().next().map_or(Ok(()), |name| Err(format!("the weight `{name}` belongs to no part of the model")))
    }

    /// The weights as safetensors; empty if there are none.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        if self.0.is_empty() {
            return Vec::new();
        }
        let bytes = |array: &Array| array.values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
        let all: Vec<_> = self.0.iter().map(|(name, array)| (name, &array.shape, bytes(array))).collect();
        let views = all.iter().map(|(name, shape, bytes)| {
            let view = TensorView::new(Dtype::F32, (*shape).clone(), bytes);
            (name, view.expect("shapes and values fit together"))
        });
        safetensors::serialize(views, &None).expect("shapes and values fit together")
    }

    /// Reads safetensors, all of whose numbers must be finite 32-bit floats.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        if bytes.is_empty() {
            return Ok(Self::default());
        }
        let tensors = SafeTensors::deserialize(bytes).map_err(|error| error.to_string())?;
        let array = |(name, view): (String, TensorView<'_>)| {
            let values: Vec<f32> = match view.dtype() {
                Dtype::F32 => {
                    view.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
                }
                Dtype::F16 => view.data().chunks_exact(2).map(|b| f16::from_le_bytes([b[0], b[1]]).to_f32()).collect(),
                _ => return Err(format!("the weight `{name}` has numbers other than 32-bit or 16-bit floats")),
            };
            if values.iter().any(|value| !value.is_finite()) {
                return Err(format!("the weight `{name}` is not finite"));
            }
            Ok((name, Array { shape: view.shape().to_vec(), values }))
        };
        tensors.tensors().into_iter().map(array).collect::<Result<_, _>>().map(Self)
    }
}
