//! One form of exponential smoothing: its walk over a series, its parameters, its forecast and its variance.

use crate::model::stat::ets::start::Start;
use crate::model::stat::fit::Fit;
use crate::model::stat::nelder_mead;
use crate::model::stat::nelder_mead::{Bounded, Until};

/// How an error meets what was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Errors {
    /// Added to it.
    Additive,
    /// A share of it.
    Multiplicative,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trend {
    None,
    Additive,
    /// Additive, and less at every step.
    Damped,
}

/// With its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Season {
    None,
    Additive(usize),
    Multiplicative(usize),
}

impl Season {
    pub(crate) fn length(self) -> usize {
        match self {
            Self::None => 1,
            Self::Additive(m) | Self::Multiplicative(m) => m,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Form {
    pub(crate) errors: Errors,
    pub(crate) trend: Trend,
    pub(crate) season: Season,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Smoothing {
    alpha: f64,
    beta: f64,
    gamma: f64,
    phi: f64,
}

/// A form with its parameters.
#[derive(Debug, Clone)]
pub(crate) struct Fitted {
    form: Form,
    smoothing: Smoothing,
    start: Start,
    parameters: usize,
    /// `AICc`; the least is the best.
    pub(crate) criterion: f64,
}

/// The smoothing parameters' lowest value, and the bounds of the damping.
const LOW: f64 = 1e-4;
const DAMPING: (f64, f64) = (0.8, 0.98);
/// Where a number to divide by is nothing.
const NOTHING: f64 = 1e-10;

impl Fitted {
    /// The parameters of the greatest likelihood, `None` where `values` are too few for the form.
    ///
    /// `bounds`: highest smoothing of trend and season, made tighter here so that trend and season are smoothed less than
    /// the level to begin with. `with_states`: whether the states that the form starts with are searched too.
    pub(crate) fn search(values: &[f64], form: Form, bounds: &mut [f64; 2], with_states: bool) -> Option<Self> {
        let start = Start::of(values, form)?;
        let mut free = smoothing_to_search(form, bounds);
        let smoothings = free.len();
        let anywhere = |start| Bounded::usual(start, f64::NEG_INFINITY, f64::INFINITY);
        let trend = (form.trend != Trend::None).then_some(start.trend);
        let states = std::iter::once(start.level).chain(trend).chain(start.season.iter().copied().rev());
        let parameters = smoothings + states.clone().count() + 1;
        if parameters > values.len() - 1 {
            return None;
        }
        if with_states {
            free.extend(states.map(anywhere));
        }
        let mut candidate = Self {
            form,
            smoothing: Smoothing { alpha: 0.0, beta: 0.0, gamma: 0.0, phi: 1.0 },
            start,
            parameters,
            criterion: 0.0,
        };
        let mut season = vec![0.0; form.season.length()];
        let (best, deviance) = nelder_mead::minimise(&free, Until::USUAL, |x| {
            candidate.take(x, smoothings);
            candidate.deviance(values, &mut season)
        });
        candidate.take(&best, smoothings);
        let (n, k) = (values.len() as f64, parameters as f64);
        candidate.criterion = deviance + 2.0 * k + 2.0 * k * (k + 1.0) / (n - k - 1.0);
        candidate.criterion.is_finite().then_some(candidate)
    }

    /// Takes over a point of the search: the smoothing parameters, and after them the states if they are searched.
    fn take(&mut self, x: &[f64], smoothings: usize) {
        let mut next = x[..smoothings].iter().copied();
        let mut give = |wanted: bool, otherwise: f64| if wanted { next.next().unwrap_or(otherwise) } else { otherwise };
        self.smoothing = Smoothing {
            alpha: give(true, 0.0),
            beta: give(self.form.trend != Trend::None, 0.0),
            gamma: give(self.form.season != Season::None, 0.0),
            phi: give(self.form.trend == Trend::Damped, 1.0),
        };
        let mut states = x[smoothings..].iter().copied();
        if let Some(level) = states.next() {
            self.start.level = level;
            if self.form.trend != Trend::None {
                self.start.trend = states.next().unwrap_or(0.0);
            }
            for s in self.start.season.iter_mut().rev() {
                *s = states.next().unwrap_or(0.0);
            }
        }
    }

    /// Lays out the season that the form starts with.
    fn begin(&self, season: &mut [f64]) {
        let rest: f64 = self.start.season.iter().sum();
        match self.form.season {
            Season::None => {}
            Season::Additive(_) => season[0] = -rest,
            Season::Multiplicative(m) => season[0] = m as f64 - rest,
        }
        if season.len() > 1 {
            season[1..].copy_from_slice(&self.start.season);
        }
    }

    /// Minus twice the log-likelihood, up to a constant.
    fn deviance(&self, values: &[f64], season: &mut [f64]) -> f64 {
        self.begin(season);
        if matches!(self.form.season, Season::Multiplicative(_)) && season.iter().any(|s| *s < 0.0) {
            return f64::INFINITY;
        }
        // a sum of logarithms as the logarithm of a product, taken before it leaves the range of numbers
        let (mut squares, mut logarithms, mut product) = (0.0, 0.0, 1.0_f64);
        let relative = self.form.errors == Errors::Multiplicative;
        self.walk(values, season, |expected, error| {
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
        let spread = if squares > 0.0 { squares } else { 1e-8 };
        n * spread.ln() + if relative { 2.0 * (logarithms + product.ln()) } else { 0.0 }
    }

    /// Goes over the values once, tells what was expected and the error, and returns level and trend at the end; `season`
    /// holds the season's last values, each at its position.
    fn walk(&self, values: &[f64], season: &mut [f64], mut tell: impl FnMut(f64, f64)) -> (f64, f64) {
        let Smoothing { alpha, beta, gamma, phi } = self.smoothing;
        let (mut level, mut trend) = (self.start.level, self.start.trend);
        let relative = self.form.errors == Errors::Multiplicative;
        let mut position = 0;
        for value in values {
            let base = level + phi * trend;
            let s = season[position];
            let (expected, adjusted, seasonal) = match self.form.season {
                Season::None => (base, *value, 0.0),
                Season::Additive(_) => (base + s, value - s, value - base),
                Season::Multiplicative(_) => (base * s, ratio(*value, s), ratio(*value, base)),
            };
            let error = value - expected;
            if relative {
                tell(expected, error / if expected.abs() < NOTHING { expected + NOTHING } else { expected });
            } else {
                tell(expected, error);
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

    pub(crate) fn fit(&self, values: &[f64], horizon: usize) -> Fit {
        let mut season = vec![0.0; self.form.season.length()];
        self.begin(&mut season);
        let mut errors = Vec::with_capacity(values.len());
        let (level, trend) = self.walk(values, &mut season, |_, error| errors.push(error));
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
            Season::None => *base,
            Season::Additive(_) => base + at(k),
            Season::Multiplicative(_) => base * at(k),
        };
        let median: Vec<f64> = base.iter().enumerate().map(combine).collect();
        let freedom = errors.len().saturating_sub(self.parameters).max(1) as f64;
        let variance = errors.iter().map(|e| e * e).sum::<f64>() / freedom;
        let mut growth = self.growth(&base, &median, variance);
        if self.form.errors == Errors::Multiplicative {
            // errors are told in the series' unit, as everybody else's are
            let typical = values.iter().map(|v| v.abs()).sum::<f64>() / values.len() as f64;
            for e in &mut errors {
                *e *= typical;
            }
            for g in &mut growth {
                *g /= typical;
            }
        }
        Fit { median, errors, growth, parameters: self.parameters }
    }

    /// The standard error of each step in units of the errors' spread: Hyndman et al. (2008), sections 6.3 and 6.4, the
    /// latter with the seasonal factors as they are known at the end.
    fn growth(&self, base: &[f64], median: &[f64], variance: f64) -> Vec<f64> {
        let Smoothing { alpha, beta, gamma, phi } = self.smoothing;
        let m = self.form.season.length();
        let additive_season = matches!(self.form.season, Season::Additive(_));
        let (mut damped, mut power) = (0.0, 1.0);
        // the weight of an error on the forecast of j + 1 steps later
        let weights: Vec<f64> = (1..base.len().max(1))
            .map(|j| {
                power *= phi;
                damped += power;
                alpha + beta * damped + if additive_season && j % m == 0 { gamma } else { 0.0 }
            })
            .collect();
        if self.form.errors == Errors::Additive {
            let mut sum = 1.0;
            return (0..base.len())
                .map(|k| {
                    sum += if k == 0 { 0.0 } else { weights[k - 1].powi(2) };
                    sum.sqrt()
                })
                .collect();
        }
        let factors = matches!(self.form.season, Season::Multiplicative(_));
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
    if b.abs() < NOTHING { 1e10 } else { a / b }
}

/// The smoothing parameters of a form: where the search starts, and its bounds.
fn smoothing_to_search(form: Form, bounds: &mut [f64; 2]) -> Vec<Bounded> {
    let [highest_beta, highest_gamma] = bounds;
    let high = 0.9999;
    let alpha = LOW + 0.2 * (high - LOW) / form.season.length() as f64;
    let mut free = vec![Bounded::usual(alpha, LOW, high)];
    if form.trend != Trend::None {
        *highest_beta = highest_beta.min(alpha);
        free.push(Bounded::usual(LOW + 0.1 * (*highest_beta - LOW), LOW, *highest_beta));
    }
    if form.season != Season::None {
        *highest_gamma = highest_gamma.min(1.0 - alpha);
        free.push(Bounded::usual(LOW + 0.05 * (*highest_gamma - LOW), LOW, *highest_gamma));
    }
    if form.trend == Trend::Damped {
        let (low, high) = DAMPING;
        free.push(Bounded::usual(low + 0.99 * (high - low), low, high));
    }
    free
}
