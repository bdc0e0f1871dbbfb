//! `forecast.csv`: the point forecast and both prediction intervals.

use std::io::{self, Write};

use crate::forecast::quantile_forecast::Forecast;
use crate::forecast::step_values::StepValues;
use crate::panel::Panel;
use crate::write::csv_writer::CsvWriter;
use crate::write::number::significant_digits;

/// The columns after the time.
pub(crate) const FORECAST_COLUMNS: [&str; 5] = ["forecast", "lo_80", "hi_80", "lo_95", "hi_95"];

/// Writes all forecasts, one row for each series and step.
///
/// Columns: the id columns, the time column, `forecast`, `lo_80`, `hi_80`, `lo_95` and `hi_95`. They are the median
/// and the ends of the central intervals, in the unit of the target.
///
/// # Errors
/// If `to` cannot be written.
///
/// # Panics
/// If a forecast lacks a level of [`LEVELS`](crate::forecast::LEVELS).
pub fn forecast_csv(to: impl Write, panel: &Panel, forecasts: &[Forecast]) -> io::Result<()> {
    let mut csv = CsvWriter::new(to);
    csv.texts(&panel.columns().ids).time_heading(panel).texts(&FORECAST_COLUMNS).end_row()?;
    let digits = significant_digits(panel);
    for forecast in forecasts {
        let values = StepValues::of(forecast);
        for (k, time) in forecast.times().iter().enumerate() {
            csv.texts(forecast.key()).text(&panel.format(*time));
            for value in values.at(k) {
                csv.number(Some(value), digits);
            }
            csv.end_row()?;
        }
    }
    csv.finish()
}
