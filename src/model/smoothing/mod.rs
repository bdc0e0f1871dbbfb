//! Exponential smoothing as a base forecast. Every position of a series has a level, a damped trend and a season. They
//! give the forecast path of each position in closed form.
//!
//! Additive error-correction form, ETS(A,Ad,A) (Hyndman, Koehler, Ord & Snyder 2008, *Forecasting with Exponential
//! Smoothing*, chapter 2). A grid search chooses the parameters by the mean absolute error over the horizon.
//!
//! The other exponential smoothings of the crate cannot share this recursion, because their forecasts would change.
//! `stat::ets` uses the component form and a search by likelihood. `stat::theta` smooths around a moving line.
//! The bank of `global` has `f32` states, and its rates start at those of a running mean.

pub(crate) mod grid_search;
pub(crate) mod run;

use crate::model::smoothing::grid_search::GridSearch;
use crate::model::smoothing::run::{InitialState, SmoothingParameters, SmoothingRun};

/// The minimum number of cycles for the first season, and for any further season.
const MIN_SEASONS: usize = 2;
const MIN_SEASONS_OF_FURTHER: usize = 5;
/// The weight of a run is its error to minus this power.
const WEIGHT_POWER: i32 = 4;
/// A run has no weight if its error exceeds the smallest by more than this factor.
const MAX_ERROR_RATIO: f64 = 1.5;

/// The average of smoothings of a series, without a season and with each possible season. It forecasts from each
/// position.
#[derive(Debug, Clone)]
pub(crate) struct SmoothedSeries {
    /// Runs with their weights, which sum to 1.
    runs: Vec<(SmoothingRun, f64)>,
    /// The first position whose forecast uses no later value. The initial state is estimated on the positions before
    /// it.
    pub(crate) first_position: usize,
    /// The error at each position of the forecast made one step before; 0 if the value was not observed.
    pub(crate) one_step_error: Vec<f64>,
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
        self.runs.iter().map(|(run, weight)| weight * run.forecast(t, k)).sum()
    }

    /// The level at position `t`: the series without its season.
    pub(crate) fn level(&self, t: usize) -> f64 {
        self.runs.iter().map(|(run, weight)| weight * run.level(t)).sum()
    }

    /// The series up to position `t`.
    pub(crate) fn truncated(&self, t: usize) -> Self {
        Self {
            runs: self.runs.iter().map(|(run, weight)| (run.truncated(t), *weight)).collect(),
            first_position: self.first_position,
            one_step_error: self.one_step_error[..=t].to_vec(),
        }
    }

    /// Appends a value, with the same parameters.
    pub(crate) fn append(&mut self, value: f64) {
        self.one_step_error.push(value - self.forecast(self.one_step_error.len() - 1, 1));
        self.runs.iter_mut().for_each(|(run, _)| run.append(Some(value)));
    }
}

/// Runs with weights that sum to 1, from runs with their errors; runs without weight are left out.
fn weighted(scored: Vec<(f64, SmoothingRun)>) -> Vec<(SmoothingRun, f64)> {
    let least = scored.iter().map(|(error, _)| *error).fold(f64::INFINITY, f64::min);
    let weight = |error: f64| match error {
        e if e <= least => 1.0, // also where it is 0, or infinite because no forecast could be compared
        e if e > MAX_ERROR_RATIO * least => 0.0,
        e => (least / e).powi(WEIGHT_POWER),
    };
    let total: f64 = scored.iter().map(|(error, _)| weight(*error)).sum();
    let weighted = scored.into_iter().map(|(error, run)| (run, weight(error) / total));
    weighted.filter(|(_, weight)| *weight > 0.0).collect()
}
