//! The forecast of one series: quantiles of each future step.

use serde::{Deserialize, Serialize};

use crate::panel::series::TimeSeries;
use crate::time::timestamp::Timestamp;

/// The values of one quantile level, one per step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Quantile {
    /// The level in (0, 1).
    pub level: f64,
    /// One value per step of the horizon.
    pub values: Vec<f64>,
}

/// The forecast of one series. The point forecast is the median, and quantiles never cross.
///
/// ```
/// use forecast::{Forecast, Panel};
///
/// let panel = Panel::from_values(&[4.0, 5.0, 6.0], 1);
/// let history = panel.iter().next().expect("a panel has a series");
/// // three levels of two steps
/// let rows = vec![vec![5.0, 4.0], vec![7.0, 7.5], vec![9.0, 11.0]];
/// let forecast = Forecast::after(&history, &[0.1, 0.5, 0.9], rows);
/// assert_eq!(forecast.median(), [7.0, 7.5]);
/// assert_eq!(forecast.interval(80.0), Some((&[5.0, 4.0][..], &[9.0, 11.0][..])));
/// assert_eq!(forecast.interval(95.0), None);
/// assert_eq!(forecast.times()[0].to_string(), "4");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    key: Vec<String>,
    times: Vec<Timestamp>,
    quantiles: Vec<Quantile>,
}

impl Forecast {
    /// The forecast of the steps right after the end of `history`. `values` is `[level][step]`, with the levels in `levels`.
    /// The values of each step are sorted, so that quantiles never cross.
    ///
    /// # Panics
    /// If `levels` do not ascend or lack 0.5, rows do not match in number or length, or values are not finite.
    pub fn after(history: &TimeSeries<'_>, levels: &[f64], mut values: Vec<Vec<f64>>) -> Self {
        let are_ascending = levels.windows(2).all(|pair| pair[0] < pair[1]);
        assert!(are_ascending && levels.len() == values.len(), "ascending levels, with one row each");
        assert!(levels.contains(&0.5), "the median is among the levels");
        let horizon = values[0].len();
        let is_valid = |row: &Vec<f64>| row.len() == horizon && row.iter().all(|value| value.is_finite());
        assert!(values.iter().all(is_valid), "finite rows of one length");
        for k in 0..horizon {
            let mut sorted: Vec<f64> = values.iter().map(|row| row[k]).collect();
            sorted.sort_by(f64::total_cmp);
            values.iter_mut().zip(sorted).for_each(|(row, value)| row[k] = value);
        }
        let times = (0..horizon).map(|k| history.time_at(history.len() + k)).collect();
        let quantiles = levels.iter().zip(values).map(|(&level, values)| Quantile { level, values }).collect();
        Self { key: history.key.to_vec(), times, quantiles }
    }

    /// The first `steps` steps of the forecast.
    #[must_use]
    pub fn first(mut self, steps: usize) -> Self {
        self.times.truncate(steps);
        self.quantiles.iter_mut().for_each(|quantile| quantile.values.truncate(steps));
        self
    }

    /// The forecast with each value replaced by `value` of its step, from 0, its level and the old value. A higher level
    /// must not give a lower new value.
    pub(crate) fn with_each_value(mut self, value: impl Fn(usize, f64, f64) -> f64) -> Self {
        for Quantile { level, values } in &mut self.quantiles {
            let replace = |(k, old): (usize, &mut f64)| *old = value(k, *level, *old).clamp(f64::MIN, f64::MAX);
            values.iter_mut().enumerate().for_each(replace);
        }
        self
    }

    /// The forecast with no quantile below `lowest`, and none that falls from one step to the next.
    pub(crate) fn rising_from(mut self, lowest: f64) -> Self {
        for quantile in &mut self.quantiles {
            let mut highest = lowest;
            for value in &mut quantile.values {
                highest = highest.max(*value);
                *value = highest;
            }
        }
        self
    }

    /// The ids of the series.
    pub fn key(&self) -> &[String] {
        &self.key
    }

    /// The future times, one per step.
    pub fn times(&self) -> &[Timestamp] {
        &self.times
    }

    /// All quantiles, with ascending levels.
    pub fn quantiles(&self) -> &[Quantile] {
        &self.quantiles
    }

    /// The point forecast.
    pub fn median(&self) -> &[f64] {
        self.quantile(0.5).expect("a forecast has its median")
    }

    /// The values of one level; `None` if the forecast lacks it. Levels are compared up to rounding.
    pub fn quantile(&self, level: f64) -> Option<&[f64]> {
        self.quantiles.iter().find(|q| (q.level - level).abs() < 1e-9).map(|q| q.values.as_slice())
    }

    /// The central prediction interval that covers `percent` of the distribution: its lower and its upper bounds, one per
    /// step. `None` if the forecast lacks the level of a bound.
    pub fn interval(&self, percent: f64) -> Option<(&[f64], &[f64])> {
        let tail = (1.0 - percent / 100.0) / 2.0;
        Some((self.quantile(tail)?, self.quantile(1.0 - tail)?))
    }

    /// The levels of the quantiles, ascending.
    pub fn levels(&self) -> Vec<f64> {
        self.quantiles.iter().map(|quantile| quantile.level).collect()
    }

    /// The forecast with the quantiles of `levels` only, which ascend. The median is among them.
    ///
    /// # Panics
    /// If the forecast lacks one of the levels.
    #[must_use]
    pub fn at(mut self, levels: &[f64]) -> Self {
        assert!(levels.contains(&0.5), "the median is among the levels");
        let quantile = |level: &f64| {
            let values = self.quantile(*level).expect("a level of the forecast").to_vec();
            Quantile { level: *level, values }
        };
        self.quantiles = levels.iter().map(quantile).collect();
        self
    }
}
