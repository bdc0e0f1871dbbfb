//! `forecast.csv`, `totals.csv` and `threshold.csv`: forecasts, their sums, and exceedance probabilities.

use std::io;

use crate::forecast::{levels::ForecastColumns, quantile_forecast::Forecast, sample_paths::Exceedance, totals::Total};
use crate::panel::Panel;
use crate::write::csv_writer::{MIN_SIGNIFICANT_DIGITS, digits_by_series};
use crate::write::table_writer::TableWriter;

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
