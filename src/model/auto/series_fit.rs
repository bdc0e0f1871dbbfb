//! Fitting of one series: suitable candidates are compared at rolling origins and weighted, and their errors give the
//! intervals.

use std::ops::Range;

use crate::forecast::quantile_forecast::Forecast;
use crate::model::auto::candidates::backtest::CandidateBacktest;
use crate::model::auto::candidates::candidate::Candidate;
use crate::model::auto::candidates::selection::suitable_candidates;
use crate::model::auto::origins::Origins;
use crate::model::auto::series_backtest::SeriesBacktest;
use crate::model::auto::series_model::{CachedPath, SeriesModel, WeightedCandidate, rescale, series_view};
use crate::model::auto::settings::SeriesTask;
use crate::model::auto::weights::weighted_mean;
use crate::model::auto::year_end::YearEndEffect;
use crate::model::observer::Epoch;
use crate::model::parallel::map_with_progress;
use crate::model::regression::series_view::{ExogenousData, SeriesView};
use crate::model::transform::power_of_two_scale;
use crate::panel::series::TimeSeries;

/// Values of this range are not scaled: their squares neither overflow nor vanish.
const UNSCALED_RANGE: Range<f64> = 1e-6..1e12;

/// The fitted ensemble of a series, and what the fit reports.
pub(crate) struct SeriesFit {
    pub(crate) model: SeriesModel,
    /// Cutoffs and the forecasts there.
    pub(crate) hindcasts: Vec<(usize, Forecast)>,
    /// The epochs of the network with the smallest error; empty if no network was trained.
    pub(crate) epochs: Vec<Epoch>,
    /// Whether the budget was over before all candidates were fitted.
    pub(crate) is_cut_short: bool,
}

impl SeriesFit {
    /// Fits a series. With `progress`, the candidates run in parallel. After each one, `progress` gets the number of
    /// finished candidates and of all.
    pub(crate) fn new(
        whole: &TimeSeries<'_>,
        exogenous: Option<ExogenousData<'_>>,
        task: &SeriesTask<'_>,
        progress: Option<&mut dyn FnMut(usize, usize)>,
    ) -> Self {
        let (scale, length) = (safe_scale(whole.values), whole.len());
        let values: Vec<f64> = whole.values.iter().map(|v| v / scale).collect();
        let series = &TimeSeries { values: &values, ..*whole };
        let seasons: Vec<usize> = task.seasons.iter().copied().filter(|m| 2 * m + 2 <= length).collect();
        let year_end = YearEndEffect::estimate(series, task.horizon);
        let plain = year_end.remove(series.values);
        let columns = exogenous.map(|data| year_end.without_indicators(data));
        let adjusted = exogenous.zip(columns.as_ref()).map(|(data, values)| ExogenousData { values, ..data });
        let view = SeriesView { values: &plain, exogenous: adjusted, ..series_view(series, &seasons) };
        let origins = Origins::within(length, task.horizon, view.season());
        // selected separately at every origin, so that later values cannot influence the choice
        let ends = origins.cutoffs.iter().copied().chain([length]);
        let suitable: Vec<Vec<Candidate>> =
            ends.map(|known| suitable_candidates(&view, known, &origins, task)).collect();
        let candidates = candidates_of_last_origins(&suitable, task.max_hindcasts);
        let run = |candidate: &Candidate| CandidateBacktest::run(*candidate, view, &origins, &year_end, task);
        let backtests: Vec<CandidateBacktest> = match progress {
            Some(progress) => map_with_progress(&candidates, run, |done| progress(done, candidates.len())),
            None => candidates.iter().map(run).collect(),
        };
        let backtest = SeriesBacktest {
            backtests: &backtests,
            suitable: &suitable,
            view: SeriesView { values: series.values, ..view },
            origins: &origins,
            horizon: task.horizon,
        };
        let all: Vec<usize> = (0..origins.cutoffs.len()).collect();
        let (weights, errors) = backtest.weights(&all, all.len());
        let weights = backtest.shrunk_to_naive(weights, &all);
        let intervals = backtest.intervals(&weights, &all);
        let hindcast = |(cutoff, mut quantiles): (usize, Vec<Vec<f64>>)| {
            rescale(&mut quantiles, scale);
            (cutoff, Forecast::after(&whole.first(cutoff), task.levels, quantiles))
        };
        let hindcasts = backtest.hindcasts(task.levels, task.max_hindcasts).into_iter().map(hindcast).collect();
        let networks =
            backtests.iter().zip(&errors).filter_map(|(one, error)| Some((one.network.as_ref()?, (*error)?)));
        let best_network = networks.min_by(|a, b| a.1.total_cmp(&b.1));
        let epochs = best_network.map_or_else(Vec::new, |(network, _)| network.epochs.clone());
        let is_cut_short = backtests.iter().any(|backtest| backtest.is_left_out);
        let paths = backtests.iter().map(|backtest| backtest.forecast.as_ref());
        let cached = weighted_mean(weights.iter().copied().zip(paths)).map(|path| CachedPath {
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
            first_cutoff: origins.cutoffs.first().copied().unwrap_or(length),
            origins: all.len(),
            candidates: backtests.into_iter().zip(weights).zip(errors).map(weighted).collect(),
            seasons,
            scale,
            intervals,
            cached,
        };
        Self { model, hindcasts, epochs, is_cut_short }
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
