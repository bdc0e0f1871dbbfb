//! A file with the text that a test needs, in a folder of its own.

use forecast::read;
use std::path::Path;

use forecast::error::{Error, Result};
use forecast::read::{Dataset, ReadOptions, Source};

/// Reads a text as if it were a file of this name.
pub(crate) fn read(name: &str, text: impl AsRef<[u8]>, options: &ReadOptions) -> Result<Dataset> {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let path = folder.path().join(name);
    std::fs::write(&path, text).expect("a file for the test");
    read::read(&Source::Path(path), options)
}

/// Reads with nothing said about the file.
pub(crate) fn understood(name: &str, text: impl AsRef<[u8]>) -> Dataset {
    read(name, text, &ReadOptions::default()).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// One of the files that come with the program.
pub(crate) fn shipped(name: &str, options: &ReadOptions) -> Result<Dataset> {
    read::read(&Source::Path(Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets").join(name)), options)
}

/// An error as it is printed, without the folder.
pub(crate) fn said(error: &Error) -> String {
    let text = error.to_string();
    let text = text.split_once(": ").map_or(text.clone(), |(path, rest)| {
        let name = Path::new(path).file_name().map_or_else(|| path.into(), |name| name.to_string_lossy());
        format!("{name}: {rest}")
    });
    let hint = error.hint().unwrap_or_else(|| "none".into());
    format!("error: {text}\nhint: {hint}\nkind: {:?}\n", error.kind())
}
