//! Determines the frequency of the series.

use crate::error::Result;
use crate::error::data_problem::DataProblem;
use crate::read::regularize::rows::SortedRows;
use crate::time::calendar_period::approximate_step;
use crate::time::frequency::Frequency;
use crate::time::frequency_inference::{anchor, infer};
use crate::time::grid::align;

impl SortedRows<'_> {
    /// The requested frequency if the times have it, or else the frequency of the times.
    pub(crate) fn frequency(&self) -> Result<Frequency> {
        let times = self.times_by_series();
        let inferred = infer(self.is_calendar(), &times);
        if !self.is_calendar() {
            return Ok(inferred.unwrap_or(Frequency::Index { step: 1 }));
        }
        let Some(requested) = self.options.frequency else {
            return inferred.ok_or_else(|| self.table.error(DataProblem::SingleTime));
        };
        let frequency = requested.frequency(anchor(&times).0);
        match (inferred, frequency) {
            // The options may make days without rows a part of the series.
            (Some(Frequency::BusinessDays { .. }), Frequency::Days { every: 1 } | Frequency::BusinessDays { .. }) => {
                Ok(frequency)
            }
            (Some(inferred), _)
                if inferred != frequency
                    && share_of_periods(inferred, &times) > share_of_periods(frequency, &times).max(0.5) =>
            {
                Err(self.table.error(DataProblem::FrequencyMismatch {
                    requested: requested.to_string(),
                    inferred: inferred.name(),
                    is_finer: approximate_step(inferred) < approximate_step(frequency),
                }))
            }
            _ => Ok(frequency),
        }
    }
}

/// The share of periods with a row; 0 if any time is off the grid.
fn share_of_periods(frequency: Frequency, series: &[&[i64]]) -> f64 {
    let (mut periods, mut rows) = (0, 0);
    for times in series {
        let Ok(aligned) = align(frequency, times) else { return 0.0 };
        let times = aligned.as_deref().unwrap_or(times);
        periods += frequency.position(times[0], times[times.len() - 1]).map_or(0, |steps| steps + 1);
        rows += times.len();
    }
    rows as f64 / periods.max(1) as f64
}
