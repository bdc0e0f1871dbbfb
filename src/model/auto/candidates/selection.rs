//! The candidates that suit a series.

use crate::model::auto::candidates::candidate::{Candidate, CandidateKind, SEASONS_OF_MEAN};
use crate::model::auto::origins::Origins;
use crate::model::auto::search::SearchLimits;
use crate::model::regression::series_view::SeriesView;
use crate::model::transform::Transform;

/// The longest history for which every form of ETS is a candidate.
const MAX_ETS_VALUES: usize = 2_000;
/// The shortest history in which older values are discounted.
const MIN_DISCOUNTED_VALUES: usize = 400;
/// The minimum number of origins for candidates with many parameters.
const MIN_ORIGINS: usize = 2;
/// The minimum share of zeros in intermittent counts.
const MIN_INTERMITTENT_ZEROS: f64 = 0.3;
/// The minimum share of the variance of zeros that lies between the steps of a season, for a seasonal pattern of zeros.
const MIN_SEASONAL_VARIANCE_SHARE: f64 = 0.3;

/// The candidates that suit a series by its first `known` values.
pub(crate) fn suitable_candidates(
    view: &SeriesView<'_>,
    known: usize,
    origins: &Origins,
    limits: &SearchLimits,
) -> Vec<Candidate> {
    let values = &view.values[..known];
    if values.windows(2).all(|w| w[0].total_cmp(&w[1]).is_eq()) {
        return vec![Candidate::plain(CandidateKind::Naive)];
    }
    let mut simple = vec![CandidateKind::Naive];
    let seasonal = |&m: &usize| [CandidateKind::SeasonalNaive(m), CandidateKind::SeasonalMean(m)];
    simple.extend(view.seasons.iter().flat_map(seasonal));
    if is_intermittent(values, view.seasons) {
        return intermittent_candidates(simple, view, origins);
    }
    let parametric = parametric_kinds(view, origins, limits);
    let mut candidates: Vec<Candidate> = simple.into_iter().map(Candidate::plain).collect();
    candidates.extend(parametric.iter().copied().map(Candidate::plain));
    if values.iter().all(|v| *v > 0.0) {
        let log = |kind: &CandidateKind| Candidate { transform: Transform::Log, ..Candidate::plain(*kind) };
        candidates.extend(parametric.iter().map(log));
    }
    if view.exogenous.is_some() {
        let users = candidates.iter().filter(|candidate| candidate.can_use_covariates(view));
        let with_covariates = users.map(|candidate| Candidate { with_covariates: true, ..*candidate });
        candidates.extend(with_covariates.collect::<Vec<_>>());
    }
    // last, because they take the longest time: the others are fitted before the budget ends
    if limits.with_networks {
        candidates.extend(network_candidates(view, known, origins));
    }
    candidates
}

/// The candidates for intermittent counts. Regressions are included only if there are covariates, which may explain the
/// counts that are not zero.
fn intermittent_candidates(mut simple: Vec<CandidateKind>, view: &SeriesView<'_>, origins: &Origins) -> Vec<Candidate> {
    simple.extend([CandidateKind::Mean, CandidateKind::Croston]);
    let mut candidates: Vec<Candidate> = simple.into_iter().map(Candidate::plain).collect();
    if view.exogenous.is_some() && origins.cutoffs.len() >= MIN_ORIGINS {
        let regressions = [CandidateKind::RecursiveRidge, CandidateKind::DirectRidge]
            .map(|kind| Candidate { with_covariates: true, ..Candidate::plain(kind) });
        candidates.extend(regressions.into_iter().filter(|candidate| candidate.can_use_covariates(view)));
    }
    candidates
}

/// The methods with estimated parameters, except networks.
fn parametric_kinds(view: &SeriesView<'_>, origins: &Origins, limits: &SearchLimits) -> Vec<CandidateKind> {
    let mut kinds = vec![CandidateKind::Theta];
    if origins.cutoffs.len() < MIN_ORIGINS {
        return kinds;
    }
    kinds.extend([CandidateKind::Smoothing, CandidateKind::RecursiveRidge, CandidateKind::DirectRidge]);
    let differenced =
        |&lag: &usize| [1, SEASONS_OF_MEAN].map(|seasons| CandidateKind::DifferencedRidge { lag, seasons });
    kinds.extend(view.seasons.iter().flat_map(differenced));
    if limits.with_ets && view.values.len() <= MAX_ETS_VALUES {
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
fn network_candidates(view: &SeriesView<'_>, known: usize, origins: &Origins) -> Vec<Candidate> {
    let early = &view.values[..origins.cutoffs.first().copied().unwrap_or(known)];
    let is_positive = early.iter().all(|v| *v > 0.0);
    let transform = Transform::select(early, view.season());
    let other = if transform == Transform::Identity && is_positive { Transform::Log } else { Transform::Identity };
    let network = |kind, transform| Candidate { kind, transform, with_covariates: false };
    let mut candidates = vec![
        network(CandidateKind::ResidualNetwork(1), transform),
        network(CandidateKind::Network(1), transform),
        network(CandidateKind::ResidualNetwork(2), other),
        network(CandidateKind::Network(2), other),
    ];
    if view.exogenous.is_some() {
        let kinds = [(CandidateKind::ResidualNetwork(1), transform), (CandidateKind::ResidualNetwork(2), other)];
        candidates.extend(kinds.map(|(kind, transform)| Candidate { kind, transform, with_covariates: true }));
    }
    candidates
}

/// Whether the values are counts with many zeros that do not follow the season. A seasonal pattern of zeros, such as
/// nights without sales, is not intermittent.
fn is_intermittent(values: &[f64], seasons: &[usize]) -> bool {
    let share = share_of_zeros(values.iter().copied());
    let are_counts = values.iter().all(|v| *v >= 0.0 && v.fract() == 0.0);
    if !are_counts || share < MIN_INTERMITTENT_ZEROS {
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
    let (mut zeros, mut count) = (0.0, 0.0f64);
    values.for_each(|v| {
        zeros += f64::from(v == 0.0);
        count += 1.0;
    });
    zeros / count.max(1.0)
}
