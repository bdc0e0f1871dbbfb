//! The history from which the saved model of a run forecasts: that of the run, or that of its last update.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use crate::error::{Error, Result};
use crate::panel::Panel;
use crate::run::stored_history::StoredHistory;
use crate::run::stored_run::StoredRun;
use crate::run::stored_table::StoredFolder;
use crate::write::Table;

/// The folder of a saved model in the folder of its run.
const MODEL: &str = "model";
const FILE: &str = "history.csv";

impl StoredRun {
    /// The history from which the saved model of this run forecasts. It is that of the run, until
    /// [`StoredRun::save_model_history`] has saved a longer one. `folder` is the folder of the run.
    ///
    /// # Errors
    /// If the file is damaged.
    pub fn model_history(&self, folder: &Path) -> Result<Panel> {
        let path = folder.join(MODEL);
        let (true, Some(grid)) = (path.join(FILE).is_file(), self.record.data.grid) else {
            return Ok(self.panel.clone());
        };
        let stored = StoredFolder { path: &path, record: &self.record, grid };
        StoredHistory::read(&stored)?.panel(&stored, |_| true)
    }

    /// Saves the history from which the saved model in the folder of a run forecasts from now on.
    ///
    /// The new file replaces the old one in one step, so that a crash leaves either of them, complete.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn save_model_history(folder: &Path, history: &Panel) -> Result<()> {
        let model = folder.join(MODEL);
        let (path, new) = (model.join(FILE), model.join(format!(".{FILE}-{}", std::process::id())));
        let written = File::create(&new).and_then(|file| {
            let mut to = BufWriter::new(file);
            Table::History.write_csv(&mut to, history)?;
            to.flush()?;
            to.get_ref().sync_all()?;
            fs::rename(&new, &path)?;
            // the folder too, so that the new name outlives a loss of power
            File::open(&model)?.sync_all()
        });
        written.map_err(|source| {
            let _ = fs::remove_file(&new);
            Error::Write { path, source }
        })
    }
}
