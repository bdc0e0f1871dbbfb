//! Rows without a value between those that have one: quarter hours of a value that is measured hourly, or the days of a
//! weekend without exchange rates.

use crate::panel::GapFill;
use crate::read::{notice::Notice, regularize::frequency::share_of_periods, regularize::rows::SortedRows};
use crate::time::{
    Frequency,
    calendar_period::approximate_step,
    frequency_inference::{anchor, infer},
};

/// The rows with a value that the longest series needs.
const MIN_VALUES: usize = 10;
/// The share of the periods of a frequency that have a row.
const MIN_SHARE: f64 = 0.9;

impl SortedRows<'_> {
    /// Leaves out the rows without a value if all others are regular, at a longer step or on open days.
    pub(crate) fn leave_out_empty_rows(&mut self) {
        let empty = self.values.iter().filter(|value| value.is_nan()).count();
        if empty == 0 || !self.is_calendar || self.options.gaps == GapFill::Zero {
            return;
        }
        let Some(frequency) = self.frequency_of_values() else { return };
        self.notices.push(Notice::EmptyRowsLeftOut { rows: empty, of: self.values.len(), frequency: frequency.name() });
        let mut end = 0;
        for (_, range) in &mut self.series {
            let start = end;
            for at in range.clone() {
                if self.values[at].is_nan() {
                    continue;
                }
                (self.times[end], self.values[end], self.source_rows[end]) =
                    (self.times[at], self.values[at], self.source_rows[at]);
                end += 1;
            }
            *range = start..end;
        }
        self.times.truncate(end);
        self.values.truncate(end);
        self.source_rows.truncate(end);
    }

    /// The frequency of the rows with a value, if it has fewer periods than that of all rows, and both are regular. It is none
    /// if another one is requested.
    fn frequency_of_values(&self) -> Option<Frequency> {
        let with_value = |range: &std::ops::Range<usize>| -> Vec<i64> {
            range.clone().filter(|at| !self.values[*at].is_nan()).map(|at| self.times[at]).collect()
        };
        let times: Vec<Vec<i64>> = self.series.iter().map(|(_, range)| with_value(range)).collect();
        let times: Vec<&[i64]> = times.iter().map(Vec::as_slice).collect();
        let has_enough =
            times.iter().any(|times| times.len() >= MIN_VALUES) && times.iter().all(|times| times.len() > 1);
        if !has_enough {
            return None;
        }
        let (all, longer) = (infer(true, &self.times_by_series())?, infer(true, &times)?);
        let is_requested = self.options.frequency.is_none_or(|named| named.frequency(anchor(&times).0) == longer);
        let is_longer = approximate_step(longer) >= 2 * approximate_step(all);
        let has_closed_days = all == Frequency::DAILY && matches!(longer, Frequency::BusinessDays { .. });
        let are_regular = share_of_periods(all, &self.times_by_series()) >= MIN_SHARE
            && share_of_periods(longer, &times) >= MIN_SHARE;
        ((is_longer || has_closed_days) && are_regular && is_requested).then_some(longer)
    }
}
