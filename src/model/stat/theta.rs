//! The dynamic optimised Theta method on seasonally adjusted values.
//!
//! Assimakopoulos & Nikolopoulos (2000), *The theta model*, International Journal of Forecasting 16(4); Fiorucci,
//! Pellegrini, Louzada, Petropoulos, Koehler (2016), *Models for optimising the theta method*, ibid. 32(4). Level,
//! smoothing and theta are estimated together, with the bounds and the criterion of `StatsForecast`'s
//! `DynamicOptimizedTheta`. The static variants, among which `AutoTheta` selects by in-sample error, were less accurate
//! on M4. They extrapolate the line through a short history too far.

use crate::model::stat::nelder_mead::{self, BoundedParameter, StoppingRule};
use crate::model::{stat::method_fit::MethodFit, stat::seasonal_adjustment::fit_adjusted};

const MAX_VALUES: usize = 1000;
/// Number of first errors that the criterion ignores.
const BURN_IN: usize = 3;

/// The fit to `values`, with a finite forecast of the next `horizon` values. A test decides whether there is a season.
pub(crate) fn fit(values: &[f64], season: usize, horizon: usize) -> MethodFit {
    fit_adjusted(values, season, (BURN_IN + 1, MAX_VALUES), horizon, |values| {
        let start = BoundedParameter::new(values[0] / 2.0, -1e10, 1e10);
        let alpha = BoundedParameter::new(0.5, 0.1, 0.99);
        let theta = BoundedParameter::new(2.0, 1.0, 1e10);
        let scale = values.iter().map(|v| v.abs()).sum::<f64>() / values.len() as f64;
        let loss = |x: &[f64]| {
            let mut sum = 0.0;
            ThetaParams::of(x).smooth(values, |error| sum += error * error);
            sum / scale
        };
        let (best, _) = nelder_mead::minimise(&[start, alpha, theta], StoppingRule::DEFAULT, loss);
        Some(ThetaParams::of(&best).fit(values, horizon))
    })
}

#[derive(Debug, Clone, Copy)]
struct ThetaParams {
    /// The smoothed value before the first value.
    start: f64,
    alpha: f64,
    theta: f64,
}

/// The state after `count` values.
#[derive(Debug, Clone, Copy)]
struct ThetaState {
    /// The number of values so far.
    count: f64,
    level: f64,
    mean: f64,
    /// The value of the trend line before the first position, and its slope.
    intercept: f64,
    slope: f64,
    /// `(1 - alpha)` to the power of `count`.
    decay: f64,
}

impl ThetaParams {
    fn of(x: &[f64]) -> Self {
        Self { start: x[0], alpha: x[1], theta: x[2] }
    }

    fn expected_value(self, state: &ThetaState) -> f64 {
        let line = state.intercept * state.decay + state.slope * (1.0 - state.decay * (1.0 - self.alpha)) / self.alpha;
        state.level + (1.0 - 1.0 / self.theta) * line
    }

    fn update(self, state: &mut ThetaState, value: f64) {
        let i = state.count;
        state.level = self.alpha * value + (1.0 - self.alpha) * state.level;
        // both divisors depend on the count alone, which shortens the dependency chain between values
        let (next, after) = (1.0 / (i + 1.0), 1.0 / (i + 2.0));
        let deviation = (value - state.mean) * next;
        state.mean += deviation;
        state.slope = ((i - 1.0) * state.slope + 6.0 * deviation) * after;
        state.intercept = state.mean - state.slope * (i + 2.0) / 2.0;
        state.decay *= 1.0 - self.alpha;
        state.count += 1.0;
    }

    /// Smooths the values, reports each one-step error of the criterion, and returns the final state.
    fn smooth(self, values: &[f64], mut on_error: impl FnMut(f64)) -> ThetaState {
        let first = values[0];
        let level = self.alpha * first + (1.0 - self.alpha) * self.start;
        let mut state =
            ThetaState { count: 1.0, level, mean: first, intercept: first, slope: 0.0, decay: 1.0 - self.alpha };
        // the first value defines the line
        for (t, value) in values.iter().enumerate().skip(1) {
            let error = value - self.expected_value(&state);
            if t >= BURN_IN {
                on_error(error);
            }
            self.update(&mut state, *value);
        }
        state
    }

    fn fit(self, values: &[f64], horizon: usize) -> MethodFit {
        let mut errors = Vec::with_capacity(values.len());
        let mut state = self.smooth(values, |error| errors.push(error));
        let mut median = Vec::with_capacity(horizon);
        for _ in 0..horizon {
            let expected = self.expected_value(&state);
            self.update(&mut state, expected);
            median.push(expected);
        }
        let std_error_growth = (0..horizon).map(|k| (1.0 + k as f64 * self.alpha * self.alpha).sqrt()).collect();
        MethodFit { median, errors, std_error_growth, parameters: 3 }
    }
}
