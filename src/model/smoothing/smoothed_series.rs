//! The average of smoothings of a series, without a season and with each possible season, weighted by their errors.

use crate::model::smoothing::grid_search::GridSearch;
use crate::model::smoothing::initial_state::InitialState;
use crate::model::smoothing::parameters::SmoothingParameters;
use crate::model::smoothing::run::SmoothingRun;

/// The minimum number of cycles for the first season, and for any further season.
const MIN_SEASONS: usize = 2;
const MIN_SEASONS_OF_FURTHER: usize = 5;
/// The weight of a run is its error to minus this power.
const WEIGHT_POWER: i32 = 4;
/// A run has no weight if its error exceeds the smallest by more than this factor.
const MAX_ERROR_RATIO: f64 = 1.5;

/// The forecast of a series at each of its positions.
#[derive(Debug, Clone)]
pub(crate) struct SmoothedSeries {
    runs: Vec<WeightedRun>,
    first_position: usize,
    /// One-step error at each position; 0 if the value was not observed.
    one_step_error: Vec<f64>,
}

#[derive(Debug, Clone)]
struct WeightedRun {
    run: SmoothingRun,
    weight: f64,
}

impl SmoothedSeries {
    /// Smooths `values` with the parameters that minimise the mean absolute error over `horizon` steps.
    ///
    /// `seasons` ascend; those for which the series is too short are left out. Positions that were not observed change
    /// neither the state nor the error.
    pub(crate) fn fit(values: &[f64], observed: &[bool], seasons: &[usize], horizon: usize) -> Self {
        let n = values.len();
        let fits = |m: usize, rank: usize| {
            m > 1 && if rank == 0 { n >= MIN_SEASONS * m + 2 } else { n >= MIN_SEASONS_OF_FURTHER * m }
        };
        let usable = seasons.iter().enumerate().filter(|(rank, m)| fits(**m, *rank)).map(|(_, m)| *m);
        let states: Vec<InitialState> =
            std::iter::once(1).chain(usable).map(|m| InitialState::estimate(values, observed, m)).collect();
        let first_position = states.iter().map(|state| state.length).max().unwrap_or(1);
        let best_run = |initial: &InitialState| {
            let search = GridSearch { values, observed, horizon, first: first_position, initial };
            let (error, parameters) = search.best(&SmoothingParameters::grid(initial.seasonal.len()));
            (error, SmoothingRun::new(values, observed, parameters, initial))
        };
        let runs = weighted(states.iter().map(best_run).collect());
        let mut smoothed = Self { runs, first_position, one_step_error: vec![0.0; n] };
        for t in (1..n).filter(|t| observed[*t]) {
            smoothed.one_step_error[t] = values[t] - smoothed.forecast(t - 1, 1);
        }
        smoothed
    }

    /// The forecast made at position `t` for `k` steps later, `k` at least 1.
    pub(crate) fn forecast(&self, t: usize, k: usize) -> f64 {
        self.runs.iter().map(|WeightedRun { run, weight }| weight * run.forecast(t, k)).sum()
    }

    /// The level at position `t`: the series without its season.
    pub(crate) fn level(&self, t: usize) -> f64 {
        self.runs.iter().map(|WeightedRun { run, weight }| weight * run.level(t)).sum()
    }

    /// The error at position `t` of the forecast made one step before; 0 if the value was not observed.
    pub(crate) fn one_step_error(&self, t: usize) -> f64 {
        self.one_step_error[t]
    }

    /// The series up to position `t`.
    pub(crate) fn truncated(&self, t: usize) -> Self {
        let truncated = |one: &WeightedRun| WeightedRun { run: one.run.truncated(t), weight: one.weight };
        Self {
            runs: self.runs.iter().map(truncated).collect(),
            first_position: self.first_position,
            one_step_error: self.one_step_error[..=t].to_vec(),
        }
    }

    /// Appends a value, with the same parameters.
    pub(crate) fn append(&mut self, value: f64) {
        let t = self.one_step_error.len();
        self.one_step_error.push(value - self.forecast(t - 1, 1));
        for WeightedRun { run, .. } in &mut self.runs {
            run.append(t, value);
        }
    }

    /// The first position whose forecast uses no later value. The initial state is estimated on the positions before
    /// it.
    pub(crate) fn first_position(&self) -> usize {
        self.first_position
    }
}

/// Weights that sum to 1; runs without weight are left out.
fn weighted(scored: Vec<(f64, SmoothingRun)>) -> Vec<WeightedRun> {
    let least = scored.iter().map(|(error, _)| *error).fold(f64::INFINITY, f64::min);
    let weight = |error: f64| match error {
        e if e <= least => 1.0, // also where it is 0, or infinite because no forecast could be compared
        e if e > MAX_ERROR_RATIO * least => 0.0,
        e => (least / e).powi(WEIGHT_POWER),
    };
    let total: f64 = scored.iter().map(|(error, _)| weight(*error)).sum();
    let weighted = scored.into_iter().map(|(error, run)| WeightedRun { run, weight: weight(error) / total });
    weighted.filter(|one| one.weight > 0.0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn smoothed(values: &[f64], seasons: &[usize], horizon: usize) -> SmoothedSeries {
        SmoothedSeries::fit(values, &vec![true; values.len()], seasons, horizon)
    }

    #[test]
    fn a_line_is_continued() {
        let line: Vec<f64> = (0..60).map(|t| 3.0 + 2.0 * f64::from(t)).collect();
        let s = smoothed(&line, &[], 5);
        for k in 1..=5 {
            let forecast = s.forecast(59, k);
            assert!((forecast - (3.0 + 2.0 * (59 + k) as f64)).abs() < 1e-6, "{forecast} at step {k}");
        }
    }

    #[test]
    fn a_season_is_repeated() {
        let values: Vec<f64> = (0..48).map(|t| [5.0, 1.0, -2.0, 4.0][t % 4]).collect();
        let s = smoothed(&values, &[4], 8);
        for k in 1..=8 {
            let forecast = s.forecast(47, k);
            assert!((forecast - values[(47 + k) % 4]).abs() < 1e-6, "{forecast} at step {k}");
        }
    }
}
