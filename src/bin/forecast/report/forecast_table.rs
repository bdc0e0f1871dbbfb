//! The forecast as a table for the terminal: the first rows and the last where it is long.

use comfy_table::{Cell, CellAlignment, Table, presets};
use forecast::forecast::Forecast;
use forecast::panel::Panel;

use crate::report::forecast_csv::{Rows, TIME};

/// Rows shown of a single series, and of each of several.
const ROWS: usize = 14;
const ROWS_OF_SEVERAL: usize = 4;

/// Series shown of several.
const SERIES: usize = 3;

/// The headings after the time: the forecast, then the bands.
const HEADINGS: [&str; 5] = ["forecast", "80% low", "80% high", "95% low", "95% high"];

/// Draws the forecasts, leaving the outer band out, then both, where the terminal is too narrow for them.
pub(crate) fn draw(panel: &Panel, forecasts: &[Forecast], width: Option<usize>) -> String {
    let fits = |text: &String| width.is_none_or(|width| text.lines().all(|line| line.chars().count() <= width));
    let mut drawn = [5, 3, 1].map(|numbers| draw_columns(panel, forecasts, numbers)).into_iter();
    let widest = drawn.next().unwrap_or_default();
    let text = if fits(&widest) { widest } else { drawn.find(fits).unwrap_or(widest) };
    match forecasts.len().saturating_sub(SERIES) {
        0 => text,
        more => format!("{text}\nand {} more series", grouped(&more.to_string())),
    }
}

fn draw_columns(panel: &Panel, forecasts: &[Forecast], numbers: usize) -> String {
    let columns = panel.columns();
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let time = columns.time.as_deref().unwrap_or(TIME);
    let headings = columns.ids.iter().map(Cell::new).chain([Cell::new(time)]);
    table.set_header(headings.chain(HEADINGS[..numbers].iter().map(|name| number_cell((*name).into()))));
    let rows = if forecasts.len() == 1 { ROWS } else { ROWS_OF_SEVERAL };
    for forecast in forecasts.iter().take(SERIES) {
        let values = Rows::of(forecast);
        let decimals = decimals(forecast);
        for k in shown(forecast.times().len(), rows) {
            let key = forecast.key().iter().map(Cell::new);
            let Some(k) = k else {
                table.add_row(key.chain([Cell::new("…")]));
                continue;
            };
            let time = Cell::new(panel.format(forecast.times()[k]));
            let numbers = values.at(k).into_iter().take(numbers);
            table.add_row(key.chain([time]).chain(numbers.map(|value| number_cell(fixed(value, decimals)))));
        }
    }
    let lines = table.lines().map(|line| line.trim_end().to_owned());
    lines.collect::<Vec<_>>().join("\n")
}

/// Which of so many steps are shown in so many rows; `None` stands for those left out.
fn shown(steps: usize, rows: usize) -> Vec<Option<usize>> {
    if steps <= rows {
        return (0..steps).map(Some).collect();
    }
    (0..rows - 2).map(Some).chain([None, Some(steps - 1)]).collect()
}

pub(crate) fn number_cell(text: String) -> Cell {
    Cell::new(text).set_alignment(CellAlignment::Right)
}

/// Decimals that show five digits of the largest value and two of the narrowest band.
fn decimals(forecast: &Forecast) -> usize {
    let rows = Rows::of(forecast);
    let steps = || (0..forecast.times().len()).map(|k| rows.at(k));
    let largest = steps().flatten().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    let narrowest = steps().map(|row| row[2] - row[1]).filter(|width| *width > 0.0).fold(f64::INFINITY, f64::min);
    let digits = |size: f64, wanted: f64| {
        if size > 0.0 && size.is_finite() { (wanted - 1.0 - size.log10().floor()).clamp(0.0, 9.0) as usize } else { 0 }
    };
    digits(largest, 5.0).max(digits(narrowest, 2.0))
}

/// A number with so many decimals, its thousands separated.
pub(crate) fn fixed(value: f64, decimals: usize) -> String {
    if value.abs() >= 1e15 {
        return format!("{value:.4e}");
    }
    let text = format!("{value:.decimals$}");
    let negative = text.starts_with('-') && text.bytes().any(|byte| (b'1'..=b'9').contains(&byte));
    let text = text.trim_start_matches('-');
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    format!("{}{}{rest}", if negative { "-" } else { "" }, grouped(whole))
}

/// Digits in groups of three.
pub(crate) fn grouped(digits: &str) -> String {
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_never_minus_zero() {
        assert_eq!(fixed(1_234_567.891, 1), "1,234,567.9");
        assert_eq!(fixed(-999.5, 2), "-999.50");
        assert_eq!(fixed(-0.000_1, 2), "0.00");
        assert_eq!(fixed(123.0, 0), "123");
    }

    #[test]
    fn a_long_forecast_shows_its_first_rows_and_its_last() {
        assert_eq!(shown(3, 4), [Some(0), Some(1), Some(2)]);
        assert_eq!(shown(9, 4), [Some(0), Some(1), None, Some(8)]);
    }
}
