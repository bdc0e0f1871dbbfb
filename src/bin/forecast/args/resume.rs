//! `--resume`: what is done of a long training lies beside the folder that it will end in, until it is over.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use forecast::model::{Model, checkpoints_are_there};
use forecast::panel::Panel;

use crate::cli_error::CliError;
use crate::interrupt;
use crate::report::output_dir::OutputDir;
use crate::report::terminal::Terminal;

#[derive(Debug, Args)]
pub(crate) struct ResumeArg {
    /// Go on with a training over many series that was cut off; same file, same flags
    #[arg(long, help_heading = "Model")]
    resume: bool,
}

/// The folder beside the outputs in which a training is kept.
#[derive(Debug)]
pub(crate) struct Unfinished(Option<PathBuf>);

impl ResumeArg {
    /// Where the training of a model is kept, if it is one that takes long; `None` of `folder` is stdout.
    pub(crate) fn place(
        &self,
        model: &dyn Model,
        panel: &Panel,
        folder: Option<&OutputDir>,
        terminal: &Terminal,
    ) -> anyhow::Result<Unfinished> {
        let name = model.name();
        let keeps = model.keeps_checkpoints(panel);
        let Some(folder) = folder.filter(|_| keeps) else {
            if self.resume && keeps {
                return Err(CliError::usage("--resume needs a folder to go on in", "name it again with `--out DIR`"));
            }
            if self.resume {
                return Err(CliError::usage(
                    format!(
                        "--resume does nothing for {name} of {} series, which keeps nothing on the way",
                        panel.count()
                    ),
                    "leave --resume out",
                ));
            }
            return Ok(Unfinished(None));
        };
        let path = beside(folder.shown());
        if path.exists() && !checkpoints_are_there(&path) {
            return Err(CliError::failure(
                format!("{} is in the way: a training that is not finished is kept there", path.display()),
                "move it, or choose another folder with `--out DIR`",
            ));
        }
        match (self.resume, path.exists()) {
            (true, false) => terminal.note(&format!("nothing unfinished in {}: starting anew", path.display())),
            (false, true) => {
                fs::remove_dir_all(&path).with_context(|| format!("removing {} failed", path.display()))?;
            }
            _ => {}
        }
        Ok(Unfinished(Some(path)))
    }
}

impl Unfinished {
    pub(crate) fn path(&self) -> Option<PathBuf> {
        self.0.clone()
    }

    /// After a whole run nothing is left of it; after an interrupted one it says how to go on.
    pub(crate) fn over(&self, terminal: &Terminal) -> anyhow::Result<()> {
        let Some(path) = self.0.as_deref().filter(|path| path.exists()) else { return Ok(()) };
        if interrupt::requested() {
            terminal.note(&format!(
                "what is done of the training is in {}: the same command with --resume goes on",
                path.display()
            ));
            return Ok(());
        }
        fs::remove_dir_all(path).with_context(|| format!("removing {} failed", path.display()))
    }
}

/// `demand-forecast.unfinished` beside `demand-forecast`.
fn beside(folder: &Path) -> PathBuf {
    let mut name = folder.file_name().map_or_else(|| "forecast".into(), std::ffi::OsStr::to_os_string);
    name.push(".unfinished");
    folder.with_file_name(name)
}
