//! Builds regular series: from the first value to the last, with every gap filled.

use std::ops::RangeInclusive;

use crate::error::{DataProblem, Result, location::MAX_LISTED};
use crate::panel::fill::{carry, fill};
use crate::panel::{GapFill, RepairKind, RepairPolicy, Series};
use crate::read::{notice::Notice, regularize::rows::SortedRows};
use crate::time::Frequency;

/// The maximum number of periods for each row: no more values are filled than there are.
const MAX_PERIODS_PER_ROW: usize = 2;
/// The maximum number of periods within a day for each row, because there may be none at night.
const MAX_PERIODS_PER_ROW_WITHIN_A_DAY: usize = 4;
/// The maximum number of periods for each row if the options name the frequency, and that of periods within a day.
const MAX_PERIODS_PER_ROW_REQUESTED: [usize; 2] = [4, 24];
/// The maximum number of periods for each row if those without a row are 0.
const MAX_PERIODS_PER_ROW_OF_ZEROS: usize = 200;
/// So many periods are allowed in addition to those of the rows if the gaps are scattered, and if one of them is longer than
/// all others.
const MAX_EXTRA_PERIODS: [usize; 2] = [50, 10];

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
        if self.zeros > 0 {
            self.notices.push(Notice::GapsReadAsZero { periods: self.zeros });
        }
        if !self.failed.is_empty() {
            let first = self.failed.iter().take(MAX_LISTED).map(|key| key.join(" / ")).collect();
            self.notices.push(Notice::SeriesWithoutValues { count: self.failed.len(), first });
        }
        Ok(all)
    }

    /// Refuses series of which most periods would have to be filled. A single gap may be that of a wrong date, so that it
    /// may not be long even if the options say how to fill it.
    pub(crate) fn check_density(&self, frequency: Frequency) -> Result<()> {
        let times = self.times_by_series();
        let steps = |from: i64, to: i64| frequency.position(from, to).unwrap_or(0);
        let spans = times.iter().map(|times| steps(times[0], times[times.len() - 1]) + 1);
        let (periods, rows) = (spans.fold(0, usize::saturating_add), self.times.len());
        if periods <= MAX_PERIODS_PER_ROW * rows {
            return Ok(());
        }
        let gap = |at: &usize| self.times[*at].saturating_sub(self.times[*at - 1]);
        let after_first = self.series.iter().flat_map(|(_, range)| range.clone().skip(1).map(move |at| (at, range)));
        let Some((after, range)) = after_first.max_by_key(|(at, _)| gap(at)) else { return Ok(()) };
        let (from, to) = (self.times[after - 1], self.times[after]);
        let is_scattered = (steps(from, to) - 1) * 2 <= periods - rows;
        let is_within_a_day = matches!(frequency, Frequency::Elapsed { .. });
        let per_row = match (self.options.gaps, self.options.frequency) {
            (GapFill::Zero, _) if is_scattered => MAX_PERIODS_PER_ROW_OF_ZEROS,
            (_, Some(_)) if is_scattered => MAX_PERIODS_PER_ROW_REQUESTED[usize::from(is_within_a_day)],
            _ if is_within_a_day => MAX_PERIODS_PER_ROW_WITHIN_A_DAY,
            _ => MAX_PERIODS_PER_ROW,
        };
        if periods <= per_row * rows + MAX_EXTRA_PERIODS[usize::from(!is_scattered)] {
            return Ok(());
        }
        if let (None, Some(error)) = (self.options.frequency, self.irregular_times()) {
            return Err(error);
        }
        let written = |time: i64| self.zone.format(frequency, self.timestamp(time));
        Err(self.table.error(DataProblem::TooSparse {
            frequency: frequency.name(),
            is_within_a_day,
            is_scattered,
            rows,
            periods,
            from: written(from),
            to: written(to),
            location: self.location(if after - range.start < range.end - after { after - 1 } else { after }),
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
            if self.options.gaps == GapFill::Zero {
                let missing: Vec<usize> =
                    (0..steps).filter(|at| !observed[*at] && empty.binary_search(at).is_err()).collect();
                self.zeros += missing.len();
                missing.into_iter().for_each(|at| (values[at], observed[at]) = (0.0, true));
            }
            match self.options.gaps {
                GapFill::Seasonal | GapFill::Zero => fill(&mut values, &observed, season),
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
