//! A histogram with bins of a round width.

use crate::plot::axis::{Axis, numbers, round_step};
use crate::plot::canvas::{Area, Canvas};
use crate::plot::frame::{self, HISTORY};
use crate::plot::text::Font;
use crate::plot::ticks::Tick;

/// The range of the number of bins.
const BINS: (f64, f64) = (14.0, 30.0);
/// Bounds are clamped to ± this, so that their distance stays finite.
const MAX_VALUE: f64 = 1e300;
/// The approximate number of bins beyond which they are wider.
const MAX_BINS: f64 = 100.0;
/// The space between two bins, as a share of their width.
const GAP_SHARE: f64 = 0.12;

/// The numbers of values in bins of equal width.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Histogram {
    /// The lower bound of the first bin, a multiple of the width.
    start: f64,
    width: f64,
    counts: Vec<usize>,
    axis: Axis,
}

impl Histogram {
    /// The histogram of values. The bins also cover `others`, which are not counted. There are about twice the cube root
    /// of the number of values (Rice's rule) over the range of the values.
    pub(crate) fn new(values: &[f64], others: impl Iterator<Item = f64>) -> Self {
        let range = |values: &mut dyn Iterator<Item = f64>| {
            let finite = values.filter(|value| value.is_finite()).map(|value| value.clamp(-MAX_VALUE, MAX_VALUE));
            finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
        };
        let (low, high) = range(&mut values.iter().copied());
        let wanted = (2.0 * (values.len() as f64).cbrt()).clamp(BINS.0, BINS.1);
        let spread = if high > low {
            high - low
        } else if high == 0.0 {
            1.0
        } else {
            high.abs()
        };
        // equal values are one bar in the middle
        let around = if high > low { 0.0 } else { spread / 2.0 };
        let (low, high) = range(&mut [low - around, high + around].into_iter().chain(others));
        let width = round_step((spread / wanted).max((high - low) / MAX_BINS));
        let start = (low / width).floor() * width;
        let bins = ((high - start) / width).floor() as usize + 1;
        let mut counts = vec![0; bins];
        for value in values {
            counts[(((value - start) / width) as usize).min(bins - 1)] += 1;
        }
        let highest = counts.iter().copied().max().unwrap_or(1);
        Self { start, width, counts, axis: Axis::linear([0.0, highest as f64].into_iter(), 4) }
    }

    pub(super) fn label_width(&self, font: Font) -> f64 {
        frame::label_width(&self.axis, font)
    }

    /// The horizontal position of a value.
    pub(super) fn x(&self, area: Area, value: f64) -> f64 {
        let share = (value - self.start) / (self.width * self.counts.len() as f64);
        area.left + area.width() * share.clamp(0.0, 1.0)
    }

    /// Draws the bars and both axes.
    pub(super) fn draw(&self, canvas: &mut Canvas<'_>, area: Area, font: Font) {
        frame::vertical_axis(canvas, area, &self.axis, font);
        for (bin, count) in self.counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            let edge = |bin: usize| area.left + area.width() * bin as f64 / self.counts.len() as f64;
            let gap = GAP_SHARE / 2.0 * (edge(1) - edge(0));
            let top = frame::y(area, &self.axis, *count as f64);
            canvas.rectangle(Area { left: edge(bin) + gap, right: edge(bin + 1) - gap, top, ..area }, HISTORY);
        }
        frame::horizontal_axis(canvas, area, &self.ticks(area.left, area.right, font, 0.0), font);
    }

    /// The number of values in each bin.
    #[cfg(feature = "report")]
    pub(crate) fn counts(&self) -> &[usize] {
        &self.counts
    }

    /// The position of a value in bins from the lower bound of the first.
    #[cfg(feature = "report")]
    pub(crate) fn bin(&self, value: f64) -> f64 {
        (value - self.start) / self.width
    }

    /// The lower bound of each bin, and of an empty one on each side.
    #[cfg(feature = "report")]
    pub(crate) fn edges(&self) -> Vec<String> {
        let bins = self.counts.len() as i32;
        let edges: Vec<f64> = (-1..=bins).map(|bin| self.start + f64::from(bin) * self.width).collect();
        numbers(&edges, self.width)
    }

    /// Ticks at some edges of the bins, as many as have room. `first` is the horizontal position of the first bin after
    /// `inset` of it, and `last` that of the last bin before as much of it.
    pub(crate) fn ticks(&self, first: f64, last: f64, font: Font, inset: f64) -> Vec<Tick> {
        let bins = self.counts.len();
        let bin_width = (last - first) / (bins as f64 - 2.0 * inset).max(1.0);
        let first_multiple = (self.start / self.width).round() as i64;
        let all: Vec<i64> = (first_multiple..=first_multiple + bins as i64).collect();
        let x = |at: i64| first + bin_width * ((at - first_multiple) as f64 - inset);
        let place = |every: i64| -> Option<Vec<Tick>> {
            let is_inside = |at: &i64| at % every == 0 && x(*at) >= first - 1e-6 && x(*at) <= last + 1e-6;
            let chosen: Vec<i64> = all.iter().copied().filter(is_inside).collect();
            let values: Vec<f64> = chosen.iter().map(|at| *at as f64 * self.width).collect();
            let labels = numbers(&values, self.width * every as f64);
            let tick = |(at, label): (&i64, String)| Tick { x: x(*at), middle: x(*at), label, context: None };
            let ticks: Vec<Tick> = chosen.iter().zip(labels).map(tick).collect();
            let fits = |pair: &[Tick]| {
                let widths = font.width(&pair[0].label) + font.width(&pair[1].label);
                pair[1].x - pair[0].x >= widths / 2.0 + font.size
            };
            ticks.windows(2).all(fits).then_some(ticks)
        };
        [1, 2, 5, 10, 20, 50, 100, 200, 500].into_iter().find_map(place).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_value_is_in_one_bin(
            values in prop::collection::vec(-1e6..1e6_f64, 1..200), other in -1e6..1e6_f64, scale in -9..9_i32,
        ) {
            let values: Vec<f64> = values.into_iter().map(|value| value * 10_f64.powi(scale)).collect();
            let histogram = Histogram::new(&values, std::iter::once(other * 10_f64.powi(scale)));
            prop_assert_eq!(histogram.counts.iter().sum::<usize>(), values.len());
            let ticks = histogram.ticks(0.0, 700.0, Font::regular(20.0), 0.0);
            prop_assert!(!ticks.is_empty() && ticks.windows(2).all(|pair| pair[0].x < pair[1].x));
        }
    }
}
