//! Tables of forecasts, totals over periods and effects of repairs; a line on the probability of exceeding a threshold.

use comfy_table::{Cell, CellAlignment};
use forecast::backtest::Anomalies;
use forecast::forecast::{Exceedance, Forecast, ForecastColumns, Total, TotalPeriod};
use forecast::panel::Panel;
use forecast::sensitivity::{MedianChange, RepairEffect};
use forecast::write::{MAX_SIGNIFICANT_DIGITS, decimals, round_to_digits};

use crate::report::terminal::Terminal;
use crate::report::terminal_chart;
use crate::report::text_table::{self, UNDEFINED, count, counted, fixed, widest_that_fits};

/// The maximum number of rows of a single series. A longer forecast shows only its first rows and its last.
const MAX_ROWS: usize = 14;
/// The maximum number of rows of each of several series.
const MAX_ROWS_OF_EACH: usize = 4;
const MAX_PERIODS_OF_EACH: usize = 14;
pub(crate) const MAX_SERIES: usize = 3;
/// The maximum numbers of intervals and of single quantiles.
pub(crate) const MAX_INTERVALS: usize = 6;
const MAX_SINGLE_QUANTILES: usize = 4;
/// Smaller percentages are printed as `below 0.1%`.
const MIN_PERCENT: f64 = 0.1;
/// The narrowest interval that has a width where forecasts had errors, in percent. A narrower one may lie on one value.
const MIN_PERCENT_WITH_WIDTH: f64 = 80.0;

/// Prints the chart of a forecast on a terminal, the table of all, and a notice if their intervals have no width.
pub(crate) fn print(terminal: &Terminal, panel: &Panel, forecasts: &[Forecast]) -> anyhow::Result<()> {
    terminal_chart::print(terminal, panel, forecasts)?;
    terminal.print(&draw(panel, forecasts))?;
    width_notice(forecasts).iter().for_each(|notice| terminal.notice(notice));
    Ok(())
}

fn draw(panel: &Panel, forecasts: &[Forecast]) -> String {
    let limit = if forecasts.len() == 1 { MAX_ROWS } else { MAX_ROWS_OF_EACH };
    let all_columns = ForecastColumns::of_forecasts(forecasts);
    let columns = shown_columns(&all_columns);
    let mut rows = Vec::new();
    for forecast in forecasts.iter().take(MAX_SERIES) {
        let decimals = decimals_of(forecast, &columns);
        for k in shown_steps(forecast.times().len(), limit) {
            let mut row = forecast.key().to_vec();
            row.push(k.map_or("…".into(), |k| panel.format(forecast.times()[k])));
            let values = k.into_iter().flat_map(|k| columns.step_values(forecast, k));
            row.extend(values.map(|value| fixed(value, decimals)));
            rows.push(row);
        }
    }
    let time = panel.columns().time.as_deref().unwrap_or("time");
    let table = draw_quantiles(panel, &[time], &["forecast"], &all_columns, &rows);
    [table].into_iter().chain(more_series(forecasts.len())).collect::<Vec<_>>().join("\n")
}

pub(crate) fn draw_totals(panel: &Panel, forecasts: &[Forecast], period: TotalPeriod, totals: &[Vec<Total>]) -> String {
    let all_columns = ForecastColumns::of_forecasts(forecasts);
    let columns = shown_columns(&all_columns);
    let has_growth = totals.iter().take(MAX_SERIES).flatten().any(|total| total.growth_percent.is_some());
    let mut rows = Vec::new();
    for (forecast, totals) in forecasts.iter().zip(totals).take(MAX_SERIES) {
        let largest = totals.iter().flat_map(|total| &total.quantiles).fold(0.0_f64, |a, b| a.max(b.abs()));
        let decimals = decimals(largest, 5);
        for total in totals.iter().take(MAX_PERIODS_OF_EACH) {
            let mut row = forecast.key().to_vec();
            row.extend([period_in_words(panel, total), steps_in_words(total)]);
            let mut quantiles = columns.in_order(&total.quantiles).into_iter().map(|value| fixed(value, decimals));
            row.extend(quantiles.next());
            row.extend(has_growth.then(|| growth_in_words(total)));
            row.extend(quantiles);
            rows.push(row);
        }
        if totals.len() > MAX_PERIODS_OF_EACH {
            rows.push([forecast.key(), &[format!("and {} more", totals.len() - MAX_PERIODS_OF_EACH)]].concat());
        }
    }
    let numbers: &[&str] = if has_growth { &["total", "in a year"] } else { &["total"] };
    draw_quantiles(panel, &[period.name(), "steps"], numbers, &all_columns, &rows)
}

/// The columns of a table, at most a few of them.
fn shown_columns(all: &ForecastColumns) -> ForecastColumns {
    all.reduced(MAX_INTERVALS, MAX_SINGLE_QUANTILES)
}

/// `+4.2%`, the growth against a year before.
fn growth_in_words(total: &Total) -> String {
    total.growth_percent.map_or_else(|| UNDEFINED.into(), |percent| format!("{percent:+.1}%"))
}

/// Draws rows of ids, texts under `headings`, numbers under `numbers`, of which the first is the median, and the other
/// numbers of the columns that are shown. On a narrow terminal the last quantiles and intervals are left out.
fn draw_quantiles(
    panel: &Panel,
    headings: &[&str],
    numbers: &[&str],
    all_columns: &ForecastColumns,
    rows: &[Vec<String>],
) -> String {
    let columns = &shown_columns(all_columns);
    let texts = panel.columns().ids.iter().map(String::as_str).chain(headings.iter().copied());
    let mut all: Vec<String> = texts.map(str::to_owned).collect();
    let text_count = all.len();
    all.extend(numbers.iter().map(|heading| (*heading).to_owned()));
    let mut widths = vec![all.len()];
    for percent in columns.intervals() {
        all.extend(["low", "high"].map(|end| format!("{percent}% {end}")));
        widths.push(all.len());
    }
    for level in columns.single_quantiles() {
        all.push(format!("quantile {level}"));
        widths.push(all.len());
    }
    let draw = |width: &usize| {
        let rows = rows.iter().map(|row| row.iter().take(*width));
        text_table::draw(text_count, &all[..*width], rows)
    };
    let mut tables: Vec<String> = widths.iter().rev().map(draw).collect();
    // the ids and the median stay where even they are too wide
    let narrowest = widths[0];
    let narrow = rows.iter().map(|row| row.iter().take(narrowest));
    tables.push(text_table::draw_wrapped(text_count, &all[..narrowest], narrow));
    let table = widest_that_fits(tables.iter().cloned(), Terminal::width());
    let left_out = tables.iter().position(|other| *other == table).unwrap_or(0).min(widths.len() - 1);
    let shown = columns.intervals().len() + columns.single_quantiles().len() - left_out;
    [table].into_iter().chain(columns_left_out(all_columns, shown)).collect::<Vec<_>>().join("\n")
}

/// `6 of 11 intervals and quantiles are shown, the file has all`, if not all are shown.
fn columns_left_out(columns: &ForecastColumns, shown: usize) -> Option<String> {
    let (intervals, quantiles) = (columns.intervals().len(), columns.single_quantiles().len());
    let what = match (intervals, quantiles) {
        (_, 0) => "intervals",
        (0, _) => "quantiles",
        _ => "intervals and quantiles",
    };
    let all = intervals + quantiles;
    (shown < all).then(|| format!("{shown} of {all} {what} are shown, the file has all"))
}

/// `and 1,997 more series`, if not all are shown.
pub(crate) fn more_series(series: usize) -> Option<String> {
    (series > MAX_SERIES).then(|| format!("and {} more series", count(series - MAX_SERIES)))
}

/// `the intervals of 3 series have no width: too few or too regular values to show an error`
pub(crate) fn width_notice(forecasts: &[Forecast]) -> Option<String> {
    let columns = ForecastColumns::of_forecasts(forecasts);
    let widest = columns.intervals().last().copied().filter(|percent| *percent >= MIN_PERCENT_WITH_WIDTH)?;
    let has_no_width = |forecast: &&Forecast| forecast.interval(widest).is_some_and(|(low, high)| low == high);
    let without = forecasts.iter().filter(has_no_width).count();
    let is_all = without == forecasts.len();
    let whose = if is_all { "the intervals".to_owned() } else { format!("the intervals of {} series", count(without)) };
    (without > 0).then(|| format!("{whose} have no width: too few or too regular values to show an error"))
}

/// The steps that are shown in at most `rows` rows. `None` is the row in place of the steps that are left out.
fn shown_steps(steps: usize, rows: usize) -> Vec<Option<usize>> {
    if steps <= rows {
        return (0..steps).map(Some).collect();
    }
    (0..rows - 2).map(Some).chain([None, Some(steps - 1)]).collect()
}

/// The decimals that show five digits of the largest value and two of the narrowest interval, or of the smallest distance
/// of a single quantile from the median.
fn decimals_of(forecast: &Forecast, columns: &ForecastColumns) -> usize {
    let steps: Vec<Vec<f64>> = (0..forecast.times().len()).map(|k| columns.step_values(forecast, k)).collect();
    let largest = steps.iter().flatten().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    let width = |step: &Vec<f64>| match step[..] {
        [_, low, high, ..] if !columns.intervals().is_empty() => high - low,
        [median, single, ..] => (single - median).abs(),
        _ => 0.0,
    };
    let narrowest = steps.iter().map(width).filter(|width| *width > 0.0).fold(f64::INFINITY, f64::min);
    decimals(largest, 5).max(decimals(narrowest, 2))
}

fn period_in_words(panel: &Panel, total: &Total) -> String {
    let (from, to) = (panel.format(total.from), panel.format(total.to));
    if from == to { from } else { format!("{from} to {to}") }
}

fn steps_in_words(total: &Total) -> String {
    let Total { steps, period_steps, .. } = total;
    if period_steps > steps { format!("{steps} of {period_steps}") } else { steps.to_string() }
}

/// `above 400: 83% likely at least once in 7 days, 2.1 steps expected, 2015-01-03 the likeliest (45%)`
pub(crate) fn threshold_line(panel: &Panel, forecast: &Forecast, threshold: f64, exceedance: &Exceedance) -> String {
    let series = if forecast.key().is_empty() { String::new() } else { format!("{}: ", forecast.key().join(" / ")) };
    let horizon = panel.frequency().steps_in_words(forecast.times().len());
    let percent = |share: f64| format!("{:.0}%", 100.0 * share);
    let (threshold, ever) = (round_to_digits(threshold, MAX_SIGNIFICANT_DIGITS), percent(exceedance.ever));
    let line = format!("{series}above {threshold}: {ever} likely at least once in {horizon}");
    let likeliest = exceedance.at_step.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1).then(b.0.cmp(&a.0)));
    let Some((k, share)) = likeliest.filter(|_| exceedance.ever > 0.0) else { return line };
    let (expected, time, share) = (exceedance.expected_steps, panel.format(forecast.times()[k]), percent(*share));
    format!("{line}, {expected:.1} steps expected, {time} the likeliest ({share})")
}

/// `anomalies: 3 of 35 past values are outside their 95% interval, the newest on 2014-12-25 (-4.2 standard deviations)`
pub(crate) fn anomalies_line(panel: &Panel, anomalies: &Anomalies) -> String {
    let (found, checked) = (anomalies.found.len(), counted(anomalies.checked, "past value"));
    let Some(newest) = anomalies.found.first() else {
        return format!("anomalies: none of {checked} is outside its 95% interval");
    };
    let verb = if found == 1 { "is" } else { "are" };
    let name = panel.iter().nth(newest.series).map(|series| series.name()).unwrap_or_default();
    let of = if name.is_empty() { String::new() } else { format!(" in {name}") };
    let size = newest.deviations.map_or_else(String::new, |own| format!(" ({own:+.1} standard deviations)"));
    let (found, time) = (count(found), panel.format(newest.time));
    format!("anomalies: {found} of {checked} {verb} outside their 95% interval, the newest{of} on {time}{size}")
}

pub(crate) fn draw_sensitivity(effects: &[RepairEffect]) -> String {
    if effects.is_empty() {
        return "sensitivity: no repair has an alternative".into();
    }
    let several = effects.iter().any(|effect| effect.largest.is_some());
    let mut headings = vec!["repair", "count", "instead", "forecast changes by"];
    headings.extend(several.then_some("largest change"));
    let rows = effects.iter().map(|effect| {
        let count = Cell::new(count(effect.count)).set_alignment(CellAlignment::Right);
        let change = effect.change.as_ref();
        let change = change.map_or_else(|why| format!("unknown: {why}"), |change| change_in_words(*change));
        let largest = effect.largest.as_ref();
        let largest = largest.map(|series| format!("{}: {}", series.ids.join(" / "), change_in_words(series.change)));
        let largest = several.then(|| Cell::new(largest.unwrap_or_default()));
        [Cell::new(effect.repair), count, Cell::new(effect.instead), Cell::new(change)].into_iter().chain(largest)
    });
    text_table::draw_wrapped(headings.len(), &headings, rows)
}

/// `1.234 (0.5%)`
fn change_in_words(change: MedianChange) -> String {
    let percent = match change.percent {
        Some(percent) if percent > 0.0 && percent < MIN_PERCENT => format!(" (below {MIN_PERCENT}%)"),
        Some(percent) => format!(" ({percent:.1}%)"),
        None => String::new(),
    };
    format!("{}{percent}", round_to_digits(change.mean_absolute, MedianChange::DIGITS))
}
