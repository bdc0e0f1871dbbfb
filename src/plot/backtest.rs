//! A picture of a backtest: forecasts over what happened, errors by step, and nominal against empirical shares.

use crate::backtest::calibration::{CalibrationPoint, EmpiricalShare, calibration};
use crate::backtest::scorecard::{ModelBacktest, Steps};
use crate::backtest::scores::{IntervalScores, Score, Scores};
use crate::backtest::verdict::is_verdict_baseline;
use crate::error::Result;
use crate::model::fit::Hindcast;
use crate::panel::{Panel, TimeSeries};
use crate::plot::axis::{Axis, counted, number};
use crate::plot::canvas::{Align, Area, Canvas, Colour, Point, WIDTH, rgb};
use crate::plot::chart::{DrawnQuantiles, Sizes, legend};
use crate::plot::forecasts::{folds_in_words, largest_first, of_folds};
use crate::plot::frame::{
    self, BLUE, DOTS, HISTORY, LABEL_FONT, LABEL_GREY, MARGIN, ORANGE, RULE, SENTENCE_HEIGHT, Swatch,
};
use crate::plot::picture::Picture;
use crate::plot::ticks::{self, HorizontalAxis, Tick};

const HEIGHT: f64 = 1250.0;
/// The space between the two lower charts.
const GAP: f64 = 70.0;
/// The share of the charts' height that the upper one takes.
const UPPER_SHARE: f64 = 0.5;
/// The colours of models, the most accurate first.
const MODEL_COLOURS: [Colour; 4] = [BLUE, ORANGE, rgb(0x0f, 0x8a, 0x7e), rgb(0x8a, 0x3f, 0xb0)];
/// The widths of lines, which cross often.
const LINE_WIDTH: f64 = 3.2;

/// The errors of models by step of the horizon.
#[derive(Debug)]
pub(crate) struct StepErrors<'a> {
    /// `MAE` for one series, and `MASE`, which has no unit, for several.
    pub(crate) metric: &'static str,
    /// The name of each model, and its error at each step.
    pub(crate) models: Vec<(&'a str, Vec<Option<f64>>)>,
}

impl<'a> StepErrors<'a> {
    pub(crate) fn new(backtests: &[&'a ModelBacktest]) -> Self {
        let is_scaled = backtests.iter().any(|own| own.scorecard.series_count() > 1);
        let (metric, error): (&str, fn(&Scores) -> Score) =
            if is_scaled { ("MASE", |scores| scores.mase) } else { ("MAE", |scores| scores.mae) };
        let horizon = backtests.first().map_or(0, |own| own.scorecard.horizon());
        let of_model = |own: &&'a ModelBacktest| {
            let errors = (1..=horizon).map(|step| error(&own.scorecard.overall(Steps::One(step))).ok());
            (own.model, errors.collect())
        };
        Self { metric, models: backtests.iter().map(of_model).collect() }
    }
}

/// The best models, at most so many, with the baseline in any case. The backtests are sorted by accuracy.
pub(crate) fn drawn_models(backtests: &[ModelBacktest], most: usize) -> Vec<&ModelBacktest> {
    let (others, baseline): (Vec<_>, Vec<_>) = backtests.iter().partition(|own| !is_verdict_baseline(own.model));
    others.into_iter().take(most - 1).chain(baseline).collect()
}

/// A wider range of a coverage, as a share, says too little of it.
const MAX_RANGE: f64 = 0.35;

/// What the coverage of the intervals of a model says, a sentence for the narrowest and for the widest. It decides by the
/// 95 % range of the coverage, which takes into account that steps of a forecast and series at one time err together.
pub(crate) fn coverage_sentences(panel: &Panel, backtest: &ModelBacktest) -> Vec<String> {
    let overall = backtest.overall();
    let sentence = |interval: &IntervalScores| {
        let percent = interval.percent;
        let is_inside = |own: &Hindcast, k: usize, actual: f64| {
            let bounds = own.forecast.interval(percent);
            bounds.is_some_and(|(low, high)| (low[k]..=high[k]).contains(&actual))
        };
        let EmpiricalShare { count, share, range } = EmpiricalShare::of(panel, &backtest.hindcasts, is_inside)?;
        let finding = match percent / 100.0 {
            nominal if nominal > range[1] => "too narrow",
            nominal if nominal < range[0] => "too wide",
            _ if range[1] - range[0] > MAX_RANGE => "too few independent forecasts to judge",
            _ => "no evidence against them",
        };
        let (share, points) = (number(100.0 * share, 0), counted(count, "past value"));
        let count = counted(backtest.hindcasts.len(), "forecast");
        let of = all_series(panel).map_or_else(String::new, |all| format!(" of {all}"));
        Some(format!(
            "The {percent} % intervals of {} hold {share} % of {points} in {count}{of}: {finding}.",
            backtest.model
        ))
    };
    let (first, last) = (overall.intervals.first(), overall.intervals.last());
    let ends = first.into_iter().chain(last.filter(|_| overall.intervals.len() > 1));
    ends.filter_map(sentence).collect()
}

/// Draws the backtests of models on the same folds into a PNG or SVG, the model of the forecast or the most accurate first. It
/// shows the folds of the first model for the largest series, errors by step of each model, and the share of past values
/// below each quantile of the first model against its level.
///
/// # Errors
/// If the file cannot be written.
///
/// # Panics
/// If there is no model, or it has no hindcast.
pub fn backtest<'a>(to: impl Into<Picture<'a>>, panel: &Panel, backtests: &[ModelBacktest]) -> Result<()> {
    let mut canvas = Canvas::new(to.into(), HEIGHT, 1000.0);
    let first = &backtests[0];
    let all: Vec<TimeSeries<'_>> = panel.iter().collect();
    let by_series = || first.hindcasts.chunk_by(|a, b| a.series == b.series);
    let largest = largest_first(panel, first.scorecard.horizon());
    let folds_of = |series: usize| by_series().find(|folds| folds[0].series == series);
    let folds = largest.into_iter().find_map(folds_of).expect("a model with hindcasts");
    let chart = of_folds(all[folds[0].series], folds, panel.season());
    let charts = [chart];
    let quantiles = DrawnQuantiles::of(&charts);
    let entries = legend(&charts, &quantiles, "actual");
    let entries: Vec<(Swatch, &str)> = entries.iter().map(|(swatch, name)| (*swatch, name.as_str())).collect();
    let (name, target) = (charts[0].series.name(), &panel.columns().target);
    let of = if name.is_empty() { String::new() } else { format!(" · {name}") };
    let top = frame::header(
        &mut canvas,
        &format!("Backtest of {target}{of}"),
        &folds_in_words(first.model, panel, &charts),
        &entries,
    );
    let sentences = frame::lines(&coverage_sentences(panel, first));
    let bottom = canvas.height() - MARGIN - SENTENCE_HEIGHT * sentences.len() as f64;
    let upper_bottom = top + UPPER_SHARE * (bottom - top);
    let cell = Area { left: MARGIN, top, right: WIDTH - MARGIN, bottom: upper_bottom };
    charts[0].draw(&mut canvas, cell, Sizes::LARGE, &quantiles, false);
    let lower = (upper_bottom + 112.0, bottom - frame::label_height(LABEL_FONT, 1) - 30.0);
    let split = MARGIN + 0.56 * (WIDTH - 2.0 * MARGIN);
    let area = Area { left: MARGIN, top: lower.0, right: split - GAP / 2.0, bottom: lower.1 };
    draw_errors(&mut canvas, area, panel, &StepErrors::new(&drawn_models(backtests, MODEL_COLOURS.len())));
    let area = Area { left: split + GAP / 2.0, right: WIDTH - MARGIN - 20.0, ..area };
    draw_calibration(&mut canvas, area, first.model, &calibration(panel, &first.hindcasts));
    frame::sentences(&mut canvas, bottom, &sentences);
    canvas.save()
}

/// `all 304 series`, unless there is one.
fn all_series(panel: &Panel) -> Option<String> {
    (panel.count() > 1).then(|| format!("all {} series", number(panel.count() as f64, 0)))
}

/// Draws a line for each model, and their names above the chart.
fn draw_errors(canvas: &mut Canvas<'_>, area: Area, panel: &Panel, errors: &StepErrors<'_>) {
    let steps = errors.models.first().map_or(0, |(_, values)| values.len());
    frame::chart_title(
        canvas,
        Area { top: area.top - 40.0, ..area },
        &format!(
            "{} by step of the horizon{}",
            errors.metric,
            all_series(panel).map_or_else(String::new, |all| format!(", {all}"))
        ),
    );
    let entries = errors.models.iter().zip(MODEL_COLOURS).map(|((name, _), colour)| (Swatch::Line(colour), *name));
    frame::draw_legend_from(canvas, (area.left, area.top - 24.0), LABEL_FONT, &entries.collect::<Vec<_>>());
    let values = errors.models.iter().flat_map(|(_, values)| values.iter().flatten().copied());
    let axis = Axis::linear(values, frame::tick_count(area.height(), 5));
    let area = Area { left: area.left + frame::label_width(&axis, LABEL_FONT), ..area };
    frame::vertical_axis(canvas, area, &axis, LABEL_FONT);
    let (first, last) = (area.left + 14.0, area.right - 14.0);
    let horizontal = HorizontalAxis { first, last, label_limits: (MARGIN, area.right + 20.0), font: LABEL_FONT };
    frame::horizontal_axis(canvas, area, &ticks::integers(1, steps as i64, horizontal), LABEL_FONT);
    let distance = (last - first) / steps.saturating_sub(1).max(1) as f64;
    // the best model is drawn last, over the others
    for ((_, values), colour) in errors.models.iter().zip(MODEL_COLOURS).rev() {
        let point = |(k, value): (usize, &Option<f64>)| {
            value.map(|value| (first + distance * k as f64, frame::y(area, &axis, value)))
        };
        let points: Vec<Option<Point>> = values.iter().enumerate().map(point).collect();
        frame::curve(canvas, &points, LINE_WIDTH, colour, distance >= 24.0);
    }
}

/// Draws the empirical share at each level with its range, and the line on which both are equal.
fn draw_calibration(canvas: &mut Canvas<'_>, area: Area, model: &str, points: &[CalibrationPoint]) {
    let title = Area { top: area.top - 40.0, ..area };
    frame::chart_title(canvas, title, &format!("calibration: values below each quantile of {model}, %"));
    let entries = [(Swatch::Dots(HISTORY), "nominal"), (Swatch::Disc(BLUE), "empirical, and its 95 % range")];
    frame::draw_legend_from(canvas, (area.left, area.top - 24.0), LABEL_FONT, &entries);
    let axis = Axis::with_limits(0.0, 100.0, 5);
    let area = Area { left: area.left + frame::label_width(&axis, LABEL_FONT), ..area };
    frame::vertical_axis(canvas, area, &axis, LABEL_FONT);
    let x = |level: f64| area.left + level * area.width();
    let tick = |(value, label): &(f64, String)| {
        let x = x(value / 100.0);
        Tick { x, middle: x, label: label.clone(), context: None }
    };
    frame::horizontal_axis(canvas, area, &axis.ticks.iter().map(tick).collect::<Vec<_>>(), LABEL_FONT);
    canvas.dashes(&[(area.left, area.bottom), (area.right, area.top)], 2.4, DOTS, HISTORY);
    let place = |point: &CalibrationPoint, share: f64| (x(point.level), frame::y(area, &axis, 100.0 * share));
    let middles: Vec<Point> = points.iter().map(|point| place(point, point.share)).collect();
    canvas.path(&middles, 1.6, RULE);
    for (point, middle) in points.iter().zip(middles) {
        let colour = if point.is_off() { ORANGE } else { BLUE };
        let [low, high] = point.range.map(|share| place(point, share));
        canvas.path(&[low, high], 2.4, colour);
        for (x, y) in [low, high] {
            canvas.path(&[(x - 7.0, y), (x + 7.0, y)], 2.4, colour);
        }
        canvas.disc(middle, 7.0, colour);
    }
    if points.is_empty() {
        let at = (f64::midpoint(area.left, area.right), f64::midpoint(area.top, area.bottom));
        canvas.text("no past value was forecast", at, Align::Centre, LABEL_FONT, LABEL_GREY);
    }
}
