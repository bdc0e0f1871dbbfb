//! The forecast of one series: quantiles of each future step.

use serde::{Deserialize, Serialize};

use crate::panel::series::TimeSeries;
use crate::time::timestamp::Timestamp;

/// The quantile levels behind a median with an 80 % and a 95 % band.
pub const LEVELS: [f64; 5] = [0.025, 0.1, 0.5, 0.9, 0.975];

/// The values of one quantile level, a value a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Quantile {
    /// In (0, 1).
    pub level: f64,
    /// One value a step of the horizon.
    pub values: Vec<f64>,
}

/// The forecast of one series. The point forecast is the median; quantiles never cross.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    key: Vec<String>,
    times: Vec<Timestamp>,
    quantiles: Vec<Quantile>,
}

impl Forecast {
    /// The steps right after the end of `history`. `values[q][k]`: level `levels[q]`, step `k`; sorted here, in the one
    /// place, so that quantiles never cross.
    ///
    /// # Panics
    /// If levels do not ascend or lack the median, rows differ in length, or a value is not finite.
    pub fn after(history: &TimeSeries<'_>, levels: &[f64], mut values: Vec<Vec<f64>>) -> Self {
        assert!(levels.len() == values.len() && levels.windows(2).all(|w| w[0] < w[1]), "ascending levels, a row each");
        assert!(levels.contains(&0.5), "the median is among the levels");
        let horizon = values[0].len();
        assert!(
            values.iter().all(|row| row.len() == horizon && row.iter().all(|v| v.is_finite())),
            "finite, equal rows"
        );
        let mut column = vec![0.0; levels.len()];
        for k in 0..horizon {
            for (c, row) in column.iter_mut().zip(&values) {
                *c = row[k];
            }
            column.sort_by(f64::total_cmp);
            for (c, row) in column.iter().zip(&mut values) {
                row[k] = *c;
            }
        }
        let times = (0..horizon).map(|k| history.time_at(history.len() + k)).collect();
        let quantiles = levels.iter().zip(values).map(|(&level, values)| Quantile { level, values }).collect();
        Self { key: history.key.to_vec(), times, quantiles }
    }

    /// The same forecast, of the first `steps` steps only.
    #[must_use]
    pub fn first(mut self, steps: usize) -> Self {
        self.times.truncate(steps);
        for quantile in &mut self.quantiles {
            quantile.values.truncate(steps);
        }
        self
    }

    /// The values of the id columns of the series that is forecast.
    pub fn key(&self) -> &[String] {
        &self.key
    }

    /// The future times, one a step.
    pub fn times(&self) -> &[Timestamp] {
        &self.times
    }

    /// All quantiles, by ascending level.
    pub fn quantiles(&self) -> &[Quantile] {
        &self.quantiles
    }

    /// The point forecast.
    ///
    /// # Panics
    /// Never: a forecast has its median.
    pub fn median(&self) -> &[f64] {
        self.quantile(0.5).expect("a forecast has its median")
    }

    /// One level's values, `None` for a level that was not asked for.
    pub fn quantile(&self, level: f64) -> Option<&[f64]> {
        self.quantiles.iter().find(|q| (q.level - level).abs() < 1e-9).map(|q| q.values.as_slice())
    }

    /// The central band that should hold `percent` of the outcomes: lower and upper bound a step.
    pub fn interval(&self, percent: f64) -> Option<(&[f64], &[f64])> {
        let tail = (1.0 - percent / 100.0) / 2.0;
        Some((self.quantile(tail)?, self.quantile(1.0 - tail)?))
    }
}
