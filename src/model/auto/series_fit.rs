//! Fitting of one series: suitable candidates are compared at rolling origins and weighted, and their errors give the
//! intervals.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::forecast::quantile_forecast::Forecast;
use crate::model::auto::absent_seasons::{absent_seasons, remove_seasons};
use crate::model::auto::candidates::backtest::CandidateBacktest;
use crate::model::auto::candidates::candidate::{Candidate, CandidateKind};
use crate::model::auto::candidates::forecast_series::ForecastSeries;
use crate::model::auto::candidates::selection::suitable_candidates;
use crate::model::auto::closed_form_errors::{ClosedFormErrors, representatives};
use crate::model::auto::intervals::{IntervalErrors, Intervals};
use crate::model::auto::known_zeros::known_zeros;
use crate::model::auto::new_level::level_scenarios;
use crate::model::auto::origins::Origins;
use crate::model::auto::panel_prior::ErrorRecord;
use crate::model::auto::series_model::{CachedPath, SeriesModel, WeightedCandidate, count_forecast, series_view};
use crate::model::auto::settings::CandidateSearch;
use crate::model::auto::step_profile::Residual;
use crate::model::auto::weights::{ensemble_mean, ensemble_weights, mean_error, mean_over_origins};
use crate::model::observer::Epoch;
use crate::model::parallel::map_with_progress;
use crate::model::regression::series_view::{ExogenousData, SeriesView};
use crate::model::transform::{Transform, power_of_two_scale};
use crate::panel::{SeasonSource, series::TimeSeries};

/// Values of this range are not scaled: their squares neither overflow nor vanish.
const UNSCALED_RANGE: Range<f64> = 1e-6..1e12;

/// The minimum number of origins for weights by errors.
const MIN_WEIGHTED_ORIGINS: usize = 2;
/// The minimum number of compared origins for shrinkage of the ensemble to naive.
const MIN_COMPARED_ORIGINS: usize = 4;
/// An ensemble whose error exceeds that of naive by this share is replaced by naive.
const FULL_SHRINKAGE_EXCESS: f64 = 0.5;
const MIN_RESIDUALS: usize = 2;
/// The maximum number of last values at which the errors of naive forecasts are computed.
const MAX_NAIVE_VALUES: usize = 1_000;
/// The weight of the pretrained networks where no candidate has an error; naive and Theta have 1.
const PRETRAINED_DEFAULT_WEIGHT: f64 = 8.0;

/// The fitted ensemble of a series, and what the fit reports.
pub(crate) struct SeriesFit {
    pub(crate) model: SeriesModel,
    /// Cutoffs and the forecasts there.
    pub(crate) hindcasts: Vec<(usize, Forecast)>,
    /// The epochs of the network with the smallest error; empty if no network was trained.
    pub(crate) epochs: Vec<Epoch>,
    /// Whether the budget was over before all candidates were fitted.
    pub(crate) is_cut_short: bool,
    /// Empty unless the search records errors.
    pub(crate) record: ErrorRecord,
    /// The forecasts of the candidates; empty unless the search records errors.
    pub(crate) backtests: Vec<CandidateBacktest>,
}

impl SeriesFit {
    /// Fits a series. Candidates in `done` are not fitted again. With `progress`, the candidates run in parallel. After
    /// each one, `progress` gets the number of finished candidates and of all.
    pub(crate) fn new(
        whole: &TimeSeries<'_>,
        exogenous: Option<ExogenousData<'_>>,
        search: &CandidateSearch,
        done: &[CandidateBacktest],
        progress: Option<&mut dyn FnMut(usize, usize)>,
    ) -> Self {
        let (scale, length) = (safe_scale(whole.values), whole.len());
        let scaled: Vec<f64> = whole.values.iter().map(|v| v / scale).collect();
        let series = &TimeSeries { values: &scaled, ..*whole };
        let seasons: Vec<usize> = search.seasons.iter().copied().filter(|m| 2 * m <= length).collect();
        let view = SeriesView { exogenous, ..series_view(series, &seasons) };
        let origins = Origins::within(length, search.task.horizon, view.season());
        let origins = origins.without_earlier(length, search.steps_with_known_seasons);
        // selected separately at every origin, so that later values cannot influence the choice
        let ends = origins.cutoffs.iter().copied().chain([length]);
        let suitable: Vec<Vec<Candidate>> =
            ends.map(|known| suitable_candidates(&view, known, &origins, search)).collect();
        let candidates = candidates_of_last_origins(&suitable, search.max_hindcasts);
        let first_cutoff = origins.cutoffs.first().copied().unwrap_or(length);
        let input = ForecastSeries { view, horizon: search.task.horizon, first_cutoff };
        let run = |candidate: &Candidate| {
            let known = done.iter().find(|backtest| backtest.candidate == *candidate).cloned();
            known.unwrap_or_else(|| CandidateBacktest::run(*candidate, input, &origins, &search.task))
        };
        let backtests: Vec<CandidateBacktest> = match progress {
            Some(progress) => map_with_progress(&candidates, run, |done| progress(done, candidates.len())),
            None => candidates.iter().map(run).collect(),
        };
        // the same seasons at all origins, so that later values cannot influence them
        let absent = if search.season_source == SeasonSource::Calendar {
            absent_seasons(&view, first_cutoff, search.task.horizon)
        } else {
            Vec::new()
        };
        let mut backtest = SeriesBacktest {
            backtests: &backtests,
            suitable: &suitable,
            view,
            absent_seasons: &absent,
            origins: &origins,
            horizon: search.task.horizon,
            search,
            closed_form: ClosedFormErrors::default(),
        };
        if !search.records_errors {
            backtest.closed_form = backtest.closed_form_errors(input);
        }
        let all = origins.cutoffs.len();
        let (weights, errors) = backtest.shrunk_weights(all, all);
        let intervals = backtest.intervals(&weights, all, all);
        let hindcasts = backtest.hindcasts(whole, scale);
        let (record, recorded) = if search.records_errors {
            (backtest.error_record(), backtests.clone())
        } else {
            (ErrorRecord::new(), Vec::new())
        };
        let networks =
            backtests.iter().zip(&errors).filter_map(|(one, error)| Some((one.network.as_ref()?, (*error)?)));
        let best_network = networks.min_by(|a, b| a.1.total_cmp(&b.1));
        let epochs = best_network.map_or_else(Vec::new, |(network, _)| network.epochs.clone());
        let is_cut_short = backtests.iter().any(|backtest| backtest.is_left_out);
        let cached = backtest.ensemble_path(&weights, all).map(|path| CachedPath {
            history: whole.values.to_vec(),
            exogenous: exogenous.map_or_else(Vec::new, |data| data.values.to_vec()),
            path,
        });
        let weighted = |((backtest, weight), error): ((CandidateBacktest, f64), Option<f64>)| WeightedCandidate {
            candidate: backtest.candidate,
            weight,
            error: error.map(|error| error * scale),
            network: backtest.network.filter(|_| weight > 0.0),
        };
        let model = SeriesModel {
            key: series.key.to_vec(),
            first_cutoff,
            origins: all,
            candidates: backtests.into_iter().zip(weights).zip(errors).map(weighted).collect(),
            absent_seasons: absent,
            seasons,
            scale,
            intervals,
            cached,
        };
        Self { model, hindcasts, epochs, is_cut_short, record, backtests: recorded }
    }
}

/// The candidates that suit the whole history or one of the last `max_hindcasts` origins, each once.
fn candidates_of_last_origins(suitable: &[Vec<Candidate>], max_hindcasts: usize) -> Vec<Candidate> {
    let mut candidates: Vec<Candidate> = Vec::new();
    for candidate in suitable[suitable.len().saturating_sub(1 + max_hindcasts)..].iter().flatten() {
        if !candidates.contains(candidate) {
            candidates.push(*candidate);
        }
    }
    candidates
}

/// The power of two by which the values of a series are divided. It is 1 if their squares stay in the range of `f64`.
fn safe_scale(values: &[f64]) -> f64 {
    let largest = values.iter().fold(0.0_f64, |most, v| most.max(v.abs()));
    if UNSCALED_RANGE.contains(&largest) { 1.0 } else { power_of_two_scale(values) }
}

/// The forecasts of all candidates at all origins of a series.
struct SeriesBacktest<'a> {
    backtests: &'a [CandidateBacktest],
    /// The candidates that suit the values known at each origin, and last those that suit the whole history.
    suitable: &'a [Vec<Candidate>],
    view: SeriesView<'a>,
    absent_seasons: &'a [usize],
    origins: &'a Origins,
    horizon: usize,
    search: &'a CandidateSearch,
    closed_form: ClosedFormErrors,
}

impl SeriesBacktest<'_> {
    /// The errors of the candidates at all origins, and without the last ones.
    fn error_record(&self) -> ErrorRecord {
        let all = self.origins.cutoffs.len();
        let row = |count: usize| {
            let errors = self.backtests.iter().zip(self.mean_errors(count, all));
            let log = errors.filter_map(|(backtest, error)| Some((backtest.candidate, error?.ln())));
            log.filter(|(_, error)| error.is_finite()).collect()
        };
        (MIN_WEIGHTED_ORIGINS..=all).rev().map(row).collect()
    }

    /// The mean error of each candidate at the first `count` origins; `None` if it does not suit a forecast at origin `at`.
    fn mean_errors(&self, count: usize, at: usize) -> Vec<Option<f64>> {
        let error = |backtest: &CandidateBacktest| {
            let mut errors = Vec::new();
            for (origin, path) in backtest.paths[..count].iter().enumerate() {
                let at_origin: Vec<f64> = self.errors(path.as_ref()?, origin).map(|(_, error)| error).collect();
                errors.extend(mean_error(&at_origin));
            }
            let is_usable = backtest.paths[at].is_some() && self.suitable[at].contains(&backtest.candidate);
            mean_over_origins(&errors).filter(|_| is_usable)
        };
        self.backtests.iter().map(error).collect()
    }

    /// The weights of the candidates by their errors at the first `count` origins, and those errors. The weights are for
    /// a forecast at origin `at`, where the number of origins stands for the end of the history.
    fn weights(&self, count: usize, at: usize) -> (Vec<f64>, Vec<Option<f64>>) {
        let errors = self.mean_errors(count, at);
        if count < MIN_WEIGHTED_ORIGINS || errors.iter().all(Option::is_none) {
            return (self.default_weights(), errors);
        }
        let horizons = self.origins.horizons_covered(count);
        let excluded = self.origins.cutoffs.len() - count;
        let expected = errors.iter().zip(self.backtests).map(|(error, backtest)| {
            Some((*error)? * self.search.prior.factor(backtest.candidate, excluded, horizons))
        });
        (ensemble_weights(&expected.collect::<Vec<_>>(), horizons), errors)
    }

    /// The weights where no candidate has an error: those of naive, Theta and mostly the pretrained networks, if they
    /// have a forecast.
    fn default_weights(&self) -> Vec<f64> {
        let has_forecast = |one: &CandidateBacktest| one.forecast().is_some();
        let naive = self.naive(has_forecast);
        let weight = |(i, one): (usize, &CandidateBacktest)| match one.candidate.kind {
            _ if !has_forecast(one) => 0.0,
            CandidateKind::Pretrained(_) => PRETRAINED_DEFAULT_WEIGHT,
            CandidateKind::Theta if one.candidate.transform == Transform::Identity => 1.0,
            // only one candidate suits a series without naive
            _ => f64::from(naive.is_none_or(|naive| naive == i)),
        };
        let weights: Vec<f64> = self.backtests.iter().enumerate().map(weight).collect();
        let sum = weights.iter().sum::<f64>().max(f64::MIN_POSITIVE);
        weights.into_iter().map(|weight| weight / sum).collect()
    }

    /// The index of seasonal naive, or of naive for a series without a season.
    fn naive(&self, is_usable: impl Fn(&CandidateBacktest) -> bool) -> Option<usize> {
        let position = |is_kind: fn(CandidateKind) -> bool| {
            self.backtests.iter().position(|one| is_kind(one.candidate.kind) && is_usable(one))
        };
        let seasonal = position(|kind| matches!(kind, CandidateKind::SeasonalNaive(_)));
        seasonal.or_else(|| position(|kind| kind == CandidateKind::Naive))
    }

    /// As [`Self::weights`], shrunk to naive if that had smaller errors than the ensemble.
    ///
    /// At each of the first `count` origins, the ensemble is weighted by the origins completed before it.
    fn shrunk_weights(&self, count: usize, at: usize) -> (Vec<f64>, Vec<Option<f64>>) {
        let (mut weights, errors) = self.weights(count, at);
        let Some(naive) = self.naive(|_| true) else { return (weights, errors) };
        let (mut ensemble_error, mut naive_error, mut compared) = (0.0, 0.0, 0);
        for (origin, naive_path) in self.backtests[naive].paths[..count].iter().enumerate() {
            let before = self.origins.completed_at(origin);
            let Some(naive_path) = naive_path.as_ref().filter(|_| before >= MIN_WEIGHTED_ORIGINS) else { continue };
            let Some(path) = self.ensemble_path(&self.weights(before, origin).0, origin) else { continue };
            self.errors(&path, origin).for_each(|(_, error)| ensemble_error += error.abs());
            self.errors(naive_path, origin).for_each(|(_, error)| naive_error += error.abs());
            compared += 1;
        }
        let is_worse = compared >= MIN_COMPARED_ORIGINS && ensemble_error > naive_error;
        if is_worse && self.backtests[naive].forecast().is_some() {
            let shrinkage = ((ensemble_error / naive_error - 1.0) / FULL_SHRINKAGE_EXCESS).min(1.0);
            weights.iter_mut().for_each(|weight| *weight *= 1.0 - shrinkage);
            weights[naive] += shrinkage;
        }
        (weights, errors)
    }

    /// The observed steps after an origin, and the errors of a path there.
    fn errors(&self, path: &[f64], origin: usize) -> impl Iterator<Item = (usize, f64)> {
        let (view, cutoff) = (&self.view, self.origins.cutoffs[origin]);
        let steps = path.iter().enumerate().take(self.origins.steps);
        let observed = steps.filter(move |(step, _)| view.observed.get(cutoff + step) == Some(&true));
        observed.map(move |(step, predicted)| (step, view.values[cutoff + step] - predicted))
    }

    /// The mean path at an origin, or after the whole history if `at` is the number of origins.
    fn ensemble_path(&self, weights: &[f64], at: usize) -> Option<Vec<f64>> {
        let paths = self.backtests.iter().map(|backtest| backtest.paths[at].as_ref());
        let known = self.origins.cutoffs.get(at).copied().unwrap_or(self.view.values.len());
        let mut path = ensemble_mean(weights.iter().copied().zip(paths), &self.view.values[..known])?;
        remove_seasons(&mut path, self.absent_seasons);
        Some(path)
    }

    /// The [`representatives`] of the ensemble. The arguments are those of [`Self::weights`].
    fn closed_form_candidates(&self, weights: &[f64], count: usize, at: usize) -> Vec<usize> {
        let errors = self.mean_errors(count, at);
        let usable = errors.into_iter().enumerate().filter_map(|(i, error)| Some((i, weights[i], error?)));
        let usable = usable.filter(|(i, ..)| self.backtests[*i].candidate.is_in_closed_form());
        representatives(usable).into_iter().map(|(i, _)| i).collect()
    }

    /// The errors of the closed-form candidates that stand for the ensembles of the hindcasts and of the forecast.
    fn closed_form_errors(&self, input: ForecastSeries<'_>) -> ClosedFormErrors {
        let all = self.origins.cutoffs.len();
        let Some(&first) = self.origins.cutoffs.first().filter(|_| !self.search.task.budget.is_over()) else {
            return ClosedFormErrors::default();
        };
        let last = all.saturating_sub(self.search.max_hindcasts)..all;
        let hindcasts = last.map(|origin| (self.origins.completed_at(origin), origin));
        let weighted = hindcasts.filter(|(before, _)| *before >= MIN_WEIGHTED_ORIGINS).chain([(all, all)]);
        let candidates = |(count, at)| self.closed_form_candidates(&self.shrunk_weights(count, at).0, count, at);
        let indices: BTreeSet<usize> = weighted.flat_map(candidates).collect();
        let candidates: Vec<_> = indices.into_iter().map(|i| (i, self.backtests[i].candidate)).collect();
        let min_known = (self.view.values.len() / 3).max(2 * self.view.season() + 2);
        ClosedFormErrors::new(&candidates, input, min_known.min(first))
    }

    /// Prediction intervals from the errors of the ensemble at the first `count` origins, for a forecast at origin `at`.
    fn intervals(&self, weights: &[f64], count: usize, at: usize) -> Intervals {
        let mut residuals = Vec::new();
        for (origin, cutoff) in self.origins.cutoffs[..count].iter().enumerate() {
            let Some(path) = self.ensemble_path(weights, origin) else { continue };
            let position = |step: usize| self.view.ordinal + (cutoff + step) as i64;
            let residual = |(step, error)| Residual { step, position: position(step), error };
            residuals.extend(self.errors(&path, origin).map(residual));
        }
        let known =
            count.checked_sub(1).map_or(self.view.values.len(), |last| self.origins.cutoffs[last] + self.origins.steps);
        let naive = self.naive_residuals(known);
        let own = if residuals.len() < MIN_RESIDUALS { &naive } else { &residuals };
        let which = self.closed_form_candidates(weights, count, at);
        let many = self.closed_form.residuals(&which, weights, &self.view, self.origins.steps, known);
        let horizons = self.origins.horizons_covered(count);
        let errors = IntervalErrors { own, horizons, many: &many, naive: &naive };
        Intervals::fit(&errors, self.horizon, self.view.season())
    }

    /// The errors of seasonal naive forecasts, or of naive ones without a season, at all positions of the end of the first
    /// `known` values.
    fn naive_residuals(&self, known: usize) -> Vec<Residual> {
        let SeriesView { values, observed, ordinal, .. } = self.view;
        let (first, season) = (known.saturating_sub(MAX_NAIVE_VALUES), self.view.season().max(1));
        let pairs = (1..=self.horizon.min((known - first) / 2)).flat_map(|k| {
            let lag = k.next_multiple_of(season);
            (first + lag..known).map(move |to| (k, to - lag, to))
        });
        let is_observed = |(_, from, to): &(usize, usize, usize)| observed[*from] && observed[*to];
        let residual = |(k, from, to): (usize, usize, usize)| Residual {
            step: k - 1,
            position: ordinal + to as i64,
            error: values[to] - values[from],
        };
        pairs.filter(is_observed).map(residual).collect()
    }

    /// The last cutoffs, and the forecasts of the ensemble there. The weights and the intervals of each come from the
    /// origins completed before it.
    fn hindcasts(&self, whole: &TimeSeries<'_>, scale: f64) -> Vec<(usize, Forecast)> {
        let (cutoffs, levels) = (&self.origins.cutoffs, &self.search.task.levels);
        let hindcast = |(origin, &cutoff): (usize, &usize)| {
            let before = self.origins.completed_at(origin);
            if before < MIN_WEIGHTED_ORIGINS {
                return None;
            }
            let known = &whole.first(cutoff);
            let known_zeros = known_zeros(known, self.view.seasons, self.view.exogenous, self.horizon);
            if matches!(self.suitable[origin].as_slice(), [only] if only.kind == CandidateKind::Counts) {
                return Some((cutoff, count_forecast(known, &known_zeros, levels)));
            }
            let (weights, _) = self.shrunk_weights(before, origin);
            let path = self.ensemble_path(&weights, origin)?;
            let intervals = self.intervals(&weights, before, origin);
            let candidates = || {
                let which = self.closed_form_candidates(&weights, before, origin).into_iter();
                which.map(|i| (self.backtests[i].candidate, weights[i])).collect()
            };
            let view = SeriesView { values: &self.view.values[..cutoff], observed: known.observed, ..self.view };
            let series = ForecastSeries { view, horizon: self.horizon, first_cutoff: self.origins.cutoffs[0] };
            let scenarios = level_scenarios(series, candidates, &intervals);
            Some((cutoff, intervals.forecast(&path, &scenarios, known, scale, &known_zeros, levels)))
        };
        let last = cutoffs.iter().enumerate().skip(cutoffs.len().saturating_sub(self.search.max_hindcasts));
        last.filter_map(hindcast).collect()
    }
}
