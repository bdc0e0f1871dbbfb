//! Removal of several seasons, one after the other, by STL.
//!
//! Bandara, Hyndman, Bergmeir (2025), *MSTL: a seasonal-trend decomposition algorithm for time series with multiple
//! seasonal patterns*, International Journal of Operational Research 52(1). The forecast repeats the last cycle of each
//! season. The window covers 11 cycles of the shortest season, 15 of the next, and so on. Several seasons take two passes.

use crate::model::stat::method_fit::{self, MethodFit};
use crate::model::stat::stl;

/// Number of last values that are used, or [`MIN_SEASONS_KEPT`] of the longest season if these are more.
const MAX_VALUES: usize = 2000;
const MIN_SEASONS_KEPT: usize = 8;
/// The window of the seasonal smoother for the shortest season, in cycles, and its increment for each longer season.
const SHORTEST_SEASON_WINDOW: usize = 11;
const WINDOW_INCREMENT: usize = 4;

/// Removes the seasons, forecasts the remainder by `method`, and adds the seasons to the forecast.
pub(crate) fn with_seasons_removed(
    values: &[f64],
    seasons: &[usize],
    horizon: usize,
    method: impl FnOnce(&[f64]) -> MethodFit,
) -> MethodFit {
    let mut seasons: Vec<usize> = seasons.iter().copied().filter(|m| *m > 1 && values.len() / m >= 2).collect();
    seasons.sort_unstable();
    seasons.dedup();
    let Some(longest) = seasons.last() else { return method(values) };
    method_fit::fit_scaled(values, (1, MAX_VALUES.max(MIN_SEASONS_KEPT.saturating_mul(*longest))), horizon, |values| {
        let (adjusted, components) = decompose(values, &seasons);
        let mut fit = method(&adjusted);
        for (season, component) in seasons.iter().zip(&components) {
            let last = &component[component.len() - season..];
            for (k, median) in fit.median.iter_mut().enumerate() {
                *median += last[k % season];
            }
        }
        Some(fit)
    })
}

/// The seasonally adjusted values, and the component of each season at every position.
///
/// `seasons` ascend, and `values` contain at least two cycles of each.
fn decompose(values: &[f64], seasons: &[usize]) -> (Vec<f64>, Vec<Vec<f64>>) {
    let mut adjusted = values.to_vec();
    let mut components = vec![vec![0.0; values.len()]; seasons.len()];
    for _ in 0..if seasons.len() > 1 { 2 } else { 1 } {
        for (rank, (season, component)) in seasons.iter().zip(&mut components).enumerate() {
            adjusted.iter_mut().zip(component.iter()).for_each(|(v, s)| *v += s);
            *component = stl::decompose(&adjusted, *season, SHORTEST_SEASON_WINDOW + WINDOW_INCREMENT * rank).seasonal;
            adjusted.iter_mut().zip(component.iter()).for_each(|(v, s)| *v -= s);
        }
    }
    (adjusted, components)
}
