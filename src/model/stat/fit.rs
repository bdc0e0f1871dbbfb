//! What a method says of a slice of numbers, whatever they are.

use crate::model::power_of_two::power_of_two_scale;
use crate::model::stat::{PointWithStdErr, spread};

/// A fitted method: its forecast, and what its errors were.
#[derive(Debug, Clone)]
pub(crate) struct Fit {
    /// One value a step.
    pub(crate) median: Vec<f64>,
    /// One-step errors at the last positions of the history, the last one at its end.
    pub(crate) errors: Vec<f64>,
    /// The standard error of each step, in units of the errors' spread.
    pub(crate) growth: Vec<f64>,
    /// How many numbers were estimated.
    pub(crate) parameters: usize,
}

impl Fit {
    /// The last value, for histories too short to say more.
    pub(crate) fn naive(values: &[f64], horizon: usize) -> Self {
        let last = values.last().copied().unwrap_or(0.0);
        Self {
            median: vec![last; horizon],
            errors: values.windows(2).map(|w| w[1] - w[0]).collect(),
            growth: (1..=horizon).map(|h| (h as f64).sqrt()).collect(),
            parameters: 0,
        }
    }

    /// Medians and standard errors; what was not observed teaches no error.
    pub(crate) fn outlook(&self, observed: &[bool]) -> PointWithStdErr {
        let marks = &observed[observed.len().saturating_sub(self.errors.len())..];
        let errors: Vec<f64> = self.errors.iter().zip(marks).filter(|(_, seen)| **seen).map(|(e, _)| *e).collect();
        let (sigma, freedom) = spread(&errors, self.parameters.min(errors.len().saturating_sub(1)));
        PointWithStdErr { median: self.median.clone(), error: self.growth.iter().map(|g| g * sigma).collect(), freedom }
    }
}

/// Fits a method to at most `most` last values, brought to a common size: whatever their unit, the largest lies in
/// [512, 1024), by a power of two, so that nothing overflows and nothing is rounded. Constant, short and hopeless cases are
/// the naive forecast.
///
/// `least`: how many values the method needs, at least 1.
pub(crate) fn fit(
    values: &[f64],
    (least, most): (usize, usize),
    horizon: usize,
    method: impl FnOnce(&[f64]) -> Option<Fit>,
) -> Fit {
    let kept = &values[values.len().saturating_sub(most)..];
    let unit = power_of_two_scale(kept);
    let scaled: Vec<f64> = kept.iter().map(|v| v / unit).collect();
    let constant = scaled.windows(2).all(|w| w[0].total_cmp(&w[1]).is_eq());
    let found = if constant || scaled.len() < least { None } else { method(&scaled) };
    let sound = |fit: &Fit| {
        let all = fit.median.iter().chain(&fit.errors).chain(&fit.growth);
        fit.median.len() == horizon && all.into_iter().all(|v| v.is_finite())
    };
    let mut fit = found.filter(sound).unwrap_or_else(|| Fit::naive(&scaled, horizon));
    for v in fit.median.iter_mut().chain(&mut fit.errors) {
        *v = (*v * unit).clamp(f64::MIN, f64::MAX);
    }
    fit
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use crate::model::stat::{arima, croston, ets, mstl, theta};

    /// Every method that others call with numbers alone, on numbers nobody checked.
    fn everything(values: &[f64], season: usize, horizon: usize) -> Vec<(&'static str, Vec<f64>)> {
        vec![
            ("theta", theta::forecast(values, season, horizon)),
            ("ets", ets::auto(values, season, horizon)),
            ("arima", arima::fit(values, season, horizon).median),
            ("mstl", mstl::fit(values, &[season, 7 * season, season], horizon).median),
            ("croston", croston::forecast(values, horizon)),
        ]
    }

    fn odd_series() -> Vec<(&'static str, Vec<f64>)> {
        let wave = |t: usize, size: f64| size * (3.0 + (TAU * t as f64 / 7.0).sin() + (t % 5) as f64 / 7.0);
        let made = |f: &dyn Fn(usize) -> f64| (0..90).map(f).collect::<Vec<f64>>();
        vec![
            ("nothing", vec![]),
            ("one", vec![3.0]),
            ("two", vec![3.0, -4.0]),
            ("constant", vec![0.1; 50]),
            ("zeros", vec![0.0; 50]),
            ("negative zeros", made(&|t| if t % 2 == 0 { 0.0 } else { -0.0 })),
            ("huge", made(&|t| wave(t, 1e307))),
            ("huge both ways", made(&|t| if t % 2 == 0 { f64::MAX } else { f64::MIN })),
            ("tiny", made(&|t| wave(t, 1e-310))),
            ("tiny and huge", made(&|t| wave(t, if t % 9 == 0 { 1e300 } else { 1e-300 }))),
            ("negative", made(&|t| -wave(t, 40.0))),
            ("a step", made(&|t| if t < 45 { 1.0 } else { 1e9 })),
            ("one spike", made(&|t| if t == 60 { 1e12 } else { 0.0 })),
            ("spike at the end", made(&|t| if t == 89 { 1e200 } else { 1.0 })),
            ("growth", made(&|t| 1.9_f64.powi(t as i32))),
            ("fall", made(&|t| 0.3_f64.powi(t as i32))),
            ("season without noise", made(&|t| (t % 7) as f64)),
            ("a line", made(&|t| t as f64)),
            ("ten values", (0..10).map(|t| wave(t, 2.0)).collect()),
        ]
    }

    #[test]
    fn whatever_the_numbers_are_the_forecast_is_as_long_as_asked_and_finite() {
        for (name, values) in odd_series() {
            for season in [0, 1, 2, 3, 7, 12, 24, 25, 48, 1000] {
                for length in [values.len(), values.len().min(2 * season), values.len().min(13)] {
                    for (method, forecast) in everything(&values[..length], season, 9) {
                        assert_eq!(forecast.len(), 9, "{method}, {name}");
                        assert!(forecast.iter().all(|v| v.is_finite()), "{method}, {name}, {season}: {forecast:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_constant_stays_exactly_what_it_is() {
        for (method, forecast) in everything(&[0.1; 40], 7, 5) {
            assert!(forecast.iter().all(|v| (v - 0.1).abs() < f64::MIN_POSITIVE), "{method}: {forecast:?}");
        }
    }

    #[test]
    fn another_unit_gives_the_same_forecast_in_that_unit() {
        let values: Vec<f64> = (0..80).map(|t| f64::from(50 + t * 7919 % 13 + t % 12)).collect();
        let moved: Vec<f64> = values.iter().map(|v| v * 1024.0).collect();
        for ((method, a), (_, b)) in everything(&values, 12, 5).into_iter().zip(everything(&moved, 12, 5)) {
            assert!(a.iter().zip(&b).all(|(a, b)| (a * 1024.0 - b).abs() < 1e-9), "{method}: {a:?} {b:?}");
        }
    }
}
