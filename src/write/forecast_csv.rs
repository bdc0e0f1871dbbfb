//! `forecast.csv`, `totals.csv` and `threshold.csv`: forecasts, their sums, and exceedance probabilities.

use std::io::{self, Write};

use crate::forecast::{levels::ForecastColumns, quantile_forecast::Forecast, sample_paths::Exceedance, totals::Total};
use crate::panel::Panel;
use crate::write::csv_writer::{CsvWriter, MIN_SIGNIFICANT_DIGITS, digits_by_series};
use crate::write::table_writer::TableWriter;

/// Writes all forecasts, one row for each series and step. There is one forecast for each series of the panel, in its
/// order.
///
/// Columns: the id columns, the time column, then those of [`ForecastColumns`] in the unit of the target. For the usual
/// levels they are `forecast`, the median, and the ends of the central intervals: `lo_80`, `hi_80`, `lo_95` and `hi_95`.
///
/// # Panics
/// If there is not one forecast for each series.
pub fn forecast_csv(to: impl Write, panel: &Panel, forecasts: &[Forecast]) -> io::Result<()> {
    CsvWriter::file(to, |csv| forecast_rows(csv, panel, forecasts))
}

pub(crate) fn forecast_rows(table: &mut impl TableWriter, panel: &Panel, forecasts: &[Forecast]) -> io::Result<()> {
    let columns = ForecastColumns::of_forecasts(forecasts);
    table.start(panel, MIN_SIGNIFICANT_DIGITS).time_heading(panel).texts(columns.names()).end_row()?;
    assert_eq!(forecasts.len(), panel.count(), "there is one forecast for each series");
    for (forecast, digits) in forecasts.iter().zip(digits_by_series(panel)) {
        table.with_digits(digits);
        for (k, time) in forecast.times().iter().enumerate() {
            table.texts(forecast.key()).time(panel, *time);
            table.numbers(columns.step_values(forecast, k)).end_row()?;
        }
    }
    Ok(())
}

/// Writes the totals of each forecast, one row for each series and period. `totals` has an item for each forecast.
///
/// Columns: the id columns; `from` and `to`, the first and the last time in the sum; `steps`, the number of steps in the
/// sum; `of`, the number of steps in the whole period; `total`, its median; then the other columns of a forecast. The
/// quantiles of the totals have the levels of the forecasts. The last columns are `year_before`, the sum of the same steps
/// a year before, and `growth_percent` against it. Both are empty if not all of these steps are in the history.
pub fn totals_csv(to: impl Write, panel: &Panel, forecasts: &[Forecast], totals: &[Vec<Total>]) -> io::Result<()> {
    CsvWriter::file(to, |csv| totals_rows(csv, panel, forecasts, totals))
}

pub(crate) fn totals_rows(
    table: &mut impl TableWriter,
    panel: &Panel,
    forecasts: &[Forecast],
    totals: &[Vec<Total>],
) -> io::Result<()> {
    let columns = ForecastColumns::of_forecasts(forecasts);
    table.start(panel, MIN_SIGNIFICANT_DIGITS).texts(&["from", "to", "steps", "of", "total"]);
    table.texts(&columns.names()[1..]).texts(&["year_before", "growth_percent"]).end_row()?;
    for ((forecast, totals), digits) in forecasts.iter().zip(totals).zip(digits_by_series(panel)) {
        table.with_digits(digits);
        for total in totals {
            table.texts(forecast.key()).time(panel, total.from).time(panel, total.to);
            table.count(total.steps).count(total.period_steps).numbers(columns.in_order(&total.quantiles));
            table.number(total.year_before).number(total.growth_percent).end_row()?;
        }
    }
    Ok(())
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
    CsvWriter::file(to, |csv| threshold_rows(csv, panel, forecasts, exceedances))
}

pub(crate) fn threshold_rows(
    table: &mut impl TableWriter,
    panel: &Panel,
    forecasts: &[Forecast],
    exceedances: &[Exceedance],
) -> io::Result<()> {
    table.start(panel, MIN_SIGNIFICANT_DIGITS).time_heading(panel);
    table.texts(&["probability", "at_least_once_by_then", "expected_by_then"]).end_row()?;
    for (forecast, exceedance) in forecasts.iter().zip(exceedances) {
        let mut expected = 0.0;
        for (k, time) in forecast.times().iter().enumerate() {
            expected += exceedance.at_step[k];
            table.texts(forecast.key()).time(panel, *time);
            table.numbers([exceedance.at_step[k], exceedance.by_step[k], expected]).end_row()?;
        }
    }
    Ok(())
}
