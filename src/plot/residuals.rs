//! A picture of residuals: over time, as a histogram, their autocorrelations, and what they say in sentences.

use crate::backtest::residual_tests::ResidualTests;
use crate::backtest::residuals::{Residual, Residuals};
use crate::error::Result;
use crate::forecast::{levels::ForecastColumns, quantile_forecast::Forecast};
use crate::model::Hindcast;
use crate::panel::{Panel, TimeSeries};
use crate::plot::axis::{Axis, number};
use crate::plot::canvas::{Align, Area, Canvas, Point, WIDTH};
use crate::plot::forecasts::largest_first;
use crate::plot::frame::{
    self, BLUE, FILLED, HISTORY, INNER_INTERVAL, LABEL_FONT, MARGIN, ORANGE, OUTER_INTERVAL, RULE, SENTENCE_HEIGHT,
    Swatch,
};
use crate::plot::histogram::Histogram;
use crate::plot::picture::Picture;
use crate::plot::ticks::{self, HorizontalAxis};
use crate::time::Timestamp;

const HEIGHT: f64 = 1250.0;
/// The space between the two lower charts.
const GAP: f64 = 60.0;
/// The share of the charts' height that the upper one takes.
const UPPER_SHARE: f64 = 0.47;

/// The quantiles of a forecast as distances from its median, with the percentages of their intervals.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ExpectedRanges(pub(crate) Vec<(f64, [f64; 2])>);

impl ExpectedRanges {
    /// Those of the first step of the forecast, if there are one-step residuals, or else the means over all steps of the
    /// hindcasts. At most two intervals are drawn, the widest first.
    pub(crate) fn of(
        residuals: &Residuals,
        series: usize,
        forecast: Option<&Forecast>,
        hindcasts: &[Hindcast],
    ) -> Self {
        let own = || hindcasts.iter().filter(|hindcast| hindcast.series == series).map(|hindcast| &hindcast.forecast);
        let sources: Vec<&Forecast> =
            if residuals.one_step_of(series).is_empty() { own().collect() } else { forecast.into_iter().collect() };
        let steps = if residuals.one_step_of(series).is_empty() { usize::MAX } else { 1 };
        if sources.is_empty() {
            return Self(Vec::new());
        }
        let columns = ForecastColumns::of_forecasts(sources.iter().copied()).reduced(2, 0);
        let mean_offset = |percent: f64, upper: bool| {
            let offsets = sources.iter().filter_map(|forecast| {
                let (low, high) = forecast.interval(percent)?;
                let bounds = if upper { high } else { low };
                Some(bounds.iter().zip(forecast.median()).take(steps).map(|(bound, median)| bound - median))
            });
            let offsets: Vec<f64> = offsets.flatten().collect();
            offsets.iter().sum::<f64>() / offsets.len().max(1) as f64
        };
        let ranges = columns.intervals().iter().rev();
        Self(ranges.map(|percent| (*percent, [false, true].map(|upper| mean_offset(*percent, upper)))).collect())
    }

    /// What the residuals say, and the share of them in each range.
    pub(crate) fn sentences(&self, residuals: &Residuals, panel: &Panel, series: usize) -> Vec<String> {
        let mut sentences = residuals.sentences(panel, series);
        let values = compared(residuals, series);
        let sentence = |(percent, [low, high]): &(f64, [f64; 2])| {
            let inside = values.iter().filter(|value| (*low..=*high).contains(*value)).count();
            let share = number(100.0 * inside as f64 / values.len() as f64, 0);
            let count = number(values.len() as f64, 0);
            format!("The {percent} % interval of the next step holds {share} % of these {count} residuals.")
        };
        // the ranges of several steps are means, which hold no definite share
        if !residuals.one_step_of(series).is_empty() {
            sentences.extend(self.0.iter().rev().map(sentence));
        }
        sentences
    }
}

/// The residuals of a series that are drawn over time.
#[derive(Debug)]
pub(crate) struct ResidualsOverTime<'a> {
    /// Those of one-step forecasts, sorted by cutoff.
    pub(crate) one_step: &'a [Residual],
    /// Those of the steps of hindcasts before the last, if there are no one-step residuals.
    pub(crate) early: Vec<Residual>,
    /// Those of the last step of hindcasts.
    pub(crate) late: Vec<Residual>,
    last_step: usize,
}

impl<'a> ResidualsOverTime<'a> {
    pub(crate) fn of(residuals: &'a Residuals, series: usize) -> Self {
        let (one_step, hindcasts) = (residuals.one_step_of(series), residuals.hindcasts_of(series));
        let last_step = hindcasts.iter().map(|own| own.step).max().unwrap_or(0);
        let (late, early) = hindcasts.iter().partition(|own| own.step == last_step);
        Self { one_step, early: if one_step.is_empty() { early } else { Vec::new() }, late, last_step }
    }

    /// All that are drawn.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Residual> + Clone {
        self.one_step.iter().chain(&self.early).chain(&self.late)
    }

    /// The first and the last position in the series; `None` without residuals.
    pub(crate) fn range(&self) -> Option<(usize, usize)> {
        let positions = self.all().map(Residual::position);
        Some((positions.clone().min()?, positions.max()?))
    }

    /// One-step residuals without a gap in their cutoffs, which a line connects.
    pub(crate) fn runs(&self) -> impl Iterator<Item = &[Residual]> {
        self.one_step.chunk_by(|a, b| a.cutoff + 1 == b.cutoff)
    }

    /// The name of [`ResidualsOverTime::early`] in a legend: `step 1`, `steps 1 to 6`; `None` if there are none.
    pub(crate) fn early_name(&self) -> Option<String> {
        let name = || match self.last_step {
            2 => "step 1".to_owned(),
            last => format!("steps 1 to {}", last - 1),
        };
        (!self.early.is_empty()).then(name)
    }

    /// The name of [`ResidualsOverTime::late`] in a legend; `None` if there are none.
    pub(crate) fn late_name(&self) -> Option<String> {
        (!self.late.is_empty()).then(|| format!("step {} of hindcasts", self.last_step))
    }
}

/// The residuals that are compared with ranges: those of one step, or of all steps if there are none.
pub(crate) fn compared(residuals: &Residuals, series: usize) -> Vec<f64> {
    let one_step = residuals.one_step_of(series);
    let chosen = if one_step.is_empty() { residuals.hindcasts_of(series) } else { one_step };
    chosen.iter().map(Residual::value).collect()
}

/// Draws the residuals of the largest series into a PNG or SVG. It shows one-step residuals and those of the last step over
/// time, a histogram against the quantiles of the forecast, autocorrelations with their bounds, and sentences by stated
/// rules. `forecasts` has one forecast for each series of the panel, in its order; `hindcasts` are sorted by series.
///
/// # Errors
/// If the file cannot be written.
pub fn residuals<'a>(
    to: impl Into<Picture<'a>>,
    panel: &Panel,
    residuals: &Residuals,
    forecasts: &[Forecast],
    hindcasts: &[Hindcast],
) -> Result<()> {
    let mut canvas = Canvas::new(to.into(), HEIGHT, 1000.0);
    let which = largest(panel, residuals, forecasts.first().map_or(1, |forecast| forecast.times().len()));
    let series = panel.iter().nth(which).expect("a position of the panel");
    let expected = ExpectedRanges::of(residuals, which, forecasts.get(which), hindcasts);
    let parts = Parts { panel, series, residuals, which, expected };
    let over_time = ResidualsOverTime::of(residuals, which);
    let mut legend = Vec::new();
    if !over_time.one_step.is_empty() {
        legend.push((Swatch::Disc(HISTORY), "one step"));
    }
    let (early, late) = (over_time.early_name(), over_time.late_name());
    legend.extend(early.iter().map(|name| (Swatch::Disc(FILLED), name.as_str())));
    legend.extend(late.iter().map(|name| (Swatch::Disc(ORANGE), name.as_str())));
    let top = frame::header(&mut canvas, &parts.title(), &parts.subtitle(), &legend);
    let sentences = frame::lines(&parts.expected.sentences(residuals, panel, which));
    let bottom = canvas.height() - MARGIN - SENTENCE_HEIGHT * sentences.len() as f64;
    let upper_bottom = top + UPPER_SHARE * (bottom - top);
    parts.draw_over_time(&mut canvas, &over_time, (top + 30.0, upper_bottom - frame::label_height(LABEL_FONT, 2)));
    let lower = (upper_bottom + 70.0, bottom - frame::label_height(LABEL_FONT, 1) - 34.0);
    let middle = f64::midpoint(MARGIN, WIDTH - MARGIN);
    let tests = residuals.tests(panel, which).filter(|tests| !tests.autocorrelations.is_empty());
    let histogram_end = if tests.is_some() { middle - GAP / 2.0 } else { WIDTH - MARGIN };
    parts.draw_histogram(&mut canvas, (MARGIN, histogram_end), lower);
    if let Some(tests) = tests {
        draw_autocorrelations(&mut canvas, (middle + GAP / 2.0, WIDTH - MARGIN), lower, &tests);
    }
    frame::sentences(&mut canvas, bottom, &sentences);
    canvas.save()
}

/// The largest series with residuals.
pub(crate) fn largest(panel: &Panel, residuals: &Residuals, horizon: usize) -> usize {
    let has_residuals = |at: &usize| !residuals.one_step_of(*at).is_empty() || !residuals.hindcasts_of(*at).is_empty();
    largest_first(panel, horizon).into_iter().find(has_residuals).unwrap_or(0)
}

struct Parts<'a> {
    panel: &'a Panel,
    series: TimeSeries<'a>,
    residuals: &'a Residuals,
    /// The position of the series.
    which: usize,
    expected: ExpectedRanges,
}

impl Parts<'_> {
    fn title(&self) -> String {
        let (target, name) = (&self.panel.columns().target, self.series.name());
        if name.is_empty() { format!("Residuals of {target}") } else { format!("Residuals of {target} · {name}") }
    }

    fn subtitle(&self) -> String {
        let all = self.panel.count();
        let of = if all > 1 { format!(", the largest of {} series", number(all as f64, 0)) } else { String::new() };
        format!("actual minus forecast at past cutoffs{of}")
    }

    fn draw_over_time(&self, canvas: &mut Canvas<'_>, over_time: &ResidualsOverTime<'_>, (top, bottom): (f64, f64)) {
        let Some((from, to)) = over_time.range() else { return };
        let wanted = ((bottom - top) / (LABEL_FONT.size * 3.4)).round() as usize;
        let axis = if over_time.all().all(|own| own.value() == 0.0) {
            Axis::with_limits(-1.0, 1.0, wanted)
        } else {
            Axis::linear(over_time.all().map(Residual::value).chain([0.0]), wanted)
        };
        let left = MARGIN + frame::label_width(&axis, LABEL_FONT);
        let area = Area { left, top, right: WIDTH - MARGIN, bottom };
        let (first, end) = (left + 14.0, area.right - 14.0);
        let step = (end - first) / (to - from).max(1) as f64;
        let point =
            |own: &Residual| (first + step * (own.position() - from) as f64, frame::y(area, &axis, own.value()));
        frame::vertical_axis(canvas, area, &axis, LABEL_FONT);
        canvas.horizontal_line(left, area.right, frame::y(area, &axis, 0.0), HISTORY);
        let times: Vec<Timestamp> = (from..=to).map(|at| self.series.time_at(at)).collect();
        let label_limits = (MARGIN, WIDTH - 10.0);
        let horizontal = HorizontalAxis { first, last: end, label_limits, font: LABEL_FONT };
        frame::horizontal_axis(canvas, area, &ticks::ticks(&times, self.panel.frequency(), horizontal), LABEL_FONT);
        let radius = (step * 0.4).clamp(2.6, 5.0);
        for run in over_time.runs() {
            let points: Vec<Point> = run.iter().map(point).collect();
            canvas.path(&points, 1.2, RULE);
        }
        over_time.early.iter().for_each(|own| canvas.disc(point(own), radius, FILLED));
        over_time.one_step.iter().for_each(|own| canvas.disc(point(own), radius, HISTORY));
        over_time.late.iter().for_each(|own| canvas.disc(point(own), radius.max(4.0) * 1.5, ORANGE));
    }

    fn draw_histogram(&self, canvas: &mut Canvas<'_>, (left, right): (f64, f64), (top, bottom): (f64, f64)) {
        let values = compared(self.residuals, self.which);
        let area = Area { left, top, right, bottom };
        frame::chart_title(canvas, area, "how often each size occurs, and the intervals of the forecast");
        if values.is_empty() {
            return;
        }
        let bounds = self.expected.0.iter().flat_map(|(_, range)| *range);
        let histogram = Histogram::new(&values, bounds);
        let colours =
            if self.expected.0.len() == 1 { &[INNER_INTERVAL][..] } else { &[OUTER_INTERVAL, INNER_INTERVAL] };
        let area = Area { left: left + histogram.label_width(LABEL_FONT), ..area };
        for ((_, [low, high]), colour) in self.expected.0.iter().zip(colours) {
            let [from, to] = [*low, *high].map(|value| histogram.x(area, value));
            canvas.rectangle(Area { left: from, right: to, ..area }, *colour);
        }
        histogram.draw(canvas, area, LABEL_FONT);
        for (line, (percent, [_, high])) in self.expected.0.iter().enumerate() {
            let (label, x) = (format!("{percent} %"), histogram.x(area, *high));
            let has_room = x - area.left > LABEL_FONT.width(&label) + 12.0;
            let (x, align) = if has_room { (x - 6.0, Align::Right) } else { (x + 6.0, Align::Left) };
            canvas.text(&label, (x, top + LABEL_FONT.size * (1.2 + 1.25 * line as f64)), align, LABEL_FONT, BLUE);
        }
    }
}

/// Draws a bar for each lag over the bounds of uncorrelated residuals.
fn draw_autocorrelations(
    canvas: &mut Canvas<'_>,
    (left, right): (f64, f64),
    (top, bottom): (f64, f64),
    tests: &ResidualTests,
) {
    let (autocorrelations, bound) = (&tests.autocorrelations, tests.bound);
    let area = Area { left, top, right, bottom };
    frame::chart_title(canvas, area, "autocorrelation of one-step residuals by lag, and its bounds");
    let values = autocorrelations.iter().copied().chain([bound * 1.2, -bound * 1.2]);
    let axis = Axis::linear(values, frame::tick_count(bottom - top, 5));
    let area = Area { left: left + frame::label_width(&axis, LABEL_FONT), ..area };
    let [high, low, zero] = [bound, -bound, 0.0].map(|value| frame::y(area, &axis, value));
    canvas.rectangle(Area { top: high, bottom: low, ..area }, OUTER_INTERVAL);
    frame::vertical_axis(canvas, area, &axis, LABEL_FONT);
    let lags = autocorrelations.len();
    let step = area.width() / (lags + 1) as f64;
    let half = (step * 0.34).clamp(1.5, 16.0);
    for (at, value) in autocorrelations.iter().enumerate() {
        let (x, y) = (area.left + step * (at + 1) as f64, frame::y(area, &axis, *value));
        let colour = if value.abs() > bound { ORANGE } else { BLUE };
        canvas.rectangle(Area { left: x - half, right: x + half, top: y.min(zero), bottom: y.max(zero) }, colour);
    }
    canvas.horizontal_line(area.left, area.right, zero, HISTORY);
    let (first, last) = (area.left + step, area.right - step);
    let horizontal = HorizontalAxis { first, last, label_limits: (area.left, right + 10.0), font: LABEL_FONT };
    frame::horizontal_axis(canvas, area, &ticks::integers(1, lags as i64, horizontal), LABEL_FONT);
}
