//! Aggregates rows to the longer periods of the requested frequency.

use std::mem::take;
use std::ops::Range;

use crate::panel::{DuplicatePolicy, RepairKind, RepairPolicy};
use crate::read::notice::Notice;
use crate::read::regularize::rows::{SortedRows, combine};
use crate::read::regularize::time_zone::elapsed_to_local;
use crate::time::calendar_period::{approximate_step, period_end, period_start};
use crate::time::frequency_inference::{anchor, infer};
use crate::time::{Frequency, NamedFrequency, grid::align};

/// The start of a period, and its rows.
type Period = (i64, Range<usize>);

impl SortedRows<'_> {
    /// Replaces the rows of each period by their sum, their mean or the last of them, and returns whether it did. It does
    /// so only if the options name a frequency, and rows are more frequent or off its grid. Periods of days or longer
    /// start at local midnight. Unfinished periods at both ends are left out.
    pub(crate) fn aggregate(&mut self) -> bool {
        let policy = self.options.duplicates;
        let method = match policy {
            DuplicatePolicy::Sum => "sum",
            DuplicatePolicy::Mean => "mean",
            DuplicatePolicy::Last => "last value",
            DuplicatePolicy::Equal | DuplicatePolicy::Error => return false,
        };
        let Some(requested) = self.options.frequency.filter(|_| self.is_calendar) else { return false };
        if !self.are_within_periods(requested) {
            return false;
        }
        let frequency = requested.frequency(1);
        let elapsed = self.zone;
        if !matches!(frequency, Frequency::Elapsed { .. }) && elapsed.of_days() != elapsed {
            elapsed_to_local(&mut self.times, elapsed);
            self.zone = elapsed.of_days();
        }
        let (times, values, source_rows) = (take(&mut self.times), take(&mut self.values), take(&mut self.source_rows));
        for (code, range) in take(&mut self.series) {
            let periods = periods(&times, range, frequency);
            let unfinished = unfinished_ends(&times, &periods, frequency);
            let from = self.times.len();
            for (index, (start, rows)) in periods.into_iter().enumerate() {
                let present: Vec<f64> = values[rows.clone()].iter().copied().filter(|value| !value.is_nan()).collect();
                let value = combine(policy, &present);
                if unfinished.contains(&Some(index)) && self.options.unfinished == RepairPolicy::Repair {
                    self.record(code, start, RepairKind::Unfinished, value, f64::NAN);
                    continue;
                }
                self.times.push(start);
                self.values.push(value);
                self.source_rows.push(source_rows[rows.start]);
            }
            if self.times.len() > from {
                self.series.push((code, from..self.times.len()));
            }
        }
        self.has_repeated_times = false;
        let zone = (self.zone != elapsed).then(|| elapsed.to_string());
        self.notices.push(Notice::RowsAggregated { rows: times.len(), method, frequency: requested.to_string(), zone });
        true
    }

    /// Whether a period of the requested frequency has several rows, or rows off the grid of the frequency.
    fn are_within_periods(&self, requested: NamedFrequency) -> bool {
        let distinct = self.distinct_times();
        let times: Vec<&[i64]> = distinct.iter().map(Vec::as_slice).collect();
        let frequency = requested.frequency(anchor(&times).0);
        let is_shorter = |step: Frequency| approximate_step(step) < approximate_step(frequency);
        infer(true, &times).is_some_and(is_shorter) || times.iter().any(|times| align(frequency, times).is_err())
    }
}

fn periods(times: &[i64], range: Range<usize>, frequency: Frequency) -> Vec<Period> {
    let rows: Vec<(i64, usize)> = range.map(|at| (period_start(frequency, times[at]), at)).collect();
    let periods = rows.chunk_by(|one, other| one.0 == other.0);
    periods.map(|rows| (rows[0].0, rows[0].1..rows[0].1 + rows.len())).collect()
}

/// The first period if its rows begin later, and the last if they end earlier, than those of any period between.
fn unfinished_ends(times: &[i64], periods: &[Period], frequency: Frequency) -> [Option<usize>; 2] {
    const MIN_INNER_PERIODS: usize = 3;
    let [first, inner @ .., last] = periods else { return [None; 2] };
    if inner.len() < MIN_INNER_PERIODS {
        return [None; 2];
    }
    let delay = |(start, rows): &Period| times[rows.start] - start;
    let rest = |(start, rows): &Period| period_end(frequency, *start) - times[rows.end - 1];
    let (longest_delay, longest_rest) = (inner.iter().map(delay).max(), inner.iter().map(rest).max());
    let is_last_unfinished = Some(rest(last)) > longest_rest;
    [(Some(delay(first)) > longest_delay).then_some(0), is_last_unfinished.then_some(periods.len() - 1)]
}
