//! The error type of the crate: one variant for each failure that a caller can act on.
//!
//! A message states the fact and names the file, the line, the column and the value. It never repeats its
//! [`source`](std::error::Error::source) and never names a flag of the command line: settings are named as in
//! [`ReadOptions`](crate::read::ReadOptions).

use std::path::{Path, PathBuf};

use crate::error::location::and_more;

pub(crate) mod data_problem;
mod future_file;
pub(crate) mod location;

pub use crate::error::data_problem::{CovariateProblem, DataProblem, Setting, UnsupportedFormat};
pub use crate::error::location::{Location, Rejected};

/// The result of a fallible function of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure of this crate.
///
/// ```
/// use forecast::error::ErrorKind;
/// use forecast::read::{ReadOptions, Source, read};
///
/// let empty = Source::Bytes(Vec::new());
/// let error = read(&empty, &ReadOptions::default()).unwrap_err();
/// assert_eq!(error.to_string(), "the data: the file is empty");
/// assert_eq!(error.kind(), ErrorKind::Data);
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant describes its fields")]
pub enum Error {
    /// A file or standard input exists, but cannot be read.
    #[error("{path}: cannot be read", path = path.display())]
    Read { path: PathBuf, source: std::io::Error },
    /// A file or a folder cannot be written.
    #[error("{path}: cannot be written", path = path.display())]
    Write { path: PathBuf, source: std::io::Error },
    /// There is no such file; `similar` is one with nearly the same name.
    #[error("{path}: no such file", path = path.display())]
    FileNotFound { path: PathBuf, similar: Option<PathBuf> },
    /// The path is that of a folder; `table` is a data file in it.
    #[error("{path}: is a folder, not a file", path = path.display())]
    IsFolder { path: PathBuf, table: Option<PathBuf> },
    /// A file of data cannot be understood.
    #[error("{file}: {problem}")]
    Data { file: String, problem: Box<DataProblem> },
    /// The season lengths that were given cannot be those of the data, whose longest season could have `max` steps.
    #[error("the season cannot be used: {reason}")]
    InvalidSeason { reason: String, max: usize },
    /// An input is not valid, such as the values of a panel.
    #[error("not a valid {what}: {reason}")]
    InvalidInput { what: &'static str, reason: String },
    /// A name is not in the list of known names.
    #[error("unknown {what} \"{given}\", expected one of: {list}", list = choices.join(", "))]
    UnknownName { what: &'static str, given: String, choices: Vec<String> },
    /// A folder has no run, or one that cannot be used.
    #[error("{path}: {problem}", path = path.display())]
    UnusableRun { path: PathBuf, problem: Box<RunProblem> },
    /// A folder has no saved model, or one that cannot be used.
    #[error("{path}: no usable model: {reason}", path = path.display())]
    UnusableModel { path: PathBuf, reason: String },
    /// No series is long enough.
    #[error(
        "{model} needs at least {need} values to forecast {steps}, the longest series has {got}",
        steps = steps_in_words(*horizon)
    )]
    TooShort { model: &'static str, horizon: usize, need: usize, got: usize },
    /// No networks that ship with the crate suit the frequency and the season of the data.
    #[error(
        "there are no pretrained networks for {frequency} series with a season of {steps}",
        steps = steps_in_words(*season)
    )]
    NoPretrainedNetworks { frequency: String, season: usize },
    /// The forecasts of these series cannot be reconciled.
    #[error("cannot be reconciled: {0}")]
    NotReconcilable(ReconcileProblem),
    /// A covariate has values after the last value of the target, but not for every step of the horizon: `count` of the
    /// `of` steps of all series lack one. The first `reach` steps of every series have one.
    #[error(
        "covariate {column} is known in the future, but has no value at {count} of the {of} steps to forecast: {list}{more}",
        list = missing.join(", "), more = and_more(*count, missing.len())
    )]
    CovariateTooShort { column: String, missing: Vec<String>, count: usize, of: usize, reach: usize },
    /// A saved model was trained with other covariates than those of the data.
    #[error("the model was trained with the covariates {w}, the data has {g}", w = names_or_none(wanted), g = names_or_none(got))]
    CovariateMismatch { wanted: Vec<String>, got: Vec<String> },
    /// A covariate has another kind of values than in the training of a saved model, such as words in place of numbers.
    #[error("the model was trained with {wanted} in the covariate {column}, the data has {got}")]
    CovariateKindMismatch { column: String, wanted: &'static str, got: &'static str },
    /// The loss or its gradient was not finite, and `undone` updates were undone in vain.
    #[error("training diverged in epoch {epoch}: the loss or its gradient was not finite {undone} times")]
    Diverged { epoch: usize, undone: usize },
    /// libtorch failed.
    #[error("libtorch failed")]
    Torch { source: Box<dyn std::error::Error + Send + Sync> },
}

/// Why forecasts cannot be reconciled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant describes its fields")]
pub enum ReconcileProblem {
    /// There is one series only, and no total of several.
    #[error("there is one series only, and no total of several")]
    SingleSeries,
    /// The covariance method cannot handle so many totals.
    #[error("{totals} totals of {series} series are too many for the method mint")]
    TooManyTotals { totals: usize, series: usize },
    /// This many id columns give too many totals.
    #[error("{columns} id columns have too many totals")]
    TooManyIdColumns { columns: usize, max: usize },
    /// A series has the id that stands for a total.
    #[error("the series {series} has the id \"{id}\", which stands for a total")]
    ReservedId { id: String, series: String },
    /// Some series are the sum of others: their ids, and the number of series of which the first is the sum.
    #[error(
        "the series {list} {are}: the sum of all would count these twice", list = ids.join(", "),
        are = if ids.len() == 1 { format!("is the sum of {parts} others") } else { "are sums of others".into() }
    )]
    TotalAmongSeries { ids: Vec<String>, parts: usize },
    /// Two series, each with its first period, have periods of one length that do not begin together. Rows could be
    /// aggregated to `longer` periods.
    #[error(
        "{a} is {step} from {p} on, and {b} from {q} on: forecasts of different periods do not add up",
        a = one.0, p = one.1, b = other.0, q = other.1
    )]
    DifferentPeriods { one: (String, String), other: (String, String), step: String, longer: Option<&'static str> },
    /// Some series end before others.
    #[error("{early}, others end at {last}: forecasts of different periods do not add up")]
    DifferentEnds { early: String, last: String },
}

/// Why the folder of a run cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant describes its fields")]
pub enum RunProblem {
    /// The folder has no run.json.
    #[error("it has no run.json, so it is not the folder of a run")]
    NotARun,
    /// The file run.json is not that of a run.
    #[error("run.json is not the record of a run: {reason}")]
    ForeignRecord { reason: String },
    /// The folder lacks a table that the run wrote. `command` is that of the run.
    #[error("{file} is missing, which the run wrote")]
    MissingFile { file: String, command: Vec<String> },
    /// The folder lacks a table that the version of the run did not write. `command` is that of the run.
    #[error("it has no {file}, which version {version} did not write")]
    NotWritten { file: String, version: String, command: Vec<String> },
    /// A table is not as a run writes it. `command` is that of the run.
    #[error("{file}{at}: {reason}", at = location.map(|at| format!(", {at}")).unwrap_or_default())]
    Damaged { file: String, location: Option<Location>, reason: String, command: Vec<String> },
}

/// The kind of a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The data cannot be read or understood.
    Data,
    /// An argument, a setting or a name is wrong.
    Usage,
    /// Writing, training or loading a model failed.
    Failure,
}

impl Error {
    pub(crate) fn data(file: impl Into<String>, problem: DataProblem) -> Self {
        Self::Data { file: file.into(), problem: Box::new(problem) }
    }

    pub(crate) fn run(folder: &Path, problem: RunProblem) -> Self {
        Self::UnusableRun { path: folder.to_path_buf(), problem: Box::new(problem) }
    }

    pub(crate) fn unknown_name(what: &'static str, given: &str, known: impl IntoIterator<Item: Into<String>>) -> Self {
        Self::UnknownName { what, given: given.into(), choices: known.into_iter().map(Into::into).collect() }
    }

    /// The value of a name in lower or upper case, or the error that it is unknown.
    pub(crate) fn named<T: Copy>(what: &'static str, given: &str, choices: &[(&str, T)]) -> Result<T> {
        let found = choices.iter().find(|(name, _)| *name == given.to_lowercase());
        let names = choices.iter().map(|(name, _)| *name);
        found.map(|(_, value)| *value).ok_or_else(|| Self::unknown_name(what, given, names))
    }

    /// The kind of this failure.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Data { problem, .. } => match **problem {
                DataProblem::ColumnNotFound { .. } | DataProblem::ConflictingRoles { .. } => ErrorKind::Usage,
                _ => ErrorKind::Data,
            },
            Self::Read { .. }
            | Self::FileNotFound { .. }
            | Self::IsFolder { .. }
            | Self::TooShort { .. }
            | Self::NoPretrainedNetworks { .. }
            | Self::NotReconcilable(_)
            | Self::UnusableRun { .. }
            | Self::CovariateTooShort { .. } => ErrorKind::Data,
            Self::InvalidSeason { .. }
            | Self::InvalidInput { .. }
            | Self::UnknownName { .. }
            | Self::CovariateMismatch { .. }
            | Self::CovariateKindMismatch { .. } => ErrorKind::Usage,
            Self::Write { .. } | Self::UnusableModel { .. } | Self::Diverged { .. } | Self::Torch { .. } => {
                ErrorKind::Failure
            }
        }
    }
}

fn names_or_none(names: &[String]) -> String {
    if names.is_empty() { "none".into() } else { names.join(", ") }
}

fn steps_in_words(steps: usize) -> String {
    if steps == 1 { "1 step".into() } else { format!("{steps} steps") }
}

/// The name that `wanted` probably means, ignoring case: the nearest one by its edits, of which a swap of two letters is
/// one, or else a name that has `wanted` as a word or starts with it. A third of the letters may be edited, and one of few.
pub(crate) fn closest_name<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    const MIN_LETTERS: usize = 3;
    let wanted = wanted.trim().to_lowercase();
    let letters = wanted.chars().count();
    let max_distance = (letters / 3).max(1);
    let names: Vec<(&str, String)> = names.map(|name| (name, name.trim().to_lowercase())).collect();
    let distance = |name: &String| strsim::osa_distance(&wanted, name);
    let nearest = names.iter().map(|(name, lower)| (distance(lower), *name)).min_by_key(|(distance, _)| *distance);
    let nearest =
        nearest.filter(|(distance, _)| *distance <= max_distance && *distance < letters).map(|(_, name)| name);
    let has_word = |lower: &String| {
        let mut words = lower.split(|c: char| !c.is_alphanumeric());
        lower.starts_with(&wanted) || words.any(|word| word == wanted)
    };
    let longer = || names.iter().find(|(_, lower)| letters >= MIN_LETTERS && has_word(lower)).map(|(name, _)| *name);
    nearest.or_else(longer)
}
