//! A heat map of hidden states over time, below the series that the network reads.

use crate::error::Result;
use crate::plot::axis::{Axis, number};
use crate::plot::canvas::{Align, Area, Canvas, Colour, Point, WIDTH, rgb};
use crate::plot::frame::{self, HISTORY, LABEL_FONT, LABEL_GREY, MARGIN, RULE};
use crate::plot::picture::Picture;
use crate::plot::text::Font;
use crate::plot::ticks::{self, HorizontalAxis};
use crate::time::{Frequency, Timestamp};

const HEIGHT: f64 = 1100.0;
/// The least height of rows with a label.
const MIN_LABEL_HEIGHT: f64 = 17.0;

/// Draws a series into a PNG or SVG and, on the same time axis, a heat map of the hidden states in [-1, 1].
/// `states[u][t]` is the state of unit `u` after step `t`. Units with similar states are adjacent.
///
/// # Errors
/// If the file cannot be written.
pub fn hidden_states<'a>(
    to: impl Into<Picture<'a>>,
    times: &[Timestamp],
    frequency: Frequency,
    values: &[f64],
    states: &[Vec<f64>],
) -> Result<()> {
    let mut canvas = Canvas::new(to.into(), HEIGHT, 600.0);
    let (units, steps) = (number(states.len() as f64, 0), number(values.len() as f64, 0));
    let subtitle = format!("{units} hidden units over {steps} steps; units with similar states are adjacent");
    let top = frame::header(&mut canvas, "Hidden states over time", &subtitle, &[]);

    let axis = Axis::linear(values.iter().copied(), 4);
    let label_width = frame::label_width(&axis, LABEL_FONT).max(LABEL_FONT.width("unit 999"));
    let (left, right) = (MARGIN + label_width, WIDTH - MARGIN - 90.0);
    let width = (right - left) / values.len().max(1) as f64;
    let start = |step: usize| left + width * step as f64;
    let middle = |step: usize| start(step) + width / 2.0;
    let area = Area { left, top: top + 54.0, right, bottom: top + 310.0 };
    frame::title_above(&mut canvas, area, "series");
    frame::vertical_axis(&mut canvas, area, &axis, LABEL_FONT);
    frame::horizontal_axis(&mut canvas, area, &[], LABEL_FONT);
    let point = |(i, v): (usize, &f64)| v.is_finite().then(|| (middle(i), frame::y(area, &axis, *v)));
    let points: Vec<Option<Point>> = values.iter().enumerate().map(point).collect();
    frame::curve(&mut canvas, &points, 2.4, HISTORY, width >= 16.0);

    let bottom = canvas.height() - MARGIN - frame::label_height(LABEL_FONT, 2);
    let map = Area { left, top: area.bottom + 84.0, right, bottom };
    frame::title_above(&mut canvas, map, "hidden states");
    heat_map(&mut canvas, map, start, states);
    let last = middle(values.len().saturating_sub(1));
    let line = HorizontalAxis { first: middle(0), last, label_limits: (MARGIN, right + 30.0), font: LABEL_FONT };
    frame::horizontal_axis(&mut canvas, map, &ticks::ticks(times, frequency, line), LABEL_FONT);
    colour_bar(&mut canvas, Area { left: right + 24.0, right: right + 48.0, ..map });
    canvas.save()
}

/// Draws a row for each unit. `start` is the left end of the column of a step.
fn heat_map(canvas: &mut Canvas<'_>, area: Area, start: impl Fn(usize) -> f64, states: &[Vec<f64>]) {
    let height = area.height() / states.len().max(1) as f64;
    let small = Font::regular((height * 0.8).min(18.0));
    for (row, unit) in units_by_similarity(states).into_iter().enumerate() {
        let top = area.top + height * row as f64;
        for (step, state) in states[unit].iter().enumerate() {
            let cell = Area { left: start(step), top, right: start(step + 1), bottom: top + height };
            canvas.rectangle(cell, state_colour(*state));
        }
        if height >= MIN_LABEL_HEIGHT {
            let at = (area.left - 12.0, top + f64::midpoint(height, small.capital_height()));
            canvas.text(&format!("unit {}", unit + 1), at, Align::Right, small, LABEL_GREY);
        }
    }
}

/// Blue for -1, white for 0, orange for 1, grey for NaN.
fn state_colour(state: f64) -> Colour {
    const ENDS: [[f64; 3]; 2] = [[26.0, 86.0, 196.0], [217.0, 107.0, 11.0]];
    const MIDDLE: f64 = 250.0;
    if state.is_nan() {
        return RULE;
    }
    let [red, green, blue] =
        ENDS[usize::from(state > 0.0)].map(|end| (MIDDLE + (end - MIDDLE) * state.abs().min(1.0)).round() as u8);
    rgb(red, green, blue)
}

fn colour_bar(canvas: &mut Canvas<'_>, area: Area) {
    let steps = 100;
    let height = area.height() / f64::from(steps);
    for step in 0..steps {
        let top = area.top + height * f64::from(step);
        let state = 1.0 - 2.0 * (f64::from(step) + 0.5) / f64::from(steps);
        canvas.rectangle(Area { top, bottom: top + height, ..area }, state_colour(state));
    }
    for (label, y) in [("1", area.top), ("0", f64::midpoint(area.top, area.bottom)), ("−1", area.bottom)] {
        let y = (y + LABEL_FONT.capital_height() / 2.0).clamp(area.top + LABEL_FONT.capital_height(), area.bottom);
        canvas.text(label, (area.right + 10.0, y), Align::Left, LABEL_FONT, LABEL_GREY);
    }
}

/// The units in a greedy order of similarity. The first has the largest states. Each is followed by the remaining unit
/// with the largest cosine similarity.
fn units_by_similarity(states: &[Vec<f64>]) -> Vec<usize> {
    let directions: Vec<Vec<f64>> = states.iter().map(|s| direction(s)).collect();
    let size = |unit: &usize| states[*unit].iter().filter(|s| s.is_finite()).map(|s| s * s).sum::<f64>();
    let mut remaining: Vec<usize> = (0..states.len()).collect();
    let mut order = Vec::with_capacity(states.len());
    while !remaining.is_empty() {
        let similarity = |unit: &usize| match order.last() {
            None => size(unit),
            Some(last) => directions[*unit].iter().zip(&directions[*last]).map(|(a, b): (&f64, &f64)| a * b).sum(),
        };
        let scores: Vec<f64> = remaining.iter().map(similarity).collect();
        let best = (1..scores.len()).fold(0, |best, i| if scores[i] > scores[best] { i } else { best });
        order.push(remaining.remove(best));
    }
    order
}

/// The states as a vector of length 1. The dot product of two of them is their cosine similarity.
fn direction(states: &[f64]) -> Vec<f64> {
    let finite: Vec<f64> = states.iter().map(|s| if s.is_finite() { *s } else { 0.0 }).collect();
    let length = finite.iter().map(|s| s * s).sum::<f64>().sqrt();
    finite.into_iter().map(|s| if length > 0.0 { s / length } else { 0.0 }).collect()
}
