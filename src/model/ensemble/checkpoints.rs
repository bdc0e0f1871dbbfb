//! Checkpoints of a long training in a folder. Members that have a checkpoint are not trained again.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::model::ensemble::training::TrainingPhase;
use crate::model::task::Task;
use crate::model::weights::Weights;
use crate::panel::Panel;
use crate::panel::series::Columns;
use crate::time::frequency::Frequency;
use crate::time::timestamp::Timestamp;

/// The file with the key of the training.
const KEY_FILE: &str = "training";

/// A folder of trained members, all of one training, with a file for each member and phase.
#[derive(Debug)]
pub(crate) struct Checkpoints {
    folder: PathBuf,
}

impl Checkpoints {
    /// Opens the folder of the task; `None` if it has none. Checkpoints of another panel, task or settings are removed.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub(crate) fn open(task: &Task, panel: &Panel, settings: &impl Serialize) -> Result<Option<Self>> {
        let Some(folder) = &task.checkpoints else { return Ok(None) };
        let failed = |source| Error::Write { path: folder.clone(), source };
        let (key, path) = (training_key(task, panel, settings), folder.join(KEY_FILE));
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

    /// The file of a member's weights after a phase.
    fn path(&self, phase: &TrainingPhase, member: usize) -> PathBuf {
        self.folder.join(format!("{}_{member:02}.safetensors", phase.seed_offset))
    }

    /// Passes the weights of a member after a phase to `set_weights`. Returns `false` if there are none, or they cannot
    /// be used.
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
    ///
    /// # Errors
    /// If the file cannot be written.
    pub(crate) fn save(&self, phase: &TrainingPhase, member: usize, weights: &Weights) -> Result<()> {
        let path = self.path(phase, member);
        let incomplete = path.with_extension("incomplete");
        let failed = |source| Error::Write { path: path.clone(), source };
        fs::write(&incomplete, weights.to_bytes()).and_then(|()| fs::rename(&incomplete, &path)).map_err(failed)
    }
}

/// Whether a folder holds checkpoints.
pub fn has_checkpoints(folder: &Path) -> bool {
    folder.join(KEY_FILE).is_file()
}

/// The inputs of a training, except the series. The budget is not one of them.
#[derive(Serialize)]
struct TrainingInputs<'a, S> {
    version: &'static str,
    horizon: usize,
    levels: &'a [f64],
    seed: u64,
    settings: &'a S,
    season: usize,
    frequency: Frequency,
    columns: &'a Columns,
}

/// The inputs of a training from one series, except its values.
#[derive(Serialize)]
struct SeriesInputs<'a> {
    key: &'a [String],
    start: Timestamp,
    length: usize,
}

/// A hash of all inputs of a training. Equal inputs have the same key, and different inputs have different keys.
///
/// The inputs are hashed as JSON, with the names of the saved settings, and the values as bytes. Debug text is not
/// suitable: it may change with the compiler, and may leave fields out.
fn training_key(task: &Task, panel: &Panel, settings: &impl Serialize) -> String {
    let mut hash = Sha256::new();
    let inputs = TrainingInputs {
        version: env!("CARGO_PKG_VERSION"),
        horizon: task.horizon,
        levels: &task.levels,
        seed: task.seed,
        settings,
        season: panel.season(),
        frequency: panel.frequency(),
        columns: panel.columns(),
    };
    hash.update(json(&inputs));
    for series in panel.iter() {
        let inputs = SeriesInputs { key: series.key, start: series.start, length: series.len() };
        hash.update(json(&inputs));
        for (value, observed) in series.values.iter().zip(series.observed) {
            hash.update(value.to_le_bytes());
            hash.update([u8::from(*observed)]);
        }
    }
    format!("{:x}", hash.finalize())
}

fn json(inputs: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(inputs).expect("settings and times are plain values")
}

#[cfg(test)]
mod tests {
    use crate::budget::Budget;
    use std::fmt;

    use super::*;

    /// Settings whose Debug text can differ from the serialised form.
    #[derive(Serialize)]
    struct Settings {
        hidden: usize,
        #[serde(skip)]
        debug_text: &'static str,
    }

    impl fmt::Debug for Settings {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.debug_text)
        }
    }

    fn panel(last: f64) -> Panel {
        Panel::from_values(&[1.0, 2.0, last], 2)
    }

    fn key_of(hidden: usize, debug_text: &'static str) -> String {
        training_key(&Task::new(3), &panel(3.0), &Settings { hidden, debug_text })
    }

    #[test]
    fn the_key_depends_on_the_settings_and_not_on_their_debug_text() {
        assert_eq!(key_of(8, "Settings { hidden: 8 }"), key_of(8, "Settings { hidden_size: 8 }"));
        assert_ne!(key_of(8, "the same"), key_of(9, "the same"));
    }

    #[test]
    fn the_key_depends_on_the_task_and_the_panel_but_not_on_the_budget() {
        let settings = Settings { hidden: 8, debug_text: "" };
        let task = Task::new(3);
        let key = training_key(&task, &panel(3.0), &settings);
        let others = [
            training_key(&Task { horizon: 4, ..task.clone() }, &panel(3.0), &settings),
            training_key(&Task { levels: vec![0.5], ..task.clone() }, &panel(3.0), &settings),
            training_key(&Task { seed: 1, ..task.clone() }, &panel(3.0), &settings),
            training_key(&task, &panel(4.0), &settings),
            training_key(&task, &Panel::from_values(&[1.0, 2.0, 3.0], 3), &settings),
        ];
        assert!(!others.contains(&key), "each input changes the key");
        let in_a_minute = Task { budget: Budget::new(Some(std::time::Duration::from_secs(60))), ..task };
        assert_eq!(training_key(&in_a_minute, &panel(3.0), &settings), key);
    }
}
