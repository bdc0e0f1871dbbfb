//! Intervals from how far off the blend was at its rolling origins.
//!
//! Split conformal prediction with normalised residuals (Lei, G'Sell, Rinaldo, Tibshirani & Wasserman 2018,
//! *Distribution-free predictive inference for regression*, JASA 113(523), section 5.2): residuals are divided by what is
//! usual at their step and at their place in the season, pooled, and their quantiles multiplied back.

use serde::{Deserialize, Serialize};

/// What the residuals say of the future.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Intervals {
    /// Usual size of a residual a step of the horizon; never shrinks.
    step: Vec<f64>,
    /// Factor a position of the season, from an absolute origin.
    phase: Vec<f64>,
    /// Sorted residuals over the usual size.
    pool: Vec<f64>,
    /// Factor on the pooled residuals' quantiles.
    widening: f64,
}

/// How far off a path was at a step, from 0; the position is counted from an absolute origin.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Residual {
    pub(crate) step: usize,
    pub(crate) position: i64,
    pub(crate) error: f64,
}

impl Intervals {
    /// Residuals that a position of the season is shrunk by toward the usual.
    const PRIOR: f64 = 8.0;
    /// How much wider the bands are where the origins span one horizon.
    const DOUBT: f64 = 1.2;

    pub(crate) fn of(residuals: &[Residual], horizon: usize, season: usize, span: f64) -> Self {
        let step = growth(residuals, horizon);
        let mut phase = vec![1.0; season.max(1)];
        if season > 1 && residuals.len() >= 2 * season {
            let (mut sums, mut counts) = (vec![0.0; season], vec![0.0; season]);
            for r in residuals {
                let place = r.position.rem_euclid(season as i64) as usize;
                sums[place] += (r.error / step[r.step]).powi(2).min(25.0);
                counts[place] += 1.0;
            }
            let usual = sums.iter().sum::<f64>() / counts.iter().sum::<f64>();
            for place in 0..season {
                phase[place] =
                    ((sums[place] + Self::PRIOR * usual) / (counts[place] + Self::PRIOR) / usual).sqrt().max(0.05);
            }
        }
        let usual = |r: &Residual| step[r.step] * phase[r.position.rem_euclid(phase.len() as i64) as usize];
        let mut pool: Vec<f64> = residuals.iter().map(|r| r.error / usual(r)).collect();
        pool.sort_by(f64::total_cmp);
        // the weights were chosen on these very residuals, and few origins see little of what can happen
        let widening = 1.0 + Self::DOUBT / span.max(1.0);
        Self { step, phase, pool, widening }
    }

    /// Whether what was read from a file makes bands.
    pub(crate) fn is_sound(&self, horizon: usize) -> bool {
        let sizes = |of: &[f64]| of.iter().all(|size| size.is_finite() && *size >= 0.0);
        self.step.len() == horizon
            && !self.phase.is_empty()
            && sizes(&self.step)
            && sizes(&self.phase)
            && self.widening.is_finite()
            && self.pool.iter().all(|r| r.is_finite())
            && self.pool.is_sorted()
    }

    /// How far above the forecast the quantile of `level` lies at step `k`, from 0, whose place is `position`.
    pub(crate) fn offset(&self, level: f64, k: usize, position: i64) -> f64 {
        if self.pool.is_empty() {
            return 0.0;
        }
        let place = position.rem_euclid(self.phase.len() as i64) as usize;
        let usual = self.step[k.min(self.step.len() - 1)] * self.phase[place];
        // both tails, so that a few residuals of one sign do not make a lopsided band
        let (own, other) = (quantile(&self.pool, level), -quantile(&self.pool, 1.0 - level));
        usual * self.widening * (0.5 * own + 0.5 * other)
    }
}

/// Usual size of the residuals a step: the square root of a line through their squares that does not fall.
fn growth(residuals: &[Residual], horizon: usize) -> Vec<f64> {
    let n = residuals.len().max(1) as f64;
    let square = |r: &Residual| r.error * r.error;
    let (mx, my) =
        (residuals.iter().map(|r| r.step as f64).sum::<f64>() / n, residuals.iter().map(square).sum::<f64>() / n);
    let sxx: f64 = residuals.iter().map(|r| (r.step as f64 - mx).powi(2)).sum();
    let sxy: f64 = residuals.iter().map(|r| (r.step as f64 - mx) * (square(r) - my)).sum();
    let slope = if sxx > 0.0 { (sxy / sxx).max(0.0) } else { 0.0 };
    let floor = 0.1 * my;
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

    /// Errors whose size grows with the root of the step, and is thrice as large at one place of a season of four.
    fn error(rng: &mut ChaCha8Rng, step: usize, position: i64) -> f64 {
        let size = if position.rem_euclid(4) == 2 { 3.0 } else { 1.0 };
        size * ((step + 1) as f64).sqrt() * rng.sample::<f64, _>(StandardNormal)
    }

    fn residuals(count: usize, horizon: usize, rng: &mut ChaCha8Rng) -> Vec<Residual> {
        let at = |i: usize| (i % horizon, (i / horizon) as i64 - 200);
        (0..count)
            .map(at)
            .map(|(step, position)| Residual { step, position, error: error(rng, step, position) })
            .collect()
    }

    #[test]
    fn they_hold_what_they_promise_at_most_steps_and_places() {
        let rng = &mut ChaCha8Rng::seed_from_u64(1);
        let horizon = 10;
        let bands = Intervals::of(&residuals(4000, horizon, rng), horizon, 4, 50.0);
        // the line through the squares says little of the very first steps, which are small beside the last
        for (step, position) in [(3, 0), (9, 0), (3, 2), (9, 2), (6, -3)] {
            for (tail, promised) in [(0.1, 0.8), (0.025, 0.95)] {
                let (low, high) = (bands.offset(tail, step, position), bands.offset(1.0 - tail, step, position));
                let held = (0..4000).filter(|_| (low..=high).contains(&error(rng, step, position))).count();
                let share = held as f64 / 4000.0;
                assert!((share - promised).abs() < 0.06, "step {step}, place {position}: {share} for {promised}");
            }
        }
    }

    #[test]
    fn they_do_not_shrink_with_the_step_nor_cross() {
        // errors that happen to shrink
        let shrinking =
            |i: usize| Residual { step: i % 8, position: 0, error: (8 - i % 8) as f64 * [1.0, -1.0][i / 8 % 2] };
        let bands = Intervals::of(&(0..64).map(shrinking).collect::<Vec<_>>(), 8, 1, 8.0);
        let wide: Vec<f64> = (0..8).map(|k| bands.offset(0.9, k, 0)).collect();
        assert!(wide.windows(2).all(|pair| pair[0] <= pair[1] + 1e-12), "{wide:?}");
        let levels = [0.025, 0.1, 0.5, 0.9, 0.975].map(|level| bands.offset(level, 3, 0));
        assert!(levels.is_sorted() && levels[2].abs() < 1e-12, "{levels:?}");
    }

    #[test]
    fn few_horizons_make_them_wider() {
        let rng = &mut ChaCha8Rng::seed_from_u64(2);
        let residuals = residuals(100, 5, rng);
        let width = |span: f64| Intervals::of(&residuals, 5, 1, span).offset(0.9, 0, 0);
        assert!(width(1.0) > width(4.0) && width(4.0) > width(8.0));
    }

    #[test]
    fn without_a_residual_there_is_no_band_and_without_error_no_width() {
        let none = Intervals::of(&[], 3, 7, 0.0);
        assert!(none.offset(0.9, 2, 5) == 0.0 && none.is_sound(3) && !none.is_sound(4));
        let exact: Vec<Residual> = (0..9).map(|i| Residual { step: i % 3, position: i as i64, error: 0.0 }).collect();
        assert!(Intervals::of(&exact, 3, 3, 3.0).offset(0.975, 2, 1).abs() < 1e-9);
    }
}
