//! Charts of series with their forecasts, and the page that they are on.

use crate::error::Result;
use crate::forecast::{levels::ForecastColumns, quantile_forecast::Forecast};
use crate::panel::{Panel, TimeSeries};
use crate::plot::axis::{Axis, number};
use crate::plot::canvas::{Align, Area, Canvas, Colour, Point, WIDTH};
use crate::plot::frame::{
    self, BLUE, DOTS, FILLED, HISTORY, INNER_INTERVAL, LABEL_GREY, MARGIN, MIDDLE_INTERVAL, ORANGE, OUTER_INTERVAL,
    QUANTILE_DASHES, QUANTILE_WIDTH, RULE, Swatch, TITLE_BLACK, WHITE,
};
use crate::plot::picture::Picture;
use crate::plot::text::Font;
use crate::plot::ticks::{self, HorizontalAxis};
use crate::time::Timestamp;
use std::ops::Range;

/// The largest number of charts on a page.
pub(super) const MAX_CHARTS: usize = 9;
/// The smallest distance between points with markers, in pixels.
const MIN_MARKER_DISTANCE: f64 = 16.0;
/// The space between charts, in pixels.
const CHART_GAP: f64 = 36.0;
/// The line width of medians that overlap.
const THIN_LINE: f64 = 2.0;

/// The largest numbers of intervals and of single quantiles that are drawn.
const MAX_INTERVALS: usize = 3;
const MAX_SINGLE_QUANTILES: usize = 2;

/// The quantiles that the charts of a picture show.
pub(crate) struct DrawnQuantiles {
    /// The intervals from the widest to the narrowest: percent and colour.
    intervals: Vec<(f64, Colour)>,
    single: Vec<f64>,
}

impl DrawnQuantiles {
    /// The quantiles of the first forecast. Of many intervals, the widest, the narrowest and one between are drawn; of
    /// many single quantiles, the lowest and the highest.
    pub(crate) fn of(charts: &[Chart<'_>]) -> Self {
        let forecasts = charts.iter().flat_map(|chart| &chart.forecasts).map(|(_, forecast)| *forecast);
        let columns = ForecastColumns::of_forecasts(forecasts).reduced(MAX_INTERVALS, MAX_SINGLE_QUANTILES);
        let colours: &[Colour] = match columns.intervals().len() {
            0 | 1 => &[INNER_INTERVAL],
            2 => &[INNER_INTERVAL, OUTER_INTERVAL],
            _ => &[INNER_INTERVAL, MIDDLE_INTERVAL, OUTER_INTERVAL],
        };
        let intervals = columns.intervals().iter().copied().zip(colours.iter().copied()).rev().collect();
        Self { intervals, single: columns.single_quantiles().to_vec() }
    }

    /// The drawn intervals in percent, the narrowest first.
    #[cfg(feature = "report")]
    pub(crate) fn percents(&self) -> Vec<f64> {
        self.intervals.iter().rev().map(|(percent, _)| *percent).collect()
    }

    /// The levels of the single quantiles that are drawn.
    #[cfg(feature = "report")]
    pub(crate) fn single(&self) -> &[f64] {
        &self.single
    }
}

/// Draws charts of some of the series of a panel into a PNG or SVG. `series` is the number of all that could be drawn, and
/// `history` the name of past values in the legend.
pub(super) fn draw(
    picture: Picture<'_>,
    panel: &Panel,
    charts: &[Chart<'_>],
    series: usize,
    history: &str,
    subtitle: &str,
) -> Result<()> {
    let (columns, rows, sizes) = match charts.len() {
        // a few charts are placed in one column, because a time axis needs width
        count @ 0..=3 => (1, count.max(1), Sizes::LARGE),
        4 => (2, 2, Sizes { font: 19.0, history: 2.0, median: 3.0 }),
        5..=6 => (2, 3, Sizes { font: 19.0, history: 2.0, median: 3.0 }),
        _ => (3, 3, Sizes { font: 17.0, history: 1.8, median: 2.8 }),
    };
    let mut canvas = Canvas::new(picture, if rows == 3 { 1200.0 } else { 900.0 }, 340.0 + 100.0 * rows as f64);
    let height = canvas.height();
    let (single, is_cut) = (charts.len() == 1, series > charts.len());
    let target = &panel.columns().target;
    let title = match charts {
        [only] if !only.series.key.is_empty() => format!("{target} · {}", only.series.name()),
        _ => target.clone(),
    };
    let quantiles = DrawnQuantiles::of(charts);
    let legend = legend(charts, &quantiles, history);
    let legend: Vec<(Swatch, &str)> = legend.iter().map(|(swatch, name)| (*swatch, name.as_str())).collect();
    let top = frame::header(&mut canvas, &title, subtitle, &legend) + if single { 0.0 } else { 14.0 };
    let bottom = height - MARGIN - if is_cut { 34.0 } else { 0.0 };
    let cell_width = (WIDTH - 2.0 * MARGIN - CHART_GAP * (columns - 1) as f64) / columns as f64;
    let cell_height = (bottom - top - CHART_GAP * (rows - 1) as f64) / rows as f64;
    for (i, chart) in charts.iter().enumerate() {
        let left = MARGIN + (i % columns) as f64 * (cell_width + CHART_GAP);
        let top = top + (i / columns) as f64 * (cell_height + CHART_GAP);
        let cell = Area { left, top, right: left + cell_width, bottom: top + cell_height };
        chart.draw(&mut canvas, cell, sizes, &quantiles, !single);
    }
    if is_cut {
        let note = format!("the {} largest of {} series", charts.len(), number(series as f64, 0));
        let at = (WIDTH - MARGIN, height - MARGIN + 6.0);
        canvas.text(&note, at, Align::Right, Font::regular(20.0), LABEL_GREY);
    }
    canvas.save()
}

pub(super) fn legend(charts: &[Chart<'_>], quantiles: &DrawnQuantiles, history: &str) -> Vec<(Swatch, String)> {
    let mut legend = vec![(Swatch::Line(HISTORY), history.to_owned())];
    if charts.iter().any(|chart| chart.series.observed[chart.history()].contains(&false)) {
        legend.push((Swatch::Dots(FILLED), "filled".into()));
    }
    legend.push((Swatch::Line(BLUE), "median forecast".into()));
    // an interval without a width is a line under that of the median
    let has_width = |percent: f64| {
        let forecasts = charts.iter().flat_map(|chart| &chart.forecasts);
        let mut intervals = forecasts.filter_map(|(_, forecast)| forecast.interval(percent));
        intervals.any(|(lower, upper)| lower.iter().zip(upper).any(|(lower, upper)| lower < upper))
    };
    let intervals = quantiles.intervals.iter().rev().filter(|(percent, _)| has_width(*percent));
    legend.extend(intervals.map(|(percent, colour)| (Swatch::Box(*colour), format!("{percent} %"))));
    legend.extend(quantiles.single.iter().map(|level| (Swatch::Dashes(BLUE), format!("quantile {level}"))));
    let has_anomalies = charts.iter().any(|chart| chart.drawn_anomalies().next().is_some());
    legend.extend(has_anomalies.then(|| (Swatch::Disc(ORANGE), "outside its 95 %".into())));
    legend
}

/// The size of labels and the widths of lines, in pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes {
    font: f64,
    history: f64,
    median: f64,
}

impl Sizes {
    /// Those of a chart with the whole width.
    pub(super) const LARGE: Self = Self { font: 22.0, history: 2.4, median: 3.6 };
}

/// A series and its forecasts.
pub(crate) struct Chart<'a> {
    pub(crate) series: TimeSeries<'a>,
    /// The positions of the series that are drawn. They may go on after its last value.
    pub(crate) positions: Range<usize>,
    /// The forecasts, each after its cutoff, in ascending order.
    pub(crate) forecasts: Vec<(usize, &'a Forecast)>,
    /// The positions of past values that are marked, ascending.
    pub(crate) anomalies: Vec<usize>,
}

impl<'a> Chart<'a> {
    /// The drawn positions that have a value.
    pub(crate) fn history(&self) -> Range<usize> {
        self.positions.start..self.positions.end.min(self.series.len())
    }

    /// The number of drawn steps of a forecast with this horizon.
    pub(crate) fn steps(&self, cutoff: usize, horizon: usize) -> usize {
        horizon.min(self.positions.end - cutoff)
    }

    /// The forecasts with intervals: the last one, and all before it that do not overlap.
    pub(crate) fn with_intervals(&self) -> impl Iterator<Item = (usize, &'a Forecast)> {
        let mut next_cutoff = usize::MAX;
        self.forecasts.iter().rev().copied().filter(move |(cutoff, forecast)| {
            let is_separate = cutoff + forecast.times().len() <= next_cutoff;
            if is_separate {
                next_cutoff = *cutoff;
            }
            is_separate
        })
    }

    /// All values that are drawn.
    fn values(&self, quantiles: &DrawnQuantiles) -> impl Iterator<Item = f64> {
        let forecasts = self.forecasts.iter().flat_map(|(cutoff, forecast)| {
            let steps = self.steps(*cutoff, forecast.times().len());
            let intervals = quantiles.intervals.iter().filter_map(|(percent, _)| forecast.interval(*percent));
            let single = quantiles.single.iter().filter_map(|level| forecast.quantile(*level));
            let rows = intervals.flat_map(|(lower, upper)| [lower, upper]).chain(single).chain([forecast.median()]);
            rows.flat_map(move |row| &row[..steps])
        });
        self.series.values[self.history()].iter().chain(forecasts).copied()
    }

    /// Draws the chart into a cell, with the name of the series above if `has_title`.
    pub(super) fn draw(
        &self,
        canvas: &mut Canvas<'_>,
        cell: Area,
        sizes: Sizes,
        quantiles: &DrawnQuantiles,
        has_title: bool,
    ) {
        let (font, title) = (Font::regular(sizes.font), Font::bold(sizes.font + 2.0));
        let mut top = cell.top + font.size * 0.5;
        if has_title {
            let at = (cell.left, cell.top + title.capital_height());
            canvas.text(&title.fit(&self.series.name(), cell.width()), at, Align::Left, title, TITLE_BLACK);
            top += title.size * 1.3;
        }
        let bottom = cell.bottom - frame::label_height(font, 2);
        let axis = Axis::linear(self.values(quantiles), ((bottom - top) / (font.size * 4.4)).round().max(4.0) as usize);
        let area = Area { left: cell.left + frame::label_width(&axis, font), top, right: cell.right, bottom };
        let scale = Scale { area, axis, positions: self.positions.clone(), inset: font.size * 0.5 };
        self.draw_intervals(canvas, &scale, quantiles);
        frame::vertical_axis(canvas, area, &scale.axis, font);
        let times: Vec<Timestamp> = self.positions.clone().map(|t| self.series.time_at(t)).collect();
        let label_limits = (cell.left, cell.right + CHART_GAP / 2.0);
        let (first, last) = (scale.x(self.positions.start), scale.x(self.positions.end - 1));
        let horizontal = HorizontalAxis { first, last, label_limits, font };
        frame::horizontal_axis(canvas, area, &ticks::ticks(&times, self.series.frequency, horizontal), font);
        for (cutoff, _) in self.with_intervals() {
            canvas.vertical_line(scale.x(cutoff - 1), area.top, area.bottom, RULE);
        }
        self.draw_history(canvas, &scale, sizes.history);
        self.draw_single_quantiles(canvas, &scale, quantiles);
        self.draw_medians(canvas, &scale, sizes.median);
        for anomaly in self.drawn_anomalies() {
            canvas.disc(scale.point(anomaly, self.series.values[anomaly]), sizes.median * 2.0, ORANGE);
        }
    }

    /// The marked positions that are drawn.
    pub(crate) fn drawn_anomalies(&self) -> impl Iterator<Item = usize> {
        self.anomalies.iter().copied().filter(|position| self.history().contains(position))
    }

    fn draw_intervals(&self, canvas: &mut Canvas<'_>, scale: &Scale, quantiles: &DrawnQuantiles) {
        for (percent, colour) in &quantiles.intervals {
            for (cutoff, forecast) in self.with_intervals() {
                let Some((lower, upper)) = forecast.interval(*percent) else { continue };
                let line = |bounds: &[f64]| -> Vec<Point> {
                    let steps = bounds.iter().take(self.steps(cutoff, bounds.len())).enumerate();
                    let points = steps.map(|(k, value)| scale.point(cutoff + k, *value));
                    std::iter::once(self.origin(scale, cutoff)).chain(points).collect()
                };
                canvas.band(&line(lower), &line(upper), *colour);
            }
        }
    }

    fn draw_single_quantiles(&self, canvas: &mut Canvas<'_>, scale: &Scale, quantiles: &DrawnQuantiles) {
        for (cutoff, forecast) in self.with_intervals() {
            for values in quantiles.single.iter().filter_map(|level| forecast.quantile(*level)) {
                let values = values[..self.steps(cutoff, forecast.times().len())].iter().enumerate();
                let points = values.map(|(k, value)| scale.point(cutoff + k, *value));
                let points: Vec<Point> = std::iter::once(self.origin(scale, cutoff)).chain(points).collect();
                canvas.dashes(&points, QUANTILE_WIDTH, QUANTILE_DASHES, BLUE);
            }
        }
    }

    /// The last point before a cutoff, where the forecast starts.
    fn origin(&self, scale: &Scale, cutoff: usize) -> Point {
        scale.point(cutoff - 1, self.series.values[cutoff - 1])
    }

    /// Draws the values of the series. Lines through filled values are dotted.
    fn draw_history(&self, canvas: &mut Canvas<'_>, scale: &Scale, width: f64) {
        let observed = &self.series.observed[self.history()];
        let point = |t: usize| scale.point(t, self.series.values[t]);
        let points: Vec<Point> = self.history().map(point).collect();
        let mut i = 0;
        while i + 1 < points.len() {
            let is_observed = observed[i] && observed[i + 1];
            let run = (i..points.len() - 1).take_while(|j| (observed[*j] && observed[j + 1]) == is_observed).count();
            let run_points = &points[i..=i + run];
            if is_observed {
                canvas.path(run_points, width, HISTORY);
            } else {
                canvas.dashes(run_points, width, DOTS, FILLED);
            }
            i += run;
        }
        let is_isolated = |i: usize| (i == 0 || !observed[i - 1]) && !observed.get(i + 1).is_some_and(|o| *o);
        for (i, point) in points.iter().enumerate().filter(|(i, _)| observed[*i]) {
            if scale.has_markers() || is_isolated(i) {
                canvas.disc(*point, width * 1.4, HISTORY);
            }
        }
    }

    /// Draws the median of each forecast, from its origin through its steps.
    fn draw_medians(&self, canvas: &mut Canvas<'_>, scale: &Scale, width: f64) {
        let overlap = self.with_intervals().count() < self.forecasts.len();
        for (cutoff, forecast) in &self.forecasts {
            let median = forecast.median()[..self.steps(*cutoff, forecast.times().len())].iter().enumerate();
            let mut points = vec![self.origin(scale, *cutoff)];
            points.extend(median.map(|(k, value)| scale.point(cutoff + k, *value)));
            canvas.path(&points, if overlap { THIN_LINE } else { width }, BLUE);
            if !overlap && (scale.has_markers() || points.len() == 2) {
                for point in &points[1..] {
                    canvas.disc(*point, width * 1.9, WHITE);
                    canvas.disc(*point, width * 1.4, BLUE);
                }
            }
        }
    }
}

/// The places of positions and values in a chart.
struct Scale {
    area: Area,
    axis: Axis,
    positions: Range<usize>,
    /// The space left of the first point and right of the last, so that markers are not cut off.
    inset: f64,
}

impl Scale {
    fn x(&self, position: usize) -> f64 {
        self.area.left + self.inset + (position - self.positions.start) as f64 * self.step_width()
    }

    fn step_width(&self) -> f64 {
        (self.area.width() - 2.0 * self.inset) / (self.positions.len() - 1).max(1) as f64
    }

    fn has_markers(&self) -> bool {
        self.step_width() >= MIN_MARKER_DISTANCE
    }

    fn point(&self, position: usize, value: f64) -> Point {
        (self.x(position), frame::y(self.area, &self.axis, value))
    }
}
