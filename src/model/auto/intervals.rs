//! Prediction intervals from the errors of the ensemble at its rolling origins.
//!
//! Split conformal prediction with normalised residuals (Lei, G'Sell, Rinaldo, Tibshirani & Wasserman 2018,
//! *Distribution-free predictive inference for regression*, JASA 113(523), section 5.2): residuals are divided by the
//! scale of their step and of their season position, and pooled. Their quantiles are multiplied by the scale again.
//!
//! A few origins tell how large the errors are. How they grow with the step, how they differ by season and the shape of
//! their distribution come from the errors of closed-form candidates at many cutoffs.

use serde::{Deserialize, Serialize};

use crate::forecast::levels::is_same;
use crate::forecast::quantile_forecast::Forecast;
use crate::model::auto::step_profile::{ManyResiduals, Residual, step_profile};
use crate::model::ensemble::holdout::shrunk;
use crate::model::persist::is_zero;
use crate::model::stat::student_t::{self, normal_quantile};
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
    /// The standard deviation of that normal distribution, or 0 for that of the scaled residuals, as in older models.
    #[serde(default, skip_serializing_if = "is_zero")]
    normal_deviation: f64,
    /// The degrees of freedom of Student's t distribution in place of the normal one, or 0 for the latter, as in older
    /// models.
    #[serde(default, skip_serializing_if = "is_zero")]
    tail_freedom: usize,
}

/// A possible future of the level.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LevelScenario {
    /// The median at each step, in units of the model.
    pub(crate) path: Vec<f64>,
    pub(crate) probability: f64,
}

/// The errors from which intervals are estimated.
#[derive(Debug, Clone, Copy)]
pub(crate) struct IntervalErrors<'a> {
    /// The errors of the ensemble at its origins.
    pub(crate) own: &'a [Residual],
    /// The number of horizons that the origins cover.
    pub(crate) horizons: f64,
    /// The errors of closed-form candidates at many cutoffs.
    pub(crate) many: &'a ManyResiduals,
    /// The errors of naive forecasts at all positions of the end of the history.
    pub(crate) naive: &'a [Residual],
}

/// Weight of the prior when the scale of a season position is shrunk toward the mean scale: in residuals of the
/// ensemble, and in those of many cutoffs, which overlap.
const SEASON_PRIOR_RESIDUALS: f64 = 8.0;
const SEASON_PRIOR_MANY_RESIDUALS: f64 = 30.0;
/// The minimum number of cutoffs for the shape of the distribution and for the season.
const MIN_CUTOFFS: usize = 20;
/// The maximum number of scaled residuals that are kept. More are replaced by so many of their quantiles.
const MAX_SCALED_RESIDUALS: usize = 199;
/// Added to the width factor if the origins cover one horizon.
const SINGLE_HORIZON_WIDENING: f64 = 0.6;
/// The usual size of the residuals, as a share of that of naive residuals.
const USUAL_NAIVE_SHARE: f64 = 0.82;
/// Weight of that usual size, in horizons covered by the origins.
const USUAL_SIZE_HORIZONS: f64 = 1.0;
/// The weight of the quantiles of a distribution with the same size in those of the residuals.
const NORMAL_SHARE: f64 = 0.5;
/// The degrees of freedom of its tails, to which the number of horizons is added. The size of the errors is itself an
/// estimate, and large errors are more frequent than in a normal distribution.
const MIN_TAIL_FREEDOM: f64 = 12.0;
/// The mean absolute value of a standard normal variable.
const MEAN_ABSOLUTE_NORMAL: f64 = 0.798;
/// The limit of the logarithm of the factor by which the size of the residuals is shrunk.
const MAX_LOG_SHRINKAGE: f64 = 2.0;
/// The minimum scale of a season position relative to the mean, so that no interval has the width 0.
const MIN_SEASON_FACTOR: f64 = 0.05;
/// The limit to which squared scaled residuals are clipped in the factor of a season position.
const MAX_SQUARED_RATIO: f64 = 25.0;

impl Intervals {
    /// Few residuals are shrunk toward the usual size relative to those of naive forecasts in the whole history.
    pub(crate) fn fit(errors: &IntervalErrors<'_>, horizon: usize, season: usize) -> Self {
        let IntervalErrors { own, horizons, many, naive } = *errors;
        let ratio = USUAL_NAIVE_SHARE * root_mean_square(naive) / root_mean_square(own);
        let is_known = ratio.is_finite() && ratio > 0.0;
        let shrinkage =
            if is_known { ratio.ln() * USUAL_SIZE_HORIZONS / (horizons + USUAL_SIZE_HORIZONS) } else { 0.0 };
        // the weights were fitted to the same residuals, which underestimate future errors, most of all with few
        // origins
        let width_factor = (1.0 + SINGLE_HORIZON_WIDENING / horizons.max(1.0))
            * shrinkage.clamp(-MAX_LOG_SHRINKAGE, MAX_LOG_SHRINKAGE).exp();
        let mut intervals = Self {
            step_scale: step_profile(many, own, naive, horizon),
            season_factor: vec![1.0; season.max(1)],
            scaled_residuals: Vec::new(),
            width_factor,
            normal_share: NORMAL_SHARE,
            normal_deviation: 0.0,
            tail_freedom: (MIN_TAIL_FREEDOM + horizons).round() as usize,
        };
        let has_many = many.cutoffs >= MIN_CUTOFFS && many.residuals.iter().any(|r| r.error != 0.0);
        let (of_shape, season_prior) = if has_many {
            (many.residuals.as_slice(), SEASON_PRIOR_MANY_RESIDUALS)
        } else {
            (own, SEASON_PRIOR_RESIDUALS)
        };
        intervals.set_season_factors(of_shape, season_prior);
        let size = mean_absolute(&intervals.scaled(own)) / MEAN_ABSOLUTE_NORMAL;
        let mut shape = intervals.scaled(of_shape);
        let shape_size = mean_absolute(&shape) / MEAN_ABSOLUTE_NORMAL;
        if shape_size > 0.0 {
            shape.iter_mut().for_each(|residual| *residual *= size / shape_size);
        }
        shape.sort_by(f64::total_cmp);
        let level = |i: usize| i as f64 / (MAX_SCALED_RESIDUALS + 1) as f64;
        intervals.scaled_residuals = if shape.len() > MAX_SCALED_RESIDUALS {
            (1..=MAX_SCALED_RESIDUALS).map(|i| quantile(&shape, level(i))).collect()
        } else {
            shape
        };
        intervals.normal_deviation = size;
        intervals
    }

    /// Sets the factors of the season positions by residuals, shrunk to 1 by a prior that is worth `prior` residuals.
    fn set_season_factors(&mut self, residuals: &[Residual], prior: f64) {
        let season = self.season_factor.len();
        let size = root_mean_square(residuals);
        if season == 1 || residuals.len() < 2 * season || size.is_nan() || size == 0.0 {
            return;
        }
        let (mut sums, mut counts) = (vec![0.0; season], vec![0.0; season]);
        for r in residuals {
            let position = self.season_position(r.position);
            let step_scale = self.step_scale[r.step.min(self.step_scale.len() - 1)];
            sums[position] += (r.error / size / step_scale).powi(2).min(MAX_SQUARED_RATIO);
            counts[position] += 1.0;
        }
        let mean = sums.iter().sum::<f64>() / counts.iter().sum::<f64>();
        for ((factor, sum), count) in self.season_factor.iter_mut().zip(&sums).zip(&counts) {
            let shrunk = (sum + prior * mean) / (count + prior) / mean;
            *factor = shrunk.sqrt().max(MIN_SEASON_FACTOR);
        }
    }

    /// Residuals divided by the scale of their step and position.
    fn scaled(&self, residuals: &[Residual]) -> Vec<f64> {
        residuals.iter().map(|r| r.error / self.scale(r.step, r.position)).collect()
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
            && self.normal_deviation.is_finite()
            && self.normal_deviation >= 0.0
            && self.scaled_residuals.iter().all(|r| r.is_finite())
            && self.scaled_residuals.is_sorted()
    }

    /// A quantile of the scaled residuals: the weighted mean of an empirical one and of that of a
    /// distribution with the same size.
    fn scaled_quantile(&self, level: f64) -> f64 {
        let residuals = &self.scaled_residuals;
        if residuals.is_empty() {
            return 0.0;
        }
        // the mean of both tails, so that a few residuals of one sign do not make the interval asymmetric
        let empirical = 0.5 * quantile(residuals, level) - 0.5 * quantile(residuals, 1.0 - level);
        let deviation = if self.normal_deviation > 0.0 {
            self.normal_deviation
        } else {
            (residuals.iter().map(|r| r * r).sum::<f64>() / residuals.len() as f64).sqrt()
        };
        let tail = match self.tail_freedom {
            0 => normal_quantile(level),
            freedom => student_t::quantile(level, freedom),
        };
        shrunk(empirical, tail * deviation, self.normal_share)
    }

    /// The distance from the forecast at step `k`, from 0, of a scaled quantile. `position` is counted from the same
    /// origin as that of the residuals.
    fn offset(&self, scaled_quantile: f64, k: usize, position: i64) -> f64 {
        self.scale(k, position) * self.width_factor * scaled_quantile
    }

    /// The distance of a quantile from the median at step `k`, from 0. `position` is counted from the same origin as that
    /// of the residuals.
    pub(crate) fn distance(&self, level: f64, k: usize, position: i64) -> f64 {
        self.offset(self.scaled_quantile(level), k, position)
    }

    /// The quantile at step `k` of a scenario, where its part of the mixture extends beyond `value`; otherwise `value`.
    fn widened(&self, value: f64, scenario: &LevelScenario, level: f64, k: usize, position: i64) -> f64 {
        let LevelScenario { path, probability } = scenario;
        let quantile = |level: f64| path[k] + self.distance(level, k, position);
        if level < 0.5 && level < *probability {
            value.min(quantile(level / probability))
        } else if level > 0.5 && 1.0 - level < *probability {
            value.max(quantile(1.0 - (1.0 - level) / probability))
        } else {
            value
        }
    }

    /// The forecast after a history, around a path in units of `scale`. It contains the scenarios, keeps to the bounds of
    /// the history, and is 0 at the steps of `known_zeros`.
    pub(crate) fn forecast(
        &self,
        path: &[f64],
        scenarios: &[LevelScenario],
        history: &TimeSeries<'_>,
        scale: f64,
        known_zeros: &[bool],
        levels: &[f64],
    ) -> Forecast {
        let bounds = history.bounds();
        let begin = history.frequency.ordinal(history.start) + history.len() as i64;
        let row = |level: &f64| {
            let is_median = is_same(*level, 0.5);
            let scaled_quantile = if is_median { 0.0 } else { self.scaled_quantile(*level) };
            let value = |(k, median): (usize, &f64)| {
                if known_zeros[k] {
                    return 0.0;
                }
                let position = begin + k as i64;
                let own = median + self.offset(scaled_quantile, k, position);
                let widened = |value, scenario| self.widened(value, scenario, *level, k, position);
                let value = if is_median { own } else { scenarios.iter().fold(own, widened) };
                // the scale can lead beyond the range of `f64`
                bounds.clamp(value.clamp(f64::MIN, f64::MAX) * scale)
            };
            path.iter().enumerate().map(value).collect()
        };
        Forecast::after(history, levels, levels.iter().map(row).collect())
    }
}

fn root_mean_square(residuals: &[Residual]) -> f64 {
    (residuals.iter().map(|r| r.error * r.error).sum::<f64>() / residuals.len() as f64).sqrt()
}

/// The mean absolute value; 0 without values.
fn mean_absolute(values: &[f64]) -> f64 {
    values.iter().map(|value| value.abs()).sum::<f64>() / values.len().max(1) as f64
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

    /// Intervals from errors at origins alone.
    fn fit(own: &[Residual], naive: &[Residual], horizon: usize, season: usize, horizons: f64) -> Intervals {
        let many = ManyResiduals::default();
        Intervals::fit(&IntervalErrors { own, horizons, many: &many, naive }, horizon, season)
    }

    #[test]
    fn coverage_is_nominal_at_all_steps_and_season_positions() {
        let rng = &mut ChaCha8Rng::seed_from_u64(1);
        let many = ManyResiduals { residuals: residuals(4000, 10, rng), cutoffs: 400, steps: 10 };
        // the size is that of the ensemble, whose errors are twice as large
        let own: Vec<Residual> = many.residuals.iter().map(|r| Residual { error: 2.0 * r.error, ..*r }).collect();
        let intervals = Intervals::fit(&IntervalErrors { own: &own, horizons: 50.0, many: &many, naive: &[] }, 10, 4);
        for (step, position) in [(0, 0), (3, 0), (9, 0), (0, 2), (3, 2), (9, 2), (6, -3)] {
            for (tail, nominal) in [(0.1, 0.8), (0.025, 0.95)] {
                let [low, high] = [tail, 1.0 - tail].map(|level| offset(&intervals, level, step, position) / 2.0);
                let covered = (0..4000).filter(|_| (low..=high).contains(&residual(rng, step, position).error)).count();
                let error = covered as f64 / 4000.0 - nominal;
                assert!(error.abs() < 0.06, "step {step}, position {position}: {error} from {nominal}");
            }
        }
    }

    #[test]
    fn quantiles_of_extreme_levels_ascend_with_many_and_with_few_residuals() {
        let rng = &mut ChaCha8Rng::seed_from_u64(4);
        for count in [2, 8, 5000] {
            let intervals = fit(&residuals(count, 2, rng), &[], 2, 1, 8.0);
            assert!(intervals.scaled_residuals.len() <= MAX_SCALED_RESIDUALS);
            let levels = [0.001, 0.01, 0.05, 0.3, 0.5, 0.7, 0.95, 0.99, 0.999];
            let offsets = levels.map(|level| offset(&intervals, level, 1, 0));
            assert!(offsets.is_sorted_by(|a, b| a < b), "{count}: {offsets:?}");
            assert!(offsets.iter().zip(offsets.iter().rev()).all(|(low, high)| (low + high).abs() < 1e-9));
        }
    }

    #[test]
    fn intervals_do_not_narrow_with_the_step_and_levels_do_not_cross() {
        // errors that decrease with the step by chance
        let error = |i: usize| (8 - i % 8) as f64 * [1.0, -1.0][i / 8 % 2];
        let residuals: Vec<_> = (0..64).map(|i| Residual { step: i % 8, position: 0, error: error(i) }).collect();
        let intervals = fit(&residuals, &[], 8, 1, 8.0);
        let widths: Vec<f64> = (0..8).map(|k| offset(&intervals, 0.9, k, 0)).collect();
        assert!(widths.windows(2).all(|pair| pair[0] <= pair[1] + 1e-12), "{widths:?}");
        let levels = [0.025, 0.1, 0.5, 0.9, 0.975].map(|level| offset(&intervals, level, 3, 0));
        assert!(levels.is_sorted() && levels[2].abs() < 1e-12, "{levels:?}");
    }

    #[test]
    fn fewer_horizons_give_wider_intervals_and_residuals_without_errors_none() {
        let residuals = residuals(100, 5, &mut ChaCha8Rng::seed_from_u64(2));
        let widths = [8.0, 4.0, 1.0].map(|horizons| offset(&fit(&residuals, &[], 5, 1, horizons), 0.9, 0, 0));
        assert!(widths[0] < widths[1] && widths[1] < widths[2], "{widths:?}");
        let none = fit(&[], &[], 3, 7, 0.0);
        assert!(offset(&none, 0.9, 2, 5) == 0.0 && none.is_valid(3) && !none.is_valid(4));
        let exact: Vec<Residual> = (0..9).map(|i| Residual { step: i % 3, position: i as i64, error: 0.0 }).collect();
        assert!(offset(&fit(&exact, &residuals, 3, 3, 3.0), 0.975, 2, 1).abs() < 1e-9);
    }

    #[test]
    fn few_residuals_are_shrunk_toward_the_size_of_naive_residuals_and_many_hardly() {
        let rng = &mut ChaCha8Rng::seed_from_u64(3);
        let (small, large) = (residuals(40, 4, rng), residuals(400, 4, rng));
        let large: Vec<Residual> = large.into_iter().map(|r| Residual { error: 10.0 * r.error, ..r }).collect();
        let width = |naive: &[Residual], horizons| {
            let intervals = fit(&small, naive, 4, 1, horizons);
            (0..4).map(|step| offset(&intervals, 0.9, step, 0)).sum::<f64>()
        };
        let ratios = [1.0, 3.0, 20.0].map(|horizons| width(&large, horizons) / width(&[], horizons));
        assert!(ratios[0] > 2.5 && ratios.is_sorted_by(|a, b| a > b) && (1.0..1.2).contains(&ratios[2]), "{ratios:?}");
    }
}
