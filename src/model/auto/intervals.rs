//! Prediction intervals from the errors of the ensemble at its rolling origins.
//!
//! Split conformal prediction with normalised residuals (Lei, G'Sell, Rinaldo, Tibshirani & Wasserman 2018,
//! *Distribution-free predictive inference for regression*, JASA 113(523), section 5.2): residuals are divided by the
//! scale of their step and of their season position, and pooled. Their quantiles are multiplied by the scale again.

use serde::{Deserialize, Serialize};

use crate::forecast::quantile_forecast::Forecast;
use crate::model::ensemble::holdout::shrunk;
use crate::model::stat::student_t::normal_quantile;
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
    /// The weight of a normal quantile in each quantile of the scaled residuals. Older models have none.
    #[serde(default, skip_serializing_if = "is_zero")]
    normal_share: f64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(share: &f64) -> bool {
    *share == 0.0
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
const SINGLE_HORIZON_WIDENING: f64 = 0.6;
/// The usual size of the residuals, as a share of that of naive residuals.
const USUAL_NAIVE_SHARE: f64 = 0.82;
/// Weight of that usual size, in horizons covered by the origins.
const USUAL_SIZE_HORIZONS: f64 = 1.0;
/// The weight of normal quantiles in those of the residuals.
const NORMAL_SHARE: f64 = 0.5;
/// The limit of the logarithm of the factor by which the size of the residuals is shrunk.
const MAX_LOG_SHRINKAGE: f64 = 2.0;
const MIN_SEASON_FACTOR: f64 = 0.05;
/// The limit to which squared scaled residuals are clipped in the factor of a season position.
const MAX_SQUARED_RATIO: f64 = 25.0;
/// The minimum squared scale of a step, as a share of the mean square of all residuals.
const MIN_SQUARED_STEP_SCALE: f64 = 0.1;

impl Intervals {
    /// Intervals from residuals at origins that cover `horizons` horizons. Few residuals are shrunk toward the usual size
    /// relative to those of naive forecasts in the whole history.
    pub(crate) fn fit(
        residuals: &[Residual],
        naive: &[Residual],
        horizon: usize,
        season: usize,
        horizons: f64,
    ) -> Self {
        let (size, naive_size) = (root_mean_square(residuals), root_mean_square(naive));
        let ratio = USUAL_NAIVE_SHARE * naive_size / size;
        let is_known = ratio.is_finite() && ratio > 0.0;
        let shrinkage =
            if is_known { ratio.ln() * USUAL_SIZE_HORIZONS / (horizons + USUAL_SIZE_HORIZONS) } else { 0.0 };
        // the weights were fitted to the same residuals, which underestimate future errors, most of all with few
        // origins
        let width_factor = (1.0 + SINGLE_HORIZON_WIDENING / horizons.max(1.0))
            * shrinkage.clamp(-MAX_LOG_SHRINKAGE, MAX_LOG_SHRINKAGE).exp();
        let (step_scale, season_factor) = (step_scale(residuals, horizon), vec![1.0; season.max(1)]);
        let mut intervals =
            Self { step_scale, season_factor, scaled_residuals: Vec::new(), width_factor, normal_share: NORMAL_SHARE };
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
            && (0.0..=1.0).contains(&self.normal_share)
            && self.scaled_residuals.iter().all(|r| r.is_finite())
            && self.scaled_residuals.is_sorted()
    }

    /// A quantile of the scaled residuals: the weighted mean of an empirical one and of that of a normal distribution.
    fn scaled_quantile(&self, level: f64) -> f64 {
        let residuals = &self.scaled_residuals;
        if residuals.is_empty() {
            return 0.0;
        }
        // the mean of both tails, so that a few residuals of one sign do not make the interval asymmetric
        let empirical = 0.5 * quantile(residuals, level) - 0.5 * quantile(residuals, 1.0 - level);
        let mean_square = residuals.iter().map(|r| r * r).sum::<f64>() / residuals.len() as f64;
        shrunk(empirical, normal_quantile(level) * mean_square.sqrt(), self.normal_share)
    }

    /// The distance from the forecast at step `k`, from 0, of a scaled quantile. `position` is counted from the same origin
    /// as that of the residuals.
    fn offset(&self, scaled_quantile: f64, k: usize, position: i64) -> f64 {
        self.scale(k, position) * self.width_factor * scaled_quantile
    }

    /// The forecast after a history, around a path in units of `scale`. It is not negative if no known value is.
    pub(crate) fn forecast(&self, path: &[f64], history: &TimeSeries<'_>, scale: f64, levels: &[f64]) -> Forecast {
        let floor = if history.values.iter().all(|v| v / scale >= 0.0) { 0.0 } else { f64::NEG_INFINITY };
        let begin = history.frequency.ordinal(history.start) + history.len() as i64;
        let row = |level: &f64| {
            let is_median = (level - 0.5).abs() < 1e-9;
            let scaled_quantile = if is_median { 0.0 } else { self.scaled_quantile(*level) };
            let value = |(k, median): (usize, &f64)| {
                let offset = self.offset(scaled_quantile, k, begin + k as i64);
                // the scale can lead beyond the range of `f64`
                ((median + offset).clamp(floor, f64::MAX) * scale).clamp(f64::MIN, f64::MAX)
            };
            path.iter().enumerate().map(value).collect()
        };
        Forecast::after(history, levels, levels.iter().map(row).collect())
    }
}

fn root_mean_square(residuals: &[Residual]) -> f64 {
    (residuals.iter().map(|r| r.error * r.error).sum::<f64>() / residuals.len() as f64).sqrt()
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

    fn offset(intervals: &Intervals, level: f64, step: usize, position: i64) -> f64 {
        intervals.offset(intervals.scaled_quantile(level), step, position)
    }

    #[test]
    fn coverage_is_nominal_at_most_steps_and_season_positions() {
        let rng = &mut ChaCha8Rng::seed_from_u64(1);
        let intervals = Intervals::fit(&residuals(4000, 10, rng), &[], 10, 4, 50.0);
        // the line through the squares is less exact at the very first steps, whose errors are small
        for (step, position) in [(3, 0), (9, 0), (3, 2), (9, 2), (6, -3)] {
            for (tail, nominal) in [(0.1, 0.8), (0.025, 0.95)] {
                let [low, high] = [tail, 1.0 - tail].map(|level| offset(&intervals, level, step, position));
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
        let intervals = Intervals::fit(&residuals, &[], 8, 1, 8.0);
        let widths: Vec<f64> = (0..8).map(|k| offset(&intervals, 0.9, k, 0)).collect();
        assert!(widths.windows(2).all(|pair| pair[0] <= pair[1] + 1e-12), "{widths:?}");
        let levels = [0.025, 0.1, 0.5, 0.9, 0.975].map(|level| offset(&intervals, level, 3, 0));
        assert!(levels.is_sorted() && levels[2].abs() < 1e-12, "{levels:?}");
    }

    #[test]
    fn fewer_horizons_give_wider_intervals_and_residuals_without_errors_none() {
        let residuals = residuals(100, 5, &mut ChaCha8Rng::seed_from_u64(2));
        let widths =
            [8.0, 4.0, 1.0].map(|horizons| offset(&Intervals::fit(&residuals, &[], 5, 1, horizons), 0.9, 0, 0));
        assert!(widths[0] < widths[1] && widths[1] < widths[2], "{widths:?}");
        let none = Intervals::fit(&[], &[], 3, 7, 0.0);
        assert!(offset(&none, 0.9, 2, 5) == 0.0 && none.is_valid(3) && !none.is_valid(4));
        let exact: Vec<Residual> = (0..9).map(|i| Residual { step: i % 3, position: i as i64, error: 0.0 }).collect();
        assert!(offset(&Intervals::fit(&exact, &residuals, 3, 3, 3.0), 0.975, 2, 1).abs() < 1e-9);
    }

    #[test]
    fn few_residuals_are_shrunk_toward_the_size_of_naive_residuals_and_many_hardly() {
        let rng = &mut ChaCha8Rng::seed_from_u64(3);
        let (small, large) = (residuals(40, 4, rng), residuals(400, 4, rng));
        let large: Vec<Residual> = large.into_iter().map(|r| Residual { error: 10.0 * r.error, ..r }).collect();
        let width = |naive: &[Residual], horizons| offset(&Intervals::fit(&small, naive, 4, 1, horizons), 0.9, 0, 0);
        let ratios = [1.0, 3.0, 20.0].map(|horizons| width(&large, horizons) / width(&[], horizons));
        assert!(ratios[0] > 2.5 && ratios.is_sorted_by(|a, b| a > b) && (1.0..1.2).contains(&ratios[2]), "{ratios:?}");
    }
}
