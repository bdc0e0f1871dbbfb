//! Charts of forecasts: their positions on a page, their scales, histories, medians and intervals.

use crate::plot::axis::{Axis, number};
use crate::plot::canvas::{Align, Area, Canvas, Colour, Point, WIDTH};
use crate::plot::frame::{
    self, BLUE, FILLED, HISTORY, INNER_INTERVAL, LABEL_GREY, MARGIN, OUTER_INTERVAL, TITLE_BLACK, WHITE,
};
use crate::plot::text::Font;
use crate::plot::ticks::{self, HorizontalAxis, Tick};
use crate::time::frequency::Frequency;
use crate::time::timestamp::Timestamp;

/// The largest number of charts on a page.
pub(super) const MAX_CHARTS: usize = 9;
/// The smallest distance between points with markers, in pixels.
const MIN_MARKER_DISTANCE: f64 = 16.0;
/// The space between charts, in pixels.
const CHART_GAP: f64 = 36.0;

/// The intervals from the widest to the narrowest: percent, colour, name.
pub(super) const INTERVALS: [(f64, Colour, &str); 2] = [(95.0, OUTER_INTERVAL, "95 %"), (80.0, INNER_INTERVAL, "80 %")];

/// A canvas for the charts of some series.
pub(super) struct Page {
    pub(super) canvas: Canvas,
    charts: usize,
    /// The number of series, drawn or not.
    series: usize,
}

/// The position of a chart and the sizes of its parts.
#[derive(Debug, Clone, Copy)]
pub(super) struct ChartArea {
    cell: Area,
    sizes: Sizes,
    has_title: bool,
}

impl Page {
    pub(super) fn new(charts: usize, series: usize) -> Self {
        Self { canvas: Canvas::new(page_height(charts)), charts, series }
    }

    /// Draws each chart at its position below `top`, and a note if some series have no chart.
    pub(super) fn draw(&mut self, top: f64, chart: impl Fn(&mut Canvas, ChartArea, usize)) {
        let (columns, rows) = grid_of(self.charts);
        let height = page_height(self.charts);
        let (single, is_cut) = (self.charts == 1, self.series > self.charts);
        let top = top + if single { 0.0 } else { 14.0 };
        let bottom = if is_cut { height - MARGIN - 34.0 } else { height - MARGIN };
        let cell_width = (WIDTH - 2.0 * MARGIN - CHART_GAP * (columns - 1) as f64) / columns as f64;
        let cell_height = (bottom - top - CHART_GAP * (rows - 1) as f64) / rows as f64;
        for i in 0..self.charts {
            let left = MARGIN + (i % columns) as f64 * (cell_width + CHART_GAP);
            let top = top + (i / columns) as f64 * (cell_height + CHART_GAP);
            let cell = Area { left, top, right: left + cell_width, bottom: top + cell_height };
            chart(&mut self.canvas, ChartArea { cell, sizes: Sizes::of(self.charts), has_title: !single }, i);
        }
        if is_cut {
            let note = format!("{} of {} series", self.charts, number(self.series as f64, 0));
            let at = (WIDTH - MARGIN, height - MARGIN + 6.0);
            self.canvas.text(&note, at, Align::Right, Font::regular(20.0), LABEL_GREY);
        }
    }
}

fn page_height(charts: usize) -> f64 {
    if grid_of(charts).1 == 3 { 1200.0 } else { 900.0 }
}

/// Columns and rows. A few charts are placed in one column, because a time axis needs width.
fn grid_of(charts: usize) -> (usize, usize) {
    match charts {
        0..=3 => (1, charts.max(1)),
        4 => (2, 2),
        5..=6 => (2, 3),
        _ => (3, 3),
    }
}

#[derive(Debug, Clone, Copy)]
struct Sizes {
    labels: Font,
    title: Font,
    history: f64,
    median: f64,
}

impl Sizes {
    fn of(charts: usize) -> Self {
        match charts {
            0..=3 => Self { labels: Font::regular(22.0), title: Font::bold(24.0), history: 2.4, median: 3.6 },
            4..=6 => Self { labels: Font::regular(19.0), title: Font::bold(21.0), history: 2.0, median: 3.0 },
            _ => Self { labels: Font::regular(17.0), title: Font::bold(19.0), history: 1.8, median: 2.8 },
        }
    }
}

/// A number of steps in words, with thousands separators: `7 days`, `48 steps of 5 minutes`.
pub(super) fn steps_in_words(steps: usize, frequency: Frequency) -> String {
    format!("{} {}", number(steps as f64, 0), frequency.step_name(steps))
}

/// The scale of a chart: the positions of steps and values.
pub(super) struct Scale {
    pub(super) area: Area,
    axis: Axis,
    ticks: Vec<Tick>,
    sizes: Sizes,
    /// Steps from the first point to the last.
    steps: usize,
    /// The space left of the first point and right of the last, so that markers are not cut off.
    inset: f64,
}

impl Scale {
    /// Draws the title of a chart and computes its scale. `values` are all values that will be drawn.
    pub(super) fn new(
        canvas: &mut Canvas,
        ChartArea { cell, sizes, has_title }: ChartArea,
        name: &str,
        values: impl Iterator<Item = f64>,
        (times, frequency): (&[Timestamp], Frequency),
    ) -> Self {
        let font = sizes.labels;
        let mut top = cell.top + font.size * 0.5;
        if has_title {
            let title = sizes.title.fit(name, cell.width());
            canvas.text(
                &title,
                (cell.left, cell.top + sizes.title.capital_height()),
                Align::Left,
                sizes.title,
                TITLE_BLACK,
            );
            top += sizes.title.size * 1.3;
        }
        let bottom = cell.bottom - frame::label_height(font, 2);
        let axis = Axis::linear(values, ((bottom - top) / (font.size * 4.4)).round().max(4.0) as usize);
        let area = Area { left: cell.left + frame::label_width(&axis, font), top, right: cell.right, bottom };
        let mut scale = Self { area, axis, ticks: Vec::new(), sizes, steps: times.len() - 1, inset: font.size * 0.5 };
        let label_limits = (cell.left, cell.right + CHART_GAP / 2.0);
        let horizontal = HorizontalAxis { first: scale.x(0), last: scale.x(scale.steps), label_limits, font };
        scale.ticks = ticks::ticks(times, frequency, horizontal);
        scale
    }

    pub(super) fn x(&self, step: usize) -> f64 {
        self.area.left + self.inset + step as f64 * self.step_width()
    }

    fn step_width(&self) -> f64 {
        (self.area.width() - 2.0 * self.inset) / self.steps.max(1) as f64
    }

    pub(super) fn point(&self, step: usize, value: f64) -> Point {
        (self.x(step), frame::y(self.area, &self.axis, value))
    }

    pub(super) fn axes(&self, canvas: &mut Canvas) {
        frame::vertical_axis(canvas, self.area, &self.axis, self.sizes.labels);
        frame::horizontal_axis(canvas, self.area, &self.ticks, self.sizes.labels);
    }

    /// Draws an interval from its origin over the steps from `first` on.
    pub(super) fn interval(
        &self,
        canvas: &mut Canvas,
        origin: Point,
        first: usize,
        (lower, upper): (&[f64], &[f64]),
        colour: Colour,
    ) {
        let mut before = (origin, origin);
        for (k, (lower, upper)) in lower.iter().zip(upper).enumerate() {
            let next = (self.point(first + k, *lower), self.point(first + k, *upper));
            canvas.fill(&[before.0, next.0, next.1, before.1], colour);
            before = next;
        }
    }

    /// Draws the values from step 0 on. Lines through filled values are dotted.
    pub(super) fn history(&self, canvas: &mut Canvas, values: &[f64], observed: &[bool]) {
        let width = self.sizes.history;
        let points: Vec<Point> = values.iter().enumerate().map(|(i, v)| self.point(i, *v)).collect();
        let mut i = 0;
        while i + 1 < points.len() {
            let is_observed = observed[i] && observed[i + 1];
            let run = (i..points.len() - 1).take_while(|j| (observed[*j] && observed[j + 1]) == is_observed).count();
            let part = &points[i..=i + run];
            if is_observed {
                canvas.path(part, width, HISTORY);
            } else {
                canvas.dashes(part, width, frame::DOTS, FILLED);
            }
            i += run;
        }
        let is_isolated = |i: usize| (i == 0 || !observed[i - 1]) && !observed.get(i + 1).is_some_and(|o| *o);
        for (i, point) in points.iter().enumerate().filter(|(i, _)| observed[*i]) {
            if self.step_width() >= MIN_MARKER_DISTANCE || is_isolated(i) {
                canvas.disc(*point, width * 1.4, HISTORY);
            }
        }
    }

    /// Draws the median of a forecast, from its origin through its steps.
    pub(super) fn median(&self, canvas: &mut Canvas, origin: Point, steps: impl Iterator<Item = Point>) {
        let width = self.sizes.median;
        let points: Vec<Point> = std::iter::once(origin).chain(steps).collect();
        canvas.path(&points, width, BLUE);
        if self.step_width() >= MIN_MARKER_DISTANCE || points.len() == 2 {
            for point in &points[1..] {
                canvas.disc(*point, width * 1.9, WHITE);
                canvas.disc(*point, width * 1.4, BLUE);
            }
        }
    }
}
