//! What a caller should know of how a file was read.

use std::fmt;

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
        /// The number that are told apart.
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

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidUtf8 { .. }
            | Self::AssumedLatin1
            | Self::CommentsSkipped { .. }
            | Self::ShortLines { .. }
            | Self::LinesSkipped { .. }
            | Self::TitleSkipped { .. }
            | Self::NoHeader { .. }
            | Self::UnsupportedColumnType { .. } => self.fmt_of_format(f),
            Self::AssumedDecimalPoint { .. }
            | Self::AssumedThousandsComma { .. }
            | Self::SeriesInColumns { .. }
            | Self::SeriesInRows { .. }
            | Self::PercentColumn { .. }
            | Self::CellsSkipped { .. } => self.fmt_of_cells(f),
            Self::ColumnsNotCovariates { .. }
            | Self::CategoriesLimited { .. }
            | Self::UnseenCategories { .. }
            | Self::CovariateFilled { .. }
            | Self::CovariateMerged { .. }
            | Self::Holidays(_) => self.fmt_of_covariates(f),
            Self::FutureRows { file, notice } => write!(f, "{file}: {notice}"),
            _ => self.fmt_of_times(f),
        }
    }
}

impl Notice {
    fn fmt_of_format(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidUtf8 { bytes } => {
                write!(
                    f,
                    "{} not valid UTF-8, unlike the rest, and read as \u{fffd}",
                    counted(*bytes, "byte is", "bytes are")
                )
            }
            Self::AssumedLatin1 => f.write_str("the file is not UTF-8 and is read as Latin-1 (Windows-1252)"),
            Self::CommentsSkipped { lines } => {
                write!(f, "{} with # skipped as comments", counted(*lines, "line starting", "lines starting"))
            }
            Self::ShortLines { lines } => {
                write!(
                    f,
                    "{} fewer cells than the header: the rest is read as empty",
                    counted(*lines, "line has", "lines have")
                )
            }
            Self::LinesSkipped { lines, first } => {
                write!(f, "{} skipped, the first is {first}", counted(*lines, "unusable line", "unusable lines"))
            }
            Self::TitleSkipped { lines, first } => {
                write!(f, "{} above the header skipped, the first is: {first}", counted(*lines, "line", "lines"))
            }
            Self::NoHeader { columns } => {
                write!(f, "the file has no header: its columns are called \"column 1\" to \"column {columns}\"")
            }
            Self::UnsupportedColumnType { column, data_type } => {
                write!(f, "column {column} is not used, its type is {data_type}")
            }
            _ => Ok(()),
        }
    }

    fn fmt_of_cells(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AssumedDecimalPoint { cell } => {
                write!(f, "the point of {cell} is read as a decimal point, not as a separator of thousands")
            }
            Self::AssumedThousandsComma { cell } => {
                write!(f, "the comma of {cell} is read as a separator of thousands, not as a decimal comma")
            }
            Self::SeriesInColumns { columns } => {
                write!(f, "each of {} columns is a series: {}", columns.len(), abridged(columns))
            }
            Self::SeriesInRows { columns } => {
                write!(f, "each row is a series, each of {} columns a time: {}", columns.len(), abridged(columns))
            }
            Self::PercentColumn { column } => write!(f, "column {column} is in percent: 12% is read as 12"),
            Self::CellsSkipped { cells, first } => {
                let subject = counted(*cells, "cell that is not a number is", "cells that are not numbers are");
                write!(f, "{subject} read as missing, the first is on {first}")
            }
            _ => Ok(()),
        }
    }

    fn fmt_of_times(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RowsNumbered => f.write_str("no column of dates or times: the rows are numbered from 1"),
            Self::RowsWithoutTime { rows, first } => {
                write!(f, "{} without a readable time skipped, the first is {first}", counted(*rows, "row", "rows"))
            }
            Self::SubsecondsRounded => f.write_str("the times are rounded to the second"),
            Self::MidnightsOfZone { zone } => write!(f, "the times are the midnights of {zone}: each is read as a day"),
            Self::OffsetsOfZone { zone } => write!(f, "the offsets from UTC are those of {zone}"),
            Self::ClocksSetBack { time, zone } => write!(
                f,
                "{time} occurs twice, as when clocks are set back: the times are read as those of {zone}, the first of \
                 two as summer time"
            ),
            Self::DatesMoved { dates, frequency, first, from, to } => write!(
                f,
                "{} moved to the regular step ({frequency}), the first on {first}: from {from} to {to}",
                counted(*dates, "date", "dates")
            ),
            Self::ClosedDaysLeftOut { days } => write!(f, "no row is on {days}: these days are left out"),
            Self::ClosedDaysFilled { days } => write!(f, "no row is on {days}: these days are filled and forecast"),
            Self::ClosedHoursFilled { hours } => {
                write!(f, "no row is from {hours}: these hours are filled and forecast")
            }
            Self::RowsAggregated { rows, method, frequency } => {
                write!(f, "{} aggregated by their {method}, {frequency}", counted(*rows, "row", "rows"))
            }
            Self::SeriesWithoutValues { count, first } => {
                let more = if *count > first.len() { ", …" } else { "" };
                write!(f, "{count} series without any value left out: {}{more}", first.join(", "))
            }
            Self::PartialPeriodLeftOut { time, series, value } => {
                let of = if *series == 1 { String::new() } else { format!(" of the first of {series} series") };
                let value = value.map_or_else(|| "no value".into(), |value| value.to_string());
                write!(f, "the last period {time}{of} seems to be incomplete ({value}) and is left out")
            }
            _ => Ok(()),
        }
    }

    fn fmt_of_covariates(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ColumnsNotCovariates { columns } => {
                write!(f, "these columns are not covariates: {}", columns.join(", "))
            }
            Self::CategoriesLimited { column, categories, kept } => {
                write!(
                    f,
                    "covariate {column} has {categories} categories: only the {kept} most frequent are told apart"
                )
            }
            Self::UnseenCategories { column, rows, example } => write!(
                f,
                "covariate {column} has {} with a category that never occurs with a value of the target, such as \
                 \"{example}\": it is treated as no category",
                counted(*rows, "row", "rows")
            ),
            Self::CovariateFilled { column, values, first } => write!(
                f,
                "covariate {column}: {} filled with the value before, the first at {first}",
                counted(*values, "missing value", "missing values")
            ),
            Self::CovariateMerged { column, times } => write!(
                f,
                "covariate {column}: {} several values, which are replaced by their mean or the last of them",
                counted(*times, "time has", "times have")
            ),
            Self::Holidays(text) => f.write_str(text),
            _ => Ok(()),
        }
    }
}

fn counted(count: usize, singular: &str, plural: &str) -> String {
    format!("{count} {}", if count == 1 { singular } else { plural })
}

/// The first names and the last of many.
fn abridged(names: &[String]) -> String {
    const MAX_SHOWN: usize = 3;
    match names {
        [first @ .., last] if names.len() > MAX_SHOWN + 1 => format!("{}, … {last}", first[..MAX_SHOWN].join(", ")),
        _ => names.join(", "),
    }
}
