//! What can be wrong with a file of data.

use std::fmt;

use chrono::NaiveDate;

use crate::error::location::{Location, RejectedCells, RejectedLines};
use crate::error::setting::Setting;

/// What is wrong with a file of data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DataProblem {
    /// The file holds nothing.
    #[error("the file is empty")]
    Empty,
    /// The file has a header and no rows.
    #[error("the file has a header, but no rows below it")]
    NoRows,
    /// The file has more rows than the reader can handle.
    #[error("{rows} rows are too many, the most is {max}")]
    TooManyRows {
        /// The number of rows, each counted once for every series that it holds.
        rows: usize,
        /// The largest number that can be read.
        max: usize,
    },
    /// The file is in a format that is not a table or not supported.
    #[error("the file is {0}, which cannot be read")]
    UnsupportedFormat(UnsupportedFormat),
    /// Lines do not fit the header or the format of the file.
    #[error("{0}")]
    RejectedLines(RejectedLines),
    /// The file breaks the rules of its format.
    #[error("{at}{reason}", at = location.map(|location| format!("{location}: ")).unwrap_or_default())]
    Malformed {
        /// Where it does so, if that is known.
        location: Option<Location>,
        /// What is wrong.
        reason: String,
    },
    /// There is no column of this name.
    #[error("no column \"{column}\" (the columns are: {list})", list = columns.join(", "))]
    ColumnNotFound {
        /// The name.
        column: String,
        /// The setting that names the column.
        setting: Setting,
        /// The columns of the file.
        columns: Vec<String>,
        /// The column with the nearest name.
        similar: Option<String>,
    },
    /// Two settings name the same column.
    #[error("column \"{column}\" cannot be both {first} and {second}")]
    ConflictingRoles {
        /// The column.
        column: String,
        /// One of the settings.
        first: Setting,
        /// The other setting.
        second: Setting,
    },
    /// No column holds numbers that could be forecast.
    #[error("no column of numbers (the columns are: {list})", list = columns.join(", "))]
    NoNumericColumn {
        /// The columns of the file.
        columns: Vec<String>,
    },
    /// Several columns could be the target.
    #[error("several columns could be the target: {list}", list = candidates.join(", "))]
    AmbiguousTarget {
        /// The columns of numbers.
        candidates: Vec<String>,
    },
    /// There are several series, and no column orders their rows.
    #[error("no column of dates or times (the columns are: {list})", list = columns.join(", "))]
    NoTimeColumn {
        /// The columns of the file.
        columns: Vec<String>,
    },
    /// Cells of the time column are not times.
    #[error("{text}", text = cells.describe(column, "is not a date", "are not dates"))]
    InvalidTimes {
        /// The column.
        column: String,
        /// The cells.
        cells: RejectedCells,
    },
    /// The dates can be read with the day first or with the month first.
    #[error(
        "{location}, column {column}: \"{value}\" may be {day_first} or {month_first}, and no other date decides it"
    )]
    AmbiguousDateOrder {
        /// The column.
        column: String,
        /// The location of the first date that differs.
        location: Location,
        /// The text of the cell.
        value: String,
        /// The date with the day first.
        day_first: NaiveDate,
        /// The date with the month first.
        month_first: NaiveDate,
    },
    /// The offsets from UTC change in a way that no known time zone does.
    #[error("{location}, column {column}: the offset from UTC changes here, as in no known time zone")]
    UnknownTimeZone {
        /// The column.
        column: String,
        /// The location of the first change.
        location: Location,
    },
    /// Some times have an offset from UTC, others have none.
    #[error("{location}, column {column}: \"{value}\" has {has} offset from UTC, unlike the times before it", has = if *has_offset { "an" } else { "no" })]
    MixedOffsets {
        /// The column.
        column: String,
        /// The location of the first time that differs from those before.
        location: Location,
        /// The text of its cell.
        value: String,
        /// Whether it has an offset.
        has_offset: bool,
    },
    /// Cells of a column of numbers are not numbers.
    #[error("{text}", text = cells.describe(column, "is not a number", "are not numbers"))]
    InvalidNumbers {
        /// The column.
        column: String,
        /// The cells.
        cells: RejectedCells,
    },
    /// Cells of a column have different units.
    #[error(
        "column {column}: {p} \"{a}\" and {q} \"{b}\" have different units",
        p = one.0, a = one.1, q = other.0, b = other.1
    )]
    MixedUnits {
        /// The column.
        column: String,
        /// One cell.
        one: (Location, String),
        /// A cell with another unit.
        other: (Location, String),
    },
    /// The target has no value.
    #[error("column {column} has no value")]
    NoValues {
        /// The column.
        column: String,
    },
    /// Rows of one time have different values.
    #[error("{time}{of} has several rows: {list}", of = of(series.as_deref()), list = listed(locations))]
    RepeatedTime {
        /// The first such time.
        time: String,
        /// The series, if there are several.
        series: Option<String>,
        /// The locations of its rows.
        locations: Vec<Location>,
        /// Columns that may be ids.
        candidates: Vec<String>,
    },
    /// There is one time only, and so no step between times.
    #[error("there is one time only, so the frequency is unknown")]
    SingleTime,
    /// The times do not have the frequency of the options.
    #[error("the times are {inferred}, not {requested}")]
    FrequencyMismatch {
        /// The frequency of the options.
        requested: String,
        /// The frequency of the times.
        inferred: String,
        /// Whether the times have the shorter step, so that rows could be aggregated.
        is_finer: bool,
    },
    /// Times are not on the regular grid.
    #[error("column {column}: {count} of {rows} times are off the regular step ({frequency}), the first: {list}", list = cells.iter().map(|(location, value)| format!("{location} {value}")).collect::<Vec<_>>().join(", "))]
    OffGrid {
        /// The time column.
        column: String,
        /// The frequency of the grid.
        frequency: String,
        /// Whether the frequency is that of the options.
        is_requested: bool,
        /// The first times off the grid.
        cells: Vec<(Location, String)>,
        /// The number of times off the grid.
        count: usize,
        /// The number of times.
        rows: usize,
    },
    /// Most periods between the first and the last time have no row.
    #[error(
        "{rows} rows for {periods} periods ({frequency}): most are missing, the longest gap is from {from} to {to}"
    )]
    TooSparse {
        /// The frequency.
        frequency: String,
        /// Whether a step is shorter than a day, so that rows could be aggregated to days.
        is_within_a_day: bool,
        /// The number of rows.
        rows: usize,
        /// The number of periods.
        periods: usize,
        /// The start of the longest gap.
        from: String,
        /// The end of the longest gap.
        to: String,
    },
    /// A column cannot be a covariate.
    #[error("column \"{column}\" cannot be a covariate: {reason}")]
    InvalidCovariate {
        /// The column.
        column: String,
        /// Why not.
        reason: String,
    },
    /// The future rows do not continue the rows of the file.
    #[error("{reason}")]
    InvalidFutureRows {
        /// What is wrong with them.
        reason: String,
    },
}

/// A file format that the reader recognises, but does not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnsupportedFormat {
    /// A zip archive, which an Excel workbook (`.xlsx`) is too.
    Zip,
    /// An Excel workbook of the format before 2007 (`.xls`).
    Excel,
    /// A PDF.
    Pdf,
    /// An `SQLite` database.
    Sqlite,
    /// A file compressed with bzip2.
    Bzip2,
    /// A file compressed with xz.
    Xz,
    /// An HDF5 file.
    Hdf5,
    /// A web page or another XML document.
    Markup,
}

impl fmt::Display for UnsupportedFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Zip => "an Excel workbook or a zip archive",
            Self::Excel => "an Excel workbook",
            Self::Pdf => "a PDF",
            Self::Sqlite => "an SQLite database",
            Self::Bzip2 => "compressed with bzip2",
            Self::Xz => "compressed with xz",
            Self::Hdf5 => "an HDF5 file",
            Self::Markup => "a web page or another XML document",
        })
    }
}

fn of(series: Option<&str>) -> String {
    series.map_or_else(String::new, |series| format!(" of {series}"))
}

fn listed(locations: &[Location]) -> String {
    locations.iter().map(Location::to_string).collect::<Vec<_>>().join(" and ")
}
