//! The texts of the notices.

use std::fmt;

use crate::read::notice::Notice;

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.format_text().or_else(|| self.column_text()).or_else(|| self.covariate_text());
        f.write_str(&text.or_else(|| self.time_text()).unwrap_or_default())
    }
}

impl Notice {
    fn format_text(&self) -> Option<String> {
        Some(match self {
            Self::InvalidUtf8 { bytes } => {
                let subject = counted(*bytes, "byte is", "bytes are");
                format!("{subject} not valid UTF-8, unlike the rest, and read as \u{fffd}")
            }
            Self::AssumedLatin1 => "the file is not UTF-8 and is read as Latin-1 (Windows-1252)".into(),
            Self::CommentsSkipped { lines } => {
                format!("{} with # skipped as comments", counted(*lines, "line starting", "lines starting"))
            }
            Self::ShortLines { lines } => {
                let subject = counted(*lines, "line has", "lines have");
                format!("{subject} fewer cells than the header: the rest is read as empty")
            }
            Self::LinesSkipped { lines, first } => {
                format!("{} skipped, the first is {first}", counted(*lines, "unusable line", "unusable lines"))
            }
            Self::TitleSkipped { lines, first } => {
                format!("{} above the header skipped, the first is: {first}", counted(*lines, "line", "lines"))
            }
            Self::NoHeader { columns } => {
                format!("the file has no header: its columns are called \"column 1\" to \"column {columns}\"")
            }
            Self::FutureRows { file, notice } => format!("{file}: {notice}"),
            _ => return None,
        })
    }

    fn column_text(&self) -> Option<String> {
        Some(match self {
            Self::UnsupportedColumnType { column, data_type } => {
                format!("column {column} is not used, its type is {data_type}")
            }
            Self::AssumedDecimalPoint { cell } => {
                format!("the point of {cell} is read as a decimal point, not as a separator of thousands")
            }
            Self::AssumedThousandsComma { cell } => {
                format!("the comma of {cell} is read as a separator of thousands, not as a decimal comma")
            }
            Self::SeriesInColumns { columns } => {
                format!("each of {} columns is a series: {}", columns.len(), abridged(columns))
            }
            Self::SeriesInRows { columns } => {
                format!("each row is a series, each of {} columns a time: {}", columns.len(), abridged(columns))
            }
            Self::PercentColumn { column } => format!("column {column} is in percent: 12% is read as 12"),
            Self::CellsSkipped { cells, first } => {
                let subject = counted(*cells, "cell that is not a number is", "cells that are not numbers are");
                format!("{subject} read as missing, the first is on {first}")
            }
            _ => return None,
        })
    }

    fn time_text(&self) -> Option<String> {
        Some(match self {
            Self::RowsNumbered => "no column of dates or times: the rows are numbered from 1".into(),
            Self::RowsWithoutTime { rows, first } => {
                format!("{} without a readable time skipped, the first is {first}", counted(*rows, "row", "rows"))
            }
            Self::SubsecondsRounded => "the times are rounded to the second".into(),
            Self::MidnightsOfZone { zone } => format!("the times are the midnights of {zone}: each is read as a day"),
            Self::OffsetsOfZone { zone } => format!("the offsets from UTC are those of {zone}"),
            Self::ClocksSetBack { time, zone } => format!(
                "{time} occurs twice, as when clocks are set back: the times are read as those of {zone}, the first of \
                 two as summer time"
            ),
            Self::DatesMoved { dates, frequency, first, from, to } => format!(
                "{} moved to the regular step ({frequency}), the first on {first}: from {from} to {to}",
                counted(*dates, "date", "dates")
            ),
            Self::ClosedDaysLeftOut { days } => format!("no row is on {days}: these days are left out"),
            Self::ClosedDaysFilled { days } => format!("no row is on {days}: these days are filled and forecast"),
            Self::ClosedHoursFilled { hours } => {
                format!("no row is from {hours}: these hours are filled and forecast")
            }
            Self::RowsAggregated { rows, method, frequency } => {
                format!("{} aggregated by their {method}, {frequency}", counted(*rows, "row", "rows"))
            }
            Self::SeriesWithoutValues { count, first } => {
                let more = if *count > first.len() { ", …" } else { "" };
                format!("{count} series without any value left out: {}{more}", first.join(", "))
            }
            Self::UnfinishedPeriodLeftOut { time, series, value } => {
                let of = if *series == 1 { String::new() } else { format!(" of the first of {series} series") };
                let value = value.map_or_else(|| "no value".into(), |value| value.to_string());
                format!("the last period {time}{of} seems to be unfinished ({value}) and is left out")
            }
            _ => return None,
        })
    }

    fn covariate_text(&self) -> Option<String> {
        Some(match self {
            Self::ColumnsNotCovariates { columns } => {
                format!("these columns are not covariates: {}", columns.join(", "))
            }
            Self::CategoriesLimited { column, categories, kept } => {
                format!("covariate {column} has {categories} categories: only the {kept} most frequent are kept")
            }
            Self::UnseenCategories { column, rows, example } => format!(
                "covariate {column} has {} with a category that never occurs with a value of the target, such as \
                 \"{example}\": it is treated as no category",
                counted(*rows, "row", "rows")
            ),
            Self::CovariateFilled { column, values, first } => format!(
                "covariate {column}: {} filled with the value before, the first at {first}",
                counted(*values, "missing value", "missing values")
            ),
            Self::CovariateMerged { column, times } => format!(
                "covariate {column}: {} several values, which are replaced by their mean or the last of them",
                counted(*times, "time has", "times have")
            ),
            Self::Holidays(text) => text.clone(),
            _ => return None,
        })
    }
}

fn counted(count: usize, singular: &str, plural: &str) -> String {
    format!("{count} {}", if count == 1 { singular } else { plural })
}

/// The names, of many only the first and the last.
fn abridged(names: &[String]) -> String {
    const MAX_SHOWN: usize = 3;
    match names {
        [first @ .., last] if names.len() > MAX_SHOWN + 1 => format!("{}, … {last}", first[..MAX_SHOWN].join(", ")),
        _ => names.join(", "),
    }
}
