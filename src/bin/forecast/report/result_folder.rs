//! The folder for the one table of a command that compares runs. Other files in it are left as they are.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::Path;

use crate::exit_status::CliError;
use crate::report::table_files::write_file;

/// Refuses `--out -` of a command that writes no table to stdout.
pub(crate) fn check_is_folder(out: &Path) -> anyhow::Result<()> {
    if out != Path::new("-") {
        return Ok(());
    }
    Err(CliError::usage(
        "`--out -` names no folder, and this command writes nothing else to stdout",
        "leave `--out` out, or name a folder; `--json` prints the results to stdout",
    ))
}

/// A folder that can be written.
pub(crate) struct ResultFolder<'a> {
    path: &'a Path,
    file: &'static str,
}

impl<'a> ResultFolder<'a> {
    /// Creates the folder, before a longer computation starts.
    pub(crate) fn check(path: &'a Path, file: &'static str) -> anyhow::Result<Self> {
        check_is_folder(path)?;
        fs::create_dir_all(path).map_err(|error| {
            CliError::failure(
                format!("{} cannot be written: {}", path.display(), error.kind()),
                "choose a folder you may write to with `--out DIR`",
            )
        })?;
        Ok(Self { path, file })
    }

    /// Writes the table.
    pub(crate) fn write(&self, fill: impl FnOnce(BufWriter<File>) -> std::io::Result<()>) -> anyhow::Result<()> {
        write_file(self.path, self.file, fill)
    }

    /// `wrote changes/diff.csv`
    pub(crate) fn line(&self) -> String {
        format!("wrote {}", self.path.join(self.file).display())
    }
}
