//! What `--explain` writes on how far to trust a forecast: residuals, and a picture of the backtest.

use anyhow::Result;
use forecast::plot;
use forecast::write::Table;

use crate::outcome::{Outcome, Request};
use crate::report::table_files::{TableFiles, TableSink};

/// Says why residuals are not written, if there are none.
pub(crate) fn notice(outcome: &Outcome) -> Option<String> {
    let none = outcome.residuals.as_ref().filter(|residuals| residuals.is_empty())?;
    Some(format!("residuals are not written: there is no forecast at a past cutoff, and {}", none.forecasts))
}

/// Writes the residuals as a table and a picture, and the backtest as a picture, if there are hindcasts.
pub(crate) fn write(files: &mut TableFiles<'_>, request: &Request, outcome: &Outcome) -> Result<()> {
    let Some(residuals) = &outcome.residuals else { return Ok(()) };
    let panel = request.panel;
    if !residuals.is_empty() {
        files.add(panel, &Table::Residuals(residuals))?;
        files.draw("residuals", |picture| {
            plot::residuals(picture, panel, residuals, &outcome.forecasts, outcome.hindcasts())
        })?;
    }
    if !outcome.backtests.is_empty() {
        files.draw("backtest", |picture| plot::backtest(picture, panel, &outcome.backtests))?;
    }
    Ok(())
}
