//! Reads texts as files, and shows errors and notices as the command line does.

use std::path::Path;

use forecast::error::{Error, Result};
use forecast::read::{self, Dataset, ReadOptions, Source};

use crate::hints::{error_hint, notice_line};

/// Reads a text as if it were a file of this name.
pub(crate) fn read(name: &str, text: impl AsRef<[u8]>, options: &ReadOptions) -> Result<Dataset> {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let path = folder.path().join(name);
    std::fs::write(&path, text).expect("a file for the test");
    read::read(&Source::Path(path), options)
}

/// Reads a text with the default options.
pub(crate) fn read_default(name: &str, text: impl AsRef<[u8]>) -> Dataset {
    read(name, text, &ReadOptions::default()).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Reads a file of the folder `datasets`.
pub(crate) fn read_dataset(name: &str, options: &ReadOptions) -> Result<Dataset> {
    read::read(&Source::Path(Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets").join(name)), options)
}

/// The message, the hint and the kind of an error, without the folder of the file.
pub(crate) fn shown(error: &Error) -> String {
    let text = error.to_string();
    let text = text.split_once(": ").map_or(text.clone(), |(path, rest)| {
        let name = Path::new(path).file_name().map_or_else(|| path.into(), |name| name.to_string_lossy());
        format!("{name}: {rest}")
    });
    format!("error: {text}\nhint: {}\nkind: {:?}\n", hint(error), error.kind())
}

/// The hint of an error, `none` if it has none.
pub(crate) fn hint(error: &Error) -> String {
    error_hint(error).unwrap_or_else(|| "none".into())
}

/// The notices of a dataset with their hints.
pub(crate) fn notices(dataset: &Dataset) -> Vec<String> {
    dataset.notices.iter().map(notice_line).collect()
}
