//! Rows without a value between those that have one: quarter hours of a value that is measured hourly, or the days of a
//! weekend without exchange rates.

use crate::read::{notice::Notice, regularize::frequency::share_of_periods, regularize::rows::SortedRows};
use crate::time::{
    Frequency,
    calendar_period::approximate_step,
    frequency_inference::{anchor, infer},
};

/// The rows with a value that the longest series needs.
const MIN_VALUES: usize = 10;
/// One row in so many has no value. A day of the week is one of seven.
const MAX_ROWS_PER_EMPTY: usize = 8;
/// The share of the periods that have a row.
const MIN_SHARE: f64 = 0.9;
/// The share of the longer periods that have a value. A sensor may fail for days.
const MIN_SHARE_WITH_VALUE: f64 = 0.5;

impl SortedRows<'_> {
    /// Leaves out rows without a value that are between the times of a longer step, or on closed days. The step is the
    /// requested one, that of an earlier file, or else that of the rows with a value, if these are regular. Rows with
    /// covariates decide nothing, since covariates have values at other times, too.
    pub(crate) fn leave_out_empty_rows(&mut self) {
        let empty = self.values.iter().filter(|value| value.is_nan()).count();
        if empty == 0 || !self.is_calendar {
            return;
        }
        let with_value = self.times_with_value();
        let times: Vec<&[i64]> = with_value.iter().map(Vec::as_slice).collect();
        let requested = self.options.frequency.map(|requested| requested.frequency(anchor(&times).0));
        let has_covariates = !self.options.all_covariates().is_empty();
        let may_differ = !has_covariates && empty * MAX_ROWS_PER_EMPTY >= self.values.len();
        let longer = || if may_differ { self.longer_frequency(&times) } else { None };
        let Some(frequency) = requested.or(self.options.earlier_frequency).or_else(longer) else { return };
        let Some(other_start) = with_value.iter().find_map(|times| times.first()).copied() else { return };
        let (of, mut end) = (self.values.len(), 0);
        for ((_, range), times) in self.series.iter_mut().zip(&with_value) {
            let (start, first) = (times.first().copied().unwrap_or(other_start), end);
            for at in range.clone() {
                let (from, to) = (start.min(self.times[at]), start.max(self.times[at]));
                if self.values[at].is_nan() && frequency.position(from, to).is_none() {
                    continue;
                }
                (self.times[end], self.values[end], self.source_rows[end]) =
                    (self.times[at], self.values[at], self.source_rows[at]);
                end += 1;
            }
            if end == first {
                // a series without a value keeps one row, at a time of the others, so that it is named later
                (self.times[end], self.values[end], self.source_rows[end]) =
                    (start, f64::NAN, self.source_rows[range.start]);
                end += 1;
            }
            *range = first..end;
        }
        if end < of {
            let (rows, frequency) = (of - end, frequency.name());
            self.notices.push(Notice::EmptyRowsLeftOut { rows, of, frequency });
        }
        self.times.truncate(end);
        self.values.truncate(end);
        self.source_rows.truncate(end);
    }

    /// The times of the rows with a value of each series.
    pub(crate) fn times_with_value(&self) -> Vec<Vec<i64>> {
        let of_range = |range: &std::ops::Range<usize>| -> Vec<i64> {
            range.clone().filter(|at| !self.values[*at].is_nan()).map(|at| self.times[at]).collect()
        };
        self.series.iter().map(|(_, range)| of_range(range)).collect()
    }

    /// The frequency of the rows with a value, if it has fewer periods than that of all rows, and both are regular.
    fn longer_frequency(&self, times: &[&[i64]]) -> Option<Frequency> {
        let all_times = self.times_by_series();
        // one value shows no step
        let times: Vec<&[i64]> = times.iter().copied().filter(|times| times.len() > 1).collect();
        let (all, longer) = (infer(true, &all_times)?, infer(true, &times)?);
        let is_long = times.iter().any(|times| times.len() >= MIN_VALUES);
        let is_longer = approximate_step(longer) >= 2 * approximate_step(all);
        let has_closed_days = all == Frequency::DAILY && matches!(longer, Frequency::BusinessDays { .. });
        let are_regular =
            share_of_periods(all, &all_times) >= MIN_SHARE && share_of_periods(longer, &times) >= MIN_SHARE_WITH_VALUE;
        (is_long && (is_longer || has_closed_days) && are_regular).then_some(longer)
    }
}
