//! The simplest methods: the naive, the seasonal naive and the drift forecast, and the mean.

use crate::model::stat::method_fit::{PointWithStdErr, observed_values};
use crate::panel::TimeSeries;

/// The last value, which is the optimal forecast of a random walk.
pub(crate) fn naive(history: &TimeSeries<'_>, horizon: usize) -> PointWithStdErr {
    let last = history.values[history.len() - 1];
    let growth = (1..=horizon).map(|h| (h as f64).sqrt());
    PointWithStdErr::new(vec![last; horizon], &lag_errors(history, 1, 0.0), 0, growth)
}

/// The value one season earlier. It is the baseline with which every model is compared.
pub(crate) fn seasonal_naive(history: &TimeSeries<'_>, season: usize, horizon: usize) -> PointWithStdErr {
    if history.len() <= season {
        return naive(history, horizon);
    }
    let last = &history.values[history.len() - season..];
    let median = (0..horizon).map(|k| last[k % season]).collect();
    let growth = (0..horizon).map(|k| ((k / season + 1) as f64).sqrt());
    PointWithStdErr::new(median, &lag_errors(history, season, 0.0), 0, growth)
}

/// The line through the first and the last value.
pub(crate) fn drift(history: &TimeSeries<'_>, horizon: usize) -> PointWithStdErr {
    let (first, last, steps) = (history.values[0], history.values[history.len() - 1], history.len() - 1);
    if steps == 0 {
        return naive(history, horizon);
    }
    let slope = (last - first) / steps as f64;
    let median = (1..=horizon).map(|h| last + slope * h as f64).collect();
    let growth = (1..=horizon).map(|h| (h as f64 * (1.0 + h as f64 / steps as f64)).sqrt());
    PointWithStdErr::new(median, &lag_errors(history, 1, slope), 1, growth)
}

/// The mean of the observed values, which is the optimal forecast of noise around a level.
pub(crate) fn mean(history: &TimeSeries<'_>, horizon: usize) -> PointWithStdErr {
    let observed = observed_values(history);
    let count = observed.len() as f64;
    // subtracting the first value makes the mean of a constant series exact
    let mean = observed[0] + observed.iter().map(|value| value - observed[0]).sum::<f64>() / count;
    let errors: Vec<f64> = observed.iter().map(|value| value - mean).collect();
    PointWithStdErr::new(vec![mean; horizon], &errors, 1, vec![(1.0 + 1.0 / count).sqrt(); horizon])
}

/// The errors of a forecast of each value by the value `lag` steps earlier plus `slope`, if both were observed.
fn lag_errors(history: &TimeSeries<'_>, lag: usize, slope: f64) -> Vec<f64> {
    (lag..history.len())
        .filter(|&t| history.observed[t] && history.observed[t - lag])
        .map(|t| history.values[t] - history.values[t - lag] - slope)
        .collect()
}
