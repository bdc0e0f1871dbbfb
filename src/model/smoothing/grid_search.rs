//! The search of a grid of smoothing parameters: many sets walk over a series side by side, one in each lane of a vector
//! register.
//!
//! The arithmetic of a lane is that of a walk by itself, so that the same bytes come out whatever the registers' width.

use crate::model::smoothing::{Parameters, Start};

/// Sets of parameters that walk together.
const LANES: usize = 8;
/// Most origins, and most steps of the horizon, at which a set of parameters is scored.
const ORIGINS: usize = 600;
const STEPS: usize = 8;

type Lanes = [f64; LANES];

/// What sets of parameters are tried on.
pub(crate) struct Trial<'a> {
    pub(crate) values: &'a [f64],
    pub(crate) observed: &'a [bool],
    pub(crate) horizon: usize,
    /// The first position that is forecast from.
    pub(crate) first: usize,
    pub(crate) start: &'a Start,
}

/// Where walks are at each position.
#[derive(Default)]
struct Walks {
    level: Vec<Lanes>,
    trend: Vec<Lanes>,
    /// Longer by one season.
    seasonal: Vec<Lanes>,
}

impl Trial<'_> {
    /// The set with the least mean absolute error over some origins and some steps, and that error, which is infinite
    /// where there is nothing to compare.
    pub(crate) fn best(&self, grid: &[Parameters]) -> (f64, Parameters) {
        let mut walks = Walks::default();
        let arch = pulp::Arch::new();
        let mut best = (f64::INFINITY, grid[0]);
        for together in grid.chunks(LANES) {
            let errors = arch.dispatch(
                #[inline(always)]
                || {
                    self.walk(together, &mut walks);
                    self.score(together, &walks)
                },
            );
            for (error, parameters) in errors.into_iter().zip(together) {
                if error < best.0 {
                    best = (error, *parameters);
                }
            }
        }
        best
    }

    #[allow(clippy::inline_always, reason = "only what is inlined is compiled for the registers that are found")]
    #[inline(always)]
    fn walk(&self, together: &[Parameters], walks: &mut Walks) {
        let lanes = |of: fn(&Parameters) -> f64| -> Lanes { std::array::from_fn(|i| together.get(i).map_or(0.0, of)) };
        let (alpha, beta, phi, gamma) = (lanes(|p| p.alpha), lanes(|p| p.beta), lanes(|p| p.phi), lanes(|p| p.gamma));
        let n = self.values.len();
        let Walks { level: levels, trend: trends, seasonal } = walks;
        levels.clear();
        trends.clear();
        seasonal.clear();
        levels.reserve(n);
        trends.reserve(n);
        seasonal.reserve(n + self.start.seasonal.len());
        seasonal.extend(self.start.seasonal.iter().map(|s| [*s; LANES]));
        let mut level = [self.start.level; LANES];
        let mut trend: Lanes = std::array::from_fn(|i| if beta[i] > 0.0 { self.start.trend } else { 0.0 });
        for t in 0..n {
            let mut season = seasonal[t];
            let (value, observed) = (self.values[t], self.observed[t]);
            for i in 0..LANES {
                let expected = level[i] + phi[i] * trend[i];
                let error = if observed { value - expected - season[i] } else { 0.0 };
                level[i] = expected + alpha[i] * error;
                trend[i] = phi[i] * trend[i] + alpha[i] * beta[i] * error;
                season[i] += gamma[i] * (1.0 - alpha[i]) * error;
            }
            levels.push(level);
            trends.push(trend);
            seasonal.push(season);
        }
    }

    #[allow(clippy::inline_always, reason = "as above")]
    #[inline(always)]
    fn score(&self, together: &[Parameters], walks: &Walks) -> Lanes {
        let (values, season) = (self.values, self.start.seasonal.len());
        let last = values.len() - 1;
        let (first, steps) = (self.first.min(last.saturating_sub(1)), self.horizon.min(last));
        let stride = ((last - first) / ORIGINS).max(1);
        let pace = steps.div_ceil(STEPS).max(1);
        let damped_at = |k: usize| std::array::from_fn(|i| together.get(i).map_or(0.0, |p| p.damped(k)));
        let damped: Vec<(usize, Lanes)> = (1..=steps).step_by(pace).map(|k| (k, damped_at(k))).collect();
        let (mut sums, mut count) = ([0.0; LANES], 0usize);
        for t in (first..last).rev().step_by(stride) {
            let (level, trend) = (&walks.level[t], &walks.trend[t]);
            for (k, damped) in damped.iter().take_while(|(k, _)| *k <= last - t) {
                if self.observed[t + k] {
                    let (value, seasonal) = (values[t + k], &walks.seasonal[t + 1 + (k - 1) % season]);
                    for i in 0..LANES {
                        sums[i] += (value - (level[i] + damped[i] * trend[i] + seasonal[i])).abs();
                    }
                    count += 1;
                }
            }
        }
        sums.map(|sum| if count == 0 { f64::INFINITY } else { sum / count as f64 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::smoothing::{Member, grid};

    #[test]
    fn walks_side_by_side_are_those_of_each_by_itself() {
        let values: Vec<f64> = (0..90).map(|t| f64::from(t * t % 17) + 0.1 * f64::from(t)).collect();
        let mut observed = vec![true; 90];
        observed[40..43].fill(false);
        for season in [1, 7] {
            let start = Start::of(&values, &observed, season);
            let trial = Trial { values: &values, observed: &observed, horizon: 12, first: start.length, start: &start };
            let grid = grid(season);
            let alone = |p: &Parameters| {
                let member = Member::run(&values, &observed, *p, &start);
                let (mut sum, mut count) = (0.0, 0);
                for t in (start.length..89).rev() {
                    for k in (1..=12usize.min(89 - t)).step_by(2).filter(|k| observed[t + k]) {
                        sum += (values[t + k] - member.at(t, k)).abs();
                        count += 1;
                    }
                }
                sum / f64::from(count)
            };
            let least =
                grid.iter().map(|p| (alone(p), *p)).min_by(|a, b| a.0.total_cmp(&b.0)).expect("a grid has a point");
            assert_eq!(trial.best(&grid), least);
            // one that is left over walks beside empty lanes
            assert_eq!(trial.best(&grid[3..4]), (alone(&grid[3]), grid[3]));
        }
    }

    #[test]
    fn where_nothing_can_be_compared_any_set_will_do() {
        let start = Start::of(&[5.0], &[true], 1);
        let trial = Trial { values: &[5.0], observed: &[true], horizon: 3, first: 1, start: &start };
        assert!(trial.best(&grid(1)).0.is_infinite());
    }
}
