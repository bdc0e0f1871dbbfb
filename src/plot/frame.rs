//! What every chart stands in: title, legend, grid, axes, and the colours they share.

use super::canvas::Colour;
use crate::plot::axis::Axis;
use crate::plot::canvas::{Align, Area, Canvas, Point, rgb};
use crate::plot::text::Font;
use crate::plot::ticks::Tick;

/// Titles.
pub(super) const INK: Colour = rgb(0x1b, 0x1f, 0x24);
/// What was observed.
pub(super) const HISTORY: Colour = rgb(0x4a, 0x4f, 0x57);
/// What was not observed but filled.
pub(super) const FILLED: Colour = rgb(0xa3, 0xa8, 0xb0);
/// Labels.
pub(super) const QUIET: Colour = rgb(0x66, 0x6c, 0x75);
/// Rules and the line under a chart.
pub(super) const RULE: Colour = rgb(0xb8, 0xbd, 0xc4);
/// The grid: so light that it may lie over what is filled.
pub(super) const GRID: Colour = Colour(0x1b, 0x1f, 0x24, 0.1);
/// The forecast; whatever a picture is about.
pub(super) const BLUE: Colour = rgb(0x1a, 0x56, 0xc4);
/// The 80 % band.
pub(super) const INNER: Colour = rgb(0xa9, 0xc6, 0xf5);
/// The 95 % band.
pub(super) const OUTER: Colour = rgb(0xd9, 0xe6, 0xfb);
/// What calls for attention.
pub(super) const ORANGE: Colour = rgb(0xd9, 0x6b, 0x0b);
pub(super) const WHITE: Colour = rgb(0xff, 0xff, 0xff);

/// Space around a picture.
pub(super) const MARGIN: f64 = 44.0;
/// Space between an axis and its labels.
const BESIDE: f64 = 12.0;
/// Length of a tick under a chart.
const TICK: f64 = 8.0;
/// Length of a legend's line or box.
const SWATCH: f64 = 34.0;

/// A title on the first line of a picture, below it what it shows and, on the right, the legend. Returns where the
/// charts may begin.
pub(super) fn header(canvas: &mut Canvas, width: f64, title: &str, subtitle: &str, legend: &[(Swatch, &str)]) -> f64 {
    let (large, small) = (Font::bold(34.0), Font::regular(22.0));
    let (first, second) = (MARGIN + large.capital(), MARGIN + large.capital() + 42.0);
    let room = width - 2.0 * MARGIN;
    canvas.text(&large.fit(title, room), (MARGIN, first), Align::Left, large, INK);
    let taken = draw_legend(canvas, (width - MARGIN, second), small, legend);
    canvas.text(&small.fit(subtitle, room - taken - 30.0), (MARGIN, second), Align::Left, small, QUIET);
    second + 30.0
}

/// How a legend shows what a name stands for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Swatch {
    Line(Colour),
    Dots(Colour),
    Box(Colour),
}

/// Draws a legend that ends at `at` and returns its width.
fn draw_legend(canvas: &mut Canvas, (right, baseline): (f64, f64), font: Font, entries: &[(Swatch, &str)]) -> f64 {
    let entry = |name: &str| SWATCH + 10.0 + font.width(name);
    let width = entries.iter().map(|(_, name)| entry(name) + 28.0).sum::<f64>() - 28.0;
    let mut x = right - width;
    for (swatch, name) in entries {
        let middle = baseline - font.capital() / 2.0;
        let line = [(x + 2.0, middle), (x + SWATCH - 2.0, middle)];
        match *swatch {
            Swatch::Line(colour) => canvas.path(&line, 4.0, colour),
            Swatch::Dots(colour) => canvas.dashes(&line, 3.0, DOTS, colour),
            Swatch::Box(colour) => {
                let area = Area { left: x, top: middle - 9.0, right: x + SWATCH, bottom: middle + 9.0 };
                canvas.rectangle(area, colour);
            }
        }
        canvas.text(name, (x + SWATCH + 10.0, baseline), Align::Left, font, QUIET);
        x += entry(name) + 28.0;
    }
    width.max(0.0)
}

/// Dash and gap of what was not observed.
pub(super) const DOTS: (f64, f64) = (3.0, 6.0);

/// Room that the labels of an axis take beside a chart.
pub(super) fn label_room(axis: &Axis, font: Font) -> f64 {
    axis.ticks.iter().map(|(_, label)| font.width(label)).fold(0.0, f64::max) + BESIDE
}

/// Room that the labels under a chart take.
pub(super) fn under(font: Font, lines: usize) -> f64 {
    TICK + 8.0 + font.capital() + font.size * 1.25 * (lines.max(1) - 1) as f64
}

/// Height of a value in an area.
pub(super) fn y(area: Area, axis: &Axis, value: f64) -> f64 {
    area.bottom - axis.share(value) * area.height()
}

/// Horizontal lines at the ticks of an axis, and their labels on the left.
pub(super) fn grid(canvas: &mut Canvas, area: Area, axis: &Axis, font: Font) {
    for (value, label) in &axis.ticks {
        let y = y(area, axis, *value);
        canvas.across(area.left, area.right, y, GRID);
        canvas.text(label, (area.left - BESIDE, y + font.capital() / 2.0), Align::Right, font, QUIET);
    }
}

/// The line under a chart with its ticks, and their labels.
pub(super) fn baseline(canvas: &mut Canvas, area: Area, ticks: &[Tick], font: Font) {
    canvas.across(area.left, area.right, area.bottom, RULE);
    let first = area.bottom + TICK + 8.0 + font.capital();
    for tick in ticks {
        canvas.down(tick.x, area.bottom, area.bottom + TICK, RULE);
        canvas.text(&tick.label, (tick.middle, first), Align::Centre, font, QUIET);
        if let Some(context) = &tick.context {
            canvas.text(context, (tick.middle, first + font.size * 1.25), Align::Centre, font, INK);
        }
    }
}

/// A line through points; one that is missing leaves a gap. `marked`: each point by itself as well.
pub(super) fn curve(canvas: &mut Canvas, points: &[Option<Point>], width: f64, colour: Colour, marked: bool) {
    for stretch in points.split(Option::is_none) {
        let stretch: Vec<Point> = stretch.iter().flatten().copied().collect();
        canvas.path(&stretch, width, colour);
        if marked || stretch.len() == 1 {
            for point in stretch {
                canvas.disc(point, width * 1.5, colour);
            }
        }
    }
}
