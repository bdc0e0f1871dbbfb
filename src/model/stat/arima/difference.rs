//! Differences, and tests for their number.

use crate::model::stat::stl;
use crate::model::transform::mean_and_deviation;

const MIN_SEASONAL_STRENGTH: f64 = 0.64;
/// The critical value of the KPSS statistic at 5 %.
const KPSS_CRITICAL_VALUE: f64 = 0.463;
const MAX_DIFFERENCES: usize = 2;

/// The differences between values that are `lag` steps apart.
pub(crate) fn difference(values: &[f64], lag: usize) -> Vec<f64> {
    values.iter().zip(values.iter().skip(lag)).map(|(before, after)| after - before).collect()
}

/// The lags of the differences that make the values stationary.
pub(crate) fn difference_lags(values: &[f64], season: usize) -> Vec<usize> {
    let seasonal = season > 1 && values.len() > 2 * season && has_strong_season(values, season);
    let rest = if seasonal { difference(values, season) } else { values.to_vec() };
    let plain = std::iter::repeat_n(1, differences_to_stationarity(&rest));
    seasonal.then_some(season).into_iter().chain(plain).collect()
}

/// Whether a seasonal difference is needed, because the seasonal strength of Wang, Smith, Hyndman (2006),
/// *Characteristic-based clustering for time series data*, Data Mining and Knowledge Discovery 13(3), is high.
fn has_strong_season(values: &[f64], season: usize) -> bool {
    let (seasonal, trend) = stl::decompose(values, season, 11);
    let detrended: Vec<f64> = values.iter().zip(&trend).map(|(v, t)| v - t).collect();
    let remainder: Vec<f64> = detrended.iter().zip(&seasonal).map(|(v, s)| v - s).collect();
    let [rest, all] = [&remainder, &detrended].map(|values| mean_and_deviation(values).1);
    1.0 - (rest / all).powi(2) > MIN_SEASONAL_STRENGTH
}

/// The number of differences with lag 1 that make the level stationary, at most [`MAX_DIFFERENCES`].
///
/// The test is that of Kwiatkowski, Phillips, Schmidt, Shin (1992), *Testing the null hypothesis of stationarity
/// against the alternative of a unit root*, Journal of Econometrics 54, at 5 %.
fn differences_to_stationarity(values: &[f64]) -> usize {
    let mut values = values.to_vec();
    for d in 0..MAX_DIFFERENCES {
        if is_nearly_constant(&values) || kpss_statistic(&values) <= KPSS_CRITICAL_VALUE {
            return d;
        }
        values = difference(&values, 1);
    }
    MAX_DIFFERENCES
}

fn kpss_statistic(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let centred: Vec<f64> = values.iter().map(|v| v - mean).collect();
    let lags = (3.0 * n.sqrt() / 13.0).floor() as usize;
    let product = |lag: usize| centred.iter().zip(&centred[lag..]).map(|(a, b)| a * b).sum::<f64>();
    let weighted: f64 = (1..=lags).map(|lag| 2.0 * product(lag) * (1.0 - lag as f64 / (lags + 1) as f64)).sum();
    let long_run = (product(0) + weighted) / n;
    let (mut sum, mut squares) = (0.0, 0.0);
    for c in &centred {
        sum += c;
        squares += sum * sum;
    }
    squares / (n * n) / long_run
}

pub(crate) fn is_nearly_constant(values: &[f64]) -> bool {
    values.iter().all(|v| (v - values[0]).abs() < 1e-9)
}
