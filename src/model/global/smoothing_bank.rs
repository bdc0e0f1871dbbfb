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

use crate::model::{global::seasonal_state::SeasonalState, smoothing::run::damping_sum};

/// Slow and fast levels and the last value, with slowly damped, quickly damped and no trends. Each row has
///
/// - alpha, the smoothing rate of the level, in (0, 1],
/// - beta, that of the trend, as a share of alpha; 0 for no trend,
/// - phi, the damping of the trend at each step, in (0, 1],
/// - the drift, which is the trend as a share of the mean of all steps so far; 0 for a smoothed trend.
const BANK: [[f64; 4]; 9] = [
    [0.2, 0.0, 1.0, 0.0],
    [0.5, 0.0, 1.0, 0.0],
    [1.0, 0.0, 1.0, 0.0],
    [0.3, 0.05, 0.97, 0.0],
    [0.6, 0.15, 0.9, 0.0],
    [0.9, 0.3, 0.9, 0.0],
    [1.0, 0.08, 0.97, 0.0],
    [0.3, 0.0, 1.0, 0.5],
    [0.8, 0.0, 1.0, 0.7],
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

/// The bank at each position of a part of a series.
#[derive(Debug, Default)]
pub(crate) struct SmoothingStates {
    pub(crate) positions: Vec<BankState>,
    /// The sum of a damped trend of 1 up to each step, from step 0.
    damping_sums: Vec<[f64; BANK_SIZE]>,
    pub(crate) season: SeasonalState,
}

/// The bank at one position.
#[derive(Debug, PartialEq)]
pub(crate) struct BankState {
    level: [f32; BANK_SIZE],
    trend: [f32; BANK_SIZE],
    pub(crate) weight: [f32; BANK_SIZE],
    /// Weighted mean of the levels, from which the inputs and outputs of the networks are differences.
    pub(crate) mean_level: f32,
    /// Mean absolute step of the seasonally adjusted series.
    pub(crate) spread: f32,
    /// Error of the bank's one-step forecast of this position.
    pub(crate) error: f32,
}

impl SmoothingStates {
    /// Runs the bank over `values`; its memory is reused. The weights also depend on the errors of forecasts half a
    /// `horizon` ahead.
    pub(crate) fn run(&mut self, values: &[f32], periods: &[usize], horizon: usize) {
        self.season.start(values, periods);
        if self.damping_sums.len() != horizon + 1 {
            self.damping_sums = (0..=horizon).map(|k| BANK.map(|[_, _, phi, _]| damping_sum(phi, k))).collect();
        }
        self.positions.clear();
        let first = f64::from(values[0]) - self.season.expected(0);
        let (mut level, mut trend) = ([first; BANK_SIZE], [0.0; BANK_SIZE]);
        let mut discounted_error = [0.0; BANK_SIZE];
        let (mut previous, mut spread, mut mean_step) = (first, 0.0, 0.0);
        let lead = (horizon / 2).max(2).min(horizon);
        let single = |numbers: [f64; BANK_SIZE]| numbers.map(|x| x as f32);
        for (t, value) in values.iter().enumerate() {
            let adjusted = f64::from(*value) - self.season.expected(t);
            let expected_by_bank = if t > 0 { self.forecast(t - 1, 1) } else { adjusted };
            let running_mean_rate = 1.0 / (t as f64 + 1.0);
            mean_step += DRIFT_RATE.max(1.0 / t.max(1) as f64) * (adjusted - previous - mean_step);
            for (i, [alpha, beta, phi, drift]) in BANK.into_iter().enumerate() {
                let expected = level[i] + phi * trend[i];
                let error = adjusted - expected;
                let alpha = alpha.max(running_mean_rate);
                level[i] = expected + alpha * error;
                trend[i] = if drift > 0.0 {
                    drift * mean_step
                } else if beta > 0.0 && t > 0 {
                    phi * trend[i] + alpha * beta.max(running_mean_rate) * error
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
            let weight = weights(discounted_error);
            self.positions.push(BankState {
                level: single(level),
                trend: single(trend),
                weight: single(weight),
                mean_level: weight.iter().zip(level).fold(0.0, |sum, (weight, level)| sum + weight * level) as f32,
                spread: spread.max(MIN_SPREAD) as f32,
                error: (adjusted - expected_by_bank) as f32,
            });
        }
    }

    /// The `k`-step-ahead forecast of smoothing `i`, made at position `t`, without the season.
    pub(crate) fn single_forecast(&self, t: usize, k: usize, i: usize) -> f64 {
        let BankState { level, trend, .. } = &self.positions[t];
        f64::from(level[i]) + self.damping_sums[k][i] * f64::from(trend[i])
    }

    /// The `k`-step-ahead forecast of the bank, made at position `t`, without the season.
    pub(crate) fn forecast(&self, t: usize, k: usize) -> f64 {
        let weight = &self.positions[t].weight;
        (0..BANK_SIZE).map(|i| f64::from(weight[i]) * self.single_forecast(t, k, i)).sum()
    }

    /// As [`SmoothingStates::forecast`], with the season.
    pub(crate) fn seasonal_forecast(&self, t: usize, k: usize) -> f64 {
        self.forecast(t, k) + self.season.forecast(t, k)
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
        normalized: impl Fn(f64) -> f32,
    ) {
        for (row, k) in into.chunks_mut(paths).zip(1..) {
            let bank = self.forecast(t, k);
            for (i, out) in row.iter_mut().take(BANK_SIZE).enumerate() {
                *out = normalized(self.single_forecast(t, k, i) - bank);
            }
            if paths > BANK_SIZE {
                let season = self.season.forecast(t, k);
                let (slowest, fastest) = self.season.slowest_and_fastest(t, k);
                let of_seasons = [-season, slowest - season, fastest - season].map(&normalized);
                row[BANK_SIZE..].copy_from_slice(&of_seasons);
            }
        }
    }
}

/// The weights of the smoothings, which sum to 1.
fn weights(discounted_error: [f64; BANK_SIZE]) -> [f64; BANK_SIZE] {
    let least = discounted_error.iter().copied().fold(f64::INFINITY, f64::min) + MIN_ERROR;
    let weight = discounted_error.map(|error| (least / (error + MIN_ERROR)).powi(WEIGHT_POWER));
    let total: f64 = weight.iter().sum();
    weight.map(|weight| weight / total)
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
        for k in 1..=8 {
            assert!((a.seasonal_forecast(39, k) - b.seasonal_forecast(39, k)).abs() < 1e-12);
            assert!((a.seasonal_forecast(40, k) - b.seasonal_forecast(40, k)).abs() > 0.1);
        }
        assert_eq!(a.positions[39], b.positions[39]);
        assert!((a.season.lagged(39, 3) - b.season.lagged(39, 3)).abs() < 1e-12);
    }

    #[test]
    fn a_line_a_season_and_a_constant_are_continued() {
        type Case<'a> = (&'a dyn Fn(usize) -> f64, usize, &'a [usize], [f64; 2]);
        let line = |t: usize| 1.0 + 0.05 * t as f64;
        let wave = |t: usize| [0.5, -0.2, -0.4, 0.1][t % 4];
        let constant = |_| 2.5;
        // the tolerance is a number and a number for each step: a forecast has most of the slope of a line
        let cases: [Case<'_>; 4] = [
            (&line, 80, &[], [0.0, 0.025]),
            (&wave, 60, &[4], [0.02, 0.0]),
            (&constant, 30, &[4], [1e-6, 0.0]),
            (&constant, 1, &[4], [1e-6, 0.0]),
        ];
        for (value, count, periods, [tolerance, for_each_step]) in cases {
            let states = states(&(0..count).map(|t| value(t) as f32).collect::<Vec<_>>(), periods);
            for k in 1..=8 {
                let (forecast, expected) = (states.seasonal_forecast(count - 1, k), value(count - 1 + k));
                let tolerance = tolerance + for_each_step * k as f64;
                assert!((forecast - expected).abs() < tolerance, "{forecast} for {expected}");
            }
            if count == 60 {
                assert!((states.season.lagged(59, 1) + states.forecast(59, 1) - wave(58)).abs() < 0.02);
            }
        }
    }
}
