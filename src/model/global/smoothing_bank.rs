//! A bank of exponential smoothings with fixed parameters. It runs over a series once. At every position the forecast
//! path of each smoothing follows in closed form. So does their mean, which is weighted by their discounted errors.
//!
//! The smoothings are ETS(A,Ad,N) in error-correction form on the seasonally adjusted series (Hyndman, Koehler, Ord,
//! Snyder 2008, "Forecasting with Exponential Smoothing", chapter 2). The rates start at those of a running mean and
//! fall to the fixed ones. A position therefore depends on no later value.
//!
//! This is not [`smoothing`](crate::model::smoothing), which searches a grid of parameters for the whole series and
//! works in `f64`. Here nothing is estimated, and the states are `f32`, as in the networks. A shared recursion would
//! change the forecasts.

use crate::model::global::seasonal_state::SeasonalState;
use crate::model::smoothing::run::damping_sum;

#[derive(Debug, Clone, Copy, PartialEq)]
struct BankParameters {
    /// Of the level, in (0, 1].
    alpha: f64,
    /// Of the trend, as a share of `alpha`; 0 for no trend.
    beta: f64,
    /// Damping of the trend at each step, in (0, 1].
    phi: f64,
    /// The trend as a share of the mean of all steps so far; 0 for a smoothed trend.
    drift: f64,
}

/// Slow and fast levels and the last value, with slowly damped, quickly damped and no trends.
const BANK: [BankParameters; 9] = [
    BankParameters { alpha: 0.2, beta: 0.0, phi: 1.0, drift: 0.0 },
    BankParameters { alpha: 0.5, beta: 0.0, phi: 1.0, drift: 0.0 },
    BankParameters { alpha: 1.0, beta: 0.0, phi: 1.0, drift: 0.0 },
    BankParameters { alpha: 0.3, beta: 0.05, phi: 0.97, drift: 0.0 },
    BankParameters { alpha: 0.6, beta: 0.15, phi: 0.9, drift: 0.0 },
    BankParameters { alpha: 0.9, beta: 0.3, phi: 0.9, drift: 0.0 },
    BankParameters { alpha: 1.0, beta: 0.08, phi: 0.97, drift: 0.0 },
    BankParameters { alpha: 0.3, beta: 0.0, phi: 1.0, drift: 0.5 },
    BankParameters { alpha: 0.8, beta: 0.0, phi: 1.0, drift: 0.7 },
];

/// The index of the smoothing whose level is the last value.
pub(crate) const LAST_VALUE: usize = 2;
pub(crate) const BANK_SIZE: usize = BANK.len();

/// Discount of earlier errors at each step.
const ERROR_DISCOUNT: f64 = 0.95;
/// A smoothing is weighted by its discounted error to minus this power.
const WEIGHT_POWER: i32 = 8;
/// Added to every error, so that smoothings without any error can be compared.
const MIN_ERROR: f64 = 1e-6;
const SPREAD_RATE: f64 = 0.08;
/// Smoothing rate of the mean step.
const DRIFT_RATE: f64 = 0.03;
/// The minimum spread, on the scale of the scaled panel.
const MIN_SPREAD: f64 = 0.002;

/// The states of the bank at each position of a part of a series.
#[derive(Debug, Default)]
pub(crate) struct SmoothingStates {
    /// [position * bank size].
    level: Vec<f32>,
    /// [position * bank size].
    trend: Vec<f32>,
    /// Weights of the smoothings, [position * bank size].
    weight: Vec<f32>,
    /// Weighted mean of the levels at each position.
    mean_level: Vec<f32>,
    /// Mean absolute step of the seasonally adjusted series, at each position.
    spread: Vec<f32>,
    /// Error of the bank's one-step forecast of each position.
    error: Vec<f32>,
    /// The sum of a damped trend of 1 up to each step, [step * bank size], from step 0.
    damping_sums: Vec<f64>,
    season: SeasonalState,
}

impl SmoothingStates {
    /// Runs the bank over `values`; its memory is reused. The weights also depend on the errors of forecasts half a
    /// `horizon` ahead.
    pub(crate) fn run(&mut self, values: &[f32], periods: &[usize], horizon: usize) {
        let n = values.len();
        self.season.start(values, periods);
        if self.damping_sums.len() != (horizon + 1) * BANK_SIZE {
            self.damping_sums = (0..=horizon).flat_map(|k| BANK.map(|params| damping_sum(params.phi, k))).collect();
        }
        for list in [&mut self.level, &mut self.trend, &mut self.weight] {
            list.clear();
            list.reserve(n * BANK_SIZE);
        }
        for list in [&mut self.mean_level, &mut self.spread, &mut self.error] {
            list.clear();
            list.reserve(n);
        }
        let first = f64::from(values[0]) - self.season.expected(0);
        let (mut level, mut trend) = ([first; BANK_SIZE], [0.0; BANK_SIZE]);
        let mut discounted_error = [0.0; BANK_SIZE];
        let (mut previous, mut spread, mut mean_step) = (first, 0.0, 0.0);
        let lead = (horizon / 2).max(2).min(horizon);
        for (t, value) in values.iter().enumerate() {
            let adjusted = f64::from(*value) - self.season.expected(t);
            let expected_by_bank = if t > 0 { self.forecast(t - 1, 1) } else { adjusted };
            let running_mean_rate = 1.0 / (t as f64 + 1.0);
            mean_step += DRIFT_RATE.max(1.0 / t.max(1) as f64) * (adjusted - previous - mean_step);
            for (i, params) in BANK.iter().enumerate() {
                let expected = level[i] + params.phi * trend[i];
                let error = adjusted - expected;
                let alpha = params.alpha.max(running_mean_rate);
                level[i] = expected + alpha * error;
                trend[i] = if params.drift > 0.0 {
                    params.drift * mean_step
                } else if params.beta > 0.0 && t > 0 {
                    params.phi * trend[i] + alpha * params.beta.max(running_mean_rate) * error
                } else {
                    0.0
                };
                let error_ahead =
                    if t >= lead { (adjusted - self.single_forecast(t - lead, lead, i)).abs() } else { 0.0 };
                discounted_error[i] = ERROR_DISCOUNT * discounted_error[i] + error.abs() + error_ahead;
            }
            self.season.update(t, f64::from(*value));
            spread += SPREAD_RATE.max(1.0 / t.max(1) as f64) * ((adjusted - previous).abs() - spread);
            previous = adjusted;
            self.push(&level, &trend, &discounted_error);
            self.spread.push(spread.max(MIN_SPREAD) as f32);
            self.error.push((adjusted - expected_by_bank) as f32);
        }
    }

    /// Stores the state of one position, with the weights that follow from the errors.
    fn push(&mut self, level: &[f64; BANK_SIZE], trend: &[f64; BANK_SIZE], discounted_error: &[f64; BANK_SIZE]) {
        let least = discounted_error.iter().copied().fold(f64::INFINITY, f64::min) + MIN_ERROR;
        let weight = discounted_error.map(|error| (least / (error + MIN_ERROR)).powi(WEIGHT_POWER));
        let total: f64 = weight.iter().sum();
        let mut mean_level = 0.0;
        for i in 0..BANK_SIZE {
            self.level.push(level[i] as f32);
            self.trend.push(trend[i] as f32);
            self.weight.push((weight[i] / total) as f32);
            mean_level += weight[i] / total * level[i];
        }
        self.mean_level.push(mean_level as f32);
    }

    /// The `k`-step-ahead forecast of smoothing `i`, made at position `t`, without the season.
    pub(crate) fn single_forecast(&self, t: usize, k: usize, i: usize) -> f64 {
        let at = t * BANK_SIZE + i;
        f64::from(self.level[at]) + self.damping_sums[k * BANK_SIZE + i] * f64::from(self.trend[at])
    }

    /// The `k`-step-ahead forecast of the bank, made at position `t`, without the season.
    pub(crate) fn forecast(&self, t: usize, k: usize) -> f64 {
        (0..BANK_SIZE).map(|i| self.weight(t, i) * self.single_forecast(t, k, i)).sum()
    }

    /// The `k`-step-ahead forecast of the season, made at position `t`.
    pub(crate) fn season_forecast(&self, t: usize, k: usize) -> f64 {
        self.season.forecast(t, k)
    }

    /// The season at `lag` steps before position `t`, as known at `t`.
    pub(crate) fn lagged_season(&self, t: usize, lag: usize) -> f64 {
        self.season.lagged(t, lag)
    }

    /// The level at position `t`, from which the inputs and outputs of the networks are differences.
    pub(crate) fn level(&self, t: usize) -> f64 {
        f64::from(self.mean_level[t])
    }

    /// Mean absolute step up to position `t`.
    pub(crate) fn spread(&self, t: usize) -> f64 {
        f64::from(self.spread[t])
    }

    /// The error at position `t` of the bank's one-step forecast.
    pub(crate) fn error(&self, t: usize) -> f64 {
        f64::from(self.error[t])
    }

    /// The weight of smoothing `i` at position `t`.
    pub(crate) fn weight(&self, t: usize, i: usize) -> f64 {
        f64::from(self.weight[t * BANK_SIZE + i])
    }

    /// Writes the differences between single paths and that of the bank, at position `t`: [horizon * paths].
    ///
    /// The paths are those of the smoothings. If `paths` is greater than [`BANK_SIZE`], three more follow: without the
    /// season, with the slowest season and with the fastest one. `normalized` is applied to each difference.
    pub(crate) fn write_path_differences(
        &self,
        t: usize,
        into: &mut [f32],
        paths: usize,
        normalized: impl Fn(f64) -> f64,
    ) {
        let normalized = |x: f64| normalized(x) as f32;
        for (row, k) in into.chunks_mut(paths).zip(1..) {
            let bank = self.forecast(t, k);
            for (i, out) in row.iter_mut().take(BANK_SIZE).enumerate() {
                *out = normalized(self.single_forecast(t, k, i) - bank);
            }
            if paths > BANK_SIZE {
                let season = self.season.forecast(t, k);
                row[BANK_SIZE] = normalized(-season);
                let (slowest, fastest) = self.season.slowest_and_fastest(t, k);
                row[BANK_SIZE + 1] = normalized(slowest - season);
                row[BANK_SIZE + 2] = normalized(fastest - season);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn states(values: &[f32], periods: &[usize]) -> SmoothingStates {
        let mut states = SmoothingStates::default();
        states.run(values, periods, 8);
        states
    }

    #[test]
    fn states_do_not_depend_on_later_values() {
        let values: Vec<f32> = (0..60).map(|t| (t * t % 17) as f32 * 0.1).collect();
        let mut changed = values.clone();
        changed[40..].iter_mut().for_each(|v| *v += 9.0);
        let (a, b) = (states(&values, &[7]), states(&changed, &[7]));
        let forecast =
            |states: &SmoothingStates, t: usize, k: usize| states.forecast(t, k) + states.season_forecast(t, k);
        for k in 1..=8 {
            assert!((forecast(&a, 39, k) - forecast(&b, 39, k)).abs() < 1e-12);
            assert!((forecast(&a, 40, k) - forecast(&b, 40, k)).abs() > 0.1);
        }
        assert!((a.level(39) - b.level(39)).abs() < 1e-12 && (a.spread(39) - b.spread(39)).abs() < 1e-12);
        assert!((a.lagged_season(39, 3) - b.lagged_season(39, 3)).abs() < 1e-12);
    }

    #[test]
    fn the_forecast_has_most_of_the_slope_of_a_line() {
        let line: Vec<f32> = (0..80).map(|t| 1.0 + 0.05 * t as f32).collect();
        let states = states(&line, &[]);
        for k in 1..=8 {
            let (expected, forecast) = (1.0 + 0.05 * (79 + k) as f64, states.forecast(79, k));
            assert!((forecast - expected).abs() < 0.5 * 0.05 * k as f64, "{forecast} for {expected}");
        }
    }

    #[test]
    fn a_season_is_repeated() {
        let wave = |t: usize| [0.5, -0.2, -0.4, 0.1][t % 4];
        let states = states(&(0..60).map(|t| wave(t) as f32).collect::<Vec<_>>(), &[4]);
        for k in 1..=8 {
            assert!((states.season_forecast(59, k) + states.forecast(59, k) - wave(59 + k)).abs() < 0.02);
        }
        assert!((states.lagged_season(59, 1) + states.forecast(59, 1) - wave(58)).abs() < 0.02);
    }

    #[test]
    fn the_forecast_of_a_constant_or_of_a_single_value_is_that_value() {
        for states in [states(&[2.5; 30], &[4]), states(&[2.5], &[4])] {
            let last = states.mean_level.len() - 1;
            assert!((states.forecast(last, 8) + states.season_forecast(last, 8) - 2.5).abs() < 1e-6);
        }
    }
}
