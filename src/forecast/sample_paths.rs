//! Sample paths: joint samples of all steps, for totals over several steps and for exceedance probabilities.

use std::ops::Range;

use crate::forecast::quantile_forecast::Forecast;
use crate::panel::series::TimeSeries;
use crate::time::timestamp::Timestamp;

/// Equally likely sample paths of one series over its horizon.
///
/// ```
/// use forecast::{Panel, SamplePaths};
///
/// let panel = Panel::from_values(&[4.0, 5.0, 6.0], 1);
/// let history = panel.iter().next().expect("a panel has a series");
/// // four paths of two steps
/// let paths = SamplePaths::after(&history, 4, vec![1.0, 9.0, 2.0, 8.0, 3.0, 7.0, 4.0, 6.0]);
/// assert_eq!((paths.count(), paths.horizon(), paths.iter().next()), (4, 2, Some(&[1.0, 9.0][..])));
/// assert_eq!(paths.quantiles(&[0.5]), [[2.5, 7.5]]);
/// assert_eq!(paths.exceedance(7.5).at_step, [0.0, 0.5]);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct SamplePaths {
    key: Vec<String>,
    times: Vec<Timestamp>,
    count: usize,
    /// One path after the other, `[path][step]`.
    values: Vec<f64>,
}

/// Probabilities that values are above a threshold, estimated by shares of sample paths.
#[derive(Debug, Clone, PartialEq)]
pub struct Exceedance {
    /// The probability at each step, in [0, 1].
    pub at_step: Vec<f64>,
    /// The probability of at least one exceedance up to each step, in [0, 1].
    pub by_step: Vec<f64>,
    /// The probability of at least one exceedance over the horizon, in [0, 1]: the last of `by_step`.
    pub ever: f64,
    /// The expected number of steps above the threshold.
    pub expected_steps: f64,
}

impl SamplePaths {
    /// `count` paths over the steps right after the end of `history`. `values` has one path after the other, `[path][step]`.
    ///
    /// # Panics
    /// If `count` is 0 or does not divide the number of values, or if a value is not finite.
    pub fn after(history: &TimeSeries<'_>, count: usize, values: Vec<f64>) -> Self {
        assert!(count > 0 && values.len().is_multiple_of(count), "at least one path, all of one length");
        assert!(values.iter().all(|v| v.is_finite()), "finite values");
        let steps = values.len() / count;
        let times = (0..steps).map(|k| history.time_at(history.len() + k)).collect();
        Self { key: history.key.to_vec(), times, count, values }
    }

    /// The ids of the series.
    pub fn key(&self) -> &[String] {
        &self.key
    }

    /// The future times, one per step.
    pub fn times(&self) -> &[Timestamp] {
        &self.times
    }

    /// The number of paths, at least 1.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The number of steps of each path.
    pub fn horizon(&self) -> usize {
        self.times.len()
    }

    /// All paths, each with one value per step.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[f64]> {
        (0..self.count).map(|path| &self.values[path * self.horizon()..(path + 1) * self.horizon()])
    }

    /// The first `steps` steps of the paths.
    #[must_use]
    pub fn first(self, steps: usize) -> Self {
        let steps = steps.min(self.horizon());
        let values = self.iter().flat_map(|path| &path[..steps]).copied().collect();
        Self { times: self.times[..steps].to_vec(), values, ..self }
    }

    /// The quantiles of each step, `[level][step]`, by linear interpolation between sorted values.
    pub fn quantiles(&self, levels: &[f64]) -> Vec<Vec<f64>> {
        let mut rows = vec![Vec::with_capacity(self.horizon()); levels.len()];
        for k in 0..self.horizon() {
            let sorted = sorted(self.iter().map(|path| path[k]).collect());
            for (row, level) in rows.iter_mut().zip(levels) {
                row.push(quantile(&sorted, *level));
            }
        }
        rows
    }

    /// The forecast of the steps after `history`, with the quantiles of the paths at each step.
    pub fn forecast(&self, history: &TimeSeries<'_>, levels: &[f64]) -> Forecast {
        Forecast::after(history, levels, self.quantiles(levels))
    }

    /// The quantiles of the sum over `steps`, counted from 0; one per level.
    pub fn total(&self, steps: Range<usize>, levels: &[f64]) -> Vec<f64> {
        let sum = |path: &[f64]| path[steps.clone()].iter().sum::<f64>().clamp(f64::MIN, f64::MAX);
        let sorted = sorted(self.iter().map(sum).collect());
        levels.iter().map(|level| quantile(&sorted, *level)).collect()
    }

    /// The probabilities that values are above `threshold`.
    pub fn exceedance(&self, threshold: f64) -> Exceedance {
        let (mut at_step, mut by_step) = (vec![0.0; self.horizon()], vec![0.0; self.horizon()]);
        let share = 1.0 / self.count as f64;
        for path in self.iter() {
            let mut exceeded = false;
            for (k, value) in path.iter().enumerate() {
                exceeded |= *value > threshold;
                at_step[k] += if *value > threshold { share } else { 0.0 };
                by_step[k] += if exceeded { share } else { 0.0 };
            }
        }
        // rounding can raise sums of shares above 1
        [&mut at_step, &mut by_step].into_iter().flatten().for_each(|sum| *sum = sum.min(1.0));
        let ever = by_step.last().copied().unwrap_or(0.0);
        Exceedance { expected_steps: at_step.iter().sum(), ever, at_step, by_step }
    }
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_unstable_by(f64::total_cmp);
    values
}

/// A quantile by linear interpolation between sorted values: type 7 of Hyndman & Fan (1996), *Sample quantiles in
/// statistical packages*, The American Statistician 50(4).
pub(crate) fn quantile(sorted: &[f64], level: f64) -> f64 {
    let position = level * (sorted.len() - 1) as f64;
    let (below, weight) = (position.floor() as usize, position.fract());
    let above = (below + 1).min(sorted.len() - 1);
    (1.0 - weight) * sorted[below] + weight * sorted[above]
}
