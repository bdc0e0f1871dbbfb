//! Comb: the mean of simple, Holt's and damped exponential smoothing of seasonally adjusted values.
//!
//! The "Comb" benchmark of the M3 and M4 competitions (Makridakis, Hibon 2000, *The M3-Competition*, International
//! Journal of Forecasting 16(4)). The three methods follow a trend to different degrees, so their mean follows part of
//! it.

use crate::model::stat::ets::selection as ets;
use crate::model::stat::method_fit::{self, MethodFit};
use crate::model::stat::seasonal_adjustment;

/// Number of last values that are used, or [`MIN_SEASONS_KEPT`] seasons if these are more.
const MAX_VALUES: usize = 500;
const MIN_SEASONS_KEPT: usize = 6;
/// Minimum number of values; Holt's method has too many parameters for fewer.
const MIN_VALUES: usize = 7;

/// The fit to `values`, with a finite forecast of the next `horizon` values.
///
/// `season` is the candidate season length; a test decides whether there is a season.
pub(crate) fn fit(values: &[f64], season: usize, horizon: usize) -> MethodFit {
    let max_values = MAX_VALUES.max(MIN_SEASONS_KEPT.saturating_mul(season));
    method_fit::fit_scaled(values, (MIN_VALUES, max_values), horizon, |values| {
        seasonal_adjustment::with_season_removed(values, season, |adjusted| mean_of_three(adjusted, horizon))
    })
}

fn mean_of_three(values: &[f64], horizon: usize) -> Option<MethodFit> {
    let fits = ets::simple_holt_damped(values, horizon)?;
    let mean = |of: fn(&MethodFit) -> &Vec<f64>| -> Vec<f64> {
        let length = fits.iter().map(|fit| of(fit).len()).min().unwrap_or(0);
        let back = |fit: &MethodFit, i: usize| of(fit)[of(fit).len() - length + i];
        (0..length).map(|i| fits.iter().map(|fit| back(fit, i)).sum::<f64>() / fits.len() as f64).collect()
    };
    let parameters = fits.iter().map(|fit| fit.parameters).max().unwrap_or(0);
    Some(MethodFit {
        median: mean(|f| &f.median),
        errors: mean(|f| &f.errors),
        std_error_growth: mean(|f| &f.std_error_growth),
        parameters,
    })
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;
    use rand_distr::StandardNormal;

    use super::*;

    fn noisy(value: impl Fn(usize) -> f64, count: usize) -> Vec<f64> {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        (0..count).map(|t| value(t) + 0.1 * rng.sample::<f64, _>(StandardNormal)).collect()
    }

    #[test]
    fn the_forecast_follows_part_of_a_trend() {
        let values = noisy(|t| 50.0 + 0.5 * t as f64, 80);
        let path = fit(&values, 1, 10).median;
        let (flat, line) = (50.0 + 0.5 * 79.0, 50.0 + 0.5 * 89.0);
        // one of the methods follows the whole trend, another follows none of it
        let third = (line - flat) / 3.0;
        assert!(path[9] > flat + 0.8 * third && path[9] < line - 0.8 * third, "{path:?}");
        assert!(path.is_sorted(), "{path:?}");
    }

    #[test]
    fn the_forecast_contains_the_season() {
        let wave = [30.0, -10.0, -30.0, 10.0];
        let path = fit(&noisy(|t| 200.0 + wave[t % 4], 60), 4, 8).median;
        for (k, predicted) in path.iter().enumerate() {
            assert!((predicted - 200.0 - wave[k % 4]).abs() < 1.5, "step {k}: {predicted}");
        }
    }

    #[test]
    fn the_forecast_is_the_mean_of_the_three_methods() {
        let values = noisy(|t| (t as f64 * 0.3).sin(), 50);
        let three = ets::simple_holt_damped(&values, 5).expect("long enough");
        for (k, predicted) in fit(&values, 1, 5).median.iter().enumerate() {
            let mean = three.iter().map(|fit| fit.median[k]).sum::<f64>() / 3.0;
            assert!((predicted - mean).abs() < 1e-3, "step {k}: {predicted}, the three: {mean}");
        }
    }
}
