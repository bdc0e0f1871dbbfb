//! One form of exponential smoothing: its recursion, parameters, forecast and forecast variance.

use crate::model::stat::ets::form::{ErrorType, EtsForm, SeasonType, TrendType};
use crate::model::stat::ets::initial_states::InitialStates;
use crate::model::stat::method_fit::MethodFit;
use crate::model::stat::nelder_mead::{self, BoundedParameter, StoppingRule};

#[derive(Debug, Clone, Copy, PartialEq)]
struct EtsParameters {
    alpha: f64,
    beta: f64,
    gamma: f64,
    phi: f64,
}

/// A form with its estimated parameters.
#[derive(Debug, Clone)]
pub(crate) struct FittedEts {
    form: EtsForm,
    smoothing: EtsParameters,
    start: InitialStates,
    parameters: usize,
    /// `AICc`; smaller is better.
    pub(crate) criterion: f64,
}

/// The highest smoothing parameter.
pub(crate) const MAX_SMOOTHING: f64 = 0.9999;
/// The lowest smoothing parameter.
const MIN_SMOOTHING: f64 = 1e-4;
/// The bounds of the damping parameter.
const DAMPING_RANGE: (f64, f64) = (0.8, 0.98);
/// Smaller divisors are treated as zero.
const DIVISION_EPSILON: f64 = 1e-10;

impl FittedEts {
    /// The parameters with the greatest likelihood. `None` if the form needs more values.
    ///
    /// `bounds` are the highest smoothing parameters of trend and season. They are tightened here, so that trend and season
    /// start with less smoothing than the level. `with_states` includes the initial states in the search.
    pub(crate) fn search(values: &[f64], form: EtsForm, bounds: &mut [f64; 2], with_states: bool) -> Option<Self> {
        let start = InitialStates::of(values, form)?;
        let mut free = smoothing_parameters(form, bounds);
        let smoothings = free.len();
        let unbounded = |start| BoundedParameter::with_default_step(start, f64::NEG_INFINITY, f64::INFINITY);
        let trend = (form.trend != TrendType::None).then_some(start.trend);
        let states = std::iter::once(start.level).chain(trend).chain(start.season.iter().copied().rev());
        let parameters = smoothings + states.clone().count() + 1;
        if parameters > values.len() - 1 {
            return None;
        }
        if with_states {
            free.extend(states.map(unbounded));
        }
        let mut candidate = Self {
            form,
            smoothing: EtsParameters { alpha: 0.0, beta: 0.0, gamma: 0.0, phi: 1.0 },
            start,
            parameters,
            criterion: 0.0,
        };
        let mut season = vec![0.0; form.season.length()];
        let (best, deviance) = nelder_mead::minimise(&free, StoppingRule::DEFAULT, |x| {
            candidate.set_parameters(x, smoothings);
            candidate.deviance(values, &mut season)
        });
        candidate.set_parameters(&best, smoothings);
        let (n, k) = (values.len() as f64, parameters as f64);
        candidate.criterion = deviance + 2.0 * k + 2.0 * k * (k + 1.0) / (n - k - 1.0);
        candidate.criterion.is_finite().then_some(candidate)
    }

    /// Sets the parameters from a point of the search: smoothing parameters, then initial states if they are searched.
    fn set_parameters(&mut self, x: &[f64], smoothings: usize) {
        let mut next = x[..smoothings].iter().copied();
        let mut next_or =
            |wanted: bool, otherwise: f64| if wanted { next.next().unwrap_or(otherwise) } else { otherwise };
        self.smoothing = EtsParameters {
            alpha: next_or(true, 0.0),
            beta: next_or(self.form.trend != TrendType::None, 0.0),
            gamma: next_or(self.form.season != SeasonType::None, 0.0),
            phi: next_or(self.form.trend == TrendType::Damped, 1.0),
        };
        let mut states = x[smoothings..].iter().copied();
        if let Some(level) = states.next() {
            self.start.level = level;
            if self.form.trend != TrendType::None {
                self.start.trend = states.next().unwrap_or(0.0);
            }
            for s in self.start.season.iter_mut().rev() {
                *s = states.next().unwrap_or(0.0);
            }
        }
    }

    /// Writes the initial season, whose first value follows from the others.
    fn initial_season(&self, season: &mut [f64]) {
        let rest: f64 = self.start.season.iter().sum();
        match self.form.season {
            SeasonType::None => {}
            SeasonType::Additive(_) => season[0] = -rest,
            SeasonType::Multiplicative(m) => season[0] = m as f64 - rest,
        }
        if season.len() > 1 {
            season[1..].copy_from_slice(&self.start.season);
        }
    }

    /// Minus twice the log-likelihood, up to a constant.
    fn deviance(&self, values: &[f64], season: &mut [f64]) -> f64 {
        self.initial_season(season);
        if matches!(self.form.season, SeasonType::Multiplicative(_)) && season.iter().any(|s| *s < 0.0) {
            return f64::INFINITY;
        }
        // the logarithm of a product replaces a sum of logarithms, and is taken before the product overflows
        let (mut squares, mut logarithms, mut product) = (0.0, 0.0, 1.0_f64);
        let relative = self.form.errors == ErrorType::Multiplicative;
        self.filter(values, season, |expected, error| {
            squares += error * error;
            if relative {
                product *= if expected == 0.0 { 1e-8 } else { expected.abs() };
                if !(1e-100..1e100).contains(&product) {
                    logarithms += product.ln();
                    product = 1.0;
                }
            }
        });
        let n = values.len() as f64;
        let sum_of_squares = if squares > 0.0 { squares } else { 1e-8 };
        n * sum_of_squares.ln() + if relative { 2.0 * (logarithms + product.ln()) } else { 0.0 }
    }

    /// Runs the recursion, reports each expected value and error, and returns the final level and trend.
    ///
    /// `season` contains the last seasonal states, each at its position.
    fn filter(&self, values: &[f64], season: &mut [f64], mut on_step: impl FnMut(f64, f64)) -> (f64, f64) {
        let EtsParameters { alpha, beta, gamma, phi } = self.smoothing;
        let (mut level, mut trend) = (self.start.level, self.start.trend);
        let relative = self.form.errors == ErrorType::Multiplicative;
        let mut position = 0;
        for value in values {
            let base = level + phi * trend;
            let s = season[position];
            let (expected, adjusted, seasonal) = match self.form.season {
                SeasonType::None => (base, *value, 0.0),
                SeasonType::Additive(_) => (base + s, value - s, value - base),
                SeasonType::Multiplicative(_) => (base * s, ratio(*value, s), ratio(*value, base)),
            };
            let error = value - expected;
            if relative {
                on_step(
                    expected,
                    error / if expected.abs() < DIVISION_EPSILON { expected + DIVISION_EPSILON } else { expected },
                );
            } else {
                on_step(expected, error);
            }
            level = base + alpha * (adjusted - base);
            trend = phi * trend + beta * (adjusted - base);
            if season.len() > 1 {
                season[position] = s + gamma * (seasonal - s);
                position += 1;
                if position == season.len() {
                    position = 0;
                }
            }
        }
        (level, trend)
    }

    pub(crate) fn fit(&self, values: &[f64], horizon: usize) -> MethodFit {
        let mut season = vec![0.0; self.form.season.length()];
        self.initial_season(&mut season);
        let mut errors = Vec::with_capacity(values.len());
        let (level, trend) = self.filter(values, &mut season, |_, error| errors.push(error));
        let phi = self.smoothing.phi;
        let (mut damped, mut power) = (0.0, 1.0);
        let mut base = Vec::with_capacity(horizon);
        for _ in 0..horizon {
            power *= phi;
            damped += power;
            base.push(level + damped * trend);
        }
        let at = |k: usize| season[(values.len() + k) % season.len()];
        let combine = |(k, base): (usize, &f64)| match self.form.season {
            SeasonType::None => *base,
            SeasonType::Additive(_) => base + at(k),
            SeasonType::Multiplicative(_) => base * at(k),
        };
        let median: Vec<f64> = base.iter().enumerate().map(combine).collect();
        let degrees_of_freedom = errors.len().saturating_sub(self.parameters).max(1) as f64;
        let variance = errors.iter().map(|e| e * e).sum::<f64>() / degrees_of_freedom;
        let mut std_error_growth = self.std_error_growth(&base, &median, variance);
        if self.form.errors == ErrorType::Multiplicative {
            // errors of all methods are in the unit of the series
            let typical = values.iter().map(|v| v.abs()).sum::<f64>() / values.len() as f64;
            for e in &mut errors {
                *e *= typical;
            }
            for g in &mut std_error_growth {
                *g /= typical;
            }
        }
        MethodFit { median, errors, std_error_growth, parameters: self.parameters }
    }

    /// The standard error of each step relative to the standard deviation of the errors.
    ///
    /// Hyndman et al. (2008), sections 6.3 and 6.4, the latter with the final seasonal factors.
    fn std_error_growth(&self, base: &[f64], median: &[f64], variance: f64) -> Vec<f64> {
        let EtsParameters { alpha, beta, gamma, phi } = self.smoothing;
        let m = self.form.season.length();
        let additive_season = matches!(self.form.season, SeasonType::Additive(_));
        let (mut damped, mut power) = (0.0, 1.0);
        // the effect of an error on the forecast j + 1 steps later
        let weights: Vec<f64> = (1..base.len().max(1))
            .map(|j| {
                power *= phi;
                damped += power;
                alpha + beta * damped + if additive_season && j % m == 0 { gamma } else { 0.0 }
            })
            .collect();
        if self.form.errors == ErrorType::Additive {
            let mut sum = 1.0;
            return (0..base.len())
                .map(|k| {
                    sum += if k == 0 { 0.0 } else { weights[k - 1].powi(2) };
                    sum.sqrt()
                })
                .collect();
        }
        let factors = matches!(self.form.season, SeasonType::Multiplicative(_));
        let mean = if factors { base } else { median };
        let mut second: Vec<f64> = Vec::with_capacity(base.len());
        for (k, mean) in mean.iter().enumerate() {
            let carried: f64 = (1..=k).map(|j| weights[j - 1].powi(2) * second[k - j]).sum();
            second.push(mean * mean + variance * carried);
        }
        let spread = |k: usize| {
            let rounds = if factors { (1.0 + gamma * gamma * variance).powi((k / m) as i32) } else { 1.0 };
            let size = if factors && base[k] != 0.0 { median[k] / base[k] } else { 1.0 };
            let total = (1.0 + variance) * second[k] * rounds - mean[k] * mean[k];
            if variance > 0.0 { size.abs() * (total.max(0.0) / variance).sqrt() } else { median[k].abs() }
        };
        (0..base.len()).map(spread).collect()
    }
}

fn ratio(a: f64, b: f64) -> f64 {
    if b.abs() < DIVISION_EPSILON { 1e10 } else { a / b }
}

/// The smoothing parameters of a form, with their start and bounds.
fn smoothing_parameters(form: EtsForm, bounds: &mut [f64; 2]) -> Vec<BoundedParameter> {
    let [highest_beta, highest_gamma] = bounds;
    let alpha = MIN_SMOOTHING + 0.2 * (MAX_SMOOTHING - MIN_SMOOTHING) / form.season.length() as f64;
    let mut free = vec![BoundedParameter::with_default_step(alpha, MIN_SMOOTHING, MAX_SMOOTHING)];
    if form.trend != TrendType::None {
        *highest_beta = highest_beta.min(alpha);
        free.push(BoundedParameter::with_default_step(
            MIN_SMOOTHING + 0.1 * (*highest_beta - MIN_SMOOTHING),
            MIN_SMOOTHING,
            *highest_beta,
        ));
    }
    if form.season != SeasonType::None {
        *highest_gamma = highest_gamma.min(1.0 - alpha);
        free.push(BoundedParameter::with_default_step(
            MIN_SMOOTHING + 0.05 * (*highest_gamma - MIN_SMOOTHING),
            MIN_SMOOTHING,
            *highest_gamma,
        ));
    }
    if form.trend == TrendType::Damped {
        let (low, high) = DAMPING_RANGE;
        free.push(BoundedParameter::with_default_step(low + 0.99 * (high - low), low, high));
    }
    free
}
