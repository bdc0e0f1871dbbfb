//! What charts of forecasts share: their places on a page, where steps and values stand, histories, medians and bands.

use super::canvas::Colour;
use crate::plot::axis::{Axis, number};
use crate::plot::canvas::{Align, Area, Canvas, Point};
use crate::plot::frame;
use crate::plot::frame::{BLUE, FILLED, HISTORY, INK, INNER, MARGIN, OUTER, QUIET, WHITE};
use crate::plot::text::Font;
use crate::plot::ticks;
use crate::plot::ticks::{Line, Tick};
use crate::time::frequency::Frequency;
use crate::time::timestamp::Timestamp;

/// Series on one page.
pub(super) const MOST: usize = 9;
/// Points this far apart are marked one by one.
const MARKED: f64 = 16.0;
/// Space between charts.
const BETWEEN: f64 = 36.0;

pub(super) const WIDTH: u32 = 1600;

/// The bands from the outer to the inner: percent, colour, name.
pub(super) const BANDS: [(f64, Colour, &str); 2] = [(95.0, OUTER, "95 %"), (80.0, INNER, "80 %")];

/// A canvas for the charts of some series.
pub(super) struct Page {
    pub(super) canvas: Canvas,
    charts: usize,
    /// Series there are, drawn or not.
    of: usize,
}

/// Where a chart stands and how large its parts are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    cell: Area,
    sizes: Sizes,
    titled: bool,
}

impl Page {
    pub(super) fn new(charts: usize, of: usize) -> Self {
        let height = if grid_of(charts).1 == 3 { 1200 } else { 900 };
        Self { canvas: Canvas::new(WIDTH, height), charts, of }
    }

    /// Has each chart drawn in its place below `top`, and notes how many there are of how many.
    pub(super) fn draw(&mut self, top: f64, chart: impl Fn(&mut Canvas, Place, usize)) {
        let (columns, rows) = grid_of(self.charts);
        let height = if rows == 3 { 1200.0 } else { 900.0 };
        let (single, left_out) = (self.charts == 1, self.of > self.charts);
        let top = top + if single { 0.0 } else { 14.0 };
        let bottom = if left_out { height - MARGIN - 34.0 } else { height - MARGIN };
        let cell_width = (f64::from(WIDTH) - 2.0 * MARGIN - BETWEEN * (columns - 1) as f64) / columns as f64;
        let cell_height = (bottom - top - BETWEEN * (rows - 1) as f64) / rows as f64;
        for i in 0..self.charts {
            let left = MARGIN + (i % columns) as f64 * (cell_width + BETWEEN);
            let top = top + (i / columns) as f64 * (cell_height + BETWEEN);
            let cell = Area { left, top, right: left + cell_width, bottom: top + cell_height };
            chart(&mut self.canvas, Place { cell, sizes: Sizes::of(self.charts), titled: !single }, i);
        }
        if left_out {
            let note = format!("{} of {} series", self.charts, number(self.of as f64, 0));
            let at = (f64::from(WIDTH) - MARGIN, height - MARGIN + 6.0);
            self.canvas.text(&note, at, Align::Right, Font::regular(20.0), QUIET);
        }
    }
}

/// Columns and rows for so many charts: time needs width, so few of them stand under each other.
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

/// So many steps in words: `7 days`, `1 quarter`, `48 steps of 5 minutes`.
pub(super) fn length(steps: usize, frequency: Frequency) -> String {
    let (every, unit) = match frequency {
        Frequency::Index { .. } => (1, "step"),
        Frequency::Seconds { every } if every % 3600 == 0 => (every / 3600, "hour"),
        Frequency::Seconds { every } if every % 60 == 0 => (every / 60, "minute"),
        Frequency::Seconds { every } => (every, "second"),
        Frequency::Days { every } if every % 7 == 0 => (every / 7, "week"),
        Frequency::Days { every } => (every, "day"),
        Frequency::BusinessDays { open } => (1, open.day_name()),
        Frequency::Months { every: 3, .. } => (1, "quarter"),
        Frequency::Months { every, .. } if every % 12 == 0 => (every / 12, "year"),
        Frequency::Months { every, .. } => (every, "month"),
    };
    let counted = |n: i64, name: &str| format!("{} {name}{}", number(n as f64, 0), if n == 1 { "" } else { "s" });
    match every {
        1 => counted(steps as i64, unit),
        n => format!("{} of {}", counted(steps as i64, "step"), counted(n, unit)),
    }
}

/// Where steps and values stand in a chart.
pub(super) struct Scale {
    pub(super) area: Area,
    axis: Axis,
    ticks: Vec<Tick>,
    sizes: Sizes,
    /// Steps from the first point to the last, at least 1.
    steps: usize,
    /// Space left of the first point and right of the last, so that markers are whole.
    inset: f64,
}

impl Scale {
    /// Titles a chart and finds where everything stands; `values` are all that will be drawn.
    pub(super) fn new(
        canvas: &mut Canvas,
        Place { cell, sizes, titled }: Place,
        name: &str,
        values: impl Iterator<Item = f64>,
        (times, frequency): (&[Timestamp], Frequency),
    ) -> Self {
        let font = sizes.labels;
        let mut top = cell.top + font.size * 0.5;
        if titled {
            let title = sizes.title.fit(name, cell.width());
            canvas.text(&title, (cell.left, cell.top + sizes.title.capital()), Align::Left, sizes.title, INK);
            top += sizes.title.size * 1.3;
        }
        let bottom = cell.bottom - frame::under(font, 2);
        let axis = Axis::even(values, ((bottom - top) / (font.size * 4.4)).round().max(4.0) as usize);
        let area = Area { left: cell.left + frame::label_room(&axis, font), top, right: cell.right, bottom };
        let mut scale = Self { area, axis, ticks: Vec::new(), sizes, steps: times.len() - 1, inset: font.size * 0.5 };
        let room = (cell.left, cell.right + BETWEEN / 2.0);
        let line = Line { first: scale.x(0), last: scale.x(scale.steps), room, font };
        scale.ticks = ticks::ticks(times, frequency, line);
        scale
    }

    pub(super) fn x(&self, step: usize) -> f64 {
        self.area.left + self.inset + step as f64 * self.step()
    }

    fn step(&self) -> f64 {
        (self.area.width() - 2.0 * self.inset) / self.steps.max(1) as f64
    }

    pub(super) fn at(&self, step: usize, value: f64) -> Point {
        (self.x(step), frame::y(self.area, &self.axis, value))
    }

    /// Grid and axes.
    pub(super) fn frame(&self, canvas: &mut Canvas) {
        frame::grid(canvas, self.area, &self.axis, self.sizes.labels);
        frame::baseline(canvas, self.area, &self.ticks, self.sizes.labels);
    }

    /// A band from its origin over the steps from `first` on.
    pub(super) fn band(
        &self,
        canvas: &mut Canvas,
        origin: Point,
        first: usize,
        (lower, upper): (&[f64], &[f64]),
        colour: Colour,
    ) {
        let mut before = (origin, origin);
        for (k, (lower, upper)) in lower.iter().zip(upper).enumerate() {
            let next = (self.at(first + k, *lower), self.at(first + k, *upper));
            canvas.fill(&[before.0, next.0, next.1, before.1], colour);
            before = next;
        }
    }

    /// What was observed, from step 0 on; what was filled is dotted.
    pub(super) fn history(&self, canvas: &mut Canvas, values: &[f64], observed: &[bool]) {
        let width = self.sizes.history;
        let points: Vec<Point> = values.iter().enumerate().map(|(i, v)| self.at(i, *v)).collect();
        let mut i = 0;
        while i + 1 < points.len() {
            let known = observed[i] && observed[i + 1];
            let run = (i..points.len() - 1).take_while(|j| (observed[*j] && observed[j + 1]) == known).count();
            let stretch = &points[i..=i + run];
            if known {
                canvas.path(stretch, width, HISTORY);
            } else {
                canvas.dashes(stretch, width, frame::DOTS, FILLED);
            }
            i += run;
        }
        let alone = |i: usize| (i == 0 || !observed[i - 1]) && !observed.get(i + 1).is_some_and(|o| *o);
        for (i, point) in points.iter().enumerate().filter(|(i, _)| observed[*i]) {
            if self.step() >= MARKED || alone(i) {
                canvas.disc(*point, width * 1.4, HISTORY);
            }
        }
    }

    /// A forecast's median, from its origin through its steps.
    pub(super) fn median(&self, canvas: &mut Canvas, origin: Point, steps: impl Iterator<Item = Point>) {
        let width = self.sizes.median;
        let points: Vec<Point> = std::iter::once(origin).chain(steps).collect();
        canvas.path(&points, width, BLUE);
        if self.step() >= MARKED || points.len() == 2 {
            for point in &points[1..] {
                canvas.disc(*point, width * 1.9, WHITE);
                canvas.disc(*point, width * 1.4, BLUE);
            }
        }
    }
}
