//! The simplest methods: the naive, the seasonal naive and the drift forecast, and the mean.

use crate::model::stat::point_with_std_err::{PointWithStdErr, lag_errors, observed_values, standard_deviation};
use crate::panel::series::TimeSeries;

/// The last value, which is the optimal forecast of a random walk.
pub(crate) fn naive(history: &TimeSeries<'_>, horizon: usize) -> PointWithStdErr {
    let (sigma, degrees_of_freedom) = standard_deviation(&lag_errors(history, 1, 0.0), 0);
    let last = history.values[history.len() - 1];
    let std_error = (1..=horizon).map(|h| sigma * (h as f64).sqrt()).collect();
    PointWithStdErr { median: vec![last; horizon], std_error, degrees_of_freedom }
}

/// The value one season earlier. It is the baseline with which every model is compared.
pub(crate) fn seasonal_naive(history: &TimeSeries<'_>, season: usize, horizon: usize) -> PointWithStdErr {
    if history.len() <= season {
        return naive(history, horizon);
    }
    let (sigma, degrees_of_freedom) = standard_deviation(&lag_errors(history, season, 0.0), 0);
    let last = &history.values[history.len() - season..];
    let median = (0..horizon).map(|k| last[k % season]).collect();
    let std_error = (0..horizon).map(|k| sigma * ((k / season + 1) as f64).sqrt()).collect();
    PointWithStdErr { median, std_error, degrees_of_freedom }
}

/// The line through the first and the last value.
pub(crate) fn drift(history: &TimeSeries<'_>, horizon: usize) -> PointWithStdErr {
    let (first, last, steps) = (history.values[0], history.values[history.len() - 1], history.len() - 1);
    if steps == 0 {
        return naive(history, horizon);
    }
    let slope = (last - first) / steps as f64;
    let (sigma, degrees_of_freedom) = standard_deviation(&lag_errors(history, 1, slope), 1);
    let median = (1..=horizon).map(|h| last + slope * h as f64).collect();
    let std_error = (1..=horizon).map(|h| sigma * (h as f64 * (1.0 + h as f64 / steps as f64)).sqrt()).collect();
    PointWithStdErr { median, std_error, degrees_of_freedom }
}

/// The mean of the observed values, which is the optimal forecast of noise around a level.
pub(crate) fn mean(history: &TimeSeries<'_>, horizon: usize) -> PointWithStdErr {
    let observed = observed_values(history);
    let count = observed.len() as f64;
    // subtracting the first value makes the mean of a constant series exact
    let mean = observed[0] + observed.iter().map(|value| value - observed[0]).sum::<f64>() / count;
    let errors: Vec<f64> = observed.iter().map(|value| value - mean).collect();
    let (sigma, degrees_of_freedom) = standard_deviation(&errors, 1);
    PointWithStdErr {
        median: vec![mean; horizon],
        std_error: vec![sigma * (1.0 + 1.0 / count).sqrt(); horizon],
        degrees_of_freedom,
    }
}
