//! The forecast as a table. A long forecast has only its first rows and its last.

use comfy_table::Cell;
use forecast::forecast::Forecast;
use forecast::panel::Panel;

use crate::report::terminal::Terminal;
use crate::report::text_table::{
    count, decimals, fixed, number_cell, number_headings, plain_table, render, widest_that_fits,
};

/// The maximum number of rows of a single series.
const MAX_ROWS: usize = 14;

/// The maximum number of rows of each of several series.
const MAX_ROWS_OF_EACH: usize = 4;

/// The maximum number of series.
pub(crate) const MAX_SERIES: usize = 3;

/// The headings of the numbers: the forecast, then the intervals.
const HEADINGS: [&str; 5] = ["forecast", "80% low", "80% high", "95% low", "95% high"];

/// The number of these columns, from wide terminals to narrow ones.
pub(crate) const SHOWN_NUMBERS: [usize; 3] = [5, 3, 1];

/// Prints the forecasts, and a note if their intervals have no width.
pub(crate) fn print(terminal: &Terminal, panel: &Panel, forecasts: &[Forecast]) -> anyhow::Result<()> {
    terminal.print(&draw(panel, forecasts, Terminal::width()))?;
    if let Some(note) = note_on_width(forecasts) {
        terminal.note(&note);
    }
    Ok(())
}

/// Draws the forecasts. On a narrow terminal the outer interval or both intervals are left out.
fn draw(panel: &Panel, forecasts: &[Forecast], width: Option<usize>) -> String {
    let tables = SHOWN_NUMBERS.into_iter().map(|numbers| draw_columns(panel, forecasts, numbers));
    let table = widest_that_fits(tables, width);
    match more_series(forecasts.len()) {
        Some(more) => format!("{table}\n{more}"),
        None => table,
    }
}

/// `and 1,997 more series`, if not all are shown.
pub(crate) fn more_series(series: usize) -> Option<String> {
    let more = series.checked_sub(MAX_SERIES).filter(|more| *more > 0)?;
    Some(format!("and {} more series", count(more)))
}

/// A note on forecasts whose intervals have no width, if there are any.
fn note_on_width(forecasts: &[Forecast]) -> Option<String> {
    let has_no_width = |forecast: &&Forecast| forecast.interval(95.0).is_some_and(|(low, high)| low == high);
    let without = forecasts.iter().filter(has_no_width).count();
    let all = without == forecasts.len();
    let whose = if all { "the intervals".to_owned() } else { format!("the intervals of {} series", count(without)) };
    (without > 0).then(|| format!("note: {whose} have no width: forecasts of the past had no error"))
}

fn draw_columns(panel: &Panel, forecasts: &[Forecast], numbers: usize) -> String {
    let columns = panel.columns();
    let time = columns.time.as_deref().unwrap_or("time");
    let ids = columns.ids.iter().map(Cell::new);
    let mut table = plain_table(ids.chain([Cell::new(time)]).chain(number_headings(&HEADINGS[..numbers])));
    let rows = if forecasts.len() == 1 { MAX_ROWS } else { MAX_ROWS_OF_EACH };
    for forecast in forecasts.iter().take(MAX_SERIES) {
        let decimals = decimals_of(forecast);
        for k in shown_steps(forecast.times().len(), rows) {
            let ids = forecast.key().iter().map(Cell::new);
            let Some(k) = k else {
                table.add_row(ids.chain([Cell::new("…")]));
                continue;
            };
            let time = Cell::new(panel.format(forecast.times()[k]));
            let numbers = forecast.step_values(k).into_iter().take(numbers);
            table.add_row(ids.chain([time]).chain(numbers.map(|value| number_cell(fixed(value, decimals)))));
        }
    }
    render(&table)
}

/// The steps that are shown in a number of rows. `None` is the row in place of the steps that are left out.
fn shown_steps(steps: usize, rows: usize) -> Vec<Option<usize>> {
    if steps <= rows {
        return (0..steps).map(Some).collect();
    }
    (0..rows - 2).map(Some).chain([None, Some(steps - 1)]).collect()
}

/// The decimals that show five digits of the largest value and two of the narrowest interval.
fn decimals_of(forecast: &Forecast) -> usize {
    let steps = || (0..forecast.times().len()).map(|k| forecast.step_values(k));
    let largest = steps().flatten().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    let narrowest = steps().map(|step| step[2] - step[1]).filter(|width| *width > 0.0).fold(f64::INFINITY, f64::min);
    decimals(largest, 5).max(decimals(narrowest, 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_forecast_shows_its_first_rows_and_its_last() {
        assert_eq!(shown_steps(3, 4), [Some(0), Some(1), Some(2)]);
        assert_eq!(shown_steps(9, 4), [Some(0), Some(1), None, Some(8)]);
    }
}
