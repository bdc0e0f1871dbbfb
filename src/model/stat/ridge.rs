//! Recursive ridge autoregression on lags, seasonal lags and Fourier terms.
//!
//! It is the linear baseline for the networks.
//!
//! [`crate::model::regression`] estimates the coefficients. Standard errors come from forecasts at rolling origins
//! within the history. One-step errors would not show how errors accumulate.

use crate::model::regression::recursive_forecast;
use crate::model::regression::series_view::SeriesView;
use crate::model::stat::method_fit::PointWithStdErr;
use crate::model::stat::simple;
use crate::panel::series::TimeSeries;

/// The number of rolling origins.
const ORIGINS: usize = 5;
/// The minimum number of values; a shorter history has the seasonal naive forecast.
const MIN_VALUES: usize = 12;

pub(crate) fn point_with_std_err(history: &TimeSeries<'_>, seasons: &[usize], horizon: usize) -> PointWithStdErr {
    let length = history.len();
    let usable: Vec<usize> = seasons.iter().copied().filter(|m| *m > 1 && 2 * m + 2 <= length).collect();
    let view = SeriesView {
        values: history.values,
        observed: history.observed,
        seasons: &usable,
        ordinal: history.frequency.ordinal(history.start),
        exogenous: None,
    };
    let steps = horizon.min(length / 10).max(1);
    let mut cutoffs: Vec<usize> = (1..=ORIGINS).rev().filter_map(|i| length.checked_sub(i * steps)).collect();
    cutoffs.retain(|cutoff| 2 * cutoff >= length);
    cutoffs.push(length);
    let constant = history.values.windows(2).all(|pair| pair[0].total_cmp(&pair[1]).is_eq());
    let mut paths =
        if length < MIN_VALUES || constant { Vec::new() } else { recursive_forecast(view, None, horizon, &cutoffs) };
    let path = paths.pop().flatten().filter(|path| path.iter().all(|v| v.is_finite()));
    let Some(median) = path else {
        return simple::seasonal_naive(history, seasons.first().copied().unwrap_or(1), horizon);
    };
    // the sum of squares and the count for each step
    let mut sums = vec![(0.0, 0usize); steps];
    for (path, cutoff) in paths.iter().zip(&cutoffs).filter_map(|(path, cutoff)| Some((path.as_ref()?, cutoff))) {
        for (k, sum) in sums.iter_mut().enumerate() {
            if history.observed.get(cutoff + k) == Some(&true) {
                *sum = (sum.0 + (history.values[cutoff + k] - path[k]).powi(2), sum.1 + 1);
            }
        }
    }
    let degrees_of_freedom = sums.iter().map(|(_, count)| count).sum::<usize>().max(1);
    let (mut squares, mut count) = (0.0, 0.0);
    let mut std_error = Vec::with_capacity(horizon);
    for k in 0..horizon {
        // the mean over this and all earlier steps: errors do not shrink with the horizon
        if let Some(sum) = sums.get(k) {
            squares += sum.0;
            count += sum.1 as f64;
        }
        let mean_error = (squares / f64::max(count, 1.0)).sqrt();
        let growth = (f64::from((k + 1) as u32) / f64::from(steps.min(k + 1) as u32)).sqrt();
        std_error.push(mean_error * growth);
    }
    for k in 1..horizon {
        std_error[k] = std_error[k].max(std_error[k - 1]);
    }
    PointWithStdErr { median, std_error, degrees_of_freedom }
}
