//! Classical seasonal decomposition, and a test for a season.
//!
//! Hyndman & Athanasopoulos, *Forecasting: Principles and Practice* (3rd ed.), section 3.4; the test is that of the M4
//! competition (Makridakis, Spiliotis, Assimakopoulos 2020, *The M4 Competition*, International Journal of Forecasting
//! 36(1), appendix A).

use crate::model::stat::method_fit::MethodFit;
use crate::model::stat::stl::moving_average;

/// The smallest seasonal factor that values are divided by.
pub(crate) const MIN_SEASONAL_FACTOR: f64 = 0.01;
/// The normal quantile at level 0.95, for a two-sided test at 10 %.
const SIGNIFICANCE_QUANTILE: f64 = 1.644_853_626_951;
/// The number of last cycles that are enough to test for a long season.
const CYCLES_OF_TEST: usize = 8;

/// How a season enters the series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SeasonalType {
    /// Added to the adjusted value.
    Additive,
    /// Multiplied with the adjusted value; for positive values only.
    Multiplicative,
}

impl SeasonalType {
    pub(crate) fn apply(self, value: f64, season: f64) -> f64 {
        if self == Self::Additive { value + season } else { value * season }
    }

    pub(crate) fn remove(self, value: f64, season: f64) -> f64 {
        if self == Self::Additive { value - season } else { value / season }
    }

    /// The error of a seasonally adjusted value, in the unit of the original values.
    fn restore_error_scale(self, error: f64, season: f64) -> f64 {
        if self == Self::Additive { error } else { error * season }
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

/// The values of the last [`CYCLES_OF_TEST`] cycles.
pub(crate) fn recent(values: &[f64], season: usize) -> &[f64] {
    &values[values.len().saturating_sub(season.saturating_mul(CYCLES_OF_TEST))..]
}

/// Applies a method to seasonally adjusted values, and adds the season to its forecast.
///
/// Without a significant season, the input of `method` is the unchanged values. The adjusted values have the same
/// length.
pub(crate) fn with_season_removed(
    values: &[f64],
    season: usize,
    method: impl FnOnce(&[f64]) -> Option<MethodFit>,
) -> Option<MethodFit> {
    if !is_seasonal(values, season) {
        return method(values);
    }
    let (seasonal_type, seasonal_indices) = typed_seasonal_indices(values, season);
    let at = |t: usize| seasonal_indices[t % season];
    let adjusted: Vec<f64> = values.iter().enumerate().map(|(t, v)| seasonal_type.remove(*v, at(t))).collect();
    let mut fit = method(&adjusted)?;
    for (k, median) in fit.median.iter_mut().enumerate() {
        *median = seasonal_type.apply(*median, at(values.len() + k));
    }
    // the errors are those of the last positions
    let start = values.len() - fit.errors.len();
    for (t, error) in fit.errors.iter_mut().enumerate() {
        *error = seasonal_type.restore_error_scale(*error, at(start + t));
    }
    Some(fit)
}

/// The seasonal indices and their type: multiplicative if every value is positive and no factor is close to zero.
///
/// `values` contain at least two cycles.
fn typed_seasonal_indices(values: &[f64], season: usize) -> (SeasonalType, Vec<f64>) {
    if values.iter().all(|v| *v > 0.0) {
        let factors = seasonal_indices(values, season, SeasonalType::Multiplicative);
        if factors.iter().all(|factor| *factor >= MIN_SEASONAL_FACTOR) {
            return (SeasonalType::Multiplicative, factors);
        }
    }
    (SeasonalType::Additive, seasonal_indices(values, season, SeasonalType::Additive))
}

/// The seasonal index of each position. Their mean is 0, or 1 if they are multiplicative. Position 0 is that of the
/// first value.
///
/// `values` contain at least two cycles.
pub(crate) fn seasonal_indices(values: &[f64], season: usize, seasonal_type: SeasonalType) -> Vec<f64> {
    let (trend, half) = (centred_moving_average(values, season), season / 2);
    let (mut sums, mut counts) = (vec![0.0; season], vec![0.0; season]);
    for (t, trend) in trend.iter().enumerate() {
        sums[(t + half) % season] += seasonal_type.remove(values[t + half], *trend);
        counts[(t + half) % season] += 1.0;
    }
    let means: Vec<f64> = sums.iter().zip(&counts).map(|(sum, count): (&f64, &f64)| sum / count.max(1.0)).collect();
    let centre = means.iter().sum::<f64>() / season as f64;
    means.into_iter().map(|mean| seasonal_type.remove(mean, centre)).collect()
}

/// The centred moving average over a season, from position `season / 2` to the last with a whole season around it. The
/// two ends of an even season have half the weight.
fn centred_moving_average(values: &[f64], season: usize) -> Vec<f64> {
    let once = moving_average(values, season);
    if season.is_multiple_of(2) { moving_average(&once, 2) } else { once }
}

#[cfg(test)]
mod tests {
    use crate::model::stat::seasonal_adjustment::{SeasonalType, is_seasonal, seasonal_indices};

    #[test]
    fn seasonal_indices_on_a_line_are_exact() {
        let pattern = [3.0, -1.0, -4.0, 2.0];
        let values: Vec<f64> = (0..24).map(|t| 50.0 + 0.5 * t as f64 + pattern[t % 4]).collect();
        let found = seasonal_indices(&values, 4, SeasonalType::Additive);
        assert!(found.iter().zip(pattern).all(|(a, b)| (a - b).abs() < 1e-9), "{found:?}");
        assert!(is_seasonal(&values, 4) && !is_seasonal(&values, 5));
        let times: Vec<f64> = (0..24).map(|t| 50.0 * (1.0 + pattern[t % 4] / 10.0)).collect();
        let found = seasonal_indices(&times, 4, SeasonalType::Multiplicative);
        assert!(found.iter().zip(pattern).all(|(a, b)| (a - 1.0 - b / 10.0).abs() < 1e-9), "{found:?}");
    }

    #[test]
    fn two_cycles_of_any_season_have_seasonal_indices() {
        for season in 2..9 {
            let values: Vec<f64> = (0..2 * season).map(|t| (t % season) as f64).collect();
            let found = seasonal_indices(&values, season, SeasonalType::Additive);
            assert!(found.len() == season && found.iter().all(|v| v.is_finite()));
        }
    }
}
