//! `--resume`: the checkpoints of a long training, in a folder next to the output folder until the training is done.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use forecast::model::{Model, Task, has_checkpoints};
use forecast::panel::Panel;

use crate::exit_status::CliError;
use crate::interrupt;
use crate::report::{output_dir::OutputDir, terminal::Terminal};

#[derive(Debug, Args)]
pub(crate) struct ResumeArg {
    /// Resume an interrupted training on many series, with the same file and flags
    #[arg(long, help_heading = "Model")]
    resume: bool,
}

impl ResumeArg {
    /// The folder of the checkpoints for a fit of the model to the panel; `None` if the model keeps none. `folder` is the
    /// output folder, `None` for stdout. Without `--resume`, earlier checkpoints are removed.
    pub(crate) fn checkpoints(
        &self,
        model: &dyn Model,
        panel: &Panel,
        folder: Option<&OutputDir>,
        terminal: &Terminal,
    ) -> Result<Option<PathBuf>> {
        let (name, keeps) = (model.name(), model.keeps_checkpoints(panel));
        let Some(folder) = folder.filter(|_| keeps) else {
            return match (self.resume, keeps) {
                (false, _) => Ok(None),
                (true, true) => Err(CliError::usage(
                    "--resume needs an output folder",
                    "name the folder of the interrupted run with `--out DIR`",
                )),
                (true, false) => Err(CliError::usage(
                    format!("--resume has no effect on {name} of {} series: it keeps no checkpoints", panel.count()),
                    "leave --resume out",
                )),
            };
        };
        let path = checkpoint_folder(&folder.typed_path);
        if path.exists() && !has_checkpoints(&path) {
            return Err(CliError::failure(
                format!("{} exists already, and checkpoints are kept under this name", path.display()),
                "move it, or choose another folder with `--out DIR`",
            ));
        }
        match (self.resume, path.exists()) {
            (true, false) => {
                terminal.message(&format!("no checkpoints in {}: training starts from the beginning", path.display()));
            }
            (false, true) => remove(&path)?,
            _ => {}
        }
        Ok(Some(path))
    }
}

/// Removes the checkpoints after a complete run. After an interrupted run, prints how to resume it.
pub(crate) fn finish_checkpoints(task: &Task, terminal: &Terminal) -> Result<()> {
    let Some(path) = task.checkpoints.as_deref().filter(|path| path.exists()) else { return Ok(()) };
    if !interrupt::requested() {
        return remove(path);
    }
    let path = path.display();
    terminal.message(&format!(
        "the checkpoints of the training are in {path}: the same command with --resume continues it"
    ));
    Ok(())
}

fn remove(folder: &Path) -> Result<()> {
    fs::remove_dir_all(folder).with_context(|| format!("removing {} failed", folder.display()))
}

/// `demand-forecast.unfinished` for `demand-forecast`.
fn checkpoint_folder(folder: &Path) -> PathBuf {
    let mut name = folder.file_name().unwrap_or(OsStr::new("forecast")).to_os_string();
    name.push(".unfinished");
    folder.with_file_name(name)
}
