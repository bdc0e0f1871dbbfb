//! A column of Polars as cells. Polars panics on types that it was built without.

use polars::prelude::{DataType, PolarsError, Series, TimeUnit};

use crate::error::{DataProblem, Error, Result};
use crate::read::format::catch_panic::catch_panic;
use crate::read::table::Cells;
use crate::time::timestamp::{SECOND, datetime_at};

const MICROSECONDS_PER_TICK: i64 = 1_000_000 / SECOND;

/// A column of a file; without cells if its type is neither text nor numbers nor times.
pub(crate) struct TypedColumn {
    pub(crate) name: String,
    pub(crate) data_type: String,
    pub(crate) cells: Option<Cells>,
}

/// Turns errors and panics of Polars into an error about the file, or about a column. Polars panics at types that it was
/// built without.
pub(crate) fn of_polars<T>(
    file: &str,
    column: Option<&str>,
    read: impl FnOnce() -> Result<T, PolarsError>,
) -> Result<T> {
    let malformed = |reason: String| {
        let reason = if let Some(column) = column { format!("column {column}: {reason}") } else { reason };
        Error::data(file, DataProblem::Malformed { location: None, reason })
    };
    // the text of a panic is about the code of Polars
    catch_panic(read).map_err(|_panic| malformed(UNREADABLE.to_owned()))?.map_err(|error| {
        let reason = error.to_string();
        let reason = reason.lines().next().unwrap_or_default();
        malformed(if is_in_words(reason) { reason.to_owned() } else { UNREADABLE.to_owned() })
    })
}

const UNREADABLE: &str = "the file is damaged or has a feature that is not supported";

/// Whether a reason is a sentence, and not the text of a value of Rust such as `OutOfSpec(InvalidFooter)`.
fn is_in_words(reason: &str) -> bool {
    let has_inner_capital =
        reason.as_bytes().windows(2).any(|two| two[0].is_ascii_lowercase() && two[1].is_ascii_uppercase());
    !has_inner_capital && !reason.contains("::") && !reason.contains(['{', '`'])
}

/// The cells of a series; `None` if its type is neither text nor numbers nor times. Times are in UTC if they have a zone.
pub(crate) fn cells_of_series(series: &Series, zone: Option<String>) -> Result<Option<Cells>, PolarsError> {
    Ok(Some(match series.dtype() {
        // Ids are often unsigned hashes, which are not exact as floats. So integers are read like those of a text.
        data_type if data_type.is_integer() || data_type.is_string() => {
            Cells::Text(series.cast(&DataType::String)?.str()?.clone())
        }
        data_type if data_type.is_float() || data_type.is_bool() => {
            let numbers = series.cast(&DataType::Float64)?;
            Cells::Numbers(numbers.f64()?.iter().map(|number| number.unwrap_or(f64::NAN)).collect())
        }
        DataType::Date | DataType::Datetime(..) => times(series, zone)?,
        _ => return Ok(None),
    }))
}

/// Times in ticks. Times with a zone stay in UTC.
fn times(series: &Series, zone: Option<String>) -> Result<Cells, PolarsError> {
    let times = series.cast(&DataType::Datetime(TimeUnit::Microseconds, None))?;
    let micros = times.datetime()?.phys.clone();
    if micros.iter().flatten().any(|time| datetime_at(time.div_euclid(MICROSECONDS_PER_TICK)).is_none()) {
        return Err(PolarsError::ComputeError("some times are beyond the calendar".into()));
    }
    let is_rounded = micros.iter().flatten().any(|time| time % MICROSECONDS_PER_TICK != 0);
    let nearest = |time: i64| (time + MICROSECONDS_PER_TICK / 2).div_euclid(MICROSECONDS_PER_TICK);
    Ok(Cells::Times { ticks: micros.iter().map(|time| time.map(nearest)).collect(), zone, is_rounded })
}
