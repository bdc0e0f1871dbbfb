//! MSTL: several seasons are removed by STL, one after the other, and another method forecasts the remainder.
//!
//! Bandara, Hyndman, Bergmeir (2025), *MSTL: a seasonal-trend decomposition algorithm for time series with multiple
//! seasonal patterns*, International Journal of Operational Research 52(1). The forecast repeats the last cycle of each
//! season. The window covers 11 cycles of the shortest season, 15 of the next, and so on. Several seasons take two passes.

use crate::model::stat::method_fit::{self, MethodFit};
use crate::model::{stat::seasonal_adjustment::is_seasonal, stat::stl};

/// Number of last values that are used, or [`MIN_SEASONS_KEPT`] of the longest season if these are more.
const MAX_VALUES: usize = 2000;
const MIN_SEASONS_KEPT: usize = 8;
/// The window of the seasonal smoother for the shortest season, in cycles, and its increment for each longer season.
const SHORTEST_SEASON_WINDOW: usize = 11;
const WINDOW_INCREMENT: usize = 4;
/// The number of last cycles that are enough to test for a long season.
const CYCLES_OF_TEST: usize = 8;

/// A function from values, a season length and a horizon to a fit.
type Method = fn(&[f64], usize, usize) -> MethodFit;

/// Removes a season that is too long for `method`, if a test finds it in the last cycles.
pub(crate) fn fit_long_season(values: &[f64], season: usize, horizon: usize, method: Method) -> MethodFit {
    let recent = &values[values.len().saturating_sub(season.saturating_mul(CYCLES_OF_TEST))..];
    let seasons: &[usize] = if is_seasonal(recent, season) { &[season] } else { &[] };
    fit(values, seasons, horizon, method)
}

/// The values of each season, and the values without all of them. `seasons` ascend, and `values` contain two cycles of
/// the longest.
pub(crate) fn decompose(values: &[f64], seasons: &[usize]) -> (Vec<Vec<f64>>, Vec<f64>) {
    let mut adjusted = values.to_vec();
    let mut components = vec![vec![0.0; values.len()]; seasons.len()];
    for _ in 0..if seasons.len() > 1 { 2 } else { 1 } {
        for (rank, (season, component)) in seasons.iter().zip(&mut components).enumerate() {
            adjusted.iter_mut().zip(component.iter()).for_each(|(v, s)| *v += s);
            *component = stl::decompose(&adjusted, *season, SHORTEST_SEASON_WINDOW + WINDOW_INCREMENT * rank).0;
            adjusted.iter_mut().zip(component.iter()).for_each(|(v, s)| *v -= s);
        }
    }
    (components, adjusted)
}

/// Removes the seasons, forecasts the remainder by `method` without a season, and adds the seasons to the forecast.
pub(crate) fn fit(values: &[f64], seasons: &[usize], horizon: usize, method: Method) -> MethodFit {
    let mut seasons: Vec<usize> = seasons.iter().copied().filter(|m| *m > 1 && values.len() / m >= 2).collect();
    seasons.sort_unstable();
    seasons.dedup();
    let Some(longest) = seasons.last() else { return method(values, 1, horizon) };
    let max_values = MAX_VALUES.max(MIN_SEASONS_KEPT.saturating_mul(*longest));
    method_fit::fit_scaled(values, (1, max_values), horizon, |values| {
        let (components, adjusted) = decompose(values, &seasons);
        let mut fit = method(&adjusted, 1, horizon);
        for (season, component) in seasons.iter().zip(&components) {
            let last = &component[component.len() - season..];
            fit.median.iter_mut().zip(last.iter().cycle()).for_each(|(median, s)| *median += s);
        }
        Some(fit)
    })
}
