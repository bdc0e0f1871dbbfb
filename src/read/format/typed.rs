//! Files whose columns have types: Parquet, and Arrow's own file format (Feather).

use std::io::Cursor;

use polars::prelude::{
    Column as PolarsColumn, DataFrame, DataType, IpcReader, ParquetReader, PolarsError, SerReader, TimeUnit,
};

use crate::error::{Error, Result};
use crate::read::table::{Cells, Column, Places, Table};
use crate::time::timestamp::datetime_at;

pub(crate) fn parquet(name: &str, bytes: Vec<u8>) -> Result<Table> {
    table(name, || ParquetReader::new(Cursor::new(bytes)).finish())
}

pub(crate) fn arrow(name: &str, bytes: Vec<u8>) -> Result<Table> {
    table(name, || IpcReader::new(Cursor::new(bytes)).finish())
}

fn table(name: &str, read: impl FnOnce() -> Result<DataFrame, PolarsError>) -> Result<Table> {
    let malformed = |reason: String| Error::Malformed { name: name.into(), place: None, reason };
    let said = |error: &PolarsError| malformed(error.to_string().lines().next().unwrap_or_default().to_owned());
    let frame = guarded(read).map_err(malformed)?.map_err(|error| said(&error))?;
    let rows = frame.height();
    let mut columns = Vec::new();
    let mut notices = Vec::new();
    for column in frame.into_columns() {
        let cells = guarded(|| typed(&column)).map_err(malformed)?.map_err(|error| said(&error))?;
        match cells {
            Some(cells) => columns.push(Column { name: column.name().to_string(), cells }),
            None => notices.push(format!("column {} holds {}, which is not used", column.name(), column.dtype())),
        }
    }
    Ok(Table { name: name.into(), stem: None, columns, rows, separator: None, places: Places::Rows, notices })
}

/// Polars panics on some damaged files, and on kinds of columns that it was built without: an error like any other.
fn guarded<T>(read: impl FnOnce() -> T) -> Result<T, String> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(read)).map_err(|panic| {
        let said = panic.downcast_ref::<String>().cloned();
        let said = said.or_else(|| panic.downcast_ref::<&str>().map(|said| (*said).to_owned()));
        let said = said.as_deref().and_then(|said| said.lines().next()).unwrap_or("no reason given").to_owned();
        format!("the file is damaged or holds something that is not supported: {said}")
    })
}

/// A typed column's cells; `None` for what holds neither text, numbers nor times.
fn typed(column: &PolarsColumn) -> Result<Option<Cells>, PolarsError> {
    let series = column.as_materialized_series();
    Ok(Some(match series.dtype() {
        DataType::String => Cells::Text(series.str()?.clone()),
        kind if kind.is_integer() => Cells::Integers(series.cast(&DataType::Int64)?.i64()?.iter().collect()),
        kind if kind.is_float() || kind.is_bool() || kind.is_decimal() => {
            let numbers = series.cast(&DataType::Float64)?;
            Cells::Numbers(numbers.f64()?.iter().map(|number| number.unwrap_or(f64::NAN)).collect())
        }
        DataType::Date | DataType::Datetime(..) => times(series)?,
        _ => return Ok(None),
    }))
}

/// Times to the second; what has a zone is kept in UTC, with the zone's name.
fn times(series: &polars::prelude::Series) -> Result<Cells, PolarsError> {
    let zone = match series.dtype() {
        DataType::Datetime(_, Some(zone)) => Some(zone.to_string()),
        _ => None,
    };
    let times = series.cast(&DataType::Datetime(TimeUnit::Microseconds, None))?;
    let micros = times.datetime()?.phys.clone();
    if micros.iter().flatten().any(|time| datetime_at(time.div_euclid(1_000_000)).is_none()) {
        let what = format!("column {} holds times beyond the calendar", series.name());
        return Err(PolarsError::ComputeError(what.into()));
    }
    let finer = micros.iter().flatten().any(|time| time % 1_000_000 != 0);
    let second = |time: i64| (time + 500_000).div_euclid(1_000_000);
    Ok(Cells::Times { ticks: micros.iter().map(|time| time.map(second)).collect(), zone, finer })
}
