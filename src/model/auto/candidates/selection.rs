//! The candidates that suit a series.

use crate::model::auto::candidates::candidate::{Candidate, CandidateKind, SEASONS_OF_MEAN};
use crate::model::stat::method_fit::is_constant;
use crate::model::{auto::origins::Origins, auto::settings::CandidateSearch};
use crate::model::{regression::series_view::SeriesView, transform::Transform};

/// The longest history for which every form of ETS is a candidate.
const MAX_ETS_VALUES: usize = 2_000;
/// The shortest history in which older values are discounted.
const MIN_DISCOUNTED_VALUES: usize = 400;
/// The shortest season with a climatology. Means of the last seasons are enough for shorter ones.
const MIN_CLIMATOLOGY_SEASON: usize = 50;
/// The minimum number of origins for candidates with many parameters.
const MIN_ORIGINS: usize = 2;
/// The minimum share of zeros in intermittent counts.
const MIN_INTERMITTENT_ZEROS: f64 = 0.3;
/// The minimum share of zeros in the second half of intermittent counts.
const MIN_RECENT_ZEROS: f64 = 0.15;
/// Zeros are seasonal if at least this share of their variance lies between the steps of a season.
const MIN_SEASONAL_VARIANCE_SHARE: f64 = 0.3;

/// The candidates that suit a series by its first `known` values. The slowest are the last: the others are fitted before
/// the budget ends.
pub(crate) fn suitable_candidates(
    view: &SeriesView<'_>,
    known: usize,
    origins: &Origins,
    search: &CandidateSearch,
) -> Vec<Candidate> {
    let values = &view.values[..known];
    if is_constant(values) {
        return vec![Candidate::plain(CandidateKind::Naive)];
    }
    let seasonal = |&m: &usize| [CandidateKind::SeasonalNaive(m), CandidateKind::SeasonalMean(m)];
    let simple = [CandidateKind::Naive].into_iter().chain(view.seasons.iter().flat_map(seasonal));
    let mut candidates: Vec<Candidate> = simple.map(Candidate::plain).collect();
    if is_intermittent(values, view.seasons) {
        if view.exogenous.is_none() {
            return vec![Candidate::plain(CandidateKind::Counts)];
        }
        candidates.extend([CandidateKind::Mean, CandidateKind::Croston].map(Candidate::plain));
        if origins.cutoffs.len() >= MIN_ORIGINS {
            // covariates may explain the counts that are not zero
            let regressions = [CandidateKind::RecursiveRidge, CandidateKind::DirectRidge].map(Candidate::plain);
            candidates.extend(with_covariates(&regressions, view));
        }
        return candidates;
    }
    let parametric = parametric_kinds(view, origins, search).into_iter().map(Candidate::plain);
    candidates.extend(parametric.clone());
    if values.iter().all(|v| *v > 0.0) {
        candidates.extend(parametric.map(|candidate| Candidate { transform: Transform::Log, ..candidate }));
    }
    candidates.extend(with_covariates(&candidates, view));
    candidates.extend(search.pretrained.map(|frequency| Candidate::plain(CandidateKind::Pretrained(frequency))));
    if search.with_networks {
        let networks = network_candidates(view, known, origins);
        candidates.extend(networks);
        candidates.extend(with_covariates(&networks, view));
    }
    candidates
}

/// The same candidates with covariates, where the method can use those of the series.
fn with_covariates(candidates: &[Candidate], view: &SeriesView<'_>) -> Vec<Candidate> {
    let users = candidates.iter().filter(|candidate| candidate.can_use_covariates(view));
    users.map(|candidate| Candidate { with_covariates: true, ..*candidate }).collect()
}

/// The methods with estimated parameters, except networks.
fn parametric_kinds(view: &SeriesView<'_>, origins: &Origins, search: &CandidateSearch) -> Vec<CandidateKind> {
    let mut kinds = vec![CandidateKind::Theta];
    if origins.cutoffs.len() < MIN_ORIGINS {
        return kinds;
    }
    kinds.extend([CandidateKind::Smoothing, CandidateKind::RecursiveRidge, CandidateKind::DirectRidge]);
    let differenced =
        |&lag: &usize| [1, SEASONS_OF_MEAN].map(|seasons| CandidateKind::DifferencedRidge { lag, seasons });
    kinds.extend(view.seasons.iter().flat_map(differenced));
    if view.seasons.iter().any(|m| *m >= MIN_CLIMATOLOGY_SEASON) {
        kinds.push(CandidateKind::Climatology);
    }
    if search.with_ets && view.values.len() <= MAX_ETS_VALUES {
        kinds.push(CandidateKind::Ets);
    }
    if view.values.len() >= MIN_DISCOUNTED_VALUES {
        kinds.push(CandidateKind::DiscountedRidge);
    }
    kinds
}

/// Two networks of each kind: the first with the transform that suits the series, the second with the other transform.
///
/// The networks are trained at the first origin. So the transform is selected on the values known there, and later values
/// do not influence it.
fn network_candidates(view: &SeriesView<'_>, known: usize, origins: &Origins) -> [Candidate; 4] {
    let early = &view.values[..origins.cutoffs.first().copied().unwrap_or(known)];
    let is_positive = early.iter().all(|v| *v > 0.0);
    let transform = Transform::select(early, view.season());
    let other = if transform == Transform::Identity && is_positive { Transform::Log } else { Transform::Identity };
    [
        (CandidateKind::ResidualNetwork(1), transform),
        (CandidateKind::Network(1), transform),
        (CandidateKind::ResidualNetwork(2), other),
        (CandidateKind::Network(2), other),
    ]
    .map(|(kind, transform)| Candidate { transform, ..Candidate::plain(kind) })
}

/// Whether the values are counts with many zeros that do not follow the season. A seasonal pattern of zeros, such as
/// nights without sales, is not intermittent, nor is a cumulative count, nor are zeros only before the first counts.
fn is_intermittent(values: &[f64], seasons: &[usize]) -> bool {
    let share = share_of_zeros(values.iter().copied());
    let are_counts = values.iter().all(|v| *v >= 0.0 && v.fract() == 0.0);
    let recent_share = share_of_zeros(values[values.len() / 2..].iter().copied());
    let is_cumulative = values.is_sorted();
    if !are_counts || is_cumulative || share < MIN_INTERMITTENT_ZEROS || recent_share < MIN_RECENT_ZEROS {
        return false;
    }
    // the variance between the steps of a season, less its expected value by chance
    seasons.iter().all(|&m| {
        let shares: Vec<f64> = (0..m).map(|p| share_of_zeros(values.iter().copied().skip(p).step_by(m))).collect();
        let between = shares.iter().map(|s| (s - share).powi(2)).sum::<f64>() / m as f64;
        let by_chance = share * (1.0 - share) * m as f64 / values.len() as f64;
        between - by_chance < MIN_SEASONAL_VARIANCE_SHARE * share * (1.0 - share)
    })
}

fn share_of_zeros(values: impl Iterator<Item = f64>) -> f64 {
    let (zeros, count) = values.fold((0.0, 0.0), |(zeros, count), v| (zeros + f64::from(v == 0.0), count + 1.0));
    zeros / f64::max(count, 1.0)
}
