//! How one series is learned: members are tried at rolling origins, weighed, and their blend's errors make the bands.

use crate::model::auto::weights;
use crate::model::parallel::{Exclusive, map_with_progress};
use crate::model::power_of_two::power_of_two_scale;
use rayon::prelude::*;

use crate::forecast::quantile_forecast::Forecast;
use crate::model::auto::candidates::{Candidate, CandidateKind, FitContext};
use crate::model::auto::intervals::{Intervals, Residual};
use crate::model::auto::networks::Network;
use crate::model::auto::origins::{CandidateTrial, Origins};
use crate::model::auto::weights::Errors;
use crate::model::auto::year_end::YearEndEffect;
use crate::model::ensemble_weights::{Component, EnsembleWeights};
use crate::model::observer::Epoch;
use crate::model::regression::series_view::ExogenousData;
use crate::model::regression::series_view::SeriesView;
use crate::panel::series::TimeSeries;

/// What was learned of one series.
#[derive(Debug)]
pub(crate) struct SeriesModel {
    pub(crate) key: Vec<String>,
    pub(crate) seasons: Vec<usize>,
    /// Values that were known at the first origin: the autoregressions' features are laid out for them.
    pub(crate) first: usize,
    /// What values are divided by before anything else, and multiplied by in the end.
    pub(crate) unit: f64,
    /// How many origins there were.
    pub(crate) origins: usize,
    pub(crate) members: Vec<WeightedCandidate>,
    pub(crate) bands: Intervals,
    /// What was said of the history itself; `None` where it was loaded.
    pub(crate) latest: Option<Latest>,
}

/// The path after a history, kept because it takes as long again to say.
#[derive(Debug)]
pub(crate) struct Latest {
    history: Vec<f64>,
    /// What stood beside it.
    beside: Vec<Vec<f64>>,
    path: Vec<f64>,
}

/// A member and how much it counts.
#[derive(Debug)]
pub(crate) struct WeightedCandidate {
    pub(crate) member: Candidate,
    /// In [0, 1]; they sum to 1.
    pub(crate) weight: f64,
    /// Size of its errors at the rolling origins, see [`Errors::size`]; `None` where it was not tried.
    pub(crate) error: Option<f64>,
    /// A network member's trained network; libtorch's tensors are used by one thread at a time.
    pub(crate) network: Option<Exclusive<Network>>,
}

/// All that came of learning a series.
pub(crate) struct SeriesFit {
    pub(crate) learned: SeriesModel,
    pub(crate) hindcasts: Vec<OriginForecast>,
    /// How the best of its networks was trained; empty where none was.
    pub(crate) epochs: Vec<Epoch>,
}

/// A path that was said at an origin, and the quantiles around it.
pub(crate) struct OriginForecast {
    pub(crate) cutoff: usize,
    pub(crate) rows: Vec<Vec<f64>>,
}

/// The series as the members see it, which is what `seasons` and the calendar make of it.
pub(crate) fn view<'a>(series: &TimeSeries<'a>, seasons: &'a [usize]) -> SeriesView<'a> {
    let ordinal = series.frequency.ordinal(series.start);
    SeriesView { values: series.values, observed: series.observed, seasons, ordinal, exogenous: None }
}

impl SeriesModel {
    /// Hindcasts kept of a series where it is all there is.
    pub(crate) const HINDCASTS: usize = 5;

    /// Tries, weighs, calibrates. `tried`: hears after each member how many of how many were, and has them tried in
    /// threads side by side.
    pub(crate) fn of(
        series: &TimeSeries<'_>,
        seasons: &[usize],
        horizon: usize,
        levels: &[f64],
        beside: Option<ExogenousData<'_>>,
        tools: &FitContext,
        tried: Option<&mut dyn FnMut(usize, usize)>,
    ) -> SeriesFit {
        let (unit, history) = (unit(series.values), series.values);
        let values: Vec<f64> = history.iter().map(|v| v / unit).collect();
        let series = &TimeSeries { values: &values, ..*series };
        let length = series.len();
        let seasons: Vec<usize> = seasons.iter().copied().filter(|m| 2 * m + 2 <= length).collect();
        let special = YearEndEffect::of(series, horizon);
        let plain = special.without(series.values);
        let silenced = beside.map(|beside| special.silenced(beside));
        let heard = beside.zip(silenced.as_ref()).map(|(beside, values)| ExogenousData { values, ..beside });
        let view = SeriesView { values: &plain, exogenous: heard, ..view(series, &seasons) };
        let season = seasons.first().copied().unwrap_or(1);
        let origins = Origins::within(length, horizon, season);
        // what suits is said at each origin anew: what came after it chooses nothing
        let ends = origins.cutoffs.iter().copied().chain([length]);
        let suitable: Vec<Vec<Candidate>> =
            ends.map(|known| Candidate::suitable(&view, known, &origins, tools)).collect();
        let mut members: Vec<Candidate> = Vec::new();
        for member in suitable.iter().rev().take(1 + tools.records).rev().flatten() {
            if !members.contains(member) {
                members.push(*member);
            }
        }
        let try_one = |member: &Candidate| CandidateTrial::of(*member, view, horizon, &origins, &special, tools);
        let trials: Vec<CandidateTrial> = match tried {
            Some(tried) => map_with_progress(&members, try_one, |done| tried(done, members.len())),
            None => members.iter().map(try_one).collect(),
        };
        let view = SeriesView { values: series.values, ..view };
        let record = Record { trials: &trials, suitable: &suitable, view, origins: &origins, horizon };
        let everything: Vec<usize> = (0..origins.cutoffs.len()).collect();
        let (weights, errors) = record.weights(&everything, everything.len());
        let weights = record.guarded(weights, &everything);
        let bands = record.bands(&weights, &everything);
        let hindcasts = record.hindcasts(levels, unit, tools.records);
        let networks =
            trials.iter().zip(&errors).filter_map(|(trial, error)| Some((trial.network.as_ref()?, (*error)?)));
        let best = networks.min_by(|a, b| a.1.total_cmp(&b.1));
        let epochs = best.map(|(network, _)| network.epochs.clone()).unwrap_or_default();
        let first = origins.cutoffs.first().copied().unwrap_or(length);
        let paths: Vec<Option<&Vec<f64>>> = trials.iter().map(|trial| trial.forecast.as_ref()).collect();
        let latest = weights::mean(&weights, &paths).map(|path| Latest {
            history: history.to_vec(),
            beside: beside.map_or_else(Vec::new, |beside| beside.values.to_vec()),
            path,
        });
        let members = trials.into_iter().zip(weights).zip(errors).map(|((trial, weight), error)| WeightedCandidate {
            member: trial.member,
            weight,
            error: error.map(|error| error * unit),
            network: trial.network.filter(|_| weight > 0.0).map(Exclusive::new),
        });
        let members = members.collect();
        let tried_at = origins.cutoffs.len();
        let (key, seasons) = (series.key.to_vec(), seasons.clone());
        let learned = Self { key, seasons, first, unit, origins: tried_at, members, bands, latest };
        SeriesFit { learned, hindcasts, epochs }
    }

    /// How the members were weighed.
    pub(crate) fn weighing(&self) -> EnsembleWeights {
        let part = |weighed: &WeightedCandidate| Component {
            name: weighed.member.to_string(),
            weight: weighed.weight,
            error: weighed.error,
        };
        let mut parts: Vec<Component> = self.members.iter().map(part).collect();
        let error = |part: &Component| part.error.unwrap_or(f64::INFINITY);
        parts.sort_by(|a, b| b.weight.total_cmp(&a.weight).then(error(a).total_cmp(&error(b))));
        EnsembleWeights { key: self.key.clone(), origins: self.origins, parts }
    }

    /// The forecast after a history, which may be longer than the one that was learned from.
    pub(crate) fn forecast(
        &self,
        history: &TimeSeries<'_>,
        horizon: usize,
        levels: &[f64],
        beside: Option<ExogenousData<'_>>,
        side_by_side: bool,
    ) -> Forecast {
        let values: Vec<f64> = history.values.iter().map(|v| v / self.unit).collect();
        let scaled = &TimeSeries { values: &values, ..*history };
        let same = |latest: &&Latest| latest.beside == beside.map_or(&[][..], |beside| beside.values);
        let known = self.latest.as_ref().filter(|latest| latest.history == history.values).filter(same);
        let median = match known {
            Some(latest) => latest.path.clone(),
            None => self.path(scaled, beside, horizon, side_by_side),
        };
        let rows = rows(&view(scaled, &self.seasons), history.len(), &median, levels, &self.bands);
        Forecast::after(history, levels, in_unit(rows, self.unit))
    }

    /// The path after a history whose values are divided by the unit.
    fn path(
        &self,
        history: &TimeSeries<'_>,
        beside: Option<ExogenousData<'_>>,
        horizon: usize,
        side_by_side: bool,
    ) -> Vec<f64> {
        let special = YearEndEffect::of(history, horizon);
        let plain = special.without(history.values);
        let silenced = beside.map(|beside| special.silenced(beside));
        let beside = beside.zip(silenced.as_ref()).map(|(beside, values)| ExogenousData { values, ..beside });
        let view = SeriesView { values: &plain, exogenous: beside, ..view(history, &self.seasons) };
        let counted: Vec<&WeightedCandidate> = self.members.iter().filter(|weighed| weighed.weight > 0.0).collect();
        let first = self.first.min(history.len());
        let path = |weighed: &&WeightedCandidate| {
            let mut path = match &weighed.network {
                Some(network) => {
                    let network = network.lock();
                    weighed.member.path(view, horizon, first, Some(&network))?
                }
                None => weighed.member.path(view, horizon, first, None)?,
            };
            special.restore(&mut path, history.len());
            Some(path)
        };
        let paths: Vec<Option<Vec<f64>>> =
            if side_by_side { counted.par_iter().map(path).collect() } else { counted.iter().map(path).collect() };
        let weights: Vec<f64> = counted.iter().map(|weighed| weighed.weight).collect();
        let paths: Vec<Option<&Vec<f64>>> = paths.iter().map(Option::as_ref).collect();
        let last = history.values[history.len() - 1];
        weights::mean(&weights, &paths).unwrap_or_else(|| vec![last; horizon])
    }
}

/// The power of two by which values so large or small that their squares leave the range of numbers, or are taken for
/// nothing, are brought to usual ones; 1 for any others. No digit changes by it.
fn unit(values: &[f64]) -> f64 {
    const SMALLEST: f64 = 1e-6;
    const LARGEST: f64 = 1e12;
    let largest = values.iter().fold(0.0_f64, |most, v| most.max(v.abs()));
    if largest == 0.0 || (SMALLEST..LARGEST).contains(&largest) {
        return 1.0;
    }
    power_of_two_scale(values)
}

fn in_unit(mut rows: Vec<Vec<f64>>, unit: f64) -> Vec<Vec<f64>> {
    for v in rows.iter_mut().flatten() {
        *v = (*v * unit).clamp(f64::MIN, f64::MAX);
    }
    rows
}

/// The quantiles around a path that begins at `cutoff`: [levels][horizon]. Never negative where what was known never was.
fn rows(view: &SeriesView<'_>, cutoff: usize, median: &[f64], levels: &[f64], bands: &Intervals) -> Vec<Vec<f64>> {
    let floor = if view.values[..cutoff].iter().all(|v| *v >= 0.0) { 0.0 } else { f64::NEG_INFINITY };
    let row = |level: &f64| {
        let at = |(k, middle): (usize, &f64)| {
            let offset = if (level - 0.5).abs() < 1e-9 {
                0.0
            } else {
                bands.offset(*level, k, view.ordinal + (cutoff + k) as i64)
            };
            (middle + offset).clamp(floor, f64::MAX)
        };
        median.iter().enumerate().map(at).collect()
    };
    levels.iter().map(row).collect()
}

/// The trials of one series.
struct Record<'a> {
    trials: &'a [CandidateTrial],
    /// What suits by what was known at each origin, and at the end.
    suitable: &'a [Vec<Candidate>],
    view: SeriesView<'a>,
    origins: &'a Origins,
    horizon: usize,
}

impl Record<'_> {
    /// Weights of the members by what they said at some of the origins, and the size of their errors there, for a
    /// forecast from origin `at`, or from the end where that is how many origins there are.
    fn weights(&self, which: &[usize], at: usize) -> (Vec<f64>, Vec<Option<f64>>) {
        let SeriesView { values, observed, .. } = self.view;
        let error = |trial: &CandidateTrial| {
            let errors = Errors::over(trial, values, observed, self.origins, which)?;
            let speaks = trial.paths.get(at).unwrap_or(&trial.forecast).is_some();
            (speaks && self.suitable[at].contains(&trial.member)).then(|| errors.size())
        };
        let errors: Vec<Option<f64>> = self.trials.iter().map(error).collect();
        if which.len() < 2 || errors.iter().all(Option::is_none) {
            return (weights::untried(self.trials), errors);
        }
        (weights::weights(&errors, self.origins.span(which)), errors)
    }

    /// Leans toward seasonal naive where the blend was worse than it at those of some origins that it could not yet know
    /// when it was weighed: fully, where it was worse by half.
    fn guarded(&self, mut weights: Vec<f64>, which: &[usize]) -> Vec<f64> {
        const FAR_WORSE: f64 = 0.5;
        const FEWEST: usize = 3;
        let SeriesView { values, observed, .. } = self.view;
        let is_bar = |trial: &CandidateTrial| matches!(trial.member.kind, CandidateKind::SeasonalNaive(_));
        let Some(bar) = self
            .trials
            .iter()
            .position(is_bar)
            .or_else(|| self.trials.iter().position(|trial| trial.member.kind == CandidateKind::Naive))
        else {
            return weights;
        };
        let (mut blend, mut naive, mut judged) = (0.0, 0.0, 0);
        for &origin in which {
            let before = self.over_by(origin);
            let Some(simple) = self.trials[bar].paths[origin].as_ref().filter(|_| before.len() >= 2) else { continue };
            let Some(path) = self.blended(&self.weights(&before, origin).0, origin) else { continue };
            let cutoff = self.origins.cutoffs[origin];
            for k in (0..self.origins.steps).filter(|k| observed.get(cutoff + k) == Some(&true)) {
                blend += (values[cutoff + k] - path[k]).abs();
                naive += (values[cutoff + k] - simple[k]).abs();
            }
            judged += 1;
        }
        if judged >= FEWEST && blend > naive && self.trials[bar].forecast.is_some() {
            let lean = ((blend / naive - 1.0) / FAR_WORSE).min(1.0);
            for weight in &mut weights {
                *weight *= 1.0 - lean;
            }
            weights[bar] += lean;
        }
        weights
    }

    /// The origins whose stretches were over at `origin`.
    fn over_by(&self, origin: usize) -> Vec<usize> {
        let cutoffs = &self.origins.cutoffs;
        (0..origin).filter(|o| cutoffs[*o] + self.origins.steps <= cutoffs[origin]).collect()
    }

    /// What the members say together at an origin.
    fn blended(&self, weights: &[f64], origin: usize) -> Option<Vec<f64>> {
        let paths: Vec<Option<&Vec<f64>>> = self.trials.iter().map(|trial| trial.paths[origin].as_ref()).collect();
        weights::mean(weights, &paths)
    }

    fn residuals(&self, weights: &[f64], which: &[usize]) -> Vec<Residual> {
        let mut residuals = Vec::new();
        for &origin in which {
            let Some(path) = self.blended(weights, origin) else { continue };
            let cutoff = self.origins.cutoffs[origin];
            for (step, said) in path.iter().enumerate().take(self.origins.steps) {
                if self.view.observed.get(cutoff + step) == Some(&true) {
                    let position = self.view.ordinal + (cutoff + step) as i64;
                    residuals.push(Residual { step, position, error: self.view.values[cutoff + step] - said });
                }
            }
        }
        residuals
    }

    fn bands(&self, weights: &[f64], which: &[usize]) -> Intervals {
        let season = self.view.seasons.first().copied().unwrap_or(1);
        let mut residuals = self.residuals(weights, which);
        let span = self.origins.span(which);
        if residuals.len() < 2 {
            residuals = self.naive_residuals();
        }
        Intervals::of(&residuals, self.horizon, season, span)
    }

    /// How far the last value was off the ones after it, throughout a history in which nothing could be tried.
    fn naive_residuals(&self) -> Vec<Residual> {
        let SeriesView { values, observed, ordinal, .. } = self.view;
        let known = self.origins.cutoffs.last().copied().unwrap_or(values.len());
        let steps = self.horizon.min(known / 2);
        let apart = |from: usize| (1..=steps).map(move |k| (from, from + k));
        let pairs = (0..known).flat_map(apart).filter(|(from, to)| *to < known && observed[*from] && observed[*to]);
        let residual = |(from, to): (usize, usize)| Residual {
            step: to - from - 1,
            position: ordinal + to as i64,
            error: values[to] - values[from],
        };
        pairs.map(residual).collect()
    }

    /// What would have been said at the last origins, weighed and calibrated by those that were over by then.
    fn hindcasts(&self, levels: &[f64], unit: f64, most: usize) -> Vec<OriginForecast> {
        let cutoffs = &self.origins.cutoffs;
        let from = cutoffs.len().saturating_sub(most);
        let mut said = Vec::new();
        for (origin, &cutoff) in cutoffs.iter().enumerate().skip(from) {
            let over = self.over_by(origin);
            if over.len() < 2 {
                continue;
            }
            let weights = self.guarded(self.weights(&over, origin).0, &over);
            let bands = self.bands(&weights, &over);
            if let Some(path) = self.blended(&weights, origin) {
                let rows = rows(&self.view, cutoff, &path, levels, &bands);
                said.push(OriginForecast { cutoff, rows: in_unit(rows, unit) });
            }
        }
        said
    }
}
