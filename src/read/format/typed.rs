//! Files with typed columns: Parquet and Arrow IPC (Feather).

use std::io::Cursor;

use polars::prelude::{
    Column as PolarsColumn, DataFrame, DataType, IpcReader, ParquetReader, PolarsError, SerReader, Series, TimeUnit,
};

use crate::error::data_problem::DataProblem;
use crate::error::{Error, Result};
use crate::read::format::silent_panic;
use crate::read::notice::Notice;
use crate::read::row_locations::RowLocations;
use crate::read::table::{Cells, Column, Table};
use crate::time::timestamp::datetime_at;

const MICROSECONDS_PER_SECOND: i64 = 1_000_000;

pub(crate) fn read_parquet(file: &str, bytes: Vec<u8>) -> Result<Table> {
    read_frame(file, || ParquetReader::new(Cursor::new(bytes)).finish())
}

pub(crate) fn read_arrow(file: &str, bytes: Vec<u8>) -> Result<Table> {
    read_frame(file, || IpcReader::new(Cursor::new(bytes)).finish())
}

fn read_frame(file: &str, read: impl FnOnce() -> Result<DataFrame, PolarsError>) -> Result<Table> {
    let frame = catch(file, read)?;
    let rows = frame.height();
    let mut columns = Vec::new();
    let mut notices = Vec::new();
    for column in frame.into_columns() {
        match catch(file, || cells(&column))? {
            Some(cells) => columns.push(Column { name: column.name().to_string(), cells }),
            None => notices.push(Notice::UnsupportedColumnType {
                column: column.name().to_string(),
                data_type: column.dtype().to_string(),
            }),
        }
    }
    let locations = RowLocations::Rows;
    Ok(Table { file: file.into(), stem: None, columns, rows, separator: None, locations, notices })
}

/// Turns errors and panics of Polars into an error about the file. Polars panics on some damaged files, and on column
/// types that it was built without.
fn catch<T>(file: &str, read: impl FnOnce() -> Result<T, PolarsError>) -> Result<T> {
    let malformed = |reason| Error::data(file, DataProblem::Malformed { location: None, reason });
    silent_panic::catch(read)
        .map_err(|panic| malformed(format!("the file is damaged or has a feature that is not supported: {panic}")))?
        .map_err(|error| malformed(error.to_string().lines().next().unwrap_or_default().to_owned()))
}

/// The cells of a column; `None` if its type is neither text nor numbers nor times.
fn cells(column: &PolarsColumn) -> Result<Option<Cells>, PolarsError> {
    let series = column.as_materialized_series();
    Ok(Some(match series.dtype() {
        DataType::String => Cells::Text(series.str()?.clone()),
        data_type if data_type.is_integer() => integers(series)?,
        data_type if data_type.is_float() || data_type.is_bool() || data_type.is_decimal() => {
            let numbers = series.cast(&DataType::Float64)?;
            Cells::Numbers(numbers.f64()?.iter().map(|number| number.unwrap_or(f64::NAN)).collect())
        }
        DataType::Date | DataType::Datetime(..) => times(series)?,
        _ => return Ok(None),
    }))
}

/// Integers of 64 bits, or their digits as text if one of them does not fit. Ids are often unsigned hashes.
fn integers(series: &Series) -> Result<Cells, PolarsError> {
    let integers = series.cast(&DataType::Int64)?;
    if integers.null_count() > series.null_count() {
        return Ok(Cells::Text(series.cast(&DataType::String)?.str()?.clone()));
    }
    Ok(Cells::Integers(integers.i64()?.iter().collect()))
}

/// Times to the second. Times with a zone stay in UTC, together with the name of the zone.
fn times(series: &Series) -> Result<Cells, PolarsError> {
    let zone = match series.dtype() {
        DataType::Datetime(_, Some(zone)) => Some(zone.to_string()),
        _ => None,
    };
    let times = series.cast(&DataType::Datetime(TimeUnit::Microseconds, None))?;
    let micros = times.datetime()?.phys.clone();
    if micros.iter().flatten().any(|time| datetime_at(time.div_euclid(MICROSECONDS_PER_SECOND)).is_none()) {
        let reason = format!("column {} has times beyond the calendar", series.name());
        return Err(PolarsError::ComputeError(reason.into()));
    }
    let has_subseconds = micros.iter().flatten().any(|time| time % MICROSECONDS_PER_SECOND != 0);
    let second = |time: i64| (time + MICROSECONDS_PER_SECOND / 2).div_euclid(MICROSECONDS_PER_SECOND);
    Ok(Cells::Times { ticks: micros.iter().map(|time| time.map(second)).collect(), zone, has_subseconds })
}

#[cfg(test)]
mod tests {
    use polars::prelude::NamedFrom;

    use super::*;

    #[test]
    fn integers_beyond_64_bits_keep_their_digits() {
        let fits = integers(&Series::new("id".into(), [1_u64, 2])).unwrap();
        assert!(matches!(fits, Cells::Integers(cells) if cells == [Some(1), Some(2)]));
        let large = integers(&Series::new("id".into(), [Some(u64::MAX), None])).unwrap();
        assert_eq!((large.text(0).as_deref(), large.text(1)), (Some("18446744073709551615"), None));
    }
}
