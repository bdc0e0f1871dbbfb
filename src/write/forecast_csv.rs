//! `forecast.csv`, `totals.csv` and `threshold.csv`: forecasts, their sums, and exceedance probabilities.

use std::io::{self, Write};

use crate::forecast::{levels::ForecastColumns, quantile_forecast::Forecast, sample_paths::Exceedance, totals::Total};
use crate::panel::Panel;
use crate::write::csv_writer::{CsvWriter, MIN_SIGNIFICANT_DIGITS, significant_digits};

/// Writes all forecasts, one row for each series and step.
///
/// Columns: the id columns, the time column, then those of [`ForecastColumns`] in the unit of the target. For the usual
/// levels they are `forecast`, the median, and the ends of the central intervals: `lo_80`, `hi_80`, `lo_95` and `hi_95`.
pub fn forecast_csv(to: impl Write, panel: &Panel, forecasts: &[Forecast]) -> io::Result<()> {
    let mut csv = CsvWriter::new(to, panel, significant_digits(panel));
    let columns = ForecastColumns::of_forecasts(forecasts);
    csv.time_heading(panel).texts(columns.names()).end_row()?;
    for forecast in forecasts {
        for (k, time) in forecast.times().iter().enumerate() {
            csv.texts(forecast.key()).text(&panel.format(*time));
            csv.numbers(columns.step_values(forecast, k)).end_row()?;
        }
    }
    csv.finish()
}

/// Writes the totals of each forecast, one row for each series and period. `totals` has an item for each forecast.
///
/// Columns: the id columns; `from` and `to`, the first and the last time in the sum; `steps`, the number of steps in the
/// sum; `of`, the number of steps in the whole period; `total`, its median; then the other columns of a forecast. The
/// quantiles of the totals have the levels of the forecasts.
pub fn totals_csv(to: impl Write, panel: &Panel, forecasts: &[Forecast], totals: &[Vec<Total>]) -> io::Result<()> {
    let mut csv = CsvWriter::new(to, panel, significant_digits(panel));
    let columns = ForecastColumns::of_forecasts(forecasts);
    csv.texts(&["from", "to", "steps", "of", "total"]).texts(&columns.names()[1..]).end_row()?;
    for (forecast, totals) in forecasts.iter().zip(totals) {
        for total in totals {
            csv.texts(forecast.key()).text(&panel.format(total.from)).text(&panel.format(total.to));
            csv.plain(total.steps).plain(total.period_steps).numbers(columns.in_order(&total.quantiles)).end_row()?;
        }
    }
    csv.finish()
}

/// Writes the probabilities of each forecast, one row for each series and step. `exceedances` has an item for each forecast.
///
/// Columns: the id columns and the time column; `probability` that the value at this step exceeds the threshold;
/// `at_least_once_by_then`, the probability for any step so far; `expected_by_then`, the expected number of such steps.
pub fn threshold_csv(
    to: impl Write,
    panel: &Panel,
    forecasts: &[Forecast],
    exceedances: &[Exceedance],
) -> io::Result<()> {
    let mut csv = CsvWriter::new(to, panel, MIN_SIGNIFICANT_DIGITS);
    csv.time_heading(panel).texts(&["probability", "at_least_once_by_then", "expected_by_then"]).end_row()?;
    for (forecast, exceedance) in forecasts.iter().zip(exceedances) {
        let mut expected = 0.0;
        for (k, time) in forecast.times().iter().enumerate() {
            expected += exceedance.at_step[k];
            csv.texts(forecast.key()).text(&panel.format(*time));
            csv.numbers([exceedance.at_step[k], exceedance.by_step[k], expected]).end_row()?;
        }
    }
    csv.finish()
}
