//! The dynamic optimised Theta method: exponential smoothing of the data bent around their line so far, after the season
//! is taken out.
//!
//! Assimakopoulos & Nikolopoulos (2000), *The theta model*, International Journal of Forecasting 16(4); Fiorucci,
//! Pellegrini, Louzada, Petropoulos, Koehler (2016), *Models for optimising the theta method*, ibid. 32(4). Level,
//! smoothing and theta are estimated together, with the bounds and the criterion of `StatsForecast`'s
//! `DynamicOptimizedTheta`. Its static relatives, among which `AutoTheta` chooses by the error within the history, were
//! worse on M4: a line through short histories that bend is followed too far.

use crate::model::stat::PointWithStdErr;
use crate::model::stat::fit;
use crate::model::stat::fit::Fit;
use crate::model::stat::nelder_mead;
use crate::model::stat::nelder_mead::{Bounded, Until};
use crate::model::stat::seasonal_adjustment;
use crate::panel::series::TimeSeries;

/// Last values that are used, or as many as make [`SEASONS`], if those are more.
const MOST: usize = 1000;
const SEASONS: usize = 6;
/// Errors left out of the criterion: the start is no forecast.
const BURN_IN: usize = 3;

pub(crate) fn outlook(history: &TimeSeries<'_>, season: usize, horizon: usize) -> PointWithStdErr {
    fit(history.values, season, horizon).outlook(history.observed)
}

/// The forecast of the next `horizon` values; finite whatever the values are.
///
/// `season`: steps after which the pattern may repeat; a test decides whether it does.
pub(crate) fn forecast(values: &[f64], season: usize, horizon: usize) -> Vec<f64> {
    fit(values, season, horizon).median
}

fn fit(values: &[f64], season: usize, horizon: usize) -> Fit {
    let most = MOST.max(SEASONS.saturating_mul(season));
    fit::fit(values, (BURN_IN + 1, most), horizon, |values| {
        seasonal_adjustment::around(values, season, |adjusted| Some(best(adjusted, horizon)))
    })
}

#[derive(Debug, Clone, Copy)]
struct Model {
    /// The smoothed value before the first.
    start: f64,
    alpha: f64,
    theta: f64,
}

impl Model {
    fn of(x: &[f64]) -> Self {
        Self { start: x[0], alpha: x[1], theta: x[2] }
    }
}

/// The model with the least squared error.
fn best(values: &[f64], horizon: usize) -> Fit {
    let start = Bounded::usual(values[0] / 2.0, -1e10, 1e10);
    let alpha = Bounded::usual(0.5, 0.1, 0.99);
    let theta = Bounded::usual(2.0, 1.0, 1e10);
    let scale = values.iter().map(|v| v.abs()).sum::<f64>() / values.len() as f64;
    let loss = |x: &[f64]| {
        let mut sum = 0.0;
        Model::of(x).walk(values, |t, error| sum += if t < BURN_IN { 0.0 } else { error * error });
        sum / scale
    };
    let (x, _) = nelder_mead::minimise(&[start, alpha, theta], Until::USUAL, loss);
    Model::of(&x).fit(values, horizon)
}

/// What is known after some values.
#[derive(Debug, Clone, Copy)]
struct State {
    /// How many values.
    count: f64,
    level: f64,
    mean: f64,
    /// Of the line: value before the first position and slope.
    intercept: f64,
    slope: f64,
    /// `(1 - alpha)` to the power of `count`.
    decay: f64,
}

impl Model {
    fn expect(self, state: &State) -> f64 {
        let line = state.intercept * state.decay + state.slope * (1.0 - state.decay * (1.0 - self.alpha)) / self.alpha;
        state.level + (1.0 - 1.0 / self.theta) * line
    }

    fn take(self, state: &mut State, value: f64) {
        let i = state.count;
        state.level = self.alpha * value + (1.0 - self.alpha) * state.level;
        // both divisions depend on the count alone, so that they are no part of the chain from value to value
        let (next, after) = (1.0 / (i + 1.0), 1.0 / (i + 2.0));
        let apart = (value - state.mean) * next;
        state.mean += apart;
        state.slope = ((i - 1.0) * state.slope + 6.0 * apart) * after;
        state.intercept = state.mean - state.slope * (i + 2.0) / 2.0;
        state.decay *= 1.0 - self.alpha;
        state.count += 1.0;
    }

    /// Goes over the values once, tells every one-step error, and returns what is known at the end.
    fn walk(self, values: &[f64], mut tell: impl FnMut(usize, f64)) -> State {
        let first = values[0];
        let level = self.alpha * first + (1.0 - self.alpha) * self.start;
        let mut state = State { count: 1.0, level, mean: first, intercept: first, slope: 0.0, decay: 1.0 - self.alpha };
        tell(0, 0.0); // the line so far is the first value itself
        for (t, value) in values.iter().enumerate().skip(1) {
            tell(t, value - self.expect(&state));
            self.take(&mut state, *value);
        }
        state
    }

    fn fit(self, values: &[f64], horizon: usize) -> Fit {
        let mut errors = Vec::with_capacity(values.len());
        let mut state = self.walk(values, |t, error| {
            if t >= BURN_IN {
                errors.push(error);
            }
        });
        let median = (0..horizon)
            .map(|_| {
                let expected = self.expect(&state);
                self.take(&mut state, expected);
                expected
            })
            .collect();
        let growth = (0..horizon).map(|k| (1.0 + k as f64 * self.alpha * self.alpha).sqrt()).collect();
        Fit { median, errors, growth, parameters: 3 }
    }
}
