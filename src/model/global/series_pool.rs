//! All series of a panel in one piece of memory, on the scale that they are learned on.

use std::ops::Range;

use crate::panel::Panel;
use crate::panel::series::TimeSeries;

/// How a series is turned into numbers of like size, and back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Scale {
    /// Logarithms: every value is above 0, so that errors and seasons are shares.
    Log,
    /// Divided by the mean size of the values.
    Share(f64),
}

impl Scale {
    fn of(values: &[f64]) -> Self {
        if values.iter().all(|v| *v > f64::MIN_POSITIVE) {
            return Self::Log;
        }
        let size = values.iter().map(|v| v.abs() / values.len() as f64).sum::<f64>();
        Self::Share(if size > 0.0 { size } else { 1.0 })
    }

    /// The number that stands for a value.
    pub(crate) fn number(self, value: f64) -> f64 {
        match self {
            // what comes later may be 0 even so
            Self::Log => value.max(f64::MIN_POSITIVE).ln(),
            Self::Share(size) => value / size,
        }
    }

    /// The value behind a number.
    pub(crate) fn value(self, number: f64) -> f64 {
        match self {
            Self::Log => number.exp(),
            Self::Share(size) => number * size,
        }
    }

    /// How much a value moves when its number does.
    pub(crate) fn slope(self, number: f64) -> f64 {
        match self {
            Self::Log => number.exp(),
            Self::Share(size) => size,
        }
    }
}

/// Many series, scaled, one after the other.
#[derive(Debug)]
pub(crate) struct Pool {
    numbers: Vec<f32>,
    /// Where values were not observed, by position in `numbers`; empty where all were.
    unobserved: Vec<bool>,
    series: Vec<Pooled>,
    /// The seasons that a series can have, the shortest first.
    periods: Vec<usize>,
}

/// A series of a [`Pool`].
#[derive(Debug, Clone)]
pub(crate) struct Pooled {
    place: Range<usize>,
    pub(crate) scale: Scale,
    /// Mean absolute difference of values a season apart (the denominator of MASE), 0 where there is none.
    pub(crate) step: f64,
}

impl Pool {
    /// A panel without the last `held_out` values of each series, of which one value is always left.
    pub(crate) fn new(panel: &Panel, periods: &[usize], held_out: usize) -> Self {
        let total = panel.iter().map(|s| s.len()).sum();
        let mut pool = Self {
            numbers: Vec::with_capacity(total),
            unobserved: Vec::new(),
            series: Vec::with_capacity(panel.count()),
            periods: periods.to_vec(),
        };
        let whole = panel.iter().all(|s| s.observed.iter().all(|o| *o));
        for series in panel.iter() {
            pool.push(&series, panel.season(), held_out, whole);
        }
        pool
    }

    fn push(&mut self, series: &TimeSeries<'_>, season: usize, held_out: usize, whole: bool) {
        let values = &series.values[..series.len().saturating_sub(held_out).max(1)];
        let scale = Scale::of(values);
        let start = self.numbers.len();
        self.numbers.extend(values.iter().map(|v| scale.number(*v) as f32));
        if !whole {
            self.unobserved.extend(series.observed[..values.len()].iter().map(|o| !o));
        }
        let lag = if values.len() > season { season } else { 1 };
        let steps = values.len().saturating_sub(lag);
        let step = (lag..values.len()).map(|t| (values[t] - values[t - lag]).abs()).sum::<f64>() / steps.max(1) as f64;
        self.series.push(Pooled { place: start..self.numbers.len(), scale, step });
    }

    pub(crate) fn count(&self) -> usize {
        self.series.len()
    }

    pub(crate) fn series(&self, i: usize) -> &Pooled {
        &self.series[i]
    }

    pub(crate) fn numbers(&self, i: usize) -> &[f32] {
        &self.numbers[self.series[i].place.clone()]
    }

    pub(crate) fn len(&self, i: usize) -> usize {
        self.series[i].place.len()
    }

    /// Whether the value at position `t` of a series was observed.
    pub(crate) fn observed(&self, i: usize, t: usize) -> bool {
        self.unobserved.is_empty() || !self.unobserved[self.series[i].place.start + t]
    }

    /// The seasons that a series can have.
    pub(crate) fn periods(&self) -> &[usize] {
        &self.periods
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_out_leaves_no_trace() {
        let values: Vec<f64> = (0..40).map(|t| 5.0 + f64::from(t * 7 % 11)).collect();
        let mut changed = values.clone();
        changed[34..].iter_mut().for_each(|v| *v *= -100.0);
        let pools = [values, changed].map(|v| Pool::new(&Panel::from_values(&v, 4), &[4], 6));
        assert_eq!(pools[0].numbers, pools[1].numbers);
        assert_eq!(pools[0].series[0].scale, pools[1].series[0].scale);
        assert!((pools[0].series[0].step - pools[1].series[0].step).abs() < 1e-12);
    }

    #[test]
    fn a_value_is_the_number_of_itself() {
        for (values, number) in [(vec![3.0, 4.0], 0.0), (vec![-3.0, 3.0], 2.0), (vec![0.0, 0.0], 7.0)] {
            let scale = Scale::of(&values);
            assert!((scale.number(scale.value(number)) - number).abs() < 1e-12);
        }
    }
}
