//! Recursive ridge autoregression on lags, seasonal lags and Fourier terms: the linear baseline for the networks.
//!
//! [`crate::model::regression`] estimates the coefficients. Standard errors come from forecasts at rolling origins
//! within the history. One-step errors would not show how errors accumulate.

use crate::model::stat::method_fit::{PointWithStdErr, is_constant, seasonal_naive};
use crate::model::{regression::recursive_forecast, regression::series_view::SeriesView};
use crate::panel::TimeSeries;

/// The number of rolling origins.
const ORIGINS: usize = 5;
/// The minimum number of values; a shorter history has the seasonal naive forecast.
const MIN_VALUES: usize = 12;

pub(crate) fn point_with_std_err(history: &TimeSeries<'_>, seasons: &[usize], horizon: usize) -> PointWithStdErr {
    let length = history.len();
    let long_enough: Vec<usize> = seasons.iter().copied().filter(|m| *m > 1 && 2 * m + 2 <= length).collect();
    let view = SeriesView::without_covariates(history, &long_enough);
    let steps = horizon.min(length / 10).max(1);
    let origins = (0..=ORIGINS).rev().filter_map(|i| length.checked_sub(i * steps));
    let cutoffs: Vec<usize> = origins.filter(|cutoff| 2 * cutoff >= length).collect();
    let usable = length >= MIN_VALUES && !is_constant(history.values);
    let mut paths = if usable { recursive_forecast(view, None, horizon, cutoffs[0], &cutoffs) } else { Vec::new() };
    let path = paths.pop().flatten().filter(|path| path.iter().all(|v| v.is_finite()));
    let Some(median) = path else {
        return seasonal_naive(history, seasons.first().copied().unwrap_or(1), horizon);
    };
    // the sum and the count of squared errors at each step
    let mut sums = vec![(0.0, 0usize); steps];
    for (path, cutoff) in paths.iter().zip(&cutoffs).filter_map(|(path, cutoff)| Some((path.as_ref()?, cutoff))) {
        for (k, (squares, count)) in sums.iter_mut().enumerate() {
            if history.observed.get(cutoff + k) == Some(&true) {
                *squares += (history.values[cutoff + k] - path[k]).powi(2);
                *count += 1;
            }
        }
    }
    let degrees_of_freedom = sums.iter().map(|(_, count)| count).sum::<usize>().max(1);
    let (mut squares, mut count, mut largest) = (0.0, 0, 0.0_f64);
    let std_error = (0..horizon).map(|k| {
        // the mean over this and all earlier steps: errors do not shrink with the horizon
        if let Some(sum) = sums.get(k) {
            squares += sum.0;
            count += sum.1;
        }
        let growth = ((k + 1) as f64 / steps.min(k + 1) as f64).sqrt();
        largest = largest.max((squares / count.max(1) as f64).sqrt() * growth);
        largest
    });
    PointWithStdErr { median, std_error: std_error.collect(), degrees_of_freedom }
}
