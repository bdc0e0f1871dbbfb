//! Checkpoints of a long training in a folder. Members that have a checkpoint are not trained again.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::model::ensemble::training::TrainingPhase;
use crate::model::fit::Task;
use crate::model::persist::Weights;
use crate::panel::Panel;

/// The file with the key of the training.
const KEY_FILE: &str = "training";

/// A folder of trained members, all of one training, with a file for each member and phase.
#[derive(Debug)]
pub(crate) struct Checkpoints {
    folder: PathBuf,
}

impl Checkpoints {
    /// Opens the folder of the task; `None` if it has none. Checkpoints of another panel, task or settings are removed.
    pub(crate) fn open(task: &Task, panel: &Panel, settings: &impl Serialize) -> Result<Option<Self>> {
        let Some(folder) = task.checkpoints.clone() else { return Ok(None) };
        let (key, path) = (training_key(task, panel, settings), folder.join(KEY_FILE));
        if fs::read_to_string(&path).is_ok_and(|found| found == key) {
            return Ok(Some(Self { folder }));
        }
        let removed = if folder.exists() { fs::remove_dir_all(&folder) } else { Ok(()) };
        let begun = removed.and_then(|()| fs::create_dir_all(&folder)).and_then(|()| fs::write(&path, key));
        begun.map_err(|source| Error::Write { path: folder.clone(), source })?;
        Ok(Some(Self { folder }))
    }

    /// The file of a member's weights after a phase.
    fn path(&self, phase: &TrainingPhase, member: usize) -> PathBuf {
        self.folder.join(format!("{}_{member:02}.safetensors", phase.seed_offset))
    }

    /// Passes the weights of a member after a phase to `set_weights`. Returns whether there are any that can be used.
    pub(crate) fn restore(
        &self,
        phase: &TrainingPhase,
        member: usize,
        set_weights: impl FnOnce(Weights) -> std::result::Result<(), String>,
    ) -> bool {
        let Ok(bytes) = fs::read(self.path(phase, member)) else { return false };
        Weights::from_bytes(&bytes).and_then(set_weights).is_ok()
    }

    /// Writes the weights of a member after a phase. The file is renamed when it is complete.
    pub(crate) fn save(&self, phase: &TrainingPhase, member: usize, weights: &Weights) -> Result<()> {
        let path = self.path(phase, member);
        let incomplete = path.with_extension("incomplete");
        let written = fs::write(&incomplete, weights.to_bytes()).and_then(|()| fs::rename(&incomplete, &path));
        written.map_err(|source| Error::Write { path, source })
    }
}

/// Whether a folder holds checkpoints.
pub fn has_checkpoints(folder: &Path) -> bool {
    folder.join(KEY_FILE).is_file()
}

/// A hash of all inputs of a training. The budget is not one of them.
///
/// The inputs are hashed as JSON. Debug text is not suitable: it may change with the compiler, and may leave fields out.
fn training_key(task: &Task, panel: &Panel, settings: &impl Serialize) -> String {
    let mut hash = Sha256::new();
    let of_task = (env!("CARGO_PKG_VERSION"), task.horizon, &task.levels, task.seed, settings);
    hash.update(json(&(of_task, panel.season(), panel.frequency(), panel.columns())));
    for series in panel.iter() {
        hash.update(json(&(series.key, series.start, series.len())));
        for (value, observed) in series.values.iter().zip(series.observed) {
            hash.update(value.to_le_bytes());
            hash.update([u8::from(*observed)]);
        }
    }
    if !panel.covariates().is_empty() {
        hash.update(json(&panel.covariates().columns()));
        let values = (0..panel.count()).flat_map(|series| panel.covariates().values(series)).flatten();
        values.for_each(|value| hash.update(value.to_le_bytes()));
    }
    format!("{:x}", hash.finalize())
}

fn json(inputs: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(inputs).expect("settings and times are plain values")
}
