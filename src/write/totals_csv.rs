//! `totals.csv` and `threshold.csv`: statistics over several steps of a forecast.

use std::io::{self, Write};

use crate::forecast::quantile_forecast::Forecast;
use crate::forecast::sample_paths::Exceedance;
use crate::forecast::totals::Total;
use crate::panel::Panel;
use crate::write::csv_writer::CsvWriter;
use crate::write::number::{MIN_SIGNIFICANT_DIGITS, significant_digits};

/// The columns after the ids.
const TOTAL_COLUMNS: [&str; 9] = ["from", "to", "steps", "of", "total", "lo_80", "hi_80", "lo_95", "hi_95"];

/// Writes the totals of each forecast, one row for each series and period. `totals` has an item for each forecast.
///
/// Columns: the id columns; `from` and `to`, the first and the last time in the sum; `steps`, the number of steps in the
/// sum; `of`, the number of steps in the whole period; then the total and the ends of its central intervals.
///
/// # Errors
/// If `to` cannot be written.
///
/// # Panics
/// If a total lacks a quantile of [`LEVELS`](crate::forecast::LEVELS).
///
/// ```
/// use forecast::forecast::{LEVELS, TotalPeriod, totals};
/// use forecast::model::stat::Baseline;
/// use forecast::model::{Model, SilentObserver, Task, schaake_shuffle};
/// use forecast::panel::Panel;
///
/// let panel = Panel::from_values(&[4.0, 4.0, 4.0, 4.0], 1);
/// let forecasts = Baseline::Mean.fit(&panel, &Task::new(2), &mut SilentObserver)?.predict(&panel)?;
/// let paths = schaake_shuffle::sample_paths(&forecasts, &panel, 200, 0);
/// let totals = vec![totals(&paths[0], TotalPeriod::Horizon, &panel, &LEVELS)];
/// let mut csv = Vec::new();
/// forecast::write::totals_csv(&mut csv, &panel, &forecasts, &totals)?;
/// assert_eq!(csv, b"from,to,steps,of,total,lo_80,hi_80,lo_95,hi_95\n5,6,2,2,8,8,8,8,8\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn totals_csv(to: impl Write, panel: &Panel, forecasts: &[Forecast], totals: &[Vec<Total>]) -> io::Result<()> {
    let mut csv = CsvWriter::new(to);
    csv.texts(&panel.columns().ids).texts(&TOTAL_COLUMNS).end_row()?;
    let digits = significant_digits(panel);
    for (forecast, totals) in forecasts.iter().zip(totals) {
        for total in totals {
            csv.texts(forecast.key()).text(&panel.format(total.from)).text(&panel.format(total.to));
            csv.plain(total.steps).plain(total.period_steps);
            for value in total.step_values() {
                csv.number(Some(value), digits);
            }
            csv.end_row()?;
        }
    }
    csv.finish()
}

/// The columns after the time.
const THRESHOLD_COLUMNS: [&str; 3] = ["probability", "at_least_once_by_then", "expected_by_then"];

/// Writes the probabilities of each forecast, one row for each series and step. `exceedances` has an item for each forecast.
///
/// Columns: the id columns and the time column; `probability` that the value at this step exceeds the threshold;
/// `at_least_once_by_then`, the probability for any step so far; `expected_by_then`, the expected number of such steps.
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
