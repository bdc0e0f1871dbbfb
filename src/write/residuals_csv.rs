//! `residuals.csv`: actual minus forecast, of forecasts at past cutoffs.

use std::io;

use crate::backtest::residuals::{OneStepForecasts, Residual, Residuals};
use crate::panel::{Panel, TimeSeries};
use crate::write::csv_writer::{MIN_SIGNIFICANT_DIGITS, digits_by_series, rounded};
use crate::write::table_writer::TableWriter;

/// What the column `forecasts` has for hindcasts.
pub(crate) const HINDCASTS: &str = "hindcasts";

/// What the column `forecasts` has for one-step forecasts.
pub(crate) fn one_step_name(forecasts: &OneStepForecasts) -> &'static str {
    match forecasts {
        OneStepForecasts::OfCandidates(_) => "candidates",
        _ => "model",
    }
}

/// Residuals of the forecasts with the digits that the tables of a panel have. Pictures of them can be drawn again from
/// the tables.
#[must_use]
pub fn residuals_as_written(panel: &Panel, residuals: Residuals) -> Residuals {
    let digits = digits_by_series(panel);
    let written = |own: &Residual| Residual { forecast: rounded(own.forecast, digits[own.series]), ..*own };
    let all = |of: &[Residual]| of.iter().map(written).collect();
    Residuals { one_step: all(&residuals.one_step), hindcasts: all(&residuals.hindcasts), ..residuals }
}

pub(crate) fn residuals_rows(table: &mut impl TableWriter, panel: &Panel, residuals: &Residuals) -> io::Result<()> {
    table.start(panel, MIN_SIGNIFICANT_DIGITS).texts(&["forecasts", "cutoff"]).time_heading(panel);
    table.texts(&["step", "actual", "forecast", "residual"]).end_row()?;
    let (all, digits): (Vec<TimeSeries<'_>>, _) = (panel.iter().collect(), digits_by_series(panel));
    let one_step = one_step_name(&residuals.forecasts);
    let named = residuals.one_step.iter().map(|own| (one_step, own));
    for (forecasts, residual) in named.chain(residuals.hindcasts.iter().map(|own| (HINDCASTS, own))) {
        let Residual { series, cutoff, step, actual, forecast } = *residual;
        table.with_digits(digits[series]);
        let series = &all[series];
        table.texts(series.key).text(forecasts).time(panel, series.time_at(cutoff - 1));
        table.time(panel, series.time_at(residual.position())).count(step);
        table.numbers([actual, forecast, residual.value()]).end_row()?;
    }
    Ok(())
}
