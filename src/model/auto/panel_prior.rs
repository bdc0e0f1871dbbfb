//! What the errors of all series of a panel say about the errors of one: a series has few origins, and a panel many.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::model::auto::candidates::candidate::{Candidate, CandidateKind};

/// The number of series of a panel whose mean error weighs as much as the usual error of a candidate.
const USUAL_ERRORS_SERIES: f64 = 5.0;
/// Weight of the errors of the panel, in horizons covered by the origins of a series.
const PANEL_PRIOR_HORIZONS: f64 = 6.0;

/// The logarithms of the errors of each candidate of a series. Row `i` has those without the last `i` origins.
pub(crate) type ErrorRecord = Vec<Vec<(Candidate, f64)>>;

/// The mean logarithm of the error of each candidate, relative to the median candidate of the same series.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "Vec<Vec<MeanError>>", into = "Vec<Vec<MeanError>>")]
pub(crate) struct PanelPrior {
    /// Without the last origins, whose number is the index: so no value influences a forecast made before it.
    without_last_origins: Vec<HashMap<Candidate, f64>>,
}

/// The mean logarithm of the error of a candidate, as it is saved.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct MeanError {
    #[serde(flatten)]
    candidate: Candidate,
    log_error: f64,
}

impl From<Vec<Vec<MeanError>>> for PanelPrior {
    fn from(rows: Vec<Vec<MeanError>>) -> Self {
        let row = |row: Vec<MeanError>| row.into_iter().map(|mean| (mean.candidate, mean.log_error)).collect();
        Self { without_last_origins: rows.into_iter().map(row).collect() }
    }
}

/// The candidates are in the order of their names.
impl From<PanelPrior> for Vec<Vec<MeanError>> {
    fn from(prior: PanelPrior) -> Self {
        let row = |row: HashMap<Candidate, f64>| {
            let mut means: Vec<MeanError> =
                row.into_iter().map(|(candidate, log_error)| MeanError { candidate, log_error }).collect();
            means.sort_by_key(|mean| format!("{:?}", mean.candidate));
            means
        };
        prior.without_last_origins.into_iter().map(row).collect()
    }
}

impl PanelPrior {
    /// Whether the numbers of a loaded prior are consistent.
    pub(crate) fn is_valid(&self) -> bool {
        self.without_last_origins.iter().flat_map(HashMap::values).all(|error| error.is_finite())
    }

    pub(crate) fn new(records: &[ErrorRecord]) -> Self {
        let rows = records.iter().map(Vec::len).max().unwrap_or(0);
        let mean = |excluded: usize| {
            let mut sums: HashMap<Candidate, (f64, f64)> = HashMap::new();
            for row in records.iter().filter_map(|record| record.get(excluded)) {
                let mut errors: Vec<f64> = row.iter().map(|(_, error)| *error).collect();
                errors.sort_by(f64::total_cmp);
                for (candidate, error) in row {
                    let sum = sums.entry(*candidate).or_default();
                    *sum = (sum.0 + error - errors[errors.len() / 2], sum.1 + 1.0);
                }
            }
            let mean = |(candidate, (sum, n))| {
                let usual = USUAL_ERRORS_SERIES * usual_log_error(candidate);
                (candidate, (sum + usual) / (n + USUAL_ERRORS_SERIES))
            };
            sums.into_iter().map(mean).collect()
        };
        Self { without_last_origins: (0..rows).map(mean).collect() }
    }

    /// The factor on the error of a candidate at origins that cover `horizons`, without the last `excluded` origins.
    pub(crate) fn factor(&self, candidate: Candidate, excluded: usize, horizons: f64) -> f64 {
        let mean = self.without_last_origins.get(excluded).and_then(|row| row.get(&candidate));
        let mean = mean.copied().unwrap_or_else(|| usual_log_error(candidate));
        (PANEL_PRIOR_HORIZONS / horizons * mean).exp()
    }
}

/// The logarithm of the error of a candidate on series of other files, relative to their median candidate.
///
/// They were chosen by the errors of `auto` at holdouts of 1,560 series. That of the climatology was chosen on seven daily
/// series. docs/experiments.md lists all. The example `candidate_errors` prints such values.
fn usual_log_error(candidate: Candidate) -> f64 {
    match candidate.kind {
        CandidateKind::Pretrained(_) => -0.2,
        CandidateKind::Climatology => -0.1,
        CandidateKind::SeasonalMean(_) => 0.045,
        CandidateKind::DifferencedRidge { .. } => 0.04,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::auto::candidates::candidate::CandidateKind;

    #[test]
    fn a_candidate_that_is_accurate_on_the_panel_has_a_factor_below_one_until_the_series_has_many_origins() {
        let [good, middle, bad] =
            [CandidateKind::Theta, CandidateKind::Naive, CandidateKind::Mean].map(Candidate::plain);
        let record = vec![vec![(good, 0.5), (middle, 1.0), (bad, 1.8)], vec![(bad, 0.0)]];
        let prior = PanelPrior::new(&vec![record; 200]);
        assert!(prior.factor(good, 0, 2.0) < 0.3 && prior.factor(bad, 0, 2.0) > 5.0);
        assert!(prior.factor(good, 0, 100.0) > 0.95);
        // without a record, or where it is alone, a candidate has the same error as the others
        for (candidate, excluded) in [(middle, 0), (good, 1), (bad, 1), (bad, 9)] {
            assert!((prior.factor(candidate, excluded, 2.0) - 1.0).abs() < 1e-12);
        }
    }
}
