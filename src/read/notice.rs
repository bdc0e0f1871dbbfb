//! Notices: decisions of the reader that a person should know of.

use crate::error::location::Location;

/// A decision of the reader that a person should know of. Its text names no flag and needs no other text.
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
pub enum Notice {
    /// Some bytes are not valid UTF-8, in a file that is otherwise UTF-8.
    InvalidUtf8 {
        /// The number of such bytes.
        bytes: usize,
    },
    /// The file is not UTF-8 and was read as Windows-1252.
    AssumedLatin1,
    /// Comment lines were skipped.
    CommentsSkipped {
        /// The number of lines.
        lines: usize,
    },
    /// Lines have fewer cells than the header.
    ShortLines {
        /// The number of lines.
        lines: usize,
    },
    /// Lines that do not fit the header, or are not JSON objects, were skipped.
    LinesSkipped {
        /// The number of lines.
        lines: usize,
        /// The first of them.
        first: Location,
    },
    /// Lines above the header were skipped.
    TitleSkipped {
        /// The number of lines.
        lines: usize,
        /// The beginning of the first of them.
        first: String,
    },
    /// The file has no header, so the columns have no names.
    NoHeader {
        /// The number of columns.
        columns: usize,
    },
    /// A column of a typed file has a type that is not read.
    UnsupportedColumnType {
        /// The column.
        column: String,
        /// Its type.
        data_type: String,
    },
    /// A point was read as the decimal mark, although it may separate thousands.
    AssumedDecimalPoint {
        /// The first such cell.
        cell: String,
    },
    /// A comma was read as the mark between thousands, although it may be the decimal mark.
    AssumedThousandsComma {
        /// The first such cell.
        cell: String,
    },
    /// Several columns are one series each.
    SeriesInColumns {
        /// The columns.
        columns: Vec<String>,
    },
    /// Each row is a series, and the header holds the times.
    SeriesInRows {
        /// The columns of the times.
        columns: Vec<String>,
    },
    /// A column of percentages was read as plain numbers.
    PercentColumn {
        /// The column.
        column: String,
    },
    /// Cells that are not numbers were read as missing.
    CellsSkipped {
        /// The number of cells.
        cells: usize,
        /// The first of them.
        first: Location,
    },
    /// The file has no times, so the rows are numbered.
    RowsNumbered,
    /// Rows without a readable time were skipped.
    RowsWithoutTime {
        /// The number of rows.
        rows: usize,
        /// The first of them.
        first: Location,
    },
    /// Times with fractions of a second were rounded.
    SubsecondsRounded,
    /// The times are midnights of a time zone, given in UTC.
    MidnightsOfZone {
        /// The name of the zone.
        zone: String,
    },
    /// The changing offsets from UTC are those of a time zone.
    OffsetsOfZone {
        /// The name of the zone.
        zone: String,
    },
    /// Some times occur twice, as they do in a time zone when its clocks are set back.
    ClocksSetBack {
        /// The first such time.
        time: String,
        /// The name of the zone.
        zone: String,
    },
    /// Dates were moved to the regular grid.
    DatesMoved {
        /// The number of dates.
        dates: usize,
        /// The frequency of the grid.
        frequency: String,
        /// The location of the first date.
        first: Location,
        /// The first date in the file.
        from: String,
        /// The date on the grid.
        to: String,
    },
    /// No row is on some days of the week, so these days are not part of the series.
    ClosedDaysLeftOut {
        /// The days.
        days: String,
    },
    /// No row is on some days of the week, and these days are filled all the same.
    ClosedDaysFilled {
        /// The days.
        days: String,
    },
    /// No row is in some hours of the day, and these hours are filled all the same.
    ClosedHoursFilled {
        /// The hours.
        hours: String,
    },
    /// Rows were aggregated to longer periods.
    RowsAggregated {
        /// The number of rows.
        rows: usize,
        /// How: their sum, their mean or the last of them.
        method: &'static str,
        /// The frequency of the periods.
        frequency: String,
    },
    /// Series without any value were left out.
    SeriesWithoutValues {
        /// The number of series.
        count: usize,
        /// The names of the first of them.
        first: Vec<String>,
    },
    /// The last period seems to be incomplete and was left out.
    PartialPeriodLeftOut {
        /// The period.
        time: String,
        /// The number of series that it was left out of.
        series: usize,
        /// The value in the file for the first of these series.
        value: Option<f64>,
    },
    /// Columns cannot be covariates.
    ColumnsNotCovariates {
        /// Each column with the reason.
        columns: Vec<String>,
    },
    /// A covariate has too many categories; rare ones are treated as one.
    CategoriesLimited {
        /// The covariate.
        column: String,
        /// The number of categories in the file.
        categories: usize,
        /// The number of categories that are kept.
        kept: usize,
    },
    /// A covariate has words after the last value of the target that do not occur before it.
    UnseenCategories {
        /// The covariate.
        column: String,
        /// The number of rows.
        rows: usize,
        /// The first such word.
        example: String,
    },
    /// Missing values of a covariate were filled with the value before.
    CovariateFilled {
        /// The covariate.
        column: String,
        /// The number of values.
        values: usize,
        /// The time of the first.
        first: String,
    },
    /// A covariate has several values at one time.
    CovariateMerged {
        /// The covariate.
        column: String,
        /// The number of times.
        times: usize,
    },
    /// The holidays of a country are not known for all times.
    Holidays(String),
    /// A notice about the file with the future rows.
    FutureRows {
        /// The file.
        file: String,
        /// The notice.
        notice: Box<Self>,
    },
}
