//! Files with typed columns: Parquet and Arrow IPC (Feather).
//!
//! Polars panics on some damaged files, and on column types that it was built without. These panics become errors. The
//! standard hook would print each of them, so a hook is installed in front of it. A hook is global, and is therefore
//! installed once. It passes every panic of other code to the previous hook.

use std::cell::Cell;
use std::io::Cursor;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use polars::prelude::{
    Column as PolarsColumn, DataType, IpcReader, ParquetReader, PolarsError, SerReader, Series, TimeUnit,
};

use crate::error::{DataProblem, Error, Result};
use crate::read::table::{Cells, Column, Table};
use crate::read::{notice::Notice, row_locations::RowLocations};
use crate::time::timestamp::datetime_at;

/// The first bytes of Parquet files and of Arrow files.
pub(crate) const PARQUET: &[u8] = b"PAR1";
pub(crate) const ARROW: &[u8] = b"ARROW1";

const MICROSECONDS_PER_SECOND: i64 = 1_000_000;

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

/// Times to the second. Times with a zone stay in UTC, together with the name of the zone.
fn times(series: &Series) -> Result<Cells, PolarsError> {
    let zone = if let DataType::Datetime(_, Some(zone)) = series.dtype() { Some(zone.to_string()) } else { None };
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

/// The number of calls of [`catch_panic`] that are running.
static RUNNING: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// Whether this thread runs inside [`catch_panic`].
    static IS_CATCHING: Cell<bool> = const { Cell::new(false) };
}

/// Runs `call`. A panic becomes an error with the first line of its message, and is not printed.
fn catch_panic<T>(call: impl FnOnce() -> T) -> Result<T, String> {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info: &PanicHookInfo<'_>| {
            if !is_silent() {
                previous(info);
            }
        }));
    });
    RUNNING.fetch_add(1, Ordering::SeqCst);
    let was_catching = IS_CATCHING.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(call));
    IS_CATCHING.set(was_catching);
    RUNNING.fetch_sub(1, Ordering::SeqCst);
    result.map_err(|panic| {
        let message = panic.downcast_ref::<String>().map(String::as_str);
        let message = message.or_else(|| panic.downcast_ref::<&str>().copied());
        message.and_then(|message| message.lines().next()).unwrap_or("no reason given").to_owned()
    })
}

/// Whether [`catch_panic`] catches a panic of the current thread: the thread runs inside it, or is a worker of Polars.
fn is_silent() -> bool {
    let is_worker = || thread::current().name().is_some_and(|name| name.starts_with("polars"));
    IS_CATCHING.get() || (RUNNING.load(Ordering::SeqCst) > 0 && is_worker())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error_and_panics_of_other_code_are_printed() {
        assert_eq!(catch_panic(|| 5), Ok(5));
        assert_eq!(catch_panic(|| -> i32 { panic!("bad page\nin a column") }), Err("bad page".into()));
        assert!(!is_silent(), "a panic outside the call is printed");
        let inside = catch_panic(|| (is_silent(), thread::spawn(is_silent).join().unwrap_or(true)));
        assert_eq!(inside, Ok((true, false)), "a thread of other code is not silenced");
    }
}
