//! The optimised Theta method: exponential smoothing of the data bent around their line, after the season is taken out.
//!
//! Assimakopoulos & Nikolopoulos (2000), *The theta model*, International Journal of Forecasting 16(4); Fiorucci,
//! Pellegrini, Louzada, Petropoulos, Koehler (2016), *Models for optimising the theta method*, ibid. 32(4). Level,
//! smoothing and theta are estimated together; of the standard and the optimised, the static and the dynamic model the one
//! with the least squared error is taken, as `StatsForecast`'s `AutoTheta` does, whose bounds and criterion these are.

use super::Outlook;
use super::fit::{self, Fit};
use super::season::{self, Manner};
use super::simplex::{self, Bounded};
use crate::data::TimeSeries;

/// Last values that are used, or as many as make [`SEASONS`], if those are more.
const MOST: usize = 1000;
const SEASONS: usize = 6;
/// Errors left out of the criterion: the start is no forecast.
const BURN_IN: usize = 3;
/// The least factor of a season that is worth dividing by.
const LEAST_FACTOR: f64 = 0.01;

pub(super) fn outlook(history: &TimeSeries<'_>, season: usize, horizon: usize) -> Outlook {
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
        if !season::is_seasonal(values, season) {
            return best(values, horizon);
        }
        let (manner, profile) = seasonal(values, season);
        let at = |t: usize| profile[t % season];
        let adjusted: Vec<f64> = values.iter().enumerate().map(|(t, v)| manner.remove(*v, at(t))).collect();
        let mut fit = best(&adjusted, horizon)?;
        for (k, median) in fit.median.iter_mut().enumerate() {
            *median = manner.apply(*median, at(values.len() + k));
        }
        if manner == Manner::Multiplicative {
            for (t, error) in fit.errors.iter_mut().enumerate() {
                *error *= at(BURN_IN + t);
            }
        }
        Some(fit)
    })
}

/// The season's profile, multiplicative where every value is above 0 and no factor is next to nothing.
fn seasonal(values: &[f64], season: usize) -> (Manner, Vec<f64>) {
    if values.iter().all(|v| *v > 0.0) {
        let profile = season::profile(values, season, Manner::Multiplicative);
        if profile.iter().all(|factor| *factor >= LEAST_FACTOR) {
            return (Manner::Multiplicative, profile);
        }
    }
    (Manner::Additive, season::profile(values, season, Manner::Additive))
}

/// Where the line comes from that theta bends the data around.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    /// One through all values.
    Static,
    /// One through all values so far, at every position.
    Dynamic,
}

#[derive(Debug, Clone, Copy)]
struct Model {
    line: Line,
    /// The smoothed value before the first.
    start: f64,
    alpha: f64,
    theta: f64,
}

/// The best of the four models.
fn best(values: &[f64], horizon: usize) -> Option<Fit> {
    let level = Bounded { start: values[0] / 2.0, low: -1e10, high: 1e10 };
    let alpha = Bounded { start: 0.5, low: 0.1, high: 0.99 };
    let theta = Bounded { start: 2.0, low: 1.0, high: 1e10 };
    let scale = values.iter().map(|v| v.abs()).sum::<f64>() / values.len() as f64;
    let static_line = line_through(values);
    let mut least: Option<(f64, Model)> = None;
    for line in [Line::Static, Line::Dynamic] {
        for free in [&[level, alpha][..], &[level, alpha, theta][..]] {
            let model =
                |x: &[f64]| Model { line, start: x[0], alpha: x[1], theta: x.get(2).copied().unwrap_or(theta.start) };
            let loss = |x: &[f64]| {
                let mut sum = 0.0;
                model(x).walk(values, static_line, |t, error| sum += if t < BURN_IN { 0.0 } else { error * error });
                sum / scale
            };
            let (x, loss) = simplex::minimise(free, loss);
            if loss.is_finite() && least.is_none_or(|(best, _)| loss < best) {
                least = Some((loss, model(&x)));
            }
        }
    }
    least.map(|(_, model)| model.fit(values, static_line, horizon))
}

/// Value before position 0 and slope of the least-squares line.
fn line_through(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let weighted = values.iter().enumerate().map(|(t, v)| v * (t + 1) as f64).sum::<f64>() / n;
    let slope = 6.0 * (2.0 * weighted - (n + 1.0) * mean) / (n * n - 1.0);
    (mean - (n + 1.0) * slope / 2.0, slope)
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
    fn begin(self, first: f64, line: (f64, f64)) -> (f64, State) {
        let (intercept, slope) = if self.line == Line::Static { line } else { (first, 0.0) };
        let expected = match self.line {
            Line::Static => self.start + (1.0 - 1.0 / self.theta) * (intercept + slope),
            Line::Dynamic => first,
        };
        let level = self.alpha * first + (1.0 - self.alpha) * self.start;
        (expected, State { count: 1.0, level, mean: first, intercept, slope, decay: 1.0 - self.alpha })
    }

    fn expect(self, state: &State) -> f64 {
        let line = state.intercept * state.decay + state.slope * (1.0 - state.decay * (1.0 - self.alpha)) / self.alpha;
        state.level + (1.0 - 1.0 / self.theta) * line
    }

    fn take(self, state: &mut State, value: f64) {
        let i = state.count;
        state.level = self.alpha * value + (1.0 - self.alpha) * state.level;
        if self.line == Line::Dynamic {
            // both divisions depend on the count alone, so that they are no part of the chain from value to value
            let (next, after) = (1.0 / (i + 1.0), 1.0 / (i + 2.0));
            let apart = (value - state.mean) * next;
            state.mean += apart;
            state.slope = ((i - 1.0) * state.slope + 6.0 * apart) * after;
            state.intercept = state.mean - state.slope * (i + 2.0) / 2.0;
        }
        state.decay *= 1.0 - self.alpha;
        state.count += 1.0;
    }

    /// Goes over the values once, tells every one-step error, and returns what is known at the end.
    fn walk(self, values: &[f64], line: (f64, f64), mut tell: impl FnMut(usize, f64)) -> State {
        let (expected, mut state) = self.begin(values[0], line);
        tell(0, values[0] - expected);
        for (t, value) in values.iter().enumerate().skip(1) {
            tell(t, value - self.expect(&state));
            self.take(&mut state, *value);
        }
        state
    }

    fn fit(self, values: &[f64], line: (f64, f64), horizon: usize) -> Fit {
        let mut errors = Vec::with_capacity(values.len());
        let mut state = self.walk(values, line, |t, error| {
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
