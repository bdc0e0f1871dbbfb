//! `--resume`: the checkpoints of a long training, in a folder next to the output folder until the training is done.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use forecast::model::{Model, has_checkpoints};
use forecast::panel::Panel;

use crate::cli_error::CliError;
use crate::interrupt;
use crate::report::output_dir::OutputDir;
use crate::report::terminal::Terminal;

#[derive(Debug, Args)]
pub(crate) struct ResumeArg {
    /// Resume an interrupted training on many series, with the same file and flags
    #[arg(long, help_heading = "Model")]
    resume: bool,
}

/// The folder of the checkpoints, next to the output folder; `None` for a model that keeps none.
#[derive(Debug)]
pub(crate) struct CheckpointFolder(Option<PathBuf>);

impl ResumeArg {
    /// The folder of the checkpoints for a fit of the model to the panel. `folder` is `None` if the output goes to stdout.
    pub(crate) fn checkpoints(
        &self,
        model: &dyn Model,
        panel: &Panel,
        folder: Option<&OutputDir>,
        terminal: &Terminal,
    ) -> anyhow::Result<CheckpointFolder> {
        let name = model.name();
        let keeps = model.keeps_checkpoints(panel);
        let Some(folder) = folder.filter(|_| keeps) else {
            if self.resume && keeps {
                return Err(CliError::usage(
                    "--resume needs an output folder",
                    "name the folder of the interrupted run with `--out DIR`",
                ));
            }
            if self.resume {
                return Err(CliError::usage(
                    format!("--resume has no effect on {name} of {} series: it keeps no checkpoints", panel.count()),
                    "leave --resume out",
                ));
            }
            return Ok(CheckpointFolder(None));
        };
        let path = checkpoint_folder(folder.typed_path());
        if path.exists() && !has_checkpoints(&path) {
            return Err(CliError::failure(
                format!("{} exists already, and checkpoints are kept under this name", path.display()),
                "move it, or choose another folder with `--out DIR`",
            ));
        }
        match (self.resume, path.exists()) {
            (true, false) => {
                terminal.note(&format!("no checkpoints in {}: training starts from the beginning", path.display()));
            }
            (false, true) => {
                fs::remove_dir_all(&path).with_context(|| format!("removing {} failed", path.display()))?;
            }
            _ => {}
        }
        Ok(CheckpointFolder(Some(path)))
    }
}

impl CheckpointFolder {
    pub(crate) fn path(&self) -> Option<PathBuf> {
        self.0.clone()
    }

    /// Removes the checkpoints after a complete run. After an interrupted run, prints how to resume it.
    pub(crate) fn finish(&self, terminal: &Terminal) -> anyhow::Result<()> {
        let Some(path) = self.0.as_deref().filter(|path| path.exists()) else { return Ok(()) };
        if interrupt::requested() {
            terminal.note(&format!(
                "the checkpoints of the training are in {}: the same command with --resume continues it",
                path.display()
            ));
            return Ok(());
        }
        fs::remove_dir_all(path).with_context(|| format!("removing {} failed", path.display()))
    }
}

/// `demand-forecast.unfinished` for `demand-forecast`.
fn checkpoint_folder(folder: &Path) -> PathBuf {
    let mut name = folder.file_name().map_or_else(|| "forecast".into(), std::ffi::OsStr::to_os_string);
    name.push(".unfinished");
    folder.with_file_name(name)
}
