//! The median and two intervals of each step, which files and charts show.

use crate::forecast::quantile_forecast::Forecast;
use crate::forecast::totals::Total;

/// The positions in [`LEVELS`](crate::forecast::LEVELS) of the median, the 80 % interval and the 95 % interval.
const MEDIAN_THEN_INTERVALS: [usize; 5] = [2, 1, 3, 0, 4];

/// The median of a forecast and its central 80 % and 95 % intervals.
#[derive(Debug, Clone, Copy)]
pub struct StepValues<'a> {
    median: &'a [f64],
    interval_80: (&'a [f64], &'a [f64]),
    interval_95: (&'a [f64], &'a [f64]),
}

impl<'a> StepValues<'a> {
    /// The median and the intervals of a forecast.
    ///
    /// # Panics
    /// If the forecast lacks a level of [`LEVELS`](crate::forecast::LEVELS).
    pub fn of(forecast: &'a Forecast) -> Self {
        let interval = |percent| forecast.interval(percent).expect("a forecast with the levels of both intervals");
        Self { median: forecast.median(), interval_80: interval(80.0), interval_95: interval(95.0) }
    }

    /// Step `k`, counted from 0: the median, the lower and upper end of the 80 % interval, then those of the 95 % interval.
    pub fn at(&self, k: usize) -> [f64; 5] {
        [self.median[k], self.interval_80.0[k], self.interval_80.1[k], self.interval_95.0[k], self.interval_95.1[k]]
    }

    /// Whether the width of the 95 % interval is 0 at all steps.
    pub fn has_no_width(&self) -> bool {
        self.interval_95.0 == self.interval_95.1
    }
}

impl Total {
    /// The median of the sum, the lower and upper end of its 80 % interval, then those of its 95 % interval.
    ///
    /// # Panics
    /// If there are fewer quantiles than in [`LEVELS`](crate::forecast::LEVELS).
    pub fn step_values(&self) -> [f64; 5] {
        MEDIAN_THEN_INTERVALS.map(|level| self.quantiles[level])
    }
}
