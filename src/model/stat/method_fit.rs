//! Fitting of a method to values of any magnitude, with scaling, a fall-back to the naive forecast, and standard
//! errors.

use crate::model::power_of_two::power_of_two_scale;
use crate::model::stat::point_with_std_err::{PointWithStdErr, standard_deviation};

/// A fitted method: its forecast and its one-step errors.
#[derive(Debug, Clone)]
pub(crate) struct MethodFit {
    /// The median of each step of the horizon.
    pub(crate) median: Vec<f64>,
    /// One-step errors at the last positions of the history, in order.
    pub(crate) errors: Vec<f64>,
    /// The standard error of each step, relative to the standard deviation of the one-step errors.
    pub(crate) std_error_growth: Vec<f64>,
    /// The number of estimated parameters.
    pub(crate) parameters: usize,
}

impl MethodFit {
    /// The naive forecast, for histories that are too short.
    pub(crate) fn naive(values: &[f64], horizon: usize) -> Self {
        let last = values.last().copied().unwrap_or(0.0);
        Self {
            median: vec![last; horizon],
            errors: values.windows(2).map(|w| w[1] - w[0]).collect(),
            std_error_growth: (1..=horizon).map(|h| (h as f64).sqrt()).collect(),
            parameters: 0,
        }
    }

    /// Medians and standard errors. Errors at unobserved positions are ignored.
    pub(crate) fn point_with_std_err(&self, observed: &[bool]) -> PointWithStdErr {
        let observed = &observed[observed.len().saturating_sub(self.errors.len())..];
        let errors: Vec<f64> = self.errors.iter().zip(observed).filter(|(_, seen)| **seen).map(|(e, _)| *e).collect();
        let (sigma, degrees_of_freedom) =
            standard_deviation(&errors, self.parameters.min(errors.len().saturating_sub(1)));
        PointWithStdErr {
            median: self.median.clone(),
            std_error: self.std_error_growth.iter().map(|g| g * sigma).collect(),
            degrees_of_freedom,
        }
    }
}

/// Fits a method to at most `max_values` last values, after scaling.
///
/// The values are divided by a power of two, so that the largest lies in [512, 1024). Nothing overflows and nothing is
/// rounded. Constant series, fewer than `min_values` values and failed fits give the naive forecast.
pub(crate) fn fit_scaled(
    values: &[f64],
    (min_values, max_values): (usize, usize),
    horizon: usize,
    method: impl FnOnce(&[f64]) -> Option<MethodFit>,
) -> MethodFit {
    let kept = &values[values.len().saturating_sub(max_values)..];
    let scale = power_of_two_scale(kept);
    let scaled: Vec<f64> = kept.iter().map(|v| v / scale).collect();
    let constant = scaled.windows(2).all(|w| w[0].total_cmp(&w[1]).is_eq());
    let found = if constant || scaled.len() < min_values { None } else { method(&scaled) };
    let is_valid = |fit: &MethodFit| {
        let all = fit.median.iter().chain(&fit.errors).chain(&fit.std_error_growth);
        fit.median.len() == horizon && all.into_iter().all(|v| v.is_finite())
    };
    let mut fit = found.filter(is_valid).unwrap_or_else(|| MethodFit::naive(&scaled, horizon));
    for v in fit.median.iter_mut().chain(&mut fit.errors) {
        *v = (*v * scale).clamp(f64::MIN, f64::MAX);
    }
    fit
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use crate::model::stat::arima::search as arima;
    use crate::model::stat::ets::selection as ets;
    use crate::model::stat::{croston, mstl, theta};

    /// Every method that works on a slice.
    fn all_methods(values: &[f64], season: usize, horizon: usize) -> Vec<(&'static str, Vec<f64>)> {
        vec![
            ("theta", theta::fit(values, season, horizon).median),
            ("ets", ets::fit(values, season, horizon).median),
            ("arima", arima::fit(values, season, horizon).median),
            ("mstl", mstl::fit(values, &[season, 7 * season, season], horizon).median),
            ("croston", croston::fit(values, horizon).median),
        ]
    }

    fn extreme_series() -> Vec<(&'static str, Vec<f64>)> {
        let wave = |t: usize, size: f64| size * (3.0 + (TAU * t as f64 / 7.0).sin() + (t % 5) as f64 / 7.0);
        let series = |f: &dyn Fn(usize) -> f64| (0..90).map(f).collect::<Vec<f64>>();
        vec![
            ("nothing", vec![]),
            ("one", vec![3.0]),
            ("two", vec![3.0, -4.0]),
            ("constant", vec![0.1; 50]),
            ("zeros", vec![0.0; 50]),
            ("negative zeros", series(&|t| if t % 2 == 0 { 0.0 } else { -0.0 })),
            ("huge", series(&|t| wave(t, 1e307))),
            ("huge both ways", series(&|t| if t % 2 == 0 { f64::MAX } else { f64::MIN })),
            ("tiny", series(&|t| wave(t, 1e-310))),
            ("tiny and huge", series(&|t| wave(t, if t % 9 == 0 { 1e300 } else { 1e-300 }))),
            ("negative", series(&|t| -wave(t, 40.0))),
            ("a step", series(&|t| if t < 45 { 1.0 } else { 1e9 })),
            ("one spike", series(&|t| if t == 60 { 1e12 } else { 0.0 })),
            ("spike at the end", series(&|t| if t == 89 { 1e200 } else { 1.0 })),
            ("growth", series(&|t| 1.9_f64.powi(t as i32))),
            ("fall", series(&|t| 0.3_f64.powi(t as i32))),
            ("season without noise", series(&|t| (t % 7) as f64)),
            ("a line", series(&|t| t as f64)),
            ("ten values", (0..10).map(|t| wave(t, 2.0)).collect()),
        ]
    }

    #[test]
    fn forecasts_of_extreme_values_are_finite_and_as_long_as_the_horizon() {
        for (name, values) in extreme_series() {
            for season in [0, 1, 2, 3, 7, 12, 24, 25, 48, 1000] {
                for length in [values.len(), values.len().min(2 * season), values.len().min(13)] {
                    for (method, forecast) in all_methods(&values[..length], season, 9) {
                        assert_eq!(forecast.len(), 9, "{method}, {name}");
                        assert!(forecast.iter().all(|v| v.is_finite()), "{method}, {name}, {season}: {forecast:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_forecast_of_a_constant_series_is_that_constant() {
        for (method, forecast) in all_methods(&[0.1; 40], 7, 5) {
            assert!(forecast.iter().all(|v| (v - 0.1).abs() < f64::MIN_POSITIVE), "{method}: {forecast:?}");
        }
    }

    #[test]
    fn scaling_the_values_scales_the_forecast() {
        let values: Vec<f64> = (0..80).map(|t| f64::from(50 + t * 7919 % 13 + t % 12)).collect();
        let scaled: Vec<f64> = values.iter().map(|v| v * 1024.0).collect();
        for ((method, a), (_, b)) in all_methods(&values, 12, 5).into_iter().zip(all_methods(&scaled, 12, 5)) {
            assert!(a.iter().zip(&b).all(|(a, b)| (a * 1024.0 - b).abs() < 1e-9), "{method}: {a:?} {b:?}");
        }
    }
}
