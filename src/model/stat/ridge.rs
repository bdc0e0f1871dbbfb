//! Ridge autoregression on lags, seasonal lags and the calendar's phases, one step at a time: linear regression where it
//! is hard to beat, and what a network has to be better than.
//!
//! Coefficients by [`crate::model::regression`]. How far off it is at each step comes from what it says at rolling origins
//! within the history, since errors of its one-step fit would not show how they add up.

use crate::model::regression::recursive;
use crate::model::regression::series_view::SeriesView;
use crate::model::stat::PointWithStdErr;
use crate::model::stat::seasonal_naive;
use crate::panel::series::TimeSeries;

/// Rolling origins.
const ORIGINS: usize = 5;

pub(crate) fn outlook(history: &TimeSeries<'_>, seasons: &[usize], horizon: usize) -> PointWithStdErr {
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
        if length < 12 || constant { Vec::new() } else { recursive::forecast(view, None, horizon, &cutoffs) };
    let found = paths.pop().flatten().filter(|path| path.iter().all(|v| v.is_finite()));
    let Some(median) = found else {
        return seasonal_naive::outlook(history, seasons.first().copied().unwrap_or(1), horizon);
    };
    // a sum of squares and a count for each step
    let mut sums = vec![(0.0, 0usize); steps];
    for (path, cutoff) in paths.iter().zip(&cutoffs).filter_map(|(path, cutoff)| Some((path.as_ref()?, cutoff))) {
        for (k, sum) in sums.iter_mut().enumerate() {
            if history.observed.get(cutoff + k) == Some(&true) {
                *sum = (sum.0 + (history.values[cutoff + k] - path[k]).powi(2), sum.1 + 1);
            }
        }
    }
    let freedom = sums.iter().map(|(_, count)| count).sum::<usize>().max(1);
    let (mut squares, mut count) = (0.0, 0.0);
    let mut error = Vec::with_capacity(horizon);
    for k in 0..horizon {
        // the mean over the steps so far: what lies further ahead is not surer
        if let Some(sum) = sums.get(k) {
            squares += sum.0;
            count += sum.1 as f64;
        }
        let so_far = (squares / f64::max(count, 1.0)).sqrt();
        let grown = (f64::from((k + 1) as u32) / f64::from(steps.min(k + 1) as u32)).sqrt();
        error.push(so_far * grown);
    }
    for k in 1..horizon {
        error[k] = error[k].max(error[k - 1]);
    }
    PointWithStdErr { median, error, freedom }
}
