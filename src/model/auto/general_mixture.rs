//! A mixture that was learned on a sample of series, for series that were not in it.

use serde::{Deserialize, Serialize};

use crate::model::auto::hindcast_pair::HindcastPair;
use crate::model::auto::mixture::{MIN_HOLDOUTS, PooledMixture, SeriesError, usual_log_ratio};
use crate::model::ensemble::holdout::HoldoutCase;
use crate::model::fit::Task;

/// The mixture of a sample without factors of single series, and the error of its median series. So the width factor of
/// any series follows from its own errors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GeneralMixture {
    pub(crate) mixture: PooledMixture,
    /// The logarithm of the error of the median series relative to its distances; `None` with too few holdouts.
    usual_log_ratio: Option<f64>,
}

impl GeneralMixture {
    /// Learns the mixture as [`PooledMixture::fit`] does.
    pub(crate) fn fit(pairs: &[HindcastPair<'_>], season: usize, task: &Task) -> Self {
        let mut mixture = PooledMixture::fit(pairs, season, task);
        mixture.series_width_factors.clear();
        let cases = cases(pairs, season);
        let errors = (cases.len() >= MIN_HOLDOUTS).then(|| mixture.errors_by_series(&cases, task.levels.len()));
        let usual_log_ratio = errors.map(|errors| usual_log_ratio(&errors));
        Self { mixture, usual_log_ratio }
    }

    /// The mixture with the width factor of each series that has hindcasts. It does not depend on the other series.
    pub(crate) fn for_series(&self, pairs: &[HindcastPair<'_>], season: usize, task: &Task) -> PooledMixture {
        let mut mixture = self.mixture.clone();
        if let Some(usual) = self.usual_log_ratio {
            let errors = mixture.errors_by_series(&cases(pairs, season), task.levels.len());
            let factor =
                |(key, error): (&[String], SeriesError)| (key.to_vec(), error.relative_to(usual).width_factor());
            mixture.series_width_factors = errors.into_iter().map(factor).collect();
        }
        mixture
    }

    pub(crate) fn is_valid(&self, width_factors: usize) -> bool {
        self.mixture.is_valid(width_factors) && self.usual_log_ratio.is_none_or(f64::is_finite)
    }
}

/// The holdouts of series that are not counts, which have quantiles of their own.
fn cases<'p, 'a>(pairs: &'p [HindcastPair<'a>], season: usize) -> Vec<HoldoutCase<'p, &'p HindcastPair<'a>>> {
    pairs.iter().filter(|pair| !pair.is_of_counts).map(|pair| pair.case(season)).collect()
}
