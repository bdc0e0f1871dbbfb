//! Hidden states over time, under the series that a network reads.

use crate::plot::frame;
use crate::plot::ticks;
use std::path::Path;

use crate::error::Result;
use crate::plot::axis::{Axis, number};
use crate::plot::canvas::Colour;
use crate::plot::canvas::{Align, Area, Canvas, Point, rgb};
use crate::plot::frame::{HISTORY, INK, MARGIN, QUIET, RULE};
use crate::plot::text::Font;
use crate::plot::ticks::Line;
use crate::time::frequency::Frequency;
use crate::time::timestamp::Timestamp;

const WIDTH: u32 = 1600;
const HEIGHT: u32 = 1100;
const LABELS: Font = Font::regular(22.0);
const TITLE: Font = Font::bold(24.0);
/// Rows this high have the number of their unit beside them.
const NUMBERED: f64 = 17.0;

/// Draws a series and, under it on the same axis of time, the states of the hidden units in [-1, 1] as a heat map into
/// a PNG. `states[u][t]` is the state of unit `u` after step `t`; units that behave alike stand next to each other.
///
/// # Errors
/// If the file cannot be written.
pub fn hidden_states(
    path: &Path,
    panel_times: &[Timestamp],
    frequency: Frequency,
    values: &[f64],
    states: &[Vec<f64>],
) -> Result<()> {
    let mut canvas = Canvas::new(WIDTH, HEIGHT);
    let subtitle = format!(
        "{} hidden units over {} steps; units that behave alike stand next to each other",
        number(states.len() as f64, 0),
        number(values.len() as f64, 0)
    );
    let top = frame::header(&mut canvas, f64::from(WIDTH), "Hidden states over time", &subtitle, &[]);

    let axis = Axis::even(values.iter().copied(), 4);
    let beside = frame::label_room(&axis, LABELS).max(LABELS.width("unit 999"));
    let (left, right) = (MARGIN + beside, f64::from(WIDTH) - MARGIN - 90.0);
    let columns = Columns { left, width: (right - left) / values.len().max(1) as f64 };
    let area = Area { left, top: top + 54.0, right, bottom: top + 310.0 };
    canvas.text("series", (MARGIN, area.top - 26.0), Align::Left, TITLE, INK);
    frame::grid(&mut canvas, area, &axis, LABELS);
    frame::baseline(&mut canvas, area, &[], LABELS);
    let point = |(i, v): (usize, &f64)| v.is_finite().then(|| (columns.middle(i), frame::y(area, &axis, *v)));
    let points: Vec<Option<Point>> = values.iter().enumerate().map(point).collect();
    frame::curve(&mut canvas, &points, 2.4, HISTORY, columns.width >= 16.0);

    let bottom = f64::from(HEIGHT) - MARGIN - frame::under(LABELS, 2);
    let map = Area { left, top: area.bottom + 84.0, right, bottom };
    canvas.text("hidden states", (MARGIN, map.top - 26.0), Align::Left, TITLE, INK);
    heat(&mut canvas, map, &columns, states);
    let last = columns.middle(values.len().saturating_sub(1));
    let line = Line { first: columns.middle(0), last, room: (MARGIN, right + 30.0), font: LABELS };
    frame::baseline(&mut canvas, map, &ticks::ticks(panel_times, frequency, line), LABELS);
    colour_bar(&mut canvas, Area { left: right + 24.0, right: right + 48.0, ..map });
    canvas.save(path)
}

/// A column for each step.
struct Columns {
    left: f64,
    width: f64,
}

impl Columns {
    fn start(&self, step: usize) -> f64 {
        self.left + self.width * step as f64
    }

    fn middle(&self, step: usize) -> f64 {
        self.start(step) + self.width / 2.0
    }
}

fn heat(canvas: &mut Canvas, area: Area, columns: &Columns, states: &[Vec<f64>]) {
    let height = area.height() / states.len().max(1) as f64;
    let small = Font::regular((height * 0.8).min(18.0));
    for (row, unit) in by_likeness(states).into_iter().enumerate() {
        let top = area.top + height * row as f64;
        for (step, state) in states[unit].iter().enumerate() {
            let cell = Area { left: columns.start(step), top, right: columns.start(step + 1), bottom: top + height };
            canvas.rectangle(cell, diverging(*state));
        }
        if height >= NUMBERED {
            let at = (area.left - 12.0, top + f64::midpoint(height, small.capital()));
            canvas.text(&format!("unit {}", unit + 1), at, Align::Right, small, QUIET);
        }
    }
}

/// Blue for -1, white for 0, orange for 1; grey for what is not a number.
fn diverging(state: f64) -> Colour {
    const ENDS: [[f64; 3]; 2] = [[26.0, 86.0, 196.0], [217.0, 107.0, 11.0]];
    const MIDDLE: f64 = 250.0;
    if state.is_nan() {
        return RULE;
    }
    let [red, green, blue] =
        ENDS[usize::from(state > 0.0)].map(|end| (MIDDLE + (end - MIDDLE) * state.abs().min(1.0)).round() as u8);
    rgb(red, green, blue)
}

fn colour_bar(canvas: &mut Canvas, area: Area) {
    let bands = 100;
    let height = area.height() / f64::from(bands);
    for band in 0..bands {
        let top = area.top + height * f64::from(band);
        let state = 1.0 - 2.0 * (f64::from(band) + 0.5) / f64::from(bands);
        canvas.rectangle(Area { top, bottom: top + height, ..area }, diverging(state));
    }
    for (label, y) in [("1", area.top), ("0", f64::midpoint(area.top, area.bottom)), ("−1", area.bottom)] {
        let y = (y + LABELS.capital() / 2.0).clamp(area.top + LABELS.capital(), area.bottom);
        canvas.text(label, (area.right + 10.0, y), Align::Left, LABELS, QUIET);
    }
}

/// The units in an order in which each stands next to the one that is most like it of those left, from the most active.
fn by_likeness(states: &[Vec<f64>]) -> Vec<usize> {
    let directions: Vec<Vec<f64>> = states.iter().map(|s| direction(s)).collect();
    let activity = |unit: &usize| states[*unit].iter().filter(|s| s.is_finite()).map(|s| s * s).sum::<f64>();
    let mut left: Vec<usize> = (0..states.len()).collect();
    let mut order = Vec::with_capacity(states.len());
    while !left.is_empty() {
        let likeness = |unit: &usize| match order.last() {
            None => activity(unit),
            Some(last) => directions[*unit].iter().zip(&directions[*last]).map(|(a, b): (&f64, &f64)| a * b).sum(),
        };
        let scores: Vec<f64> = left.iter().map(likeness).collect();
        let best = (1..scores.len()).fold(0, |best, i| if scores[i] > scores[best] { i } else { best });
        order.push(left.remove(best));
    }
    order
}

/// The states as a vector of length 1, so that its product with another is the cosine between them.
fn direction(states: &[f64]) -> Vec<f64> {
    let finite: Vec<f64> = states.iter().map(|s| if s.is_finite() { *s } else { 0.0 }).collect();
    let length = finite.iter().map(|s| s * s).sum::<f64>().sqrt();
    finite.into_iter().map(|s| if length > 0.0 { s / length } else { 0.0 }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_that_behave_alike_stand_next_to_each_other() {
        let wave = |phase: f64| (0..50).map(|t| (f64::from(t) * 0.4 + phase).sin()).collect::<Vec<f64>>();
        let states = [wave(0.0), wave(3.0), wave(0.1), wave(2.9), wave(0.2), wave(3.1)];
        let order = by_likeness(&states);
        let sides: Vec<usize> = order.iter().map(|unit| unit % 2).collect();
        assert_eq!(sides.windows(2).filter(|w| w[0] != w[1]).count(), 1, "{order:?}");
        let mut all = order;
        all.sort_unstable();
        assert_eq!(all, [0, 1, 2, 3, 4, 5]);
    }

    #[test]
    fn colours_diverge_from_white() {
        assert_eq!(diverging(-1.0), rgb(26, 86, 196));
        assert_eq!(diverging(0.0), rgb(250, 250, 250));
        assert_eq!(diverging(7.0), rgb(217, 107, 11));
        assert_eq!(diverging(f64::NAN), RULE);
    }
}
