//! Direct regressions that several members of an ensemble use. Their rows are made once for all.

use rayon::prelude::*;

use crate::model::auto::candidates::candidate::{Candidate, CandidateKind, half_life};
use crate::model::auto::candidates::forecast_series::ForecastSeries;
use crate::model::regression::DirectRidge;
use crate::model::regression::series_view::SeriesView;

/// Fitted regressions by their candidates.
#[derive(Debug, Default)]
pub(crate) struct DirectFits(Vec<(Candidate, DirectRidge)>);

impl DirectFits {
    /// The regressions of an ensemble, without those that only one member uses. A network on the ridge regression uses it,
    /// too.
    pub(crate) fn of(members: &[Candidate], series: ForecastSeries<'_>, parallel: bool) -> Self {
        let mut groups: Vec<Vec<Candidate>> = Vec::new();
        // for a network, the effect of covariates is estimated up to the first cutoff; for a regression, on all values
        for member in members.iter().filter(|member| !member.needs_effect_removed(&series.view)) {
            let Some(own) = regression_of(*member) else { continue };
            let shares_rows = |group: &&mut Vec<Candidate>| Candidate { kind: group[0].kind, ..own } == group[0];
            match groups.iter_mut().find(shares_rows) {
                Some(group) => group.push(own),
                None => groups.push(vec![own]),
            }
        }
        groups.retain(|group| group.len() > 1);
        let fits = |group: &Vec<Candidate>| fit_each(group, series);
        let found: Vec<_> =
            if parallel { groups.par_iter().map(fits).collect() } else { groups.iter().map(fits).collect() };
        Self(found.into_iter().flatten().collect())
    }

    /// The regression of a candidate; `None` if it is not shared, or the values are too few for it.
    pub(crate) fn find(&self, candidate: Candidate) -> Option<&DirectRidge> {
        let own = regression_of(candidate)?;
        self.0.iter().find(|(other, _)| *other == own).map(|(_, fit)| fit)
    }
}

/// The candidate that is the regression of another one.
fn regression_of(candidate: Candidate) -> Option<Candidate> {
    let kind = match candidate.kind {
        CandidateKind::DirectRidge | CandidateKind::ResidualNetwork(_) => CandidateKind::DirectRidge,
        CandidateKind::DiscountedRidge => CandidateKind::DiscountedRidge,
        _ => return None,
    };
    Some(Candidate { kind, ..candidate })
}

/// Fits regressions with the same rows. A series without a transform has none.
fn fit_each(group: &[Candidate], series: ForecastSeries<'_>) -> Vec<(Candidate, DirectRidge)> {
    let (first, length) = (group[0], series.view.values.len());
    let transformed: Vec<f64> = series.view.values.iter().map(|v| first.transform.apply(*v)).collect();
    if transformed.iter().any(|v| !v.is_finite()) {
        return Vec::new();
    }
    let exogenous = series.view.exogenous.filter(|_| first.with_covariates);
    let view = SeriesView { values: &transformed, exogenous, ..series.view };
    let half_life = |own: &Candidate| (own.kind == CandidateKind::DiscountedRidge).then(|| half_life(series));
    let mut kinds = group.to_vec();
    kinds.sort_by_key(|own| own.kind == CandidateKind::DiscountedRidge);
    kinds.dedup();
    let half_lives: Vec<Option<f64>> = kinds.iter().map(half_life).collect();
    let fits = DirectRidge::fit_each(view, &half_lives, series.horizon, series.first_cutoff, length);
    kinds.into_iter().zip(fits).filter_map(|(own, fit)| Some((own, fit?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::transform::Transform;

    #[test]
    fn a_shared_regression_has_the_forecast_of_a_fit_of_its_own() {
        let values: Vec<f64> = (0..300).map(|t| f64::from(50 + t / 9 + 8 * (t % 7) + t * t % 11)).collect();
        let observed: Vec<bool> = (0..300).map(|t| t % 50 != 3).collect();
        let candidate = |kind, transform| Candidate { transform, ..Candidate::plain(kind) };
        let (direct, discounted) = (CandidateKind::DirectRidge, CandidateKind::DiscountedRidge);
        let on_ridge = candidate(CandidateKind::ResidualNetwork(1), Transform::Log);
        let members = [
            candidate(discounted, Transform::Identity),
            candidate(direct, Transform::Identity),
            on_ridge,
            candidate(discounted, Transform::Log),
        ];
        for (length, count) in [(300, 4), (12, 0)] {
            let view = SeriesView {
                values: &values[..length],
                observed: &observed[..length],
                seasons: &[7],
                ordinal: 0,
                exogenous: None,
            };
            let series = ForecastSeries { view, horizon: 5, first_cutoff: length - length / 5 };
            let fits = DirectFits::of(&members, series, false);
            assert_eq!(fits.0.len(), count);
            assert_eq!(fits.find(on_ridge).is_some(), count > 0);
            for member in members.iter().filter(|member| !member.kind.is_network()) {
                let path = |fits: &DirectFits| member.forecast(series, None, fits);
                assert!(
                    path(&fits) == path(&DirectFits::default()) && path(&fits).is_some() == (count > 0),
                    "{member}"
                );
            }
        }
        let view = SeriesView { values: &values, observed: &observed, seasons: &[7], ordinal: 0, exogenous: None };
        let series = ForecastSeries { view, horizon: 5, first_cutoff: 250 };
        assert!(DirectFits::of(&members[1..3], series, true).0.is_empty(), "no transform has two members");
        let zero = SeriesView { values: &[&values[..], &[0.0]].concat(), observed: &[true; 301], ..view };
        let of_zero = DirectFits::of(&members, ForecastSeries { view: zero, ..series }, false);
        assert!(of_zero.find(on_ridge).is_none() && of_zero.find(members[0]).is_some(), "a zero has no logarithm");
    }
}
