//! Where the data comes from, and its bytes.

use std::ffi::OsStr;
use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// A file or standard input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A file by its path.
    Path(PathBuf),
    /// Standard input.
    Stdin,
}

impl Input {
    /// What is meant on a command line: `-` is standard input, all else a path.
    pub fn parse(text: &str) -> Self {
        if text == "-" { Self::Stdin } else { Self::Path(text.into()) }
    }

    /// The file's name without folder and extension.
    pub(super) fn stem(&self) -> Option<String> {
        match self {
            Self::Path(path) => path.file_stem().map(|stem| stem.to_string_lossy().into_owned()),
            Self::Stdin => None,
        }
    }

    /// All bytes.
    pub(super) fn bytes(&self) -> Result<Vec<u8>> {
        let bytes = match self {
            Self::Path(path) => std::fs::read(path),
            Self::Stdin => {
                let mut bytes = Vec::new();
                std::io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
            }
        };
        bytes.map_err(|source| match self {
            Self::Path(path) if source.kind() == std::io::ErrorKind::NotFound => {
                Error::NoFile { path: path.clone(), similar: similar(path) }
            }
            _ => Error::Io { path: self.to_string().into(), action: "reading", source },
        })
    }
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => write!(f, "{}", path.display()),
            Self::Stdin => f.write_str("standard input"),
        }
    }
}

/// A file in the same folder whose name is close to the one that is not there.
fn similar(path: &Path) -> Option<PathBuf> {
    let folder = path.parent()?;
    let listed = std::fs::read_dir(if folder == Path::new("") { Path::new(".") } else { folder }).ok()?;
    let mut names: Vec<String> = listed.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    names.sort();
    let wanted = path.file_name().and_then(OsStr::to_str)?;
    closest(wanted, names.iter().map(String::as_str)).map(|name| folder.join(name))
}

/// The name that a few letters more, less or other would turn into `wanted`.
pub(super) fn closest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = wanted.to_lowercase();
    let allowed = if wanted.chars().count() < 4 { 1 } else { (wanted.chars().count() / 3).max(2) };
    names
        .map(|name| (distance(&wanted, &name.to_lowercase()), name))
        .filter(|(d, _)| *d <= allowed)
        .min_by_key(|(d, _)| *d)
        .map(|(_, name)| name)
}

/// Levenshtein's distance: letters to insert, delete or replace.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typing_mistake_finds_its_name() {
        let names = ["date", "demand", "temperature"];
        assert_eq!(closest("demnad", names.into_iter()), Some("demand"));
        assert_eq!(closest("Dat", names.into_iter()), Some("date"));
        assert_eq!(closest("sales", names.into_iter()), None);
    }
}
