//! Files with typed columns: Parquet and Arrow IPC (Feather). Polars panics on column types that it was built without.

use std::io::Cursor;

use polars::prelude::{
    Column as PolarsColumn, DataType, IpcReader, ParquetReader, PolarsError, SerReader, Series, TimeUnit,
};

use crate::error::{DataProblem, Error, Result};
use crate::read::format::catch_panic::catch_panic;
use crate::read::table::{Cells, Column, Table};
use crate::read::{notice::Notice, row_locations::RowLocations};
use crate::time::timestamp::{SECOND, datetime_at};

/// The first bytes of Parquet files and of Arrow files.
pub(crate) const PARQUET: &[u8] = b"PAR1";
pub(crate) const ARROW: &[u8] = b"ARROW1";

const MICROSECONDS_PER_TICK: i64 = 1_000_000 / SECOND;

pub(crate) fn read_typed(file: &str, bytes: Vec<u8>) -> Result<Table> {
    let is_parquet = bytes.starts_with(PARQUET);
    let bytes = Cursor::new(bytes);
    let read = || if is_parquet { ParquetReader::new(bytes).finish() } else { IpcReader::new(bytes).finish() };
    let frame = catch(file, read)?;
    let (rows, locations) = (frame.height(), RowLocations::numbered());
    let (mut columns, mut notices) = (Vec::new(), Vec::new());
    for column in frame.into_columns() {
        let name = column.name().to_string();
        if let Some(cells) = catch(file, || cells(&column))? {
            columns.push(Column { name, cells });
        } else {
            let data_type = column.dtype().to_string();
            notices.push(Notice::UnsupportedColumnType { column: name, data_type });
        }
    }
    Ok(Table { file: file.into(), columns, rows, locations, notices, ..Table::default() })
}

/// Turns errors and panics of Polars into an error about the file.
fn catch<T>(file: &str, read: impl FnOnce() -> Result<T, PolarsError>) -> Result<T> {
    let malformed = |reason| Error::data(file, DataProblem::Malformed { location: None, reason });
    catch_panic(read)
        .map_err(|panic| malformed(format!("the file is damaged or has a feature that is not supported: {panic}")))?
        .map_err(|error| malformed(error.to_string().lines().next().unwrap_or_default().to_owned()))
}

/// The cells of a column; `None` if its type is neither text nor numbers nor times.
fn cells(column: &PolarsColumn) -> Result<Option<Cells>, PolarsError> {
    let series = column.as_materialized_series();
    Ok(Some(match series.dtype() {
        // Ids are often unsigned hashes, which are not exact as floats. So integers are read like those of a text.
        data_type if data_type.is_integer() || data_type.is_string() => {
            Cells::Text(series.cast(&DataType::String)?.str()?.clone())
        }
        data_type if data_type.is_float() || data_type.is_bool() || data_type.is_decimal() => {
            let numbers = series.cast(&DataType::Float64)?;
            Cells::Numbers(numbers.f64()?.iter().map(|number| number.unwrap_or(f64::NAN)).collect())
        }
        DataType::Date | DataType::Datetime(..) => times(series)?,
        _ => return Ok(None),
    }))
}

/// Times in ticks. Times with a zone stay in UTC, together with the name of the zone.
fn times(series: &Series) -> Result<Cells, PolarsError> {
    let zone = if let DataType::Datetime(_, Some(zone)) = series.dtype() { Some(zone.to_string()) } else { None };
    let times = series.cast(&DataType::Datetime(TimeUnit::Microseconds, None))?;
    let micros = times.datetime()?.phys.clone();
    if micros.iter().flatten().any(|time| datetime_at(time.div_euclid(MICROSECONDS_PER_TICK)).is_none()) {
        let reason = format!("column {} has times beyond the calendar", series.name());
        return Err(PolarsError::ComputeError(reason.into()));
    }
    let is_rounded = micros.iter().flatten().any(|time| time % MICROSECONDS_PER_TICK != 0);
    let nearest = |time: i64| (time + MICROSECONDS_PER_TICK / 2).div_euclid(MICROSECONDS_PER_TICK);
    Ok(Cells::Times { ticks: micros.iter().map(|time| time.map(nearest)).collect(), zone, is_rounded })
}
