//! Classical seasonal decomposition, and a test for a season.
//!
//! Hyndman & Athanasopoulos, *Forecasting: Principles and Practice* (3rd ed.), section 3.4; the test is that of the M4
//! competition (Makridakis, Spiliotis, Assimakopoulos 2020, *The M4 Competition*, International Journal of Forecasting
//! 36(1), appendix A).

use crate::model::stat::method_fit::{self, MethodFit};
use crate::model::stat::stl::moving_average;

/// The smallest seasonal factor that values are divided by.
pub(crate) const MIN_SEASONAL_FACTOR: f64 = 0.01;
/// The normal quantile at level 0.95, for a two-sided test at 10 %.
const SIGNIFICANCE_QUANTILE: f64 = 1.644_853_626_951;
const MIN_SEASONS_KEPT: usize = 6;

/// How a component enters a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Component {
    Additive,
    /// A season that is multiplied needs positive values.
    Multiplicative,
}

impl Component {
    pub(crate) fn apply(self, value: f64, season: f64) -> f64 {
        if self == Self::Additive { value + season } else { value * season }
    }

    pub(crate) fn remove(self, value: f64, season: f64) -> f64 {
        if self == Self::Additive { value - season } else { value / season }
    }
}

/// Whether the autocorrelation at the seasonal lag is significant at 10 %, two-sided.
///
/// There is no season if `season` is below 4 or `values` contain fewer than two cycles.
pub(crate) fn is_seasonal(values: &[f64], season: usize) -> bool {
    let n = values.len();
    if season < 4 || n < 2 * season {
        return false;
    }
    let mean = values.iter().sum::<f64>() / n as f64;
    let centred: Vec<f64> = values.iter().map(|v| v - mean).collect();
    let product = |lag: usize| centred.iter().zip(&centred[lag..]).map(|(a, b)| a * b).sum::<f64>();
    let variance = product(0);
    let before: f64 = (1..season).map(|lag| (product(lag) / variance).powi(2)).sum();
    let limit = SIGNIFICANCE_QUANTILE * ((1.0 + 2.0 * before) / n as f64).sqrt();
    (product(season) / variance).abs() > limit
}

/// Applies a method to scaled and seasonally adjusted values, and adds the season to its forecast.
///
/// At most `max_values` last values are used, or [`MIN_SEASONS_KEPT`] seasons if these are more. Without a significant
/// season, the values are not adjusted. The adjusted values have the same length.
pub(crate) fn fit_adjusted(
    values: &[f64],
    season: usize,
    (min_values, max_values): (usize, usize),
    horizon: usize,
    method: impl FnOnce(&[f64]) -> Option<MethodFit>,
) -> MethodFit {
    let max_values = max_values.max(MIN_SEASONS_KEPT.saturating_mul(season));
    method_fit::fit_scaled(values, (min_values, max_values), horizon, |values| {
        if !is_seasonal(values, season) {
            return method(values);
        }
        let (component, indices) = component_and_indices(values, season);
        let at = |t: usize| indices[t % season];
        let adjusted: Vec<f64> = values.iter().enumerate().map(|(t, v)| component.remove(*v, at(t))).collect();
        let mut fit = method(&adjusted)?;
        for (k, median) in fit.median.iter_mut().enumerate() {
            *median = component.apply(*median, at(values.len() + k));
        }
        // errors of the last positions, in the unit of the values
        let start = values.len() - fit.errors.len();
        if component == Component::Multiplicative {
            fit.errors.iter_mut().enumerate().for_each(|(t, error)| *error *= at(start + t));
        }
        Some(fit)
    })
}

/// The seasonal indices, multiplicative if every value is positive and no factor is close to zero.
///
/// `values` contain at least two cycles.
fn component_and_indices(values: &[f64], season: usize) -> (Component, Vec<f64>) {
    let is_positive = values.iter().all(|v| *v > 0.0);
    let factors = is_positive.then(|| seasonal_indices(values, season, Component::Multiplicative));
    if let Some(factors) = factors.filter(|factors| factors.iter().all(|factor| *factor >= MIN_SEASONAL_FACTOR)) {
        return (Component::Multiplicative, factors);
    }
    (Component::Additive, seasonal_indices(values, season, Component::Additive))
}

/// The seasonal index of each position. Their mean is 0, or 1 if they are multiplicative. Position 0 is that of the
/// first value.
///
/// `values` contain at least two cycles.
pub(crate) fn seasonal_indices(values: &[f64], season: usize, component: Component) -> Vec<f64> {
    let once = moving_average(values, season);
    // the centred moving average, in which the two ends of an even season have half the weight
    let trend = if season.is_multiple_of(2) { moving_average(&once, 2) } else { once };
    let half = season / 2;
    let mut sums = vec![(0.0, 0.0_f64); season];
    for (t, trend) in trend.iter().enumerate() {
        let (sum, count) = &mut sums[(t + half) % season];
        *sum += component.remove(values[t + half], *trend);
        *count += 1.0;
    }
    let means: Vec<f64> = sums.iter().map(|(sum, count)| sum / count.max(1.0)).collect();
    let centre = means.iter().sum::<f64>() / season as f64;
    means.into_iter().map(|mean| component.remove(mean, centre)).collect()
}

/// The additive [seasonal indices](seasonal_indices) of values of at least two cycles, shrunk to 0 if they may be chance.
///
/// The ratio F of the variance between the positions to that within a position is about 1 without a season. The factor
/// 1 − 1 / F would be that of James & Stein (1961), *Estimation with quadratic loss*. It is 1 − 2 / F here, because
/// a season that does not exist costs more than one that is too small.
pub(crate) fn shrunk_indices(values: &[f64], season: usize) -> Vec<f64> {
    if season < 2 {
        return vec![0.0];
    }
    let mut indices = seasonal_indices(values, season, Component::Additive);
    let squares = |all: &mut dyn Iterator<Item = f64>| all.map(|v| v * v).sum::<f64>();
    let cycles = values.len() as f64 / season as f64;
    let between = cycles * squares(&mut indices.iter().copied()) / (season - 1) as f64;
    // differences between values a season apart have twice the variance, and contain no trend
    let differences = values.len() - season;
    let within =
        squares(&mut (season..values.len()).map(|t| values[t] - values[t - season])) / (2 * differences) as f64;
    let factor = if between > 0.0 { (1.0 - 2.0 * within / between).max(0.0) } else { 0.0 };
    indices.iter_mut().for_each(|index| *index *= factor);
    indices
}
