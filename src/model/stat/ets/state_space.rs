//! The forms of exponential smoothing: their initial states, recursion, parameters, forecast and forecast variance.

use crate::model::stat::method_fit::{self, MethodFit};
use crate::model::stat::nelder_mead::{self, BoundedParameter, StoppingRule};
use crate::model::stat::seasonal_adjustment::{Component, MIN_SEASONAL_FACTOR, seasonal_indices};

pub(crate) const MAX_SMOOTHING: f64 = 0.9999;
const MIN_SMOOTHING: f64 = 1e-4;
const DAMPING_RANGE: (f64, f64) = (0.8, 0.98);
/// Smaller divisors are treated as zero.
const DIVISION_EPSILON: f64 = 1e-10;
/// Above this many values, the initial states of a seasonal model are heuristic, and only its smoothing parameters are
/// searched.
const MAX_VALUES_FOR_STATE_SEARCH: usize = 300;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TrendType {
    None,
    Additive,
    /// Additive, and smaller at every step.
    Damped,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EtsForm {
    /// Multiplicative errors are relative to the expected value.
    pub(crate) errors: Component,
    pub(crate) trend: TrendType,
    pub(crate) season: Option<Component>,
    /// The number of seasonal states, 1 without a season.
    pub(crate) season_length: usize,
}

/// Level, trend and season before the first value.
#[derive(Debug, Clone, PartialEq)]
struct InitialStates {
    level: f64,
    /// The change per step; 0 without a trend.
    trend: f64,
    /// The seasonal states of positions 1 and later. Position 0 makes the sum 0, or the season length.
    season: Vec<f64>,
}

impl InitialStates {
    /// Estimates the initial states; `None` if that is not possible.
    fn of(values: &[f64], form: EtsForm) -> Option<Self> {
        let m = form.season_length;
        let (mut adjusted, mut season) = (values.to_vec(), Vec::new());
        if let Some(component) = form.season {
            let multiplicative = component == Component::Multiplicative;
            let mut seasonal = seasonal(values, m, component)?;
            if multiplicative {
                seasonal.iter_mut().for_each(|s| *s = s.max(MIN_SEASONAL_FACTOR));
            }
            adjusted = values.iter().zip(&seasonal).map(|(v, s)| component.remove(*v, *s)).collect();
            season = seasonal[1..m].to_vec();
            if multiplicative && season.iter().sum::<f64>() > m as f64 {
                let sum: f64 = season.iter().map(|s| s + MIN_SEASONAL_FACTOR).sum();
                season.iter_mut().for_each(|s| *s /= sum);
            }
        }
        let early = &adjusted[..adjusted.len().min(10.max(2 * m))];
        let (level, trend) = match form.trend {
            TrendType::None => (early.iter().sum::<f64>() / early.len() as f64, 0.0),
            TrendType::Additive | TrendType::Damped => match line(early) {
                // multiplicative errors are relative to level plus trend, which must not be zero
                (level, trend) if (level + trend).abs() < 1e-8 => (level * (1.0 + 1e-3), trend * (1.0 - 1e-3)),
                found => found,
            },
        };
        Some(Self { level, trend, season })
    }
}

/// A form with its estimated parameters.
#[derive(Debug, Clone)]
pub(crate) struct FittedEts {
    pub(crate) form: EtsForm,
    alpha: f64,
    beta: f64,
    gamma: f64,
    phi: f64,
    start: InitialStates,
    parameters: usize,
    /// `AICc`; smaller is better.
    pub(crate) criterion: f64,
}

impl FittedEts {
    /// The parameters with the greatest likelihood. `None` if the form needs more values.
    ///
    /// `bounds` are the highest smoothing parameters of trend and season. They are tightened here, so that trend and season
    /// start with less smoothing than the level.
    pub(crate) fn search(values: &[f64], form: EtsForm, bounds: &mut [f64; 2]) -> Option<Self> {
        let start = InitialStates::of(values, form)?;
        let mut free = smoothing_parameters(form, bounds);
        let trend = (form.trend != TrendType::None).then_some(start.trend);
        let states = std::iter::once(start.level).chain(trend).chain(start.season.iter().copied().rev());
        let parameters = free.len() + states.clone().count() + 1;
        if parameters > values.len() - 1 {
            return None;
        }
        if form.season.is_none() || values.len() <= MAX_VALUES_FOR_STATE_SEARCH {
            free.extend(states.map(|state| BoundedParameter::new(state, f64::NEG_INFINITY, f64::INFINITY)));
        }
        let (alpha, beta, gamma, phi) = (0.0, 0.0, 0.0, 1.0);
        let mut candidate = Self { form, alpha, beta, gamma, phi, start, parameters, criterion: 0.0 };
        let mut season = vec![0.0; form.season_length];
        let (best, deviance) = nelder_mead::minimise(&free, StoppingRule::DEFAULT, |x| {
            candidate.set_parameters(x);
            candidate.deviance(values, &mut season)
        });
        candidate.set_parameters(&best);
        let (n, k) = (values.len() as f64, parameters as f64);
        candidate.criterion = deviance + 2.0 * k + 2.0 * k * (k + 1.0) / (n - k - 1.0);
        candidate.criterion.is_finite().then_some(candidate)
    }

    /// Sets the parameters from a point of the search: smoothing parameters, then initial states if they are searched.
    fn set_parameters(&mut self, x: &[f64]) {
        let form = self.form;
        let mut next = x.iter().copied();
        let mut next_or = |default: f64, is_free: bool| if is_free { next.next().unwrap_or(default) } else { default };
        self.alpha = next_or(0.0, true);
        self.beta = next_or(0.0, form.trend != TrendType::None);
        self.gamma = next_or(0.0, form.season.is_some());
        self.phi = next_or(1.0, form.trend == TrendType::Damped);
        let Some(level) = next.next() else { return };
        self.start.level = level;
        if form.trend != TrendType::None {
            self.start.trend = next.next().unwrap_or(0.0);
        }
        self.start.season.iter_mut().rev().zip(next).for_each(|(season, state)| *season = state);
    }

    /// Writes the initial season, whose first value follows from the others.
    fn initial_season(&self, season: &mut [f64]) {
        let rest: f64 = self.start.season.iter().sum();
        match self.form.season {
            None => return,
            Some(Component::Additive) => season[0] = -rest,
            Some(Component::Multiplicative) => season[0] = season.len() as f64 - rest,
        }
        season[1..].copy_from_slice(&self.start.season);
    }

    /// Minus twice the log-likelihood, up to a constant.
    fn deviance(&self, values: &[f64], season: &mut [f64]) -> f64 {
        self.initial_season(season);
        if self.form.season == Some(Component::Multiplicative) && season.iter().any(|s| *s < 0.0) {
            return f64::INFINITY;
        }
        // the logarithm of a product replaces a sum of logarithms, and is taken before the product overflows
        let (mut squares, mut logarithms, mut product) = (0.0, 0.0, 1.0_f64);
        let relative = self.form.errors == Component::Multiplicative;
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
        let &Self { alpha, beta, gamma, phi, .. } = self;
        let (mut level, mut trend) = (self.start.level, self.start.trend);
        let relative = self.form.errors == Component::Multiplicative;
        let mut position = 0;
        for value in values {
            let base = level + phi * trend;
            let s = season[position];
            let (expected, adjusted, seasonal) = match self.form.season {
                None => (base, *value, 0.0),
                Some(Component::Additive) => (base + s, value - s, value - base),
                Some(Component::Multiplicative) => (base * s, ratio(*value, s), ratio(*value, base)),
            };
            let error = value - expected;
            let divisor = if expected.abs() < DIVISION_EPSILON { expected + DIVISION_EPSILON } else { expected };
            on_step(expected, if relative { error / divisor } else { error });
            level = base + alpha * (adjusted - base);
            trend = phi * trend + beta * (adjusted - base);
            season[position] = s + gamma * (seasonal - s);
            position = if position + 1 == season.len() { 0 } else { position + 1 };
        }
        (level, trend)
    }

    pub(crate) fn fit(&self, values: &[f64], horizon: usize) -> MethodFit {
        let mut season = vec![0.0; self.form.season_length];
        self.initial_season(&mut season);
        let mut errors = Vec::with_capacity(values.len());
        let (level, trend) = self.filter(values, &mut season, |_, error| errors.push(error));
        let base: Vec<f64> = self.damping_sums(horizon).map(|damped| level + damped * trend).collect();
        let with_season = |(base, s): (&f64, &f64)| self.form.season.map_or(*base, |season| season.apply(*base, *s));
        let next_season = season.iter().cycle().skip(values.len() % season.len());
        let median: Vec<f64> = base.iter().zip(next_season).map(with_season).collect();
        let degrees_of_freedom = errors.len().saturating_sub(self.parameters).max(1) as f64;
        let variance = errors.iter().map(|e| e * e).sum::<f64>() / degrees_of_freedom;
        let mut std_error_growth = self.std_error_growth(&base, &median, variance);
        if self.form.errors == Component::Multiplicative {
            // errors of all methods are in the unit of the series
            let typical = values.iter().map(|v| v.abs()).sum::<f64>() / values.len() as f64;
            errors.iter_mut().for_each(|e| *e *= typical);
            std_error_growth.iter_mut().for_each(|g| *g /= typical);
        }
        MethodFit { median, errors, std_error_growth, parameters: self.parameters }
    }

    /// The sums φ, φ + φ², … which are the changes over 1, 2, … steps of a damped trend of 1.
    fn damping_sums(&self, count: usize) -> impl Iterator<Item = f64> {
        let (phi, mut damped, mut power) = (self.phi, 0.0, 1.0);
        std::iter::repeat_with(move || {
            power *= phi;
            damped += power;
            damped
        })
        .take(count)
    }

    /// The standard error of each step relative to the standard deviation of the errors.
    ///
    /// Hyndman et al. (2008), sections 6.3 and 6.4, the latter with the final seasonal factors.
    fn std_error_growth(&self, base: &[f64], median: &[f64], variance: f64) -> Vec<f64> {
        let &Self { alpha, beta, gamma, .. } = self;
        let m = self.form.season_length;
        let gamma_at =
            |j: usize| if self.form.season == Some(Component::Additive) && j.is_multiple_of(m) { gamma } else { 0.0 };
        // the effect of an error on its own step and on those after it
        let later = (1..).zip(self.damping_sums(base.len())).map(|(j, damped)| alpha + beta * damped + gamma_at(j));
        let effects: Vec<f64> = std::iter::once(1.0).chain(later).take(base.len()).collect();
        if self.form.errors == Component::Additive {
            return method_fit::std_error_growth(&effects);
        }
        let factors = self.form.season == Some(Component::Multiplicative);
        let mean = if factors { base } else { median };
        let mut second: Vec<f64> = Vec::with_capacity(base.len());
        for (k, mean) in mean.iter().enumerate() {
            let carried: f64 = (1..=k).map(|j| effects[j].powi(2) * second[k - j]).sum();
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
    // each starts at a share of its range
    let within = |low: f64, high: f64, share: f64| BoundedParameter::new(low + share * (high - low), low, high);
    let alpha = MIN_SMOOTHING + 0.2 * (MAX_SMOOTHING - MIN_SMOOTHING) / form.season_length as f64;
    let mut free = vec![BoundedParameter::new(alpha, MIN_SMOOTHING, MAX_SMOOTHING)];
    if form.trend != TrendType::None {
        *highest_beta = highest_beta.min(alpha);
        free.push(within(MIN_SMOOTHING, *highest_beta, 0.1));
    }
    if form.season.is_some() {
        *highest_gamma = highest_gamma.min(1.0 - alpha);
        free.push(within(MIN_SMOOTHING, *highest_gamma, 0.05));
    }
    if form.trend == TrendType::Damped {
        free.push(within(DAMPING_RANGE.0, DAMPING_RANGE.1, 0.99));
    }
    free
}

/// The season at every position, by decomposition. With fewer than three cycles, it is the remainder of a line that is
/// fitted together with a wave.
fn seasonal(values: &[f64], m: usize, component: Component) -> Option<Vec<f64>> {
    if values.len() >= 3 * m {
        let indices = seasonal_indices(values, m, component);
        return Some((0..values.len()).map(|t| indices[t % m]).collect());
    }
    let (level, slope) = line_of_line_and_wave(values, m)?;
    Some(values.iter().enumerate().map(|(t, v)| component.remove(*v, level + slope * (t + 1) as f64)).collect())
}

/// The least-squares line: its value before the first position and its slope.
fn line(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let (middle, mean) = (f64::midpoint(n, 1.0), values.iter().sum::<f64>() / n);
    let centred = |t: usize| (t + 1) as f64 - middle;
    let slope = values.iter().enumerate().map(|(t, v)| centred(t) * (v - mean)).sum::<f64>()
        / (0..values.len()).map(|t| centred(t).powi(2)).sum::<f64>();
    (mean - slope * middle, slope)
}

/// The line of a least-squares fit of a line and a wave: its value before the first position and its slope.
fn line_of_line_and_wave(values: &[f64], m: usize) -> Option<(f64, f64)> {
    let n = values.len();
    let angle = |t: usize| std::f64::consts::TAU * (t + 1) as f64 / m as f64;
    let columns = if m == 2 { 3 } else { 4 }; // a sine of period two is zero everywhere
    let design = nalgebra::DMatrix::from_fn(n, columns, |t, c| match c {
        0 => 1.0,
        1 => (t + 1) as f64,
        2 => angle(t).cos(),
        _ => angle(t).sin(),
    });
    let found = design.svd(true, true).solve(&nalgebra::DVector::from_column_slice(values), 1e-12).ok()?;
    Some((found[0], found[1]))
}
