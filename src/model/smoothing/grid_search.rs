//! The search of a grid of smoothing parameters. Several sets run over a series together, one in each lane of a vector
//! register.
//!
//! The arithmetic of a lane is that of a single run. The result therefore does not depend on the width of the
//! registers.

use crate::model::smoothing::run::{InitialState, SmoothingParameters, damping_sum};

/// The number of sets of parameters that run together.
const LANES: usize = 8;
/// The maximum numbers of origins and of steps of the horizon in the error of a set of parameters.
const MAX_ORIGINS: usize = 600;
const MAX_STEPS: usize = 8;

type Lanes = [f64; LANES];

/// The series on which sets of parameters are compared.
pub(crate) struct GridSearch<'a> {
    pub(crate) values: &'a [f64],
    pub(crate) observed: &'a [bool],
    pub(crate) horizon: usize,
    /// The first position with a forecast.
    pub(crate) first: usize,
    pub(crate) initial: &'a InitialState,
}

/// The states of all lanes at each position.
#[derive(Default)]
struct LaneStates {
    level: Vec<Lanes>,
    trend: Vec<Lanes>,
    /// Longer by one season.
    seasonal: Vec<Lanes>,
}

impl GridSearch<'_> {
    /// The smallest mean absolute error over some origins and steps, and its set of parameters. The error is infinite
    /// if no forecast can be compared with a value.
    pub(crate) fn best(&self, grid: &[SmoothingParameters]) -> (f64, SmoothingParameters) {
        let mut states = LaneStates::default();
        let arch = pulp::Arch::new();
        let mut best = (f64::INFINITY, grid[0]);
        for sets in grid.chunks(LANES) {
            let errors = arch.dispatch(
                #[inline(always)]
                || {
                    self.run(sets, &mut states);
                    self.score(sets, &states)
                },
            );
            for (error, parameters) in errors.into_iter().zip(sets) {
                if error < best.0 {
                    best = (error, *parameters);
                }
            }
        }
        best
    }

    #[expect(clippy::inline_always, reason = "only inlined code is compiled for the registers of this processor")]
    #[inline(always)]
    fn run(&self, sets: &[SmoothingParameters], states: &mut LaneStates) {
        let lanes =
            |of: fn(&SmoothingParameters) -> f64| -> Lanes { std::array::from_fn(|i| sets.get(i).map_or(0.0, of)) };
        let (alpha, beta, phi, gamma) = (lanes(|p| p.alpha), lanes(|p| p.beta), lanes(|p| p.phi), lanes(|p| p.gamma));
        let LaneStates { level: levels, trend: trends, seasonal } = states;
        levels.clear();
        trends.clear();
        seasonal.clear();
        seasonal.extend(self.initial.seasonal.iter().map(|s| [*s; LANES]));
        let mut level = [self.initial.level; LANES];
        let mut trend: Lanes = std::array::from_fn(|i| if beta[i] > 0.0 { self.initial.trend } else { 0.0 });
        for (t, (value, observed)) in self.values.iter().zip(self.observed).enumerate() {
            let mut season = seasonal[t];
            for i in 0..LANES {
                let expected = level[i] + phi[i] * trend[i];
                let error = if *observed { value - expected - season[i] } else { 0.0 };
                level[i] = expected + alpha[i] * error;
                trend[i] = phi[i] * trend[i] + alpha[i] * beta[i] * error;
                season[i] += gamma[i] * (1.0 - alpha[i]) * error;
            }
            levels.push(level);
            trends.push(trend);
            seasonal.push(season);
        }
    }

    #[expect(clippy::inline_always, reason = "only inlined code is compiled for the registers of this processor")]
    #[inline(always)]
    fn score(&self, sets: &[SmoothingParameters], states: &LaneStates) -> Lanes {
        let (values, season) = (self.values, self.initial.seasonal.len());
        let last = values.len() - 1;
        let (first, steps) = (self.first.min(last.saturating_sub(1)), self.horizon.min(last));
        let stride = ((last - first) / MAX_ORIGINS).max(1);
        let step_stride = steps.div_ceil(MAX_STEPS).max(1);
        let damped_at = |k: usize| std::array::from_fn(|i| sets.get(i).map_or(0.0, |p| damping_sum(p.phi, k)));
        let damped: Vec<(usize, Lanes)> = (1..=steps).step_by(step_stride).map(|k| (k, damped_at(k))).collect();
        let (mut sums, mut count) = ([0.0; LANES], 0usize);
        for t in (first..last).rev().step_by(stride) {
            let (level, trend) = (&states.level[t], &states.trend[t]);
            for (k, damped) in damped.iter().take_while(|(k, _)| *k <= last - t) {
                if self.observed[t + k] {
                    let (value, seasonal) = (values[t + k], &states.seasonal[t + 1 + (k - 1) % season]);
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
    use crate::model::smoothing::run::SmoothingRun;

    #[test]
    fn a_lane_computes_the_same_as_a_single_run() {
        let values: Vec<f64> = (0..90).map(|t| f64::from(t * t % 17) + 0.1 * f64::from(t)).collect();
        let mut observed = [true; 90];
        observed[40..43].fill(false);
        for season in [1, 7] {
            let initial = InitialState::estimate(&values, &observed, season);
            let first = initial.length;
            let search = GridSearch { values: &values, observed: &observed, horizon: 12, first, initial: &initial };
            let grid = SmoothingParameters::grid(season);
            let with_error = |p: &SmoothingParameters| {
                let run = SmoothingRun::new(&values, &observed, *p, &initial);
                let steps = |t: usize| (1..=12.min(89 - t)).step_by(2).map(move |k| (t, k));
                let compared = (first..89).rev().flat_map(steps).filter(|(t, k)| observed[t + k]);
                let errors: Vec<f64> = compared.map(|(t, k)| (values[t + k] - run.forecast(t, k)).abs()).collect();
                (errors.iter().sum::<f64>() / errors.len() as f64, *p)
            };
            let least = grid.iter().map(with_error).min_by(|a, b| a.0.total_cmp(&b.0));
            assert_eq!(Some(search.best(&grid)), least);
            // a single set leaves the other lanes empty
            assert_eq!(search.best(&grid[3..4]), with_error(&grid[3]));
        }
    }

    #[test]
    fn the_error_is_infinite_if_no_forecast_can_be_compared() {
        let initial = InitialState::estimate(&[5.0], &[true], 1);
        let search = GridSearch { values: &[5.0], observed: &[true], horizon: 3, first: 1, initial: &initial };
        assert!(search.best(&SmoothingParameters::grid(1)).0.is_infinite());
    }
}
