//! One error type: a variant for each thing a person can act on, and a hint that says the way out.

use std::path::PathBuf;

use chrono::NaiveDate;

pub(crate) mod hint;
pub(crate) mod place;

pub use crate::error::place::{Cells, Lines, Place};

/// The library's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error's underlying cause from another crate.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// What can go wrong that a person can act on. [`Error::hint`] says the way out of each.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder could not be read or written.
    #[error("{path}: {action} failed: {source}", path = path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was tried: `reading`, `writing`, …
        action: &'static str,
        /// The system's word.
        source: std::io::Error,
    },

    /// A folder holds no saved model, or one that cannot be used.
    #[error("{path} holds no model that can be used: {reason}", path = path.display())]
    NoModel {
        /// The folder.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A value from which a panel or a frequency cannot be made.
    #[error("no {what} can be made of this: {reason}")]
    InvalidInput {
        /// What was to be made.
        what: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// No series is long enough for what was asked.
    #[error("{model} needs at least {need} values to forecast {horizon} steps, the longest series has {got}")]
    TooShort {
        /// The model's name.
        model: &'static str,
        /// Steps to forecast.
        horizon: usize,
        /// Values needed.
        need: usize,
        /// Values of the longest series.
        got: usize,
    },
    /// Series that cannot be added up.
    #[error("not reconciled: {reason}")]
    NoSums {
        /// Why not.
        reason: String,
        /// What to do about it.
        way_out: String,
    },
    /// Training found no way to a finite loss.
    #[error("training diverged in epoch {epoch}: the loss or its gradient was not finite {undone} times")]
    Diverged {
        /// The epoch, from 1.
        epoch: usize,
        /// Steps that were undone before giving up.
        undone: usize,
    },
    /// libtorch refused.
    #[error("libtorch: {source}")]
    Torch {
        /// libtorch's word.
        source: Cause,
    },
    // reading data
    /// The file to read is not there.
    #[error("{path}: no such file", path = path.display())]
    NoFile {
        /// The file.
        path: PathBuf,
        /// A file with a similar name beside it.
        similar: Option<PathBuf>,
    },
    /// The file holds nothing.
    #[error("{name}: the file is empty")]
    Empty {
        /// The file.
        name: String,
    },
    /// The file holds a header and nothing below it.
    #[error("{name}: a header, but no rows below it")]
    NoRows {
        /// The file.
        name: String,
    },
    /// The file holds something other than a table.
    #[error("{name}: this is {what}")]
    Foreign {
        /// The file.
        name: String,
        /// What it is.
        what: &'static str,
        /// What to do about it.
        way_out: &'static str,
    },
    /// Lines that do not fit the header, or are not what the file's form promises.
    #[error("{name}: {lines}")]
    BadLines {
        /// The file.
        name: String,
        /// The lines.
        lines: Lines,
    },
    /// The file is not what its form promises.
    #[error("{name}: {at}{reason}", at = place.map(|place| format!("{place}: ")).unwrap_or_default())]
    Malformed {
        /// The file.
        name: String,
        /// Where, if it can be told.
        place: Option<Place>,
        /// What is wrong.
        reason: String,
    },
    /// A column that was asked for is not there.
    #[error("{name}: no column \"{column}\" (there are: {list})", list = columns.join(", "))]
    NoColumn {
        /// The file.
        name: String,
        /// What was asked for.
        column: String,
        /// The flag that asked for it.
        flag: &'static str,
        /// The columns there are.
        columns: Vec<String>,
        /// The one that was probably meant.
        similar: Option<String>,
    },
    /// One column was asked for in two roles.
    #[error("{name}: column \"{column}\" cannot be both {one} and {other}")]
    TwoRoles {
        /// The file.
        name: String,
        /// The column.
        column: String,
        /// One role.
        one: &'static str,
        /// The other.
        other: &'static str,
    },
    /// There is nothing to forecast.
    #[error("{name}: no column of numbers (there are: {list})", list = columns.join(", "))]
    NoTarget {
        /// The file.
        name: String,
        /// The columns there are.
        columns: Vec<String>,
    },
    /// Several columns could be the one to forecast.
    #[error("{name}: several columns could be forecast: {list}", list = candidates.join(", "))]
    ManyTargets {
        /// The file.
        name: String,
        /// The columns of numbers.
        candidates: Vec<String>,
    },
    /// Several series, and nothing that orders their rows.
    #[error("{name}: no column of dates or times (there are: {list})", list = columns.join(", "))]
    NoTime {
        /// The file.
        name: String,
        /// The columns there are.
        columns: Vec<String>,
    },
    /// Cells of the time column are no times.
    #[error("{name}: {said}", said = cells.say(column, "is not a date", "are not dates"))]
    BadTimes {
        /// The file.
        name: String,
        /// The column.
        column: String,
        /// The cells.
        cells: Cells,
    },
    /// Day and month can be read in either order, and nothing in the column tells which is right.
    #[error(
        "{name}: {place}, column {column}: \"{value}\" may be {day_first} or {month_first}, and no other date tells"
    )]
    EitherOrder {
        /// The file.
        name: String,
        /// The column.
        column: String,
        /// Where the first such date stands.
        place: Place,
        /// The cell.
        value: String,
        /// The date with the day first.
        day_first: NaiveDate,
        /// The date with the month first.
        month_first: NaiveDate,
    },
    /// Times are given at changing distances from UTC, as in no zone that is known.
    #[error("{name}: {place}, column {column}: the offset from UTC changes here, in a way that is no known zone's")]
    Offsets {
        /// The file.
        name: String,
        /// The column.
        column: String,
        /// Where it first changes.
        place: Place,
    },
    /// Some times say their distance from UTC and others do not.
    #[error(
        "{name}: {place}, column {column}: some times have an offset from UTC and others have none, as \"{value}\""
    )]
    SomeZones {
        /// The file.
        name: String,
        /// The column.
        column: String,
        /// The first that is not like the first of all.
        place: Place,
        /// The cell.
        value: String,
    },
    /// Cells of the target are no numbers.
    #[error("{name}: {said}", said = cells.say(column, "is not a number", "are not numbers"))]
    BadNumbers {
        /// The file.
        name: String,
        /// The column.
        column: String,
        /// The cells.
        cells: Cells,
    },
    /// Cells of the target are counted in different units.
    #[error(
        "{name}: column {column}: {p} \"{a}\" and {q} \"{b}\" are not counted in the same",
        p = one.0, a = one.1, q = other.0, b = other.1
    )]
    MixedUnits {
        /// The file.
        name: String,
        /// The column.
        column: String,
        /// One cell.
        one: (Place, String),
        /// The other.
        other: (Place, String),
    },
    /// The target has no value at all.
    #[error("{name}: column {column} holds no value")]
    NothingObserved {
        /// The file.
        name: String,
        /// The column.
        column: String,
    },
    /// One time has several values.
    #[error("{name}: {time}{of} has different values on {list}", of = of(series.as_deref()), list = listed(places))]
    DuplicatePolicy {
        /// The file.
        name: String,
        /// The first such time.
        time: String,
        /// The series, where there are several.
        series: Option<String>,
        /// Where its values stand.
        places: Vec<Place>,
        /// Columns that may tell series apart.
        candidates: Vec<String>,
    },
    /// The times are too few to tell their step.
    #[error("{name}: one time only, which tells no frequency")]
    OneTime {
        /// The file.
        name: String,
    },
    /// The frequency that was asked for is not that of the times.
    #[error("{name}: the times are {found}, which does not fit `--frequency {asked}`")]
    OtherFrequency {
        /// The file.
        name: String,
        /// What was asked for.
        asked: String,
        /// What the times show.
        found: String,
        /// Whether that is a shorter step, so that rows could be added up.
        finer: bool,
    },
    /// Times lie off the regular step.
    #[error("{name}: column {column}: {count} of {rows} times off the regular step ({frequency}), the first: {list}", list = cells.iter().map(|(place, value)| format!("{place} {value}")).collect::<Vec<_>>().join(", "))]
    OffGrid {
        /// The file.
        name: String,
        /// The time column.
        column: String,
        /// The frequency that fits best, or that was asked for.
        frequency: String,
        /// Whether it was asked for.
        asked: bool,
        /// The first times that do not fit.
        cells: Vec<(Place, String)>,
        /// How many there are.
        count: usize,
        /// Of how many.
        rows: usize,
    },
    /// Nearly all periods between the first time and the last are missing.
    #[error(
        "{name}: {rows} rows for {periods} periods ({frequency}): most are missing, the longest gap from {from} to {to}"
    )]
    Sparse {
        /// The file.
        name: String,
        /// The frequency.
        frequency: String,
        /// Whether a step is shorter than a day, so that rows could become days.
        within_a_day: bool,
        /// Rows there are.
        rows: usize,
        /// Periods there should be.
        periods: usize,
        /// Where the longest gap begins.
        from: String,
        /// Where it ends.
        to: String,
    },
    /// A column that was asked for as a covariate cannot be one.
    #[error("{name}: column \"{column}\" {reason}")]
    NoCovariate {
        /// The file.
        name: String,
        /// The column.
        column: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A covariate has values after the last target, but not for all that is to be forecast.
    #[error(
        "covariate {column} has values after the last of the target, but not for {count} of the {of} steps to \
         forecast: {list}{more}",
        list = missing.join(", "), more = if *count > missing.len() { format!(" and {} more", count - missing.len()) } else { String::new() }
    )]
    NotKnownAhead {
        /// The covariate.
        column: String,
        /// The first series and times that have none.
        missing: Vec<String>,
        /// How many there are, over all series.
        count: usize,
        /// Steps to forecast, over all series.
        of: usize,
        /// Steps that have a value in every series.
        reach: usize,
    },
    /// A saved model learned from other covariates than there are.
    #[error("the model learned from the covariates {w}, there are {g}", w = named(wanted), g = named(got))]
    OtherCovariates {
        /// What it learned from.
        wanted: Vec<String>,
        /// What there is.
        got: Vec<String>,
    },
    /// Rows of the future that cannot be told from the past.
    #[error("{name}: {reason}")]
    BadFuture {
        /// The file with the future rows.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A name that is none of a fixed list.
    #[error("\"{given}\" is no {what} (there are: {list})", list = choices.join(", "))]
    UnknownName {
        /// What it should name.
        what: &'static str,
        /// What was given.
        given: String,
        /// What there is.
        choices: Vec<String>,
    },
}

/// What kind of failure an error is; the command line makes its exit code of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The data cannot be read or understood.
    Data,
    /// The request itself does not make sense.
    Usage,
    /// Anything else that failed.
    Failure,
}

impl Error {
    /// An error that libtorch gave.
    pub(crate) fn torch(source: impl Into<Cause>) -> Self {
        Self::Torch { source: source.into() }
    }

    /// What kind of failure this is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Io { action: "reading", .. } => Kind::Data,
            Self::Io { .. } | Self::NoModel { .. } | Self::Diverged { .. } | Self::Torch { .. } => Kind::Failure,
            Self::NoColumn { .. } | Self::TwoRoles { .. } | Self::UnknownName { .. } | Self::OtherCovariates { .. } => {
                Kind::Usage
            }
            _ => Kind::Data,
        }
    }
}

fn named(names: &[String]) -> String {
    if names.is_empty() { "none".into() } else { names.join(", ") }
}

fn of(series: Option<&str>) -> String {
    series.map_or_else(String::new, |series| format!(" of {series}"))
}

fn listed(places: &[Place]) -> String {
    places.iter().map(Place::to_string).collect::<Vec<_>>().join(" and ")
}
