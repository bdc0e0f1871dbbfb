//! The fitted ensemble of one series.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::forecast::quantile_forecast::Forecast;
use crate::model::auto::absent_seasons::remove_seasons;
use crate::model::auto::candidates::candidate::{Candidate, CandidateKind};
use crate::model::auto::candidates::direct_fits::DirectFits;
use crate::model::auto::candidates::forecast_series::ForecastSeries;
use crate::model::auto::closed_form_errors::representatives;
use crate::model::auto::intervals::Intervals;
use crate::model::auto::known_zeros::known_zeros;
use crate::model::auto::new_level::level_scenarios;
use crate::model::auto::weights::ensemble_mean;
use crate::model::member_weights::{EnsembleWeights, Member};
use crate::model::regression::series_view::{ExogenousData, SeriesView};
use crate::model::segment::network::SegmentNetwork;
use crate::model::stat::count_distribution::CountDistribution;
use crate::panel::series::TimeSeries;

/// The longest season of a loaded model, in steps. Arithmetic on it does not overflow.
const MAX_SEASON: usize = 1 << 32;

/// The candidates of one series, their weights, and the intervals around their mean. The fields are saved as they are.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SeriesModel {
    pub(crate) key: Vec<String>,
    pub(crate) seasons: Vec<usize>,
    /// Those of the seasons that the values do not show. A path has no pattern of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) absent_seasons: Vec<usize>,
    /// Number of values known at the first origin. The features of the regressions depend on it.
    pub(crate) first_cutoff: usize,
    /// Values are first divided by this power of two, and forecasts are multiplied by it.
    pub(crate) scale: f64,
    /// Number of origins at which the candidates were compared.
    pub(crate) origins: usize,
    pub(crate) candidates: Vec<WeightedCandidate>,
    pub(crate) intervals: Intervals,
    /// The path after the training history; `None` for a loaded model.
    #[serde(skip)]
    pub(crate) cached: Option<CachedPath>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct WeightedCandidate {
    #[serde(flatten)]
    pub(crate) candidate: Candidate,
    /// In [0, 1]; the weights of a series sum to 1.
    pub(crate) weight: f64,
    /// Its [error](crate::model::auto::weights::mean_over_origins) at the origins; `None` if it has no forecast there.
    pub(crate) error: Option<f64>,
    /// The trained network of a network candidate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) network: Option<SegmentNetwork>,
}

/// The path after the training history. It is cached, since computing it again takes as long as fitting.
#[derive(Debug, Clone)]
pub(crate) struct CachedPath {
    pub(crate) history: Vec<f64>,
    pub(crate) exogenous: Vec<Vec<f64>>,
    /// In units of the scale.
    pub(crate) path: Vec<f64>,
}

/// The series as the input of the candidates, without covariates.
pub(crate) fn series_view<'a>(series: &TimeSeries<'a>, seasons: &'a [usize]) -> SeriesView<'a> {
    let ordinal = series.frequency.ordinal(series.start);
    SeriesView { values: series.values, observed: series.observed, seasons, ordinal, exogenous: None }
}

/// The quantiles of the counts of a series, which are the same at each step except known zeros.
pub(crate) fn count_forecast(history: &TimeSeries<'_>, known_zeros: &[bool], levels: &[f64]) -> Forecast {
    let counts = CountDistribution::fit(history.values);
    let row = |level: &f64| {
        let quantile = counts.quantile(*level);
        known_zeros.iter().map(|is_zero| if *is_zero { 0.0 } else { quantile }).collect()
    };
    Forecast::after(history, levels, levels.iter().map(row).collect())
}

impl SeriesModel {
    /// Whether the numbers of a loaded model are consistent.
    pub(crate) fn is_valid(&self, horizon: usize) -> bool {
        let mut seasons = self.seasons.iter().chain(&self.absent_seasons);
        seasons.all(|m| (2..=MAX_SEASON).contains(m))
            && self.scale.is_finite()
            && self.scale > 0.0
            && self.intervals.is_valid(horizon)
            && self.candidates.iter().all(|WeightedCandidate { candidate, weight, network, .. }| {
                candidate.is_valid(MAX_SEASON)
                    && (0.0..=1.0).contains(weight)
                    && network.as_ref().is_none_or(|network| network.is_valid(horizon))
            })
    }

    /// Whether the series is forecast as intermittent counts, by quantiles of a distribution.
    pub(crate) fn is_of_counts(&self) -> bool {
        matches!(self.candidates.as_slice(), [only] if only.candidate.kind == CandidateKind::Counts)
    }

    /// The candidates by weight, and their errors at the origins.
    pub(crate) fn ensemble_weights(&self) -> EnsembleWeights {
        let member =
            |one: &WeightedCandidate| Member { name: one.candidate.to_string(), weight: one.weight, error: one.error };
        let mut members: Vec<Member> = self.candidates.iter().map(member).collect();
        let error = |part: &Member| part.error.unwrap_or(f64::INFINITY);
        members.sort_by(|a, b| b.weight.total_cmp(&a.weight).then(error(a).total_cmp(&error(b))));
        EnsembleWeights { key: self.key.clone(), origins: self.origins, members }
    }

    /// The forecast after a history, which may be longer than the training history. With `parallel`, the candidates run
    /// in parallel.
    pub(crate) fn forecast(
        &self,
        history: &TimeSeries<'_>,
        horizon: usize,
        levels: &[f64],
        exogenous: Option<ExogenousData<'_>>,
        parallel: bool,
    ) -> Forecast {
        let known_zeros = known_zeros(history, &self.seasons, exogenous, horizon);
        if self.is_of_counts() {
            return count_forecast(history, &known_zeros, levels);
        }
        self.with_scaled(history, horizon, exogenous, |series| {
            let path = match self.cached_path(history, exogenous) {
                Some(path) => path,
                None => &self.path(series, parallel),
            };
            let scenarios = level_scenarios(series, || self.closed_form_candidates(), &self.intervals);
            self.intervals.forecast(path, &scenarios, history, self.scale, &known_zeros, levels)
        })
    }

    /// Calls `compute` with the series in units of the scale.
    pub(crate) fn with_scaled<T>(
        &self,
        history: &TimeSeries<'_>,
        horizon: usize,
        exogenous: Option<ExogenousData<'_>>,
        compute: impl FnOnce(ForecastSeries<'_>) -> T,
    ) -> T {
        let values: Vec<f64> = history.values.iter().map(|v| v / self.scale).collect();
        let scaled = &TimeSeries { values: &values, ..*history };
        let view = SeriesView { exogenous, ..series_view(scaled, &self.seasons) };
        compute(ForecastSeries { view, horizon, first_cutoff: self.first_cutoff.min(history.len()) })
    }

    /// The path after the training history, if this is the same.
    pub(crate) fn cached_path(
        &self,
        history: &TimeSeries<'_>,
        exogenous: Option<ExogenousData<'_>>,
    ) -> Option<&Vec<f64>> {
        let exogenous = exogenous.map_or(&[][..], |data| data.values);
        let is_same = |cached: &&CachedPath| cached.history == history.values && cached.exogenous == exogenous;
        self.cached.as_ref().filter(is_same).map(|cached| &cached.path)
    }

    /// The [`representatives`] of the ensemble, with their weights.
    pub(crate) fn closed_form_candidates(&self) -> Vec<(Candidate, f64)> {
        let usable = self.candidates.iter().filter(|one| one.candidate.is_in_closed_form());
        representatives(usable.map(|one| (one.candidate, one.weight, one.error.unwrap_or(f64::INFINITY))))
    }

    /// The path after a history, in units of the scale.
    pub(crate) fn path(&self, series: ForecastSeries<'_>, parallel: bool) -> Vec<f64> {
        let members: Vec<&WeightedCandidate> = self.candidates.iter().filter(|one| one.weight > 0.0).collect();
        let candidates: Vec<Candidate> = members.iter().map(|one| one.candidate).collect();
        let fits = DirectFits::of(&candidates, series, parallel);
        let path = |one: &&WeightedCandidate| one.candidate.forecast(series, one.network.as_ref(), &fits);
        let paths: Vec<Option<Vec<f64>>> =
            if parallel { members.par_iter().map(path).collect() } else { members.iter().map(path).collect() };
        let weighted = members.iter().map(|member| member.weight).zip(paths.iter().map(Option::as_ref));
        let values = series.view.values;
        let mut path =
            ensemble_mean(weighted, values).unwrap_or_else(|| vec![values[values.len() - 1]; series.horizon]);
        remove_seasons(&mut path, &self.absent_seasons);
        path
    }
}
