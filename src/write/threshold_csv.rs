//! `threshold.csv`: the probability that values exceed a threshold.

use std::io::{self, Write};

use crate::forecast::quantile_forecast::Forecast;
use crate::forecast::sample_paths::Exceedance;
use crate::panel::Panel;
use crate::write::csv_writer::CsvWriter;
use crate::write::number::MIN_SIGNIFICANT_DIGITS;

/// The columns after the time.
const THRESHOLD_COLUMNS: [&str; 3] = ["probability", "at_least_once_by_then", "expected_by_then"];

/// Writes the probabilities of each forecast, one row for each series and step. `exceedances` has an item for each forecast.
///
/// Columns: the id columns and the time column; `probability`, that the value at this step exceeds the threshold;
/// `at_least_once_by_then`, that any value up to this step does; `expected_by_then`, the expected number of such steps.
///
/// # Errors
/// If `to` cannot be written.
pub fn threshold_csv(
    to: impl Write,
    panel: &Panel,
    forecasts: &[Forecast],
    exceedances: &[Exceedance],
) -> io::Result<()> {
    let mut csv = CsvWriter::new(to);
    csv.texts(&panel.columns().ids).time_heading(panel).texts(&THRESHOLD_COLUMNS).end_row()?;
    for (forecast, exceedance) in forecasts.iter().zip(exceedances) {
        let mut expected = 0.0;
        for (k, time) in forecast.times().iter().enumerate() {
            expected += exceedance.at_step[k];
            csv.texts(forecast.key()).text(&panel.format(*time));
            for value in [exceedance.at_step[k], exceedance.by_step[k], expected] {
                csv.number(Some(value), MIN_SIGNIFICANT_DIGITS);
            }
            csv.end_row()?;
        }
    }
    csv.finish()
}
