//! The texts of the notices.

use std::fmt;

use crate::read::notice::Notice;

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
                write!(f, "covariate {column} has {categories} categories: only the {kept} most frequent are kept")
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
