//! What `--explain` writes on how far to trust a forecast: residuals, and a picture of the backtest.

use anyhow::Result;
use forecast::plot;
use forecast::write::Table;

use crate::outcome::{Outcome, Request};
use crate::report::table_files::{TableFiles, TableSink};

/// Writes the residuals as a table and a picture, and the backtest as a picture, if there are hindcasts.
pub(crate) fn write(files: &mut TableFiles<'_>, request: &Request, outcome: &Outcome) -> Result<()> {
    let Some(residuals) = &outcome.residuals else { return Ok(()) };
    let panel = request.panel;
    files.add(panel, &Table::Residuals(residuals))?;
    files.draw("residuals", |picture| {
        plot::residuals(picture, panel, residuals, &outcome.forecasts, outcome.hindcasts())
    })?;
    if !outcome.backtests.is_empty() {
        files.draw("backtest", |picture| plot::backtest(picture, panel, &outcome.backtests))?;
    }
    Ok(())
}
