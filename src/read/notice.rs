//! Notices: decisions of the reader that a user should know.

use crate::error::location::Location;

/// A decision of the reader that a user should know. Its text is complete and names no flag of the command line.
///
/// ```
/// use forecast::read::{Notice, read_csv};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("sales.csv");
/// std::fs::write(&path, "2024-01-01,5\n2024-01-02,7\n2024-01-03,6\n")?;
/// let dataset = read_csv(&path)?;
/// assert_eq!(dataset.notices, [Notice::NoHeader { columns: 2 }]);
/// assert_eq!(
///     dataset.notices[0].to_string(),
///     "the file has no header: its columns are called \"column 1\" to \"column 2\"",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant describes its fields")]
pub enum Notice {
    /// A number of bytes are not valid UTF-8, in a file that is otherwise UTF-8.
    InvalidUtf8 { bytes: usize },
    /// The file is not UTF-8 and was read as Windows-1252.
    AssumedLatin1,
    /// A number of comment lines were skipped.
    CommentsSkipped { lines: usize },
    /// A number of lines have fewer cells than the header.
    ShortLines { lines: usize },
    /// Lines that do not fit the header, or are not JSON objects, were skipped: their number and the first of them.
    LinesSkipped { lines: usize, first: Location },
    /// Lines above the header were skipped: their number and the beginning of the first.
    TitleSkipped { lines: usize, first: String },
    /// The file has no header, so its columns, of this number, have no names.
    NoHeader { columns: usize },
    /// A column of a typed file was not read because of its type.
    UnsupportedColumnType { column: String, data_type: String },
    /// The point of a cell was read as decimal, although it may separate thousands.
    AssumedDecimalPoint { cell: String },
    /// The comma of a cell was read as a separator of thousands, although it may be decimal.
    AssumedThousandsComma { cell: String },
    /// Each of these columns is a series.
    SeriesInColumns { columns: Vec<String> },
    /// Each row is a series, and the header holds the times in these columns.
    SeriesInRows { columns: Vec<String> },
    /// A column of percentages was read as plain numbers.
    PercentColumn { column: String },
    /// Cells that are not numbers were read as missing: their number and the first of them.
    CellsSkipped { cells: usize, first: Location },
    /// The file has no times, so the rows are numbered.
    RowsNumbered,
    /// Rows without a readable time were skipped: their number and the first of them.
    RowsWithoutTime { rows: usize, first: Location },
    /// Times with fractions of a second were rounded.
    SubsecondsRounded,
    /// The times are the midnights of a time zone, given in UTC.
    MidnightsOfZone { zone: String },
    /// The changing offsets from UTC are those of a time zone.
    OffsetsOfZone { zone: String },
    /// Times from `time` on occur twice, as they do in `zone` when its clocks are set back.
    ClocksSetBack { time: String, zone: String },
    /// Dates were moved to the grid of a frequency: their number, and the old and the new date of the first.
    DatesMoved { dates: usize, frequency: String, first: Location, from: String, to: String },
    /// No row is on these days of the week, and they are not part of the series.
    ClosedDaysLeftOut { days: String },
    /// No row is on these days of the week, and they are filled and forecast.
    ClosedDaysFilled { days: String },
    /// No row is in these hours of the day, and they are filled and forecast.
    ClosedHoursFilled { hours: String },
    /// A number of rows were aggregated to periods of a frequency by a method: `sum`, `mean` or `last value`.
    RowsAggregated { rows: usize, method: &'static str, frequency: String },
    /// Series without values were left out: their number and the names of the first of them.
    SeriesWithoutValues { count: usize, first: Vec<String> },
    /// The last period seems to be unfinished and was left out of `series` series. `value` is that of the first of them.
    UnfinishedPeriodLeftOut { time: String, series: usize, value: Option<f64> },
    /// These columns cannot be covariates, each with the reason.
    ColumnsNotCovariates { columns: Vec<String> },
    /// A covariate has so many `categories` that only the most frequent are `kept`.
    CategoriesLimited { column: String, categories: usize, kept: usize },
    /// A covariate has rows whose category never occurs in a row with a value of the target.
    UnseenCategories { column: String, rows: usize, example: String },
    /// Missing values of a covariate were filled with the value before: their number and the time of the first.
    CovariateFilled { column: String, values: usize, first: String },
    /// A covariate has several values at a number of times.
    CovariateMerged { column: String, times: usize },
    /// The holidays of a country are not known for all times.
    Holidays(String),
    /// A notice about the file with the future rows.
    FutureRows { file: String, notice: Box<Self> },
}
