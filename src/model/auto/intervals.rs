//! Prediction intervals from the errors of the ensemble at its rolling origins.
//!
//! Split conformal prediction with normalised residuals (Lei, G'Sell, Rinaldo, Tibshirani & Wasserman 2018,
//! *Distribution-free predictive inference for regression*, JASA 113(523), section 5.2): residuals are divided by the
//! scale of their step and of their season position, and pooled. Their quantiles are multiplied by the scale again.

use serde::{Deserialize, Serialize};

use crate::forecast::quantile_forecast::Forecast;
use crate::panel::series::TimeSeries;

/// Quantiles of scaled residuals, and the scales.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Intervals {
    /// Scale of the residuals at each step of the horizon; it never falls.
    step_scale: Vec<f64>,
    /// Factor on the scale at each position of the season, counted from an absolute origin.
    season_factor: Vec<f64>,
    /// Residuals divided by their scale, ascending.
    scaled_residuals: Vec<f64>,
    /// Factor on the quantiles of the scaled residuals.
    width_factor: f64,
}

/// The error of a path at a step, from 0, and its position, counted from an absolute origin.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Residual {
    pub(crate) step: usize,
    pub(crate) position: i64,
    pub(crate) error: f64,
}

/// Weight of the prior, in residuals, when the scale of a season position is shrunk toward the mean scale.
const SEASON_PRIOR_RESIDUALS: f64 = 8.0;
/// Added to the width factor if the origins cover one horizon.
const SINGLE_HORIZON_WIDENING: f64 = 1.2;
const MIN_SEASON_FACTOR: f64 = 0.05;
/// The limit to which squared scaled residuals are clipped in the factor of a season position.
const MAX_SQUARED_RATIO: f64 = 25.0;
/// The minimum squared scale of a step, as a share of the mean square of all residuals.
const MIN_SQUARED_STEP_SCALE: f64 = 0.1;

impl Intervals {
    /// Intervals from residuals at origins that cover `horizons` horizons.
    pub(crate) fn fit(residuals: &[Residual], horizon: usize, season: usize, horizons: f64) -> Self {
        // the weights were fitted to the same residuals, which underestimate future errors, most of all with few
        // origins
        let width_factor = 1.0 + SINGLE_HORIZON_WIDENING / horizons.max(1.0);
        let (step_scale, season_factor) = (step_scale(residuals, horizon), vec![1.0; season.max(1)]);
        let mut intervals = Self { step_scale, season_factor, scaled_residuals: Vec::new(), width_factor };
        if season > 1 && residuals.len() >= 2 * season {
            let (mut sums, mut counts) = (vec![0.0; season], vec![0.0; season]);
            for r in residuals {
                let position = intervals.season_position(r.position);
                sums[position] += (r.error / intervals.step_scale[r.step]).powi(2).min(MAX_SQUARED_RATIO);
                counts[position] += 1.0;
            }
            let mean = sums.iter().sum::<f64>() / counts.iter().sum::<f64>();
            for ((factor, sum), count) in intervals.season_factor.iter_mut().zip(&sums).zip(&counts) {
                let shrunk = (sum + SEASON_PRIOR_RESIDUALS * mean) / (count + SEASON_PRIOR_RESIDUALS) / mean;
                *factor = shrunk.sqrt().max(MIN_SEASON_FACTOR);
            }
        }
        intervals.scaled_residuals = residuals.iter().map(|r| r.error / intervals.scale(r.step, r.position)).collect();
        intervals.scaled_residuals.sort_by(f64::total_cmp);
        intervals
    }

    fn season_position(&self, position: i64) -> usize {
        position.rem_euclid(self.season_factor.len() as i64) as usize
    }

    /// The scale at a step of the horizon or, beyond it, at the last one.
    fn scale(&self, step: usize, position: i64) -> f64 {
        self.step_scale[step.min(self.step_scale.len() - 1)] * self.season_factor[self.season_position(position)]
    }

    /// Whether the numbers of a loaded model are valid intervals.
    pub(crate) fn is_valid(&self, horizon: usize) -> bool {
        let are_scales = |of: &[f64]| of.iter().all(|scale| scale.is_finite() && *scale >= 0.0);
        self.step_scale.len() == horizon
            && !self.season_factor.is_empty()
            && are_scales(&self.step_scale)
            && are_scales(&self.season_factor)
            && self.width_factor.is_finite()
            && self.scaled_residuals.iter().all(|r| r.is_finite())
            && self.scaled_residuals.is_sorted()
    }

    /// The distance of the quantile of `level` from the forecast at step `k`, from 0. `position` is counted from the same
    /// origin as that of the residuals.
    fn offset(&self, level: f64, k: usize, position: i64) -> f64 {
        if self.scaled_residuals.is_empty() {
            return 0.0;
        }
        // the mean of both tails, so that a few residuals of one sign do not make the interval asymmetric
        let own = quantile(&self.scaled_residuals, level);
        let opposite = -quantile(&self.scaled_residuals, 1.0 - level);
        self.scale(k, position) * self.width_factor * (0.5 * own + 0.5 * opposite)
    }

    /// The forecast after a history, around a path in units of `scale`. It is not negative if no known value is.
    pub(crate) fn forecast(&self, path: &[f64], history: &TimeSeries<'_>, scale: f64, levels: &[f64]) -> Forecast {
        let floor = if history.values.iter().all(|v| v / scale >= 0.0) { 0.0 } else { f64::NEG_INFINITY };
        let begin = history.frequency.ordinal(history.start) + history.len() as i64;
        let row = |level: &f64| {
            let is_median = (level - 0.5).abs() < 1e-9;
            let value = |(k, median): (usize, &f64)| {
                let offset = if is_median { 0.0 } else { self.offset(*level, k, begin + k as i64) };
                // the scale can lead beyond the range of `f64`
                ((median + offset).clamp(floor, f64::MAX) * scale).clamp(f64::MIN, f64::MAX)
            };
            path.iter().enumerate().map(value).collect()
        };
        Forecast::after(history, levels, levels.iter().map(row).collect())
    }
}

/// The scale of the residuals at each step: the square root of a non-decreasing line through their squares.
fn step_scale(residuals: &[Residual], horizon: usize) -> Vec<f64> {
    let n = residuals.len().max(1) as f64;
    let square = |r: &Residual| r.error * r.error;
    let mx = residuals.iter().map(|r| r.step as f64).sum::<f64>() / n;
    let my = residuals.iter().map(square).sum::<f64>() / n;
    let sxx: f64 = residuals.iter().map(|r| (r.step as f64 - mx).powi(2)).sum();
    let sxy: f64 = residuals.iter().map(|r| (r.step as f64 - mx) * (square(r) - my)).sum();
    let slope = if sxx > 0.0 { (sxy / sxx).max(0.0) } else { 0.0 };
    let floor = MIN_SQUARED_STEP_SCALE * my;
    (0..horizon).map(|k| (my + slope * (k as f64 - mx)).max(floor).sqrt().max(1e-300)).collect()
}

/// A quantile of sorted values, by linear interpolation between the plotting positions i / (n + 1).
fn quantile(sorted: &[f64], level: f64) -> f64 {
    let n = sorted.len();
    let at = (level * (n as f64 + 1.0) - 1.0).clamp(0.0, n as f64 - 1.0);
    let below = at.floor() as usize;
    let above = (below + 1).min(n - 1);
    sorted[below] + (at - below as f64) * (sorted[above] - sorted[below])
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;
    use rand_distr::StandardNormal;

    use super::*;

    /// An error that grows with the root of the step, and is tripled at one position of the season.
    fn residual(rng: &mut ChaCha8Rng, step: usize, position: i64) -> Residual {
        let size = if position.rem_euclid(4) == 2 { 3.0 } else { 1.0 };
        let error = size * ((step + 1) as f64).sqrt() * rng.sample::<f64, _>(StandardNormal);
        Residual { step, position, error }
    }

    fn residuals(count: usize, horizon: usize, rng: &mut ChaCha8Rng) -> Vec<Residual> {
        (0..count).map(|i| residual(rng, i % horizon, (i / horizon) as i64 - 200)).collect()
    }

    #[test]
    fn coverage_is_nominal_at_most_steps_and_season_positions() {
        let rng = &mut ChaCha8Rng::seed_from_u64(1);
        let intervals = Intervals::fit(&residuals(4000, 10, rng), 10, 4, 50.0);
        // the line through the squares is less exact at the very first steps, whose errors are small
        for (step, position) in [(3, 0), (9, 0), (3, 2), (9, 2), (6, -3)] {
            for (tail, nominal) in [(0.1, 0.8), (0.025, 0.95)] {
                let [low, high] = [tail, 1.0 - tail].map(|level| intervals.offset(level, step, position));
                let covered = (0..4000).filter(|_| (low..=high).contains(&residual(rng, step, position).error)).count();
                let error = covered as f64 / 4000.0 - nominal;
                assert!(error.abs() < 0.06, "step {step}, position {position}: {error} from {nominal}");
            }
        }
    }

    #[test]
    fn intervals_do_not_narrow_with_the_step_and_levels_do_not_cross() {
        // errors that decrease with the step by chance
        let error = |i: usize| (8 - i % 8) as f64 * [1.0, -1.0][i / 8 % 2];
        let residuals: Vec<_> = (0..64).map(|i| Residual { step: i % 8, position: 0, error: error(i) }).collect();
        let intervals = Intervals::fit(&residuals, 8, 1, 8.0);
        let widths: Vec<f64> = (0..8).map(|k| intervals.offset(0.9, k, 0)).collect();
        assert!(widths.windows(2).all(|pair| pair[0] <= pair[1] + 1e-12), "{widths:?}");
        let levels = [0.025, 0.1, 0.5, 0.9, 0.975].map(|level| intervals.offset(level, 3, 0));
        assert!(levels.is_sorted() && levels[2].abs() < 1e-12, "{levels:?}");
    }

    #[test]
    fn fewer_horizons_give_wider_intervals_and_residuals_without_errors_none() {
        let residuals = residuals(100, 5, &mut ChaCha8Rng::seed_from_u64(2));
        let widths = [8.0, 4.0, 1.0].map(|horizons| Intervals::fit(&residuals, 5, 1, horizons).offset(0.9, 0, 0));
        assert!(widths[0] < widths[1] && widths[1] < widths[2], "{widths:?}");
        let none = Intervals::fit(&[], 3, 7, 0.0);
        assert!(none.offset(0.9, 2, 5) == 0.0 && none.is_valid(3) && !none.is_valid(4));
        let exact: Vec<Residual> = (0..9).map(|i| Residual { step: i % 3, position: i as i64, error: 0.0 }).collect();
        assert!(Intervals::fit(&exact, 3, 3, 3.0).offset(0.975, 2, 1).abs() < 1e-9);
    }
}
