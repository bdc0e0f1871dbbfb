//! The picture of components: one panel for each, with a shared time axis.

use crate::components::{Component, Components};
use crate::error::Result;
use crate::panel::{Panel, TimeSeries};
use crate::plot::axis::Axis;
use crate::plot::canvas::{Align, Area, Canvas, Point, WIDTH};
use crate::plot::forecasts::largest_first;
use crate::plot::frame::{self, BLUE, HISTORY, LABEL_GREY, MARGIN, RULE, Swatch, TITLE_BLACK};
use crate::plot::picture::Picture;
use crate::plot::text::Font;
use crate::plot::ticks::{self, HorizontalAxis};
use crate::time::Timestamp;

/// The largest number of series in a picture, each in a column.
const MAX_SERIES: usize = 3;
/// The height of a panel with its title, the least of it, and the space between columns, in pixels.
const ROW_HEIGHT: f64 = 190.0;
const MIN_ROW_HEIGHT: f64 = 120.0;
const COLUMN_GAP: f64 = 40.0;
/// The largest number of past steps, unless the horizon is longer.
const MAX_PAST: usize = 400;

/// A line of values with its name: a component, or the sum of all.
struct Line<'a> {
    name: String,
    values: &'a [f64],
}

/// Draws the components of forecasts into a PNG or SVG: the values, then one panel for each component that is not 0
/// everywhere. The three largest series are drawn, each in a column. `all` has one item for each series of the panel.
///
/// # Errors
/// If the file cannot be written.
pub fn components<'a>(to: impl Into<Picture<'a>>, panel: &Panel, all: &[Components]) -> Result<()> {
    let of_series: Vec<(TimeSeries<'_>, &Components)> = panel.iter().zip(all).collect();
    let positions = largest_first(panel, all.first().map_or(1, Components::steps));
    let drawn: Vec<(TimeSeries<'_>, &Components)> =
        positions.iter().take(MAX_SERIES).map(|at| of_series[*at]).collect();
    let names = shown(&drawn);
    let height_of = |row: f64| 150.0 + row * (names.len() + 1) as f64 + 2.0 * MARGIN;
    let mut canvas = Canvas::new(to.into(), height_of(ROW_HEIGHT), height_of(MIN_ROW_HEIGHT));
    let height = canvas.height();
    let target = &panel.columns().target;
    let title = match drawn.as_slice() {
        [(series, _)] if !series.key.is_empty() => format!("{target} · {}", series.name()),
        _ => target.clone(),
    };
    let legend = [(Swatch::Line(HISTORY), "history"), (Swatch::Line(BLUE), "forecast")];
    let subtitle = "components, which add up to the values";
    let top = frame::header(&mut canvas, &title, subtitle, &legend) + 10.0;
    let width = (WIDTH - 2.0 * MARGIN - COLUMN_GAP * (drawn.len() - 1) as f64) / drawn.len() as f64;
    for (at, (series, own)) in drawn.iter().enumerate() {
        let left = MARGIN + at as f64 * (width + COLUMN_GAP);
        let mut lines = vec![Line { name: target.clone(), values: &own.totals }];
        let parts = names.iter().map(|kind| &own.parts[*kind]);
        lines.extend(parts.map(|part| Line { name: part.kind.in_words(series.frequency), values: &part.values }));
        let cell = Area { left, top, right: left + width, bottom: height - MARGIN };
        let heading = if drawn.len() > 1 { series.name() } else { String::new() };
        draw_column(&mut canvas, cell, series, own, &lines, (&heading, panel.season()));
    }
    if all.len() > drawn.len() {
        let note = format!("the {} largest of {} series", drawn.len(), all.len());
        canvas.text(&note, (WIDTH - MARGIN, height - 14.0), Align::Right, Font::regular(20.0), LABEL_GREY);
    }
    canvas.save()
}

/// The indices of the components that are not 0 everywhere.
fn shown(drawn: &[(TimeSeries<'_>, &Components)]) -> Vec<usize> {
    let count = drawn.first().map_or(0, |(_, own)| own.parts.len());
    let is_any = |part: &Component| part.values.iter().any(|value| *value != 0.0);
    (0..count).filter(|kind| drawn.iter().any(|(_, own)| is_any(&own.parts[*kind]))).collect()
}

/// The number of past steps that are drawn.
pub(crate) fn drawn_past(own: &Components, season: usize) -> usize {
    let wanted = (4 * own.steps()).max(3 * season.min(MAX_PAST)).max(16);
    own.past().min(wanted)
}

fn draw_column(
    canvas: &mut Canvas<'_>,
    cell: Area,
    series: &TimeSeries<'_>,
    own: &Components,
    lines: &[Line<'_>],
    (heading, season): (&str, usize),
) {
    let (font, title) = (Font::regular(19.0), Font::bold(21.0));
    let past = drawn_past(own, season);
    let skipped = own.past() - past;
    let bottom = cell.bottom - frame::label_height(font, 2);
    let row = (bottom - cell.top) / lines.len() as f64;
    let axes: Vec<Axis> = lines.iter().map(|line| Axis::linear(line.values[skipped..].iter().copied(), 3)).collect();
    let labels = axes.iter().map(|axis| frame::label_width(axis, font)).fold(0.0, f64::max);
    let (left, right) = (cell.left + labels, cell.right);
    let step = (right - left - 12.0) / (own.totals.len() - skipped).saturating_sub(1).max(1) as f64;
    let x = |at: usize| left + 6.0 + (at - skipped) as f64 * step;
    for (i, (line, axis)) in lines.iter().zip(&axes).enumerate() {
        let top = cell.top + row * i as f64;
        let name = if i == 0 && !heading.is_empty() { heading } else { &line.name };
        let baseline = top + title.capital_height();
        canvas.text(&title.fit(name, right - cell.left), (cell.left, baseline), Align::Left, title, TITLE_BLACK);
        let area = Area { left, top: top + title.size * 1.7, right, bottom: top + row - 26.0 };
        frame::vertical_axis(canvas, area, axis, font);
        let point = |at: usize| (x(at), frame::y(area, axis, line.values[at]));
        if past > 0 {
            canvas.vertical_line(x(own.past() - 1), area.top, area.bottom, RULE);
        }
        let of_past: Vec<Point> = (skipped..own.past()).map(point).collect();
        canvas.path(&of_past, 2.0, HISTORY);
        let from = own.past().saturating_sub(1).max(skipped);
        let of_forecast: Vec<Point> = (from..own.totals.len()).map(point).collect();
        canvas.path(&of_forecast, 3.0, BLUE);
        if own.steps() == 1 {
            of_forecast.last().iter().for_each(|point| canvas.disc(**point, 5.0, BLUE));
        }
    }
    let times: Vec<Timestamp> = (skipped..own.totals.len()).map(|at| series.time_at(own.first + at)).collect();
    let area = Area { left, top: cell.top, right, bottom: bottom - 10.0 };
    let label_limits = (cell.left, cell.right + COLUMN_GAP / 2.0);
    let axis = HorizontalAxis { first: x(skipped), last: x(own.totals.len() - 1), label_limits, font };
    frame::horizontal_axis(canvas, area, &ticks::ticks(&times, series.frequency, axis), font);
}
