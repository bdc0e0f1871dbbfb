//! The folder that a run writes. It is checked before the fit, filled under a temporary name, and moved at the end.

use std::fs;
use std::path::{Path, PathBuf};

use crate::exit_status::CliError;
use crate::report::run_json;

/// The destination of the output.
#[derive(Debug)]
pub(crate) enum Destination {
    /// The forecast only, on stdout, as with `--out -`.
    Stdout,
    /// All files, in a folder.
    Folder(OutputDir),
}

/// A folder that may be written or replaced.
/// `path` is absolute if the folder exists; `typed_path` is the path as typed.
#[derive(Debug)]
pub(crate) struct OutputDir {
    path: PathBuf,
    typed_path: PathBuf,
}

impl Destination {
    /// Checks that a run may write here; `-` stands for stdout.
    pub(crate) fn check(out: &Path) -> anyhow::Result<Self> {
        if out == Path::new("-") { Ok(Self::Stdout) } else { Ok(Self::Folder(OutputDir::check(out)?)) }
    }

    /// The folder, if it is one.
    pub(crate) fn folder(&self) -> Option<&OutputDir> {
        match self {
            Self::Stdout => None,
            Self::Folder(folder) => Some(folder),
        }
    }
}

impl OutputDir {
    /// Checks that the folder can be written, and that it replaces at most the folder of an earlier run.
    pub(crate) fn check(out: &Path) -> anyhow::Result<Self> {
        let path =
            if out.exists() { fs::canonicalize(out).map_err(|e| unwritable(out, &e))? } else { out.to_path_buf() };
        let folder = Self { path, typed_path: out.to_path_buf() };
        if folder.path.exists() {
            folder.check_replaceable()?;
        }
        let parent = folder.nearest_existing_parent();
        tempfile::tempdir_in(&parent).map_err(|e| unwritable(out, &e))?;
        Ok(folder)
    }

    fn check_replaceable(&self) -> anyhow::Result<()> {
        let shown = self.typed_path.display();
        if !self.path.is_dir() {
            return Err(CliError::failure(
                format!("{shown} is a file, the output needs a folder"),
                "choose a folder with `--out DIR`, or `--out -` for the forecast alone on stdout",
            ));
        }
        if std::env::current_dir().is_ok_and(|current| current.starts_with(&self.path)) {
            return Err(CliError::failure(
                format!("{shown} is the current folder, which is never replaced"),
                format!("choose a folder inside it, as in `--out {}`", self.typed_path.join("out").display()),
            ));
        }
        let empty = fs::read_dir(&self.path).map_err(|e| unwritable(&self.typed_path, &e))?.next().is_none();
        if empty || run_json::has_run_record(&self.path) {
            return Ok(());
        }
        Err(CliError::failure(
            format!("{shown} was not written by forecast, so it is not replaced"),
            "choose another folder with `--out DIR`, or remove this one",
        ))
    }

    fn nearest_existing_parent(&self) -> PathBuf {
        let parents = self.path.ancestors().skip(1);
        let parents = parents.map(|parent| if parent == Path::new("") { Path::new(".") } else { parent });
        parents.into_iter().find(|parent| parent.exists()).unwrap_or(Path::new(".")).to_path_buf()
    }

    /// The path as typed.
    pub(crate) fn typed_path(&self) -> &Path {
        &self.typed_path
    }

    /// `wrote demand-forecast/: forecast.csv, forecast.png, model/, run.json`
    pub(crate) fn contents_line(&self) -> std::io::Result<String> {
        Ok(format!("wrote {}/: {}", self.typed_path.display(), self.contents()?.join(", ")))
    }

    /// The names of its files, and of its folders with a slash.
    fn contents(&self) -> std::io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            let entry = entry?;
            let slash = if entry.file_type()?.is_dir() { "/" } else { "" };
            names.push(format!("{}{slash}", entry.file_name().to_string_lossy()));
        }
        names.sort();
        Ok(names)
    }

    /// Whether a file or folder is inside, so that it would be replaced too.
    pub(crate) fn contains(&self, path: &Path) -> bool {
        fs::canonicalize(path).is_ok_and(|path| path.starts_with(&self.path))
    }

    /// Calls `fill` with a temporary folder, which then replaces the output folder. If `fill` fails, nothing is replaced.
    pub(crate) fn replace(&self, fill: impl FnOnce(&Path) -> anyhow::Result<()>) -> anyhow::Result<()> {
        let failed = |e: std::io::Error| unwritable(&self.typed_path, &e);
        let parent = match self.path.parent() {
            Some(parent) if parent != Path::new("") => parent,
            _ => Path::new("."),
        };
        fs::create_dir_all(parent).map_err(failed)?;
        let staging = tempfile::Builder::new().prefix(".forecast-").tempdir_in(parent).map_err(failed)?;
        // not the temporary folder itself, which only its owner may read
        let (new, old) = (staging.path().join("new"), staging.path().join("old"));
        fs::create_dir(&new).map_err(failed)?;
        fill(&new)?;
        let replaced = self.path.exists();
        if replaced {
            fs::rename(&self.path, &old).map_err(failed)?;
        }
        fs::rename(&new, &self.path).map_err(|e| {
            if replaced {
                // if this fails too, the error of the first rename is returned
                let _ = fs::rename(&old, &self.path);
            }
            failed(e)
        })
    }
}

fn unwritable(path: &Path, cause: &std::io::Error) -> anyhow::Error {
    CliError::failure(
        // only the kind, because the error of tempfile adds its own path
        format!("{} cannot be written: {}", path.display(), cause.kind()),
        "choose a folder you may write to with `--out DIR`, or `--out -` for the forecast alone on stdout",
    )
}
