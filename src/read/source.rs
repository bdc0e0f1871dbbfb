//! The sources of data: a file, standard input or memory.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::error::{Error, Result, closest_name};

/// The first bytes of compressed files.
const GZIP: [u8; 2] = [0x1F, 0x8B];
const ZSTD: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];

/// A source of data.
///
/// ```
/// use forecast::read::Source;
///
/// assert_eq!(Source::parse("-"), Source::Stdin);
/// assert_eq!(Source::parse("data/demand.csv.gz").stem().as_deref(), Some("demand"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A file.
    Path(PathBuf),
    /// Standard input.
    Stdin,
    /// The contents of a file in memory.
    Bytes(Vec<u8>),
}

impl Source {
    /// The source of a command-line argument: `-` is standard input, anything else a path, which need not be UTF-8.
    pub fn parse(argument: impl AsRef<Path>) -> Self {
        let path = argument.as_ref();
        if path == Path::new("-") { Self::Stdin } else { Self::Path(path.to_path_buf()) }
    }

    /// The name of the file without its folder and its endings: `demand` for `data/demand.csv.gz`.
    pub fn stem(&self) -> Option<String> {
        let Self::Path(path) = self else { return None };
        let ending = path.extension().map(OsStr::to_ascii_lowercase);
        let is_compressed = ending.is_some_and(|ending| ending == "gz" || ending == "zst");
        let inner = if is_compressed { Path::new(path.file_stem()?) } else { path };
        inner.file_stem().map(|stem| stem.to_string_lossy().into_owned())
    }

    /// The same data, readable more than once: standard input is loaded into memory.
    ///
    /// # Errors
    /// [`Error::Read`] if standard input cannot be read.
    pub fn into_rereadable(self) -> Result<Self> {
        if self != Self::Stdin {
            return Ok(self);
        }
        let bytes = self.stored_bytes().map_err(|source| self.error(source))?.into_owned();
        Ok(Self::Bytes(bytes))
    }

    /// All bytes, decompressed, and the SHA-256 hash of the bytes as they are stored.
    pub(crate) fn load(&self) -> Result<(Vec<u8>, String)> {
        if let Self::Path(path) = self
            && path.is_dir()
        {
            return Err(Error::IsFolder { path: path.clone(), table: table_in(path) });
        }
        let stored = self.stored_bytes().map_err(|source| self.error(source))?;
        let sha256 = format!("{:x}", Sha256::digest(&stored));
        Ok((decompressed(stored).map_err(|source| self.error(source))?, sha256))
    }

    fn stored_bytes(&self) -> io::Result<Cow<'_, [u8]>> {
        match self {
            Self::Path(path) => fs::read(path).map(Cow::Owned),
            Self::Stdin => {
                let mut bytes = Vec::new();
                io::stdin().lock().read_to_end(&mut bytes)?;
                Ok(Cow::Owned(bytes))
            }
            Self::Bytes(bytes) => Ok(Cow::Borrowed(bytes)),
        }
    }

    fn error(&self, source: io::Error) -> Error {
        match self {
            Self::Path(path) if source.kind() == io::ErrorKind::NotFound => {
                Error::FileNotFound { path: path.clone(), similar: similar_file(path) }
            }
            Self::Path(path) => Error::Read { path: path.clone(), source },
            Self::Stdin | Self::Bytes(_) => Error::Read { path: self.to_string().into(), source },
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => write!(f, "{}", path.display()),
            Self::Stdin => f.write_str("standard input"),
            Self::Bytes(_) => f.write_str("the data"),
        }
    }
}

/// Whether a file is compressed in a way that the reader knows.
pub(crate) fn is_compressed(bytes: &[u8]) -> bool {
    bytes.starts_with(&GZIP) || bytes.starts_with(&ZSTD)
}

fn decompressed(stored: Cow<'_, [u8]>) -> io::Result<Vec<u8>> {
    if stored.starts_with(&GZIP) {
        let mut bytes = Vec::new();
        flate2::bufread::MultiGzDecoder::new(&*stored).read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    if stored.starts_with(&ZSTD) { zstd::decode_all(&*stored) } else { Ok(stored.into_owned()) }
}

/// A file in the same folder with a similar name.
fn similar_file(path: &Path) -> Option<PathBuf> {
    let folder = path.parent()?;
    let names = file_names(if folder == Path::new("") { Path::new(".") } else { folder })?;
    let wanted = path.file_name().and_then(OsStr::to_str)?;
    closest_name(wanted, names.iter().map(String::as_str)).map(|name| folder.join(name))
}

/// The first file in a folder with the ending of a table.
fn table_in(folder: &Path) -> Option<PathBuf> {
    const ENDINGS: [&str; 12] = [
        ".csv", ".tsv", ".json", ".jsonl", ".parquet", ".arrow", ".arrows", ".feather", ".csv.gz", ".csv.zst", ".xlsx",
        ".ods",
    ];
    let is_table = |name: &String| ENDINGS.iter().any(|ending| name.to_lowercase().ends_with(ending));
    file_names(folder)?.into_iter().find(is_table).map(|name| folder.join(name))
}

fn file_names(folder: &Path) -> Option<Vec<String>> {
    let entries = fs::read_dir(folder).ok()?;
    let mut names: Vec<String> = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    names.sort();
    Some(names)
}
