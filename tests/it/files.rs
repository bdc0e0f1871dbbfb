//! Reads texts as files, and shows errors and notices as the command line does.

use std::fmt::Write;
use std::path::Path;

use forecast::error::{Error, Result};
use forecast::read::{self, Dataset, ReadOptions, Source};

use crate::hints::{error_hint, notices::notice_line};
use crate::sandbox::{Sandbox, stdout};

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
pub(crate) fn describe_error(error: &Error) -> String {
    let text = error.to_string();
    let text = text.split_once(": ").map_or(text.clone(), |(path, rest)| {
        let name = Path::new(path).file_name().map_or_else(|| path.into(), |name| name.to_string_lossy());
        format!("{name}: {rest}")
    });
    format!("error: {text}\nhint: {}\nkind: {:?}\n", hint(error), error.kind())
}

/// The hint of an error, `none` if it has none.
pub(crate) fn hint(error: &Error) -> String {
    error_hint(error, |_, _| false).unwrap_or_else(|| "none".into())
}

/// The flags of the first command in the hint of an error: `--frequency daily --duplicates sum`.
pub(crate) fn hinted_flags(error: &Error) -> String {
    let hint = hint(error);
    let command = hint.split('`').skip(1).step_by(2).find(|command| command.starts_with("--"));
    command.unwrap_or_else(|| panic!("no command in: {hint}")).to_owned()
}

/// Runs `forecast inspect` on a text with flags, and returns what it prints.
pub(crate) fn inspect(text: &str, flags: &str) -> String {
    let sandbox = Sandbox::new();
    sandbox.write("a.csv", text);
    stdout(&sandbox.run(&format!("inspect --csv a.csv --verbose {flags}")))
}

/// The values of each series by its key.
pub(crate) fn values_by_key(dataset: &Dataset) -> Vec<(String, Vec<f64>)> {
    dataset.panel.iter().map(|series| (series.key.join(" / "), series.values.to_vec())).collect()
}

/// The notices of a dataset with their hints.
pub(crate) fn notices(dataset: &Dataset) -> Vec<String> {
    dataset.notices.iter().map(notice_line).collect()
}

/// The default options.
pub(crate) fn options() -> ReadOptions {
    ReadOptions::default()
}

/// The date a number of days after 1 January 2024, which is a Monday.
pub(crate) fn date(day: u32) -> chrono::NaiveDate {
    chrono::NaiveDate::from_ymd_opt(2024, 1, 1).unwrap() + chrono::Days::new(day.into())
}

/// A header and a number of lines below it.
pub(crate) fn lines(header: &str, count: u32, line: impl Fn(u32) -> String) -> String {
    let mut text = format!("{header}\n");
    (0..count).for_each(|at| writeln!(text, "{}", line(at)).unwrap());
    text
}

/// The first three values of the first series.
pub(crate) fn first_values(dataset: &Dataset) -> Vec<f64> {
    dataset.panel.iter().next().unwrap().values.iter().take(3).copied().collect()
}

/// The time that is `steps` steps after the end of the first series.
pub(crate) fn time_after_end(dataset: &Dataset, steps: usize) -> String {
    let series = dataset.panel.iter().next().unwrap();
    dataset.panel.format(series.time_at(series.len() - 1 + steps))
}
