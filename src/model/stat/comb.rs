//! Comb: the mean of simple, Holt's and damped exponential smoothing of seasonally adjusted values.
//!
//! The "Comb" benchmark of the M3 and M4 competitions (Makridakis, Hibon 2000, *The M3-Competition*, International
//! Journal of Forecasting 16(4)). The three methods follow a trend to different degrees, so their mean follows part of
//! it.

use crate::model::stat::ets;
use crate::model::stat::method_fit::MethodFit;
use crate::model::stat::seasonal_adjustment::fit_adjusted;

const MAX_VALUES: usize = 500;
/// Minimum number of values; Holt's method has too many parameters for fewer.
const MIN_VALUES: usize = 7;

/// The fit to `values`, with a finite forecast of the next `horizon` values. A test decides whether there is a season.
pub(crate) fn fit(values: &[f64], season: usize, horizon: usize) -> MethodFit {
    fit_adjusted(values, season, (MIN_VALUES, MAX_VALUES), horizon, |adjusted| mean_of_three(adjusted, horizon))
}

fn mean_of_three(values: &[f64], horizon: usize) -> Option<MethodFit> {
    let fits = ets::simple_holt_damped(values, horizon)?;
    let mean = |of: fn(&MethodFit) -> &Vec<f64>| -> Vec<f64> {
        let at = |i: usize| fits.iter().map(|fit| of(fit)[i]).sum::<f64>() / fits.len() as f64;
        (0..of(&fits[0]).len()).map(at).collect()
    };
    Some(MethodFit {
        median: mean(|fit| &fit.median),
        errors: mean(|fit| &fit.errors),
        std_error_growth: mean(|fit| &fit.std_error_growth),
        parameters: fits.iter().map(|fit| fit.parameters).max().unwrap_or(0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forecast_is_the_mean_of_the_three_methods() {
        let values: Vec<f64> =
            (0..50).map(|t| (f64::from(t) * 0.3).sin() + f64::from(t * 7919 % 101) / 500.0).collect();
        let three = ets::simple_holt_damped(&values, 5).expect("long enough");
        for (k, predicted) in fit(&values, 1, 5).median.iter().enumerate() {
            let mean = three.iter().map(|fit| fit.median[k]).sum::<f64>() / 3.0;
            assert!((predicted - mean).abs() < 1e-3, "step {k}: {predicted}, the three: {mean}");
        }
    }
}
