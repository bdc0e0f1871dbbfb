//! Aggregates rows to the longer periods of the requested frequency.

use std::ops::Range;

use crate::panel::repair_log::{DuplicatePolicy, RepairPolicy};
use crate::read::notice::Notice;
use crate::read::regularize::rows::SortedRows;
use crate::read::regularize::sort::combine;
use crate::time::calendar_period::{approximate_step, period_end, period_start};
use crate::time::frequency::Frequency;
use crate::time::frequency_inference::infer;
use crate::time::named_frequency::NamedFrequency;

/// The start of a period, and its rows.
type Period = (i64, Range<usize>);

impl SortedRows<'_> {
    /// Replaces the rows of each period by their sum, their mean or the last of them. Does so only if the options name a
    /// frequency with a longer step. Unfinished periods at both ends are left out.
    pub(crate) fn aggregate(&mut self) {
        let (Some(frequency), policy @ (DuplicatePolicy::Sum | DuplicatePolicy::Mean | DuplicatePolicy::Last)) =
            (self.options.frequency, self.options.duplicates)
        else {
            return;
        };
        let is_shorter = |step: Frequency| approximate_step(step) < approximate_step(frequency.frequency(1));
        let has_shorter_step = infer(self.is_calendar(), &self.times_by_series()).is_some_and(is_shorter);
        if !self.is_calendar() || !has_shorter_step {
            return;
        }
        let (times, values) = (std::mem::take(&mut self.times), std::mem::take(&mut self.values));
        let source_rows = std::mem::take(&mut self.source_rows);
        for (code, range) in std::mem::take(&mut self.series) {
            let periods = periods(&times, range, frequency);
            let (first_is_unfinished, last_is_unfinished) = unfinished_ends(&times, &periods, frequency);
            let from = self.times.len();
            for (index, (start, rows)) in periods.iter().enumerate() {
                let present: Vec<f64> = values[rows.clone()].iter().copied().filter(|value| !value.is_nan()).collect();
                let value = if present.is_empty() { f64::NAN } else { combine(policy, &present) };
                let is_unfinished =
                    (index == 0 && first_is_unfinished) || (index + 1 == periods.len() && last_is_unfinished);
                if is_unfinished && self.options.unfinished == RepairPolicy::Repair {
                    self.record_unfinished_period(code, *start, value);
                    continue;
                }
                self.times.push(*start);
                self.values.push(value);
                self.source_rows.push(source_rows[rows.start]);
            }
            if self.times.len() > from {
                self.series.push((code, from..self.times.len()));
            }
        }
        let method = match policy {
            DuplicatePolicy::Sum => "sum",
            DuplicatePolicy::Mean => "mean",
            _ => "last value",
        };
        self.notices.push(Notice::RowsAggregated { rows: times.len(), method, frequency: frequency.to_string() });
    }
}

fn periods(times: &[i64], range: Range<usize>, frequency: NamedFrequency) -> Vec<Period> {
    let mut periods: Vec<Period> = Vec::new();
    for at in range {
        let start = period_start(frequency, times[at]);
        match periods.last_mut() {
            Some((last, rows)) if *last == start => rows.end = at + 1,
            _ => periods.push((start, at..at + 1)),
        }
    }
    periods
}

/// Whether the first and the last period are unfinished: their rows begin later, or end earlier, than in any period
/// between them.
fn unfinished_ends(times: &[i64], periods: &[Period], frequency: NamedFrequency) -> (bool, bool) {
    const MIN_INNER_PERIODS: usize = 3;
    let [first, inner @ .., last] = periods else { return (false, false) };
    if inner.len() < MIN_INNER_PERIODS {
        return (false, false);
    }
    let delay = |(start, rows): &Period| times[rows.start] - start;
    let rest = |(start, rows): &Period| period_end(frequency, *start) - times[rows.end - 1];
    let (longest_delay, longest_rest) = (inner.iter().map(delay).max(), inner.iter().map(rest).max());
    (Some(delay(first)) > longest_delay, Some(rest(last)) > longest_rest)
}
