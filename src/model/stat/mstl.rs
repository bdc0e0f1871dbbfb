//! Several seasons taken out one after the other by loess, what is left continued by exponential smoothing.
//!
//! Bandara, Hyndman, Bergmeir (2025), *MSTL: a seasonal-trend decomposition algorithm for time series with multiple
//! seasonal patterns*, International Journal of Operational Research 52(1). Each season's last round is repeated; windows
//! are 11 seasons for the shortest, 15 for the next, and so on, two passes where there are several.

use crate::model::stat::PointWithStdErr;
use crate::model::stat::ets;
use crate::model::stat::fit;
use crate::model::stat::fit::Fit;
use crate::model::stat::stl;
use crate::panel::series::TimeSeries;

/// Last values that are used, or as many as make [`ROUNDS`] of the longest season, if those are more.
const MOST: usize = 2000;
const ROUNDS: usize = 8;

pub(crate) fn outlook(history: &TimeSeries<'_>, seasons: &[usize], horizon: usize) -> PointWithStdErr {
    fit(history.values, seasons, horizon).outlook(history.observed)
}

pub(crate) fn fit(values: &[f64], seasons: &[usize], horizon: usize) -> Fit {
    around(values, seasons, horizon, |adjusted| ets::fit(adjusted, 1, horizon))
}

/// Takes the seasons out, lets `method` continue what is left, and puts them on again.
pub(crate) fn around(values: &[f64], seasons: &[usize], horizon: usize, method: impl FnOnce(&[f64]) -> Fit) -> Fit {
    let mut seasons: Vec<usize> = seasons.iter().copied().filter(|m| *m > 1 && values.len() / m >= 2).collect();
    seasons.sort_unstable();
    seasons.dedup();
    let Some(longest) = seasons.last() else { return method(values) };
    fit::fit(values, (1, MOST.max(ROUNDS.saturating_mul(*longest))), horizon, |values| {
        let (adjusted, parts) = decompose(values, &seasons);
        let mut fit = method(&adjusted);
        for (season, part) in seasons.iter().zip(&parts) {
            let last = &part[part.len() - season..];
            for (k, median) in fit.median.iter_mut().enumerate() {
                *median += last[k % season];
            }
        }
        Some(fit)
    })
}

/// The values without their seasons, and each season's part at every position. `seasons` ascend, and `values` hold each
/// of them twice.
fn decompose(values: &[f64], seasons: &[usize]) -> (Vec<f64>, Vec<Vec<f64>>) {
    let mut adjusted = values.to_vec();
    let mut parts = vec![vec![0.0; values.len()]; seasons.len()];
    for _ in 0..if seasons.len() > 1 { 2 } else { 1 } {
        for (rank, (season, part)) in seasons.iter().zip(&mut parts).enumerate() {
            adjusted.iter_mut().zip(part.iter()).for_each(|(v, s)| *v += s);
            *part = stl::decompose(&adjusted, *season, 11 + 4 * rank).seasonal;
            adjusted.iter_mut().zip(part.iter()).for_each(|(v, s)| *v -= s);
        }
    }
    (adjusted, parts)
}
