//! The frame of a chart: title, legend, grid, axes and colours.

use crate::plot::canvas::{Align, Area, Canvas, Colour, Point, WIDTH, rgb};
use crate::plot::{axis::Axis, text::Font, ticks::Tick};

pub(super) const TITLE_BLACK: Colour = rgb(0x1b, 0x1f, 0x24);
pub(super) const HISTORY: Colour = rgb(0x4a, 0x4f, 0x57);
pub(super) const FILLED: Colour = rgb(0xa3, 0xa8, 0xb0);
pub(super) const LABEL_GREY: Colour = rgb(0x66, 0x6c, 0x75);
pub(super) const RULE: Colour = rgb(0xb8, 0xbd, 0xc4);
/// The colour of the grid. It is transparent, because the grid is drawn over intervals.
pub(super) const GRID: Colour = Colour(0x1b, 0x1f, 0x24, 0.1);
/// The colour of forecasts and other main content.
pub(super) const BLUE: Colour = rgb(0x1a, 0x56, 0xc4);
pub(super) const INNER_INTERVAL: Colour = rgb(0xa9, 0xc6, 0xf5);
/// The colour of an interval between two others.
pub(super) const MIDDLE_INTERVAL: Colour = rgb(0xc1, 0xd6, 0xf8);
pub(super) const OUTER_INTERVAL: Colour = rgb(0xd9, 0xe6, 0xfb);
pub(super) const ORANGE: Colour = rgb(0xd9, 0x6b, 0x0b);
pub(super) const WHITE: Colour = rgb(0xff, 0xff, 0xff);

/// The font of labels, unless a page has several charts.
pub(super) const LABEL_FONT: Font = Font::regular(22.0);
/// The font of titles below that of the picture.
pub(super) const TITLE_FONT: Font = Font::bold(24.0);

/// The distance between two lines of sentences.
pub(super) const SENTENCE_HEIGHT: f64 = 34.0;
/// The space around a picture.
pub(super) const MARGIN: f64 = 44.0;
/// The space between an axis and its labels.
const LABEL_GAP: f64 = 12.0;
/// The length of a tick of a horizontal axis.
const TICK_LENGTH: f64 = 8.0;
/// The width of a line or box in a legend.
const SWATCH_WIDTH: f64 = 34.0;

/// Draws a title, a subtitle below it and a legend on the right. Returns the top of the charts.
pub(super) fn header(canvas: &mut Canvas<'_>, title: &str, subtitle: &str, legend: &[(Swatch, &str)]) -> f64 {
    let (large, small) = (Font::bold(34.0), Font::regular(22.0));
    let (first, second) = (MARGIN + large.capital_height(), MARGIN + large.capital_height() + 42.0);
    let inner_width = WIDTH - 2.0 * MARGIN;
    let title = canvas.titled(title);
    canvas.text(&large.fit(&title, inner_width), (MARGIN, first), Align::Left, large, TITLE_BLACK);
    let legend_width = draw_legend(canvas, (WIDTH - MARGIN, second), small, legend);
    let subtitle = small.fit(subtitle, inner_width - legend_width - 30.0);
    canvas.text(&subtitle, (MARGIN, second), Align::Left, small, LABEL_GREY);
    second + 30.0
}

/// The symbol of a legend entry.
#[derive(Debug, Clone, Copy)]
pub(super) enum Swatch {
    Line(Colour),
    Dots(Colour),
    Dashes(Colour),
    Box(Colour),
    Disc(Colour),
}

/// The width of an entry of a legend.
fn entry_width(font: Font, name: &str) -> f64 {
    SWATCH_WIDTH + 10.0 + font.width(name)
}

/// Draws a legend that ends at `right`. Returns its width.
fn draw_legend(canvas: &mut Canvas<'_>, (right, baseline): (f64, f64), font: Font, entries: &[(Swatch, &str)]) -> f64 {
    let width = entries.iter().map(|(_, name)| entry_width(font, name) + 28.0).sum::<f64>() - 28.0;
    draw_legend_from(canvas, (right - width, baseline), font, entries);
    width.max(0.0)
}

/// Draws a legend that starts at `x`.
pub(super) fn draw_legend_from(
    canvas: &mut Canvas<'_>,
    (mut x, baseline): (f64, f64),
    font: Font,
    entries: &[(Swatch, &str)],
) {
    for (swatch, name) in entries {
        let middle = baseline - font.capital_height() / 2.0;
        let line = [(x + 2.0, middle), (x + SWATCH_WIDTH - 2.0, middle)];
        match *swatch {
            Swatch::Line(colour) => canvas.path(&line, 4.0, colour),
            Swatch::Dots(colour) => canvas.dashes(&line, 3.0, DOTS, colour),
            Swatch::Dashes(colour) => canvas.dashes(&line, QUANTILE_WIDTH, QUANTILE_DASHES, colour),
            Swatch::Disc(colour) => canvas.disc((x + SWATCH_WIDTH / 2.0, middle), 7.0, colour),
            Swatch::Box(colour) => {
                let area = Area { left: x, top: middle - 9.0, right: x + SWATCH_WIDTH, bottom: middle + 9.0 };
                canvas.rectangle(area, colour);
            }
        }
        canvas.text(name, (x + SWATCH_WIDTH + 10.0, baseline), Align::Left, font, LABEL_GREY);
        x += entry_width(font, name) + 28.0;
    }
}

/// The width, and the dash and the gap, of lines of single quantiles.
pub(super) const QUANTILE_WIDTH: f64 = 2.4;
pub(super) const QUANTILE_DASHES: (f64, f64) = (9.0, 6.0);

/// The dash and the gap of lines through filled values.
pub(super) const DOTS: (f64, f64) = (3.0, 6.0);

/// The number of ticks that suit a vertical axis of this height, at most `most`.
pub(super) fn tick_count(height: f64, most: usize) -> usize {
    ((height / (LABEL_FONT.size * 2.4)) as usize).clamp(2, most)
}

/// The width of the labels of a vertical axis, with their gap.
pub(super) fn label_width(axis: &Axis, font: Font) -> f64 {
    axis.ticks.iter().map(|(_, label)| font.width(label)).fold(0.0, f64::max) + LABEL_GAP
}

/// The height of the labels of a horizontal axis.
pub(super) fn label_height(font: Font, lines: usize) -> f64 {
    TICK_LENGTH + 8.0 + font.capital_height() + font.size * 1.25 * (lines.max(1) - 1) as f64
}

/// The vertical position of a value in an area.
pub(super) fn y(area: Area, axis: &Axis, value: f64) -> f64 {
    area.bottom - axis.position(value) * area.height()
}

/// Draws a vertical axis: horizontal lines at its ticks, and their labels on the left.
pub(super) fn vertical_axis(canvas: &mut Canvas<'_>, area: Area, axis: &Axis, font: Font) {
    for (value, label) in &axis.ticks {
        let y = y(area, axis, *value);
        canvas.horizontal_line(area.left, area.right, y, GRID);
        canvas.text(label, (area.left - LABEL_GAP, y + font.capital_height() / 2.0), Align::Right, font, LABEL_GREY);
    }
}

/// Draws a horizontal axis with its ticks and their labels.
pub(super) fn horizontal_axis(canvas: &mut Canvas<'_>, area: Area, ticks: &[Tick], font: Font) {
    canvas.horizontal_line(area.left, area.right, area.bottom, RULE);
    let first = area.bottom + TICK_LENGTH + 8.0 + font.capital_height();
    for tick in ticks {
        canvas.vertical_line(tick.x, area.bottom, area.bottom + TICK_LENGTH, RULE);
        canvas.text(&tick.label, (tick.middle, first), Align::Centre, font, LABEL_GREY);
        if let Some(context) = &tick.context {
            canvas.text(context, (tick.middle, first + font.size * 1.25), Align::Centre, font, TITLE_BLACK);
        }
    }
}

/// Draws the title of one of several charts in a row, cut off at its width.
pub(super) fn chart_title(canvas: &mut Canvas<'_>, area: Area, title: &str) {
    let title = LABEL_FONT.fit(title, area.width());
    canvas.text(&title, (area.left, area.top - 22.0), Align::Left, LABEL_FONT, TITLE_BLACK);
}

/// Sentences as lines that fit into the picture. A sentence that is too long goes on in the next line.
pub(super) fn lines(sentences: &[String]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for sentence in sentences {
        let mut line = String::new();
        for word in sentence.split_whitespace() {
            let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            if LABEL_FONT.width(&longer) > WIDTH - 2.0 * MARGIN && !line.is_empty() {
                lines.push(std::mem::replace(&mut line, word.to_owned()));
            } else {
                line = longer;
            }
        }
        lines.push(line);
    }
    lines
}

/// Draws lines of text below each other.
pub(super) fn sentences(canvas: &mut Canvas<'_>, top: f64, lines: &[String]) {
    for (number, line) in lines.iter().enumerate() {
        let at = (MARGIN, top + SENTENCE_HEIGHT * (number as f64 + 0.9));
        canvas.text(&LABEL_FONT.fit(line, WIDTH - 2.0 * MARGIN), at, Align::Left, LABEL_FONT, TITLE_BLACK);
    }
}

pub(super) fn title_above(canvas: &mut Canvas<'_>, area: Area, title: &str) {
    canvas.text(title, (MARGIN, area.top - 26.0), Align::Left, TITLE_FONT, TITLE_BLACK);
}

/// Draws the name of a horizontal axis, left of its labels.
pub(super) fn horizontal_name(canvas: &mut Canvas<'_>, area: Area, name: &str) {
    let below = area.bottom + label_height(LABEL_FONT, 1);
    canvas.text(name, (MARGIN, below), Align::Left, LABEL_FONT, LABEL_GREY);
}

/// Draws a line through points, with a gap for each missing point. `with_markers` draws a disc at each point.
pub(super) fn curve(canvas: &mut Canvas<'_>, points: &[Option<Point>], width: f64, colour: Colour, with_markers: bool) {
    for part in points.split(Option::is_none) {
        let part: Vec<Point> = part.iter().flatten().copied().collect();
        canvas.path(&part, width, colour);
        if with_markers || part.len() == 1 {
            for point in part {
                canvas.disc(point, width * 1.5, colour);
            }
        }
    }
}
