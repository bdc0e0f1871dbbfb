//! Forecasts: the end of each history, the median and its bands.

use std::path::Path;

use super::axis::{Axis, number};
use super::calendar;
use super::canvas::{Align, Area, Canvas, Colour, Point};
use super::frame::{self, BLUE, FILLED, HISTORY, INK, INNER, MARGIN, OUTER, QUIET, RULE, Swatch, WHITE};
use super::text::Font;
use super::ticks::{self, Line, Tick};
use crate::data::{Frequency, Panel, TimeSeries, Timestamp};
use crate::error::Result;
use crate::forecast::Forecast;

/// Series in one picture.
const MOST: usize = 9;
/// Points of history in one chart.
const LONGEST: usize = 400;
/// Points this far apart are marked one by one.
const MARKED: f64 = 16.0;

/// Space between charts.
const BETWEEN: f64 = 36.0;

const WIDTH: u32 = 1600;

/// Draws the end of each series' history, the median and the 80 % and 95 % bands into a PNG; of many series, the
/// first nine.
///
/// `forecasts` are those of the panel's series, in its order.
///
/// # Errors
/// If the file cannot be written.
pub fn forecast(path: &Path, panel: &Panel, forecasts: &[Forecast]) -> Result<()> {
    let charts: Vec<Chart<'_>> =
        panel.iter().zip(forecasts).take(MOST).map(|(s, f)| Chart::new(s, f, panel.season())).collect();
    let (columns, rows) = grid_of(charts.len());
    let height = if rows == 3 { 1200 } else { 900 };
    let mut canvas = Canvas::new(WIDTH, height);

    let single = charts.len() == 1;
    let left_out = panel.count() > charts.len();
    let top = header(&mut canvas, panel, forecasts, &charts) + if single { 0.0 } else { 14.0 };
    let bottom = f64::from(height) - if left_out { MARGIN + 34.0 } else { MARGIN };
    let sizes = Sizes::of(charts.len());
    let cell_width = (f64::from(WIDTH) - 2.0 * MARGIN - BETWEEN * (columns - 1) as f64) / columns as f64;
    let cell_height = (bottom - top - BETWEEN * (rows - 1) as f64) / rows as f64;
    for (i, chart) in charts.iter().enumerate() {
        let left = MARGIN + (i % columns) as f64 * (cell_width + BETWEEN);
        let top = top + (i / columns) as f64 * (cell_height + BETWEEN);
        let cell = Area { left, top, right: left + cell_width, bottom: top + cell_height };
        chart.draw(&mut canvas, cell, sizes, !single);
    }
    if left_out {
        let note = format!("{} of {} series", charts.len(), number(panel.count() as f64, 0));
        let at = (f64::from(WIDTH) - MARGIN, f64::from(height) - MARGIN + 6.0);
        canvas.text(&note, at, Align::Right, Font::regular(20.0), QUIET);
    }
    canvas.save(path)
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

fn header(canvas: &mut Canvas, panel: &Panel, forecasts: &[Forecast], charts: &[Chart<'_>]) -> f64 {
    let key = match charts {
        [only] if !only.series.key.is_empty() => format!(" · {}", only.series.name()),
        _ => String::new(),
    };
    let title = panel.columns().target.clone() + &key;
    let mut legend = vec![(Swatch::Line(HISTORY), "history")];
    if charts.iter().any(|c| c.observed().contains(&false)) {
        legend.push((Swatch::Dots(FILLED), "filled"));
    }
    legend.push((Swatch::Line(BLUE), "median forecast"));
    for (percent, colour, name) in BANDS.into_iter().rev() {
        if charts.iter().any(|c| c.forecast.interval(percent).is_some()) {
            legend.push((Swatch::Box(colour), name));
        }
    }
    frame::header(canvas, f64::from(WIDTH), &title, &subtitle(panel.frequency(), forecasts), &legend)
}

/// The bands from the outer to the inner: percent, colour, name.
const BANDS: [(f64, Colour, &str); 2] = [(95.0, OUTER, "95 %"), (80.0, INNER, "80 %")];

/// `forecast of 7 days, 1 Jan 2015 – 7 Jan 2015`; without the times where series end at different ones.
fn subtitle(frequency: Frequency, forecasts: &[Forecast]) -> String {
    let Some(times) = forecasts.first().map(Forecast::times) else { return String::new() };
    let length = length(times.len(), frequency);
    let (Some(first), Some(last)) = (times.first(), times.last()) else { return String::new() };
    let ends = |f: &Forecast| f.times().first() == Some(first) && f.times().last() == Some(last);
    let when = |t: &Timestamp| calendar::moment(*t, frequency);
    match forecasts.iter().all(ends) {
        false => format!("forecast of {length}"),
        true if first == last => format!("forecast of {length}, {}", when(first)),
        true => format!("forecast of {length}, {} – {}", when(first), when(last)),
    }
}

/// So many steps in words: `7 days`, `1 quarter`, `48 steps of 5 minutes`.
fn length(steps: usize, frequency: Frequency) -> String {
    let (every, unit) = match frequency {
        Frequency::Index { .. } => (1, "step"),
        Frequency::Seconds { every } if every % 3600 == 0 => (every / 3600, "hour"),
        Frequency::Seconds { every } if every % 60 == 0 => (every / 60, "minute"),
        Frequency::Seconds { every } => (every, "second"),
        Frequency::Days { every } if every % 7 == 0 => (every / 7, "week"),
        Frequency::Days { every } => (every, "day"),
        Frequency::BusinessDays => (1, "business day"),
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

/// One series and its forecast, from the first point that is shown.
struct Chart<'a> {
    series: TimeSeries<'a>,
    forecast: &'a Forecast,
    /// Points of history that are shown.
    shown: usize,
}

impl<'a> Chart<'a> {
    fn new(series: TimeSeries<'a>, forecast: &'a Forecast, season: usize) -> Self {
        let horizon = forecast.times().len();
        // four horizons give the forecast a fifth of the width; three seasons show what it repeats
        let wanted = (4 * horizon).max(3 * season.min(LONGEST)).max(16).min(LONGEST.max(2 * horizon));
        Self { series, forecast, shown: wanted.min(series.len()) }
    }

    fn history(&self) -> &'a [f64] {
        &self.series.values[self.series.len() - self.shown..]
    }

    fn observed(&self) -> &'a [bool] {
        &self.series.observed[self.series.len() - self.shown..]
    }

    /// Everything that is drawn, for the axis to span.
    fn values(&self) -> impl Iterator<Item = f64> {
        let bands = BANDS.into_iter().filter_map(|(percent, ..)| self.forecast.interval(percent));
        let bands = bands.flat_map(|(lower, upper)| lower.iter().chain(upper));
        self.history().iter().chain(self.forecast.median()).chain(bands).copied()
    }

    fn times(&self) -> Vec<Timestamp> {
        let hidden = self.series.len() - self.shown;
        let history = (hidden..self.series.len()).map(|i| self.series.time_at(i));
        history.chain(self.forecast.times().iter().copied()).collect()
    }

    fn draw(&self, canvas: &mut Canvas, cell: Area, sizes: Sizes, titled: bool) {
        let font = sizes.labels;
        let mut top = cell.top + font.size * 0.5;
        if titled {
            let title = sizes.title.fit(&self.series.name(), cell.width());
            canvas.text(&title, (cell.left, cell.top + sizes.title.capital()), Align::Left, sizes.title, INK);
            top += sizes.title.size * 1.3;
        }
        let bottom = cell.bottom - frame::under(font, 2);
        let axis = Axis::even(self.values(), ((bottom - top) / (font.size * 4.4)).round().max(4.0) as usize);
        let area = Area { left: cell.left + frame::label_room(&axis, font), top, right: cell.right, bottom };
        let scale =
            Scale { area, axis: &axis, steps: self.shown + self.forecast.times().len() - 1, inset: font.size * 0.5 };
        let room = (cell.left, cell.right + BETWEEN / 2.0);
        let line = Line { first: scale.x(0), last: scale.x(scale.steps), room, font };
        let ticks: Vec<Tick> = ticks::ticks(&self.times(), self.series.frequency, line);

        self.draw_bands(canvas, &scale);
        frame::grid(canvas, area, &axis, font);
        frame::baseline(canvas, area, &ticks, font);
        canvas.down(scale.x(self.shown - 1), area.top, area.bottom, RULE);
        self.draw_history(canvas, &scale, sizes.history);
        self.draw_median(canvas, &scale, sizes.median);
    }

    /// The last point of history, from which the forecast starts.
    fn origin(&self, scale: &Scale<'_>) -> Point {
        scale.at(self.shown - 1, self.series.values[self.series.len() - 1])
    }

    fn draw_bands(&self, canvas: &mut Canvas, scale: &Scale<'_>) {
        for (percent, colour, _) in BANDS {
            let Some((lower, upper)) = self.forecast.interval(percent) else { continue };
            let mut before = (self.origin(scale), self.origin(scale));
            for (k, (lower, upper)) in lower.iter().zip(upper).enumerate() {
                let next = (scale.at(self.shown + k, *lower), scale.at(self.shown + k, *upper));
                canvas.fill(&[before.0, next.0, next.1, before.1], colour);
                before = next;
            }
        }
    }

    fn draw_history(&self, canvas: &mut Canvas, scale: &Scale<'_>, width: f64) {
        let points: Vec<Point> = self.history().iter().enumerate().map(|(i, v)| scale.at(i, *v)).collect();
        let observed = self.observed();
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
            if scale.step() >= MARKED || alone(i) {
                canvas.disc(*point, width * 1.4, HISTORY);
            }
        }
    }

    fn draw_median(&self, canvas: &mut Canvas, scale: &Scale<'_>, width: f64) {
        let steps = self.forecast.median().iter().enumerate().map(|(k, v)| scale.at(self.shown + k, *v));
        let points: Vec<Point> = std::iter::once(self.origin(scale)).chain(steps).collect();
        canvas.path(&points, width, BLUE);
        if scale.step() >= MARKED || points.len() == 2 {
            for point in &points[1..] {
                canvas.disc(*point, width * 1.9, WHITE);
                canvas.disc(*point, width * 1.4, BLUE);
            }
        }
    }
}

/// Where steps and values stand in a chart.
struct Scale<'a> {
    area: Area,
    axis: &'a Axis,
    /// Steps from the first point to the last, at least 1.
    steps: usize,
    /// Space left of the first point and right of the last, so that markers are whole.
    inset: f64,
}

impl Scale<'_> {
    fn x(&self, step: usize) -> f64 {
        self.area.left + self.inset + step as f64 * self.step()
    }

    fn step(&self) -> f64 {
        (self.area.width() - 2.0 * self.inset) / self.steps.max(1) as f64
    }

    fn at(&self, step: usize, value: f64) -> Point {
        (self.x(step), frame::y(self.area, self.axis, value))
    }
}
