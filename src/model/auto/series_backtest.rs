//! The rolling-origin backtest of one series: weights, intervals and hindcasts from the errors of all candidates.

use crate::model::auto::candidates::backtest::CandidateBacktest;
use crate::model::auto::candidates::candidate::{Candidate, CandidateKind};
use crate::model::auto::intervals::{Intervals, Residual};
use crate::model::auto::origins::Origins;
use crate::model::auto::weights::{ensemble_weights, mean_error, weighted_mean};
use crate::model::regression::series_view::SeriesView;

/// The minimum number of origins for weights by errors.
const MIN_WEIGHTED_ORIGINS: usize = 2;
/// The minimum number of compared origins for shrinkage of the ensemble to naive.
const MIN_COMPARED_ORIGINS: usize = 3;
/// An ensemble whose error exceeds that of naive by this share is replaced by naive.
const FULL_SHRINKAGE_EXCESS: f64 = 0.5;
const MIN_RESIDUALS: usize = 2;

/// The forecasts of all candidates at all origins of a series.
pub(crate) struct SeriesBacktest<'a> {
    pub(crate) backtests: &'a [CandidateBacktest],
    /// The candidates that suit the values known at each origin, and last those that suit the whole history.
    pub(crate) suitable: &'a [Vec<Candidate>],
    pub(crate) view: SeriesView<'a>,
    pub(crate) origins: &'a Origins,
    pub(crate) horizon: usize,
}

impl SeriesBacktest<'_> {
    /// The weights of the candidates by their errors at the origins `which`, and those errors. The weights are for a
    /// forecast at origin `at`, or after the whole history if `at` is the number of origins.
    pub(crate) fn weights(&self, which: &[usize], at: usize) -> (Vec<f64>, Vec<Option<f64>>) {
        let error = |backtest: &CandidateBacktest| {
            let mut errors = Vec::new();
            for &origin in which {
                errors.extend(self.errors(backtest.paths[origin].as_ref()?, origin).map(|(_, error)| error));
            }
            let has_forecast = backtest.paths.get(at).unwrap_or(&backtest.forecast).is_some();
            mean_error(&errors).filter(|_| has_forecast && self.suitable[at].contains(&backtest.candidate))
        };
        let errors: Vec<Option<f64>> = self.backtests.iter().map(error).collect();
        if which.len() < MIN_WEIGHTED_ORIGINS || errors.iter().all(Option::is_none) {
            return (self.default_weights(), errors);
        }
        (ensemble_weights(&errors, self.origins.horizons_covered(which)), errors)
    }

    /// The weights where no candidate has an error: seasonal naive, or naive without a season, and Theta have equal
    /// weights.
    fn default_weights(&self) -> Vec<f64> {
        let is_usable = |backtest: &CandidateBacktest| backtest.forecast.is_some();
        let is_theta = |one: &CandidateBacktest| one.candidate.kind == CandidateKind::Theta && is_usable(one);
        let theta = self.backtests.iter().position(is_theta);
        let components: Vec<usize> = self.naive(is_usable).into_iter().chain(theta).collect();
        let mut weights = vec![0.0; self.backtests.len()];
        for &i in &components {
            weights[i] = 1.0 / components.len() as f64;
        }
        weights
    }

    /// The index of seasonal naive, or of naive for a series without a season.
    fn naive(&self, is_usable: impl Fn(&CandidateBacktest) -> bool) -> Option<usize> {
        let position = |is_kind: fn(CandidateKind) -> bool| {
            self.backtests.iter().position(|backtest| is_kind(backtest.candidate.kind) && is_usable(backtest))
        };
        position(|kind| matches!(kind, CandidateKind::SeasonalNaive(_)))
            .or_else(|| position(|kind| kind == CandidateKind::Naive))
    }

    /// Shrinks the weights to seasonal naive, or naive without a season, if that had smaller errors than the ensemble.
    ///
    /// At each of the origins `which` the ensemble is weighted by the origins completed before it.
    pub(crate) fn shrunk_to_naive(&self, mut weights: Vec<f64>, which: &[usize]) -> Vec<f64> {
        let Some(naive) = self.naive(|_| true) else { return weights };
        let (mut ensemble_error, mut naive_error, mut compared) = (0.0, 0.0, 0);
        for &origin in which {
            let before = self.origins.completed_at(origin);
            let naive_path = self.backtests[naive].paths[origin].as_ref();
            let Some(naive_path) = naive_path.filter(|_| before.len() >= MIN_WEIGHTED_ORIGINS) else { continue };
            let Some(path) = self.ensemble_path(&self.weights(&before, origin).0, origin) else { continue };
            self.errors(&path, origin).for_each(|(_, error)| ensemble_error += error.abs());
            self.errors(naive_path, origin).for_each(|(_, error)| naive_error += error.abs());
            compared += 1;
        }
        let is_worse = compared >= MIN_COMPARED_ORIGINS && ensemble_error > naive_error;
        if is_worse && self.backtests[naive].forecast.is_some() {
            let shrinkage = ((ensemble_error / naive_error - 1.0) / FULL_SHRINKAGE_EXCESS).min(1.0);
            for weight in &mut weights {
                *weight *= 1.0 - shrinkage;
            }
            weights[naive] += shrinkage;
        }
        weights
    }

    /// The observed steps after an origin, and the errors of a path there.
    fn errors(&self, path: &[f64], origin: usize) -> impl Iterator<Item = (usize, f64)> {
        let (view, cutoff) = (&self.view, self.origins.cutoffs[origin]);
        let steps = path.iter().enumerate().take(self.origins.steps);
        let observed = steps.filter(move |(step, _)| view.observed.get(cutoff + step) == Some(&true));
        observed.map(move |(step, predicted)| (step, view.values[cutoff + step] - predicted))
    }

    fn ensemble_path(&self, weights: &[f64], origin: usize) -> Option<Vec<f64>> {
        let paths = self.backtests.iter().map(|backtest| backtest.paths[origin].as_ref());
        weighted_mean(weights.iter().copied().zip(paths))
    }

    /// Prediction intervals from the errors of the ensemble at the origins `which`.
    pub(crate) fn intervals(&self, weights: &[f64], which: &[usize]) -> Intervals {
        let mut residuals = self.residuals(weights, which);
        if residuals.len() < MIN_RESIDUALS {
            residuals = self.naive_residuals();
        }
        Intervals::fit(&residuals, self.horizon, self.view.season(), self.origins.horizons_covered(which))
    }

    fn residuals(&self, weights: &[f64], which: &[usize]) -> Vec<Residual> {
        let mut residuals = Vec::new();
        for &origin in which {
            let Some(path) = self.ensemble_path(weights, origin) else { continue };
            let begin = self.view.ordinal + self.origins.cutoffs[origin] as i64;
            let residual = |(step, error)| Residual { step, position: begin + step as i64, error };
            residuals.extend(self.errors(&path, origin).map(residual));
        }
        residuals
    }

    /// The errors of naive forecasts at all positions of a history that is too short for origins.
    fn naive_residuals(&self) -> Vec<Residual> {
        let SeriesView { values, observed, ordinal, .. } = self.view;
        let known = self.origins.cutoffs.last().copied().unwrap_or(values.len());
        let steps = self.horizon.min(known / 2);
        let pairs_from = |from: usize| (1..=steps).map(move |k| (from, from + k));
        let is_observed = |(from, to): &(usize, usize)| *to < known && observed[*from] && observed[*to];
        let residual = |(from, to): (usize, usize)| Residual {
            step: to - from - 1,
            position: ordinal + to as i64,
            error: values[to] - values[from],
        };
        (0..known).flat_map(pairs_from).filter(is_observed).map(residual).collect()
    }

    /// The cutoffs of the last origins, at most `max_hindcasts`, with the quantiles of the ensemble there [level][step].
    /// The weights and the intervals of each come from the origins completed before it.
    pub(crate) fn hindcasts(&self, levels: &[f64], max_hindcasts: usize) -> Vec<(usize, Vec<Vec<f64>>)> {
        let cutoffs = &self.origins.cutoffs;
        let hindcast = |(origin, &cutoff): (usize, &usize)| {
            let before = self.origins.completed_at(origin);
            if before.len() < MIN_WEIGHTED_ORIGINS {
                return None;
            }
            let weights = self.shrunk_to_naive(self.weights(&before, origin).0, &before);
            let intervals = self.intervals(&weights, &before);
            let path = self.ensemble_path(&weights, origin)?;
            Some((cutoff, intervals.quantiles_around(&path, &self.view, cutoff, levels)))
        };
        let last = cutoffs.iter().enumerate().skip(cutoffs.len().saturating_sub(max_hindcasts));
        last.filter_map(hindcast).collect()
    }
}
