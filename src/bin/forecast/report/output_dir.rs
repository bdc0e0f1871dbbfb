//! The folder that a run writes: refused before the long run, filled beside its place, and swapped in at the end.

use std::fs;
use std::path::{Path, PathBuf};

use crate::cli_error::CliError;
use crate::report::run_json;

/// Where the outputs go.
#[derive(Debug)]
pub(crate) enum Destination {
    /// `--out -`: the forecast alone, to stdout.
    Stdout,
    /// A folder of outputs.
    Folder(OutputDir),
}

/// A folder that may be written or replaced.
#[derive(Debug)]
pub(crate) struct OutputDir {
    place: PathBuf,
    shown: PathBuf,
}

impl Destination {
    /// Checks that a run may end here, `-` being stdout.
    pub(crate) fn check(out: &Path) -> anyhow::Result<Self> {
        if out == Path::new("-") { Ok(Self::Stdout) } else { Ok(Self::Folder(OutputDir::check(out)?)) }
    }
}

impl OutputDir {
    /// Checks, before anything long is run, that a folder can be written here and that nothing but an earlier run's
    /// folder would be replaced.
    pub(crate) fn check(out: &Path) -> anyhow::Result<Self> {
        let place =
            if out.exists() { fs::canonicalize(out).map_err(|e| unwritable(out, &e))? } else { out.to_path_buf() };
        let folder = Self { place, shown: out.to_path_buf() };
        if folder.place.exists() {
            folder.check_replaceable()?;
        }
        let beside = folder.nearest_existing_parent();
        tempfile::tempdir_in(&beside).map_err(|e| unwritable(out, &e))?;
        Ok(folder)
    }

    fn check_replaceable(&self) -> anyhow::Result<()> {
        let shown = self.shown.display();
        if !self.place.is_dir() {
            return Err(CliError::failure(
                format!("{shown} is a file, the outputs need a folder"),
                "choose a folder with `--out DIR`, or `--out -` for the forecast alone on stdout",
            ));
        }
        if std::env::current_dir().is_ok_and(|current| current.starts_with(&self.place)) {
            return Err(CliError::failure(
                format!("{shown} is the folder you are in, it is not replaced"),
                format!("choose a folder inside it, as in `--out {}`", self.shown.join("out").display()),
            ));
        }
        let empty = fs::read_dir(&self.place).map_err(|e| unwritable(&self.shown, &e))?.next().is_none();
        if empty || run_json::is_ours(&self.place) {
            return Ok(());
        }
        Err(CliError::failure(
            format!("{shown} was not written by forecast, it is left as it is"),
            "choose another folder with `--out DIR`, or remove this one",
        ))
    }

    fn nearest_existing_parent(&self) -> PathBuf {
        let parents = self.place.ancestors().skip(1);
        let parents = parents.map(|parent| if parent == Path::new("") { Path::new(".") } else { parent });
        parents.into_iter().find(|parent| parent.exists()).unwrap_or(Path::new(".")).to_path_buf()
    }

    /// As the user wrote it.
    pub(crate) fn shown(&self) -> &Path {
        &self.shown
    }

    /// The names of what it holds, folders with a slash.
    pub(crate) fn contents(&self) -> std::io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.place)? {
            let entry = entry?;
            let slash = if entry.file_type()?.is_dir() { "/" } else { "" };
            names.push(format!("{}{slash}", entry.file_name().to_string_lossy()));
        }
        names.sort();
        Ok(names)
    }

    /// Whether something lies inside and would be replaced with it.
    pub(crate) fn contains(&self, path: &Path) -> bool {
        fs::canonicalize(path).is_ok_and(|path| path.starts_with(&self.place))
    }

    /// Has a new folder filled beside its place, then puts it there: a run that fails leaves the last good one.
    pub(crate) fn replace(&self, fill: impl FnOnce(&Path) -> anyhow::Result<()>) -> anyhow::Result<()> {
        let failed = |e: std::io::Error| unwritable(&self.shown, &e);
        let parent = match self.place.parent() {
            Some(parent) if parent != Path::new("") => parent,
            _ => Path::new("."),
        };
        fs::create_dir_all(parent).map_err(failed)?;
        let staging = tempfile::Builder::new().prefix(".forecast-").tempdir_in(parent).map_err(failed)?;
        // one level down, so that the folder has the permissions that any new folder has
        let (new, old) = (staging.path().join("new"), staging.path().join("old"));
        fs::create_dir(&new).map_err(failed)?;
        fill(&new)?;
        let replaced = self.place.exists();
        if replaced {
            fs::rename(&self.place, &old).map_err(failed)?;
        }
        fs::rename(&new, &self.place).map_err(|e| {
            if replaced {
                // nothing better is left to do if this fails too: the error that is reported says what happened
                let _ = fs::rename(&old, &self.place);
            }
            failed(e)
        })
    }
}

fn unwritable(path: &Path, cause: &std::io::Error) -> anyhow::Error {
    CliError::failure(
        format!("{} cannot be written: {}", path.display(), in_words(cause)),
        "choose a folder you may write to with `--out DIR`, or `--out -` for the forecast alone on stdout",
    )
}

/// The system's reason without tempfile's own path and without the number of the error.
fn in_words(cause: &std::io::Error) -> String {
    cause.kind().to_string()
}
