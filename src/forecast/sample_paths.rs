//! Joint sample paths: what quantiles of each step cannot say, totals over several steps and the chance of an excess.

use std::ops::Range;

use crate::forecast::quantile_forecast::Forecast;
use crate::panel::series::TimeSeries;
use crate::time::timestamp::Timestamp;

/// Ways that the future of one series may go, equally likely, each from the first step to the last.
#[derive(Debug, Clone, PartialEq)]
pub struct SamplePaths {
    key: Vec<String>,
    times: Vec<Timestamp>,
    count: usize,
    /// [path][step] in a row.
    values: Vec<f64>,
}

/// How likely values above a threshold are.
#[derive(Debug, Clone, PartialEq)]
pub struct Exceedance {
    /// The chance of each step, in [0, 1].
    pub each: Vec<f64>,
    /// The chance that it has happened at least once by each step, in [0, 1].
    pub by_then: Vec<f64>,
    /// The chance that it happens at all, in [0, 1]: the last of `by_then`.
    pub ever: f64,
    /// The expected number of steps.
    pub expected: f64,
}

impl SamplePaths {
    /// SamplePaths over the steps right after the end of `history`; `values`: `[path][step]` in a row.
    ///
    /// # Panics
    /// If there is no path, or a value is missing or not finite.
    pub fn after(history: &TimeSeries<'_>, count: usize, values: Vec<f64>) -> Self {
        assert!(count > 0 && values.len().is_multiple_of(count), "paths of equal length, at least one");
        assert!(values.iter().all(|v| v.is_finite()), "finite values");
        let steps = values.len() / count;
        let times = (0..steps).map(|k| history.time_at(history.len() + k)).collect();
        Self { key: history.key.to_vec(), times, count, values }
    }

    /// The values of the id columns of the series.
    pub fn key(&self) -> &[String] {
        &self.key
    }

    /// The future times, one a step.
    pub fn times(&self) -> &[Timestamp] {
        &self.times
    }

    /// The number of paths, at least 1.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The steps of each.
    pub fn horizon(&self) -> usize {
        self.times.len()
    }

    /// One path, a value a step.
    pub fn path(&self, which: usize) -> &[f64] {
        &self.values[which * self.horizon()..(which + 1) * self.horizon()]
    }

    /// All paths, one after the other.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[f64]> {
        (0..self.count).map(|which| self.path(which))
    }

    /// The same paths, their first `steps` steps only.
    #[must_use]
    pub fn first(self, steps: usize) -> Self {
        let steps = steps.min(self.horizon());
        let values = self.iter().flat_map(|path| &path[..steps]).copied().collect();
        Self { times: self.times[..steps].to_vec(), values, ..self }
    }

    /// Quantiles of each step, `[level][step]`, by straight lines between the sorted values.
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

    /// The forecast of `history` that these paths make at each step by itself.
    ///
    /// # Panics
    /// As [`Forecast::after`].
    pub fn forecast(&self, history: &TimeSeries<'_>, levels: &[f64]) -> Forecast {
        Forecast::after(history, levels, self.quantiles(levels))
    }

    /// Quantiles of the sum over some steps, one a level.
    pub fn total(&self, steps: Range<usize>, levels: &[f64]) -> Vec<f64> {
        let sum = |path: &[f64]| path[steps.clone()].iter().sum::<f64>().clamp(f64::MIN, f64::MAX);
        let sorted = sorted(self.iter().map(sum).collect());
        levels.iter().map(|level| quantile(&sorted, *level)).collect()
    }

    /// How likely values above `threshold` are: the shares of paths.
    pub fn exceedance(&self, threshold: f64) -> Exceedance {
        let (mut each, mut by_then) = (vec![0.0; self.horizon()], vec![0.0; self.horizon()]);
        let one = 1.0 / self.count as f64;
        for path in self.iter() {
            let mut happened = false;
            for (k, value) in path.iter().enumerate() {
                happened |= *value > threshold;
                each[k] += if *value > threshold { one } else { 0.0 };
                by_then[k] += if happened { one } else { 0.0 };
            }
        }
        // sums of shares may miss 1 by their last digits
        [&mut each, &mut by_then].into_iter().flatten().for_each(|share| *share = share.min(1.0));
        let ever = by_then.last().copied().unwrap_or(0.0);
        Exceedance { expected: each.iter().sum(), ever, each, by_then }
    }
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_unstable_by(f64::total_cmp);
    values
}

/// By straight lines between sorted values.
fn quantile(sorted: &[f64], level: f64) -> f64 {
    let place = level * (sorted.len() - 1) as f64;
    let (below, share) = (place.floor() as usize, place.fract());
    let above = (below + 1).min(sorted.len() - 1);
    (1.0 - share) * sorted[below] + share * sorted[above]
}
