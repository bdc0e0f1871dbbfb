//! Builds regular series: from the first value to the last, with every gap filled.

use std::ops::RangeInclusive;

use crate::error::{DataProblem, Result, location::MAX_LISTED};
use crate::panel::fill::{carry, fill};
use crate::panel::{GapFill, RepairKind, RepairPolicy, Series};
use crate::read::{notice::Notice, regularize::rows::SortedRows};
use crate::time::Frequency;

/// The maximum number of periods for each row if the frequency is inferred. A wrong date may extend a series by centuries.
const MAX_PERIODS_PER_ROW: usize = 4;
/// The maximum number of periods for each row if the options name the frequency.
const MAX_PERIODS_PER_ROW_REQUESTED: usize = 24;
/// So many periods are allowed in addition to those of the rows.
const MAX_EXTRA_PERIODS: usize = 100;

impl SortedRows<'_> {
    /// The regular series. Rows without a value at one end of a series are left out, and recorded as one repair.
    pub(crate) fn fill_gaps(&mut self, frequency: Frequency, season: usize) -> Result<Vec<Series>> {
        let mut all = Vec::new();
        for (code, range) in std::mem::take(&mut self.series) {
            let has_value = |at: &usize| !self.values[*at].is_nan();
            let ends = range.clone().find(has_value).zip(range.clone().rev().find(has_value));
            let Some((mut first, last)) = ends else {
                self.failed.push(self.key(code));
                continue;
            };
            if self.options.leading_blanks == RepairPolicy::Keep {
                self.values[range.start..first].fill(0.0);
                first = range.start;
            }
            let (leading, trailing) = (range.start..first, last + 1..range.end);
            for (blanks, kind) in [(leading, RepairKind::LeadingBlank), (trailing, RepairKind::TrailingBlank)] {
                if !blanks.is_empty() {
                    self.record(code, self.times[blanks.start], kind, f64::NAN, f64::NAN);
                }
            }
            all.push(self.regular_series(frequency, season, code, first..=last));
        }
        if all.is_empty() {
            let column = self.columns.target.clone();
            return Err(self.table.error(DataProblem::NoValues { column }));
        }
        if !self.failed.is_empty() {
            let first = self.failed.iter().take(MAX_LISTED).map(|key| key.join(" / ")).collect();
            self.notices.push(Notice::SeriesWithoutValues { count: self.failed.len(), first });
        }
        Ok(all)
    }

    /// Refuses series of which most periods would have to be filled.
    pub(crate) fn check_density(&self, frequency: Frequency) -> Result<()> {
        let span = |times: &&[i64]| frequency.position(times[0], times[times.len() - 1]).map_or(1, |steps| steps + 1);
        let times = self.times_by_series();
        let periods = times.iter().map(span).fold(0, usize::saturating_add);
        let per_row =
            if self.options.frequency.is_some() { MAX_PERIODS_PER_ROW_REQUESTED } else { MAX_PERIODS_PER_ROW };
        if periods <= per_row * self.times.len() + MAX_EXTRA_PERIODS {
            return Ok(());
        }
        if let (None, Some(error)) = (self.options.frequency, self.irregular_times()) {
            return Err(error);
        }
        let gaps = times.iter().flat_map(|times| times.windows(2));
        let longest = gaps.max_by_key(|pair| pair[1].saturating_sub(pair[0]));
        let (from, to) = longest.map_or((0, 0), |pair| (pair[0], pair[1]));
        Err(self.table.error(DataProblem::TooSparse {
            frequency: frequency.name(),
            is_within_a_day: matches!(frequency, Frequency::Seconds { .. }),
            rows: self.times.len(),
            periods,
            from: self.zone.format(frequency, self.timestamp(from)),
            to: self.zone.format(frequency, self.timestamp(to)),
        }))
    }

    fn regular_series(
        &mut self,
        frequency: Frequency,
        season: usize,
        code: u32,
        rows: RangeInclusive<usize>,
    ) -> Series {
        let (start, end) = (self.times[*rows.start()], self.times[*rows.end()]);
        let position = |time| frequency.position(start, time).expect("every time is on the grid");
        let steps = position(end) + 1;
        let (mut values, mut observed, mut empty) = (vec![f64::NAN; steps], vec![false; steps], Vec::new());
        for at in rows {
            let to = position(self.times[at]);
            values[to] = self.values[at];
            observed[to] = !self.values[at].is_nan();
            if !observed[to] {
                empty.push(to);
            }
        }
        let start = self.timestamp(start);
        if observed.contains(&false) {
            match self.options.gaps {
                GapFill::Seasonal => fill(&mut values, &observed, season),
                GapFill::LastValue => carry(&mut values, &observed),
            }
            for at in (0..steps).filter(|at| !observed[*at]) {
                let kind = if empty.binary_search(&at).is_ok() { RepairKind::Empty } else { RepairKind::Missing };
                self.record(code, frequency.after(start, at).ticks(), kind, f64::NAN, values[at]);
            }
        }
        Series { key: self.key(code), start, values, observed }
    }
}
