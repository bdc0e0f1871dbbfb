//! Errors of the closed-form candidates at many cutoffs. Eight origins are too few to show how errors grow with the
//! step. Hundreds of cutoffs show it.

use rayon::prelude::*;

use crate::model::auto::candidates::candidate::{Candidate, Paths};
use crate::model::auto::candidates::forecast_series::ForecastSeries;
use crate::model::auto::step_profile::{ManyResiduals, Residual};
use crate::model::auto::weights::weighted_mean;
use crate::model::regression::series_view::SeriesView;
use crate::model::regression::stride_for;

/// The maximum number of cutoffs.
const MAX_CUTOFFS: usize = 240;
/// The number of candidates whose weighted mean stands for the ensemble.
const MAX_CANDIDATES: usize = 3;
/// Added to all weights. If no closed-form candidate has a weight in the ensemble, their plain mean stands for it.
pub(crate) const MIN_WEIGHT: f64 = 1e-6;

/// The closed-form candidates that stand for the ensemble, of those with a weight and an error: the ones with the largest
/// weights, and among equals those with the smallest errors. Returned with their weights.
pub(crate) fn representatives<T>(candidates: impl Iterator<Item = (T, f64, f64)>) -> Vec<(T, f64)> {
    let mut candidates: Vec<(T, f64, f64)> = candidates.collect();
    candidates.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.2.total_cmp(&b.2)));
    candidates.into_iter().map(|(candidate, weight, _)| (candidate, weight)).take(MAX_CANDIDATES).collect()
}

/// The forecasts of some closed-form candidates at many cutoffs.
#[derive(Debug, Default)]
pub(crate) struct ClosedFormErrors {
    /// Ascending.
    cutoffs: Vec<usize>,
    /// The index of each candidate, and its paths.
    paths: Vec<(usize, Paths)>,
}

impl ClosedFormErrors {
    /// The forecasts of `candidates`, which have an index each, from the cutoff `first` on.
    pub(crate) fn new(candidates: &[(usize, Candidate)], series: ForecastSeries<'_>, first: usize) -> Self {
        let length = series.view.values.len();
        let stride = stride_for(length.saturating_sub(first).div_ceil(MAX_CUTOFFS), series.view.seasons);
        let cutoffs: Vec<usize> = (first..length).step_by(stride).collect();
        let paths = candidates
            .par_iter()
            .filter_map(|(index, candidate)| Some((*index, candidate.paths_in_closed_form(series, &cutoffs)?)));
        Self { paths: paths.collect(), cutoffs }
    }

    /// The errors of the weighted mean of the candidates `which` over `steps`, from all cutoffs whose steps end before
    /// `known`.
    pub(crate) fn residuals(
        &self,
        which: &[usize],
        weights: &[f64],
        view: &SeriesView<'_>,
        steps: usize,
        known: usize,
    ) -> ManyResiduals {
        let mut many = ManyResiduals { steps, ..ManyResiduals::default() };
        let paths: Vec<&(usize, Paths)> = self.paths.iter().filter(|(index, _)| which.contains(index)).collect();
        for (at, &cutoff) in self.cutoffs.iter().enumerate().take_while(|(_, cutoff)| **cutoff + steps <= known) {
            let weighted = paths.iter().map(|(index, paths)| (weights[*index] + MIN_WEIGHT, paths[at].as_ref()));
            let Some(path) = weighted_mean(weighted) else { continue };
            many.cutoffs += 1;
            let observed = path.iter().enumerate().take(steps).filter(|(step, _)| view.observed[cutoff + step]);
            many.residuals.extend(observed.map(|(step, predicted)| Residual {
                step,
                position: view.ordinal + (cutoff + step) as i64,
                error: view.values[cutoff + step] - predicted,
            }));
        }
        many
    }
}
