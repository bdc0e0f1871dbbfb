//! `backtest.csv`: every forecast of the past beside the actual value.

use std::io::{self, Write};

use crate::backtest::folds::Folds;
use crate::backtest::model_backtest::ModelBacktest;
use crate::forecast::step_values::StepValues;
use crate::model::fit_report::Hindcast;
use crate::panel::Panel;
use crate::panel::series::TimeSeries;
use crate::write::csv_writer::CsvWriter;
use crate::write::forecast_csv::FORECAST_COLUMNS;
use crate::write::number::significant_digits;

/// Writes every forecast of every model, one row a step.
///
/// Columns: the id columns, `model`, `fold` (counted from 1), `cutoff` (the last time that was known), the time column,
/// `step` (counted from 1), `actual` (empty where it was not observed), then the columns of `forecast.csv`.
///
/// # Errors
/// If `to` cannot be written.
///
/// # Panics
/// If a hindcast is of a series that the panel does not have, or a forecast lacks a level of
/// [`LEVELS`](crate::forecast::LEVELS).
pub fn backtest_csv(to: impl Write, panel: &Panel, folds: &Folds, backtests: &[ModelBacktest]) -> io::Result<()> {
    let mut csv = CsvWriter::new(to);
    csv.texts(&panel.columns().ids).texts(&["model", "fold", "cutoff"]).time_heading(panel);
    csv.texts(&["step", "actual"]).texts(&FORECAST_COLUMNS).end_row()?;
    let rows = Rows { panel, series: panel.iter().collect(), digits: significant_digits(panel) };
    for backtest in backtests {
        for hindcasts in backtest.hindcasts.chunk_by(|a, b| a.series == b.series) {
            // a series with fewer folds has the last ones
            let first_fold = folds.count + 1 - hindcasts.len();
            for (fold, hindcast) in (first_fold..).zip(hindcasts) {
                rows.write(&mut csv, backtest.model, fold, hindcast)?;
            }
        }
    }
    csv.finish()
}

/// What all rows have in common.
struct Rows<'a> {
    panel: &'a Panel,
    series: Vec<TimeSeries<'a>>,
    digits: usize,
}

impl Rows<'_> {
    /// Writes the rows of one forecast.
    fn write<W: Write>(&self, csv: &mut CsvWriter<W>, model: &str, fold: usize, hindcast: &Hindcast) -> io::Result<()> {
        let series = &self.series[hindcast.series];
        let cutoff = self.panel.format(series.time_at(hindcast.cutoff - 1));
        let values = StepValues::of(&hindcast.forecast);
        for (k, time) in hindcast.forecast.times().iter().enumerate() {
            let position = hindcast.cutoff + k;
            let observed = series.observed.get(position) == Some(&true);
            let actual = observed.then(|| self.panel.actual(hindcast.series, position));
            csv.texts(series.key).plain(model).plain(fold).text(&cutoff).text(&self.panel.format(*time));
            csv.plain(k + 1).number(actual, self.digits);
            for value in values.at(k) {
                csv.number(Some(value), self.digits);
            }
            csv.end_row()?;
        }
        Ok(())
    }
}
