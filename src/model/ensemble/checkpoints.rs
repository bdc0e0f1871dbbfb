//! What is done of a long training, kept in a folder: members that were trained are not trained again.

use std::fmt::Debug;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::model::ensemble::training::TrainingPhase;
use crate::model::task::Task;
use crate::model::weights::Weights;
use crate::panel::Panel;

/// The file that says which training a folder belongs to.
const KEY: &str = "training";

/// A folder of trained members, all of one training, each with a folder of its own.
#[derive(Debug)]
pub(crate) struct Checkpoints {
    folder: PathBuf,
}

impl Checkpoints {
    /// The folder that the task names. What lies there is used where it is of the same data, task and settings, and
    /// removed where it is not.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub(crate) fn open(task: &Task, panel: &Panel, settings: &dyn Debug) -> Result<Option<Self>> {
        let Some(folder) = &task.checkpoints else { return Ok(None) };
        let failed = |source| Error::Io { path: folder.clone(), action: "writing", source };
        let (key, path) = (key(task, panel, settings), folder.join(KEY));
        if fs::read_to_string(&path).is_ok_and(|found| found == key) {
            return Ok(Some(Self { folder: folder.clone() }));
        }
        if folder.exists() {
            fs::remove_dir_all(folder).map_err(failed)?;
        }
        fs::create_dir_all(folder).map_err(failed)?;
        fs::write(&path, key).map_err(failed)?;
        Ok(Some(Self { folder: folder.clone() }))
    }

    fn path(&self, stage: &TrainingPhase, number: usize) -> PathBuf {
        self.folder.join(format!("{}_{number:02}.safetensors", stage.seed))
    }

    /// Takes over the weights that a member had at the end of a phase. `false` if it was not trained so far, or its
    /// weights cannot be used.
    pub(crate) fn restore(
        &self,
        stage: &TrainingPhase,
        number: usize,
        set_weights: impl FnOnce(Weights) -> std::result::Result<(), String>,
    ) -> bool {
        let Ok(bytes) = fs::read(self.path(stage, number)) else { return false };
        Weights::from_bytes(&bytes).and_then(set_weights).is_ok()
    }

    /// Keeps the weights that a member has at the end of a phase. The file is renamed at the end, so that one of this
    /// name is always complete.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(crate) fn keep(&self, stage: &TrainingPhase, number: usize, weights: &Weights) -> Result<()> {
        let path = self.path(stage, number);
        let unfinished = path.with_extension("unfinished");
        let failed = |source| Error::Io { path: path.clone(), action: "writing", source };
        fs::write(&unfinished, weights.to_bytes()).and_then(|()| fs::rename(&unfinished, &path)).map_err(failed)
    }
}

/// Whether something was kept in a folder.
pub fn are_there(folder: &Path) -> bool {
    folder.join(KEY).is_file()
}

/// What tells one training from another.
fn key(task: &Task, panel: &Panel, settings: &dyn Debug) -> String {
    let mut hash = Sha256::new();
    let Task { horizon, levels, seed, .. } = task;
    let task = format!("{} {horizon} {levels:?} {seed} {settings:?}", env!("CARGO_PKG_VERSION"));
    hash.update(format!("{task} {} {:?} {:?}\n", panel.season(), panel.frequency(), panel.columns()));
    for series in panel.iter() {
        hash.update(format!("{:?} {:?} {}\n", series.key, series.start, series.len()));
        for (value, observed) in series.values.iter().zip(series.observed) {
            hash.update(value.to_le_bytes());
            hash.update([u8::from(*observed)]);
        }
    }
    format!("{:x}", hash.finalize())
}
