//! Where the data comes from, and its bytes: hashed while they are read, and unpacked if they were packed.

use std::ffi::OsStr;
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::name_suggestion::closest_name;

/// A file or standard input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A file by its path.
    Path(PathBuf),
    /// Standard input.
    Stdin,
    /// What a file would hold, in memory.
    Bytes(Vec<u8>),
}

impl Source {
    /// The source of a command-line argument: `-` is standard input, all else a path.
    pub fn parse(argument: impl AsRef<Path>) -> Self {
        let path = argument.as_ref();
        if path == Path::new("-") { Self::Stdin } else { Self::Path(path.to_path_buf()) }
    }

    /// The file's name without folder and extension, nor that of a packed file.
    pub fn stem(&self) -> Option<String> {
        let Self::Path(path) = self else { return None };
        let packed =
            path.extension().is_some_and(|ending| ["gz", "zst"].iter().any(|p| ending.eq_ignore_ascii_case(p)));
        let inner = if packed { Path::new(path.file_stem()?) } else { path };
        inner.file_stem().map(|stem| stem.to_string_lossy().into_owned())
    }

    /// The same, to be read more than once: standard input is taken into memory.
    ///
    /// # Errors
    /// If standard input cannot be read.
    pub fn held(self) -> Result<Self> {
        if self != Self::Stdin {
            return Ok(self);
        }
        let mut bytes = Vec::new();
        let read = io::stdin().lock().read_to_end(&mut bytes);
        read.map_err(|source| Error::Io { path: self.to_string().into(), action: "reading", source })?;
        Ok(Self::Bytes(bytes))
    }

    /// All of it.
    pub(crate) fn content(&self) -> Result<Content> {
        let opened = match self {
            Self::Path(path) => File::open(path).and_then(|file| {
                let length = file.metadata()?.len();
                Content::of(file, length)
            }),
            Self::Stdin => Content::of(io::stdin().lock(), 0),
            Self::Bytes(bytes) => Content::of(bytes.as_slice(), bytes.len() as u64),
        };
        opened.map_err(|source| match self {
            Self::Path(path) if source.kind() == io::ErrorKind::NotFound => {
                Error::NoFile { path: path.clone(), similar: similar(path) }
            }
            _ => Error::Io { path: self.to_string().into(), action: "reading", source },
        })
    }
}

/// A file's bytes.
#[derive(Debug)]
pub(crate) struct Content {
    /// Unpacked.
    pub(crate) bytes: Vec<u8>,
    /// Of the file as it lies there.
    pub(crate) sha256: String,
}

impl Content {
    /// Reads to the end. `length`: how much to expect, if it is known.
    fn of(source: impl Read, length: u64) -> io::Result<Self> {
        let mut source = BufReader::with_capacity(1 << 18, Hashed { source, hash: Sha256::new() });
        let mut bytes = Vec::new();
        match source.fill_buf()? {
            [0x1F, 0x8B, ..] => {
                flate2::bufread::MultiGzDecoder::new(&mut source).read_to_end(&mut bytes)?;
            }
            [0x28, 0xB5, 0x2F, 0xFD, ..] => {
                zstd::Decoder::with_buffer(&mut source)?.read_to_end(&mut bytes)?;
            }
            _ => {
                bytes
                    .try_reserve_exact(usize::try_from(length).unwrap_or(0))
                    .map_err(|_| io::ErrorKind::OutOfMemory)?;
                source.read_to_end(&mut bytes)?;
            }
        }
        // what stands behind a packed stream belongs to the file
        io::copy(&mut source, &mut io::sink())?;
        Ok(Self { bytes, sha256: format!("{:x}", source.into_inner().hash.finalize()) })
    }
}

/// Takes the hash of what is read through it.
struct Hashed<R> {
    source: R,
    hash: Sha256,
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.hash.update(&buffer[..count]);
        Ok(count)
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

/// A file in the same folder whose name is close to the one that is not there.
fn similar(path: &Path) -> Option<PathBuf> {
    let folder = path.parent()?;
    let listed = std::fs::read_dir(if folder == Path::new("") { Path::new(".") } else { folder }).ok()?;
    let mut names: Vec<String> = listed.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    names.sort();
    let wanted = path.file_name().and_then(OsStr::to_str)?;
    closest_name(wanted, names.iter().map(String::as_str)).map(|name| folder.join(name))
}
