//! Totals over periods as a table, and probabilities of exceeding a threshold with one line for each series.

use comfy_table::Cell;
use forecast::forecast::{Exceedance, Forecast, Total, TotalPeriod};
use forecast::panel::Panel;
use forecast::write::{MAX_SIGNIFICANT_DIGITS, round_to_digits};

use crate::report::forecast_table::{MAX_SERIES, SHOWN_NUMBERS};
use crate::report::text_table::{decimals, fixed, number_cell, number_headings, plain_table, render, widest_that_fits};

/// The maximum number of periods of each series.
const MAX_PERIODS: usize = 14;

/// The headings of the numbers: the total, then the intervals.
const HEADINGS: [&str; 5] = ["total", "80% low", "80% high", "95% low", "95% high"];

/// Draws the totals of the first series. On a narrow terminal the outer interval or both intervals are left out.
pub(crate) fn draw(
    panel: &Panel,
    forecasts: &[Forecast],
    period: TotalPeriod,
    totals: &[Vec<Total>],
    width: Option<usize>,
) -> String {
    let tables = SHOWN_NUMBERS.into_iter().map(|numbers| draw_columns(panel, forecasts, period, totals, numbers));
    widest_that_fits(tables, width)
}

fn draw_columns(
    panel: &Panel,
    forecasts: &[Forecast],
    period: TotalPeriod,
    totals: &[Vec<Total>],
    numbers: usize,
) -> String {
    let ids = panel.columns().ids.iter().map(Cell::new);
    let first = [Cell::new(period.name()), Cell::new("steps")];
    let mut table = plain_table(ids.chain(first).chain(number_headings(&HEADINGS[..numbers])));
    for (forecast, totals) in forecasts.iter().zip(totals).take(MAX_SERIES) {
        let ids = || forecast.key().iter().map(Cell::new);
        let largest = totals.iter().flat_map(|total| &total.quantiles).fold(0.0_f64, |a, b| a.max(b.abs()));
        let decimals = decimals(largest, 5);
        for total in totals.iter().take(MAX_PERIODS) {
            let values = total.step_values().into_iter().take(numbers);
            let values = values.map(|value| number_cell(fixed(value, decimals)));
            let (times, steps) = (Cell::new(times_of(panel, total)), Cell::new(steps_of(total)));
            table.add_row(ids().chain([times, steps]).chain(values));
        }
        if let Some(more) = totals.len().checked_sub(MAX_PERIODS).filter(|more| *more > 0) {
            table.add_row(ids().chain([Cell::new(format!("and {more} more"))]));
        }
    }
    render(&table)
}

fn times_of(panel: &Panel, total: &Total) -> String {
    let (from, to) = (panel.format(total.from), panel.format(total.to));
    if from == to { from } else { format!("{from} to {to}") }
}

fn steps_of(total: &Total) -> String {
    if total.period_steps > total.steps {
        format!("{} of {}", total.steps, total.period_steps)
    } else {
        total.steps.to_string()
    }
}

/// `above 400: 83% likely at least once in 7 days, 2.1 steps expected, 2015-01-03 the likeliest (45%)`
pub(crate) fn threshold_line(panel: &Panel, forecast: &Forecast, threshold: f64, exceedance: &Exceedance) -> String {
    let series = if forecast.key().is_empty() { String::new() } else { format!("{}: ", forecast.key().join(" / ")) };
    let horizon = panel.frequency().steps_in_words(forecast.times().len());
    let percent = |share: f64| format!("{:.0}%", 100.0 * share);
    let (threshold, ever) = (round_to_digits(threshold, MAX_SIGNIFICANT_DIGITS), percent(exceedance.ever));
    let start = format!("{series}above {threshold}: {ever} likely at least once in {horizon}");
    let likeliest = exceedance.at_step.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1).then(b.0.cmp(&a.0)));
    match likeliest {
        Some((k, share)) if exceedance.ever > 0.0 => {
            let time = panel.format(forecast.times()[k]);
            format!(
                "{start}, {:.1} steps expected, {time} the likeliest ({})",
                exceedance.expected_steps,
                percent(*share)
            )
        }
        _ => start,
    }
}
