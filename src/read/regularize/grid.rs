//! Moves the times of every series to the grid of its frequency.

use crate::error::{DataProblem, Error, Result, location::MAX_LISTED};
use crate::panel::{RepairKind, RepairPolicy};
use crate::read::regularize::uneven_steps::{filled_period, period_of};
use crate::read::{notice::Notice, regularize::rows::SortedRows};
use crate::time::{Frequency, calendar_period::approximate_step, grid::align, timestamp::DAY};

/// The minimum number of times of a series whose last period may be unfinished.
const MIN_TIMES: usize = 5;

impl SortedRows<'_> {
    pub(crate) fn snap_to_grid(&mut self, frequency: Frequency) -> Result<()> {
        let drops_unfinished = self.options.unfinished == RepairPolicy::Repair;
        let (mut off_grid, mut moved, mut unfinished) = (Vec::new(), Vec::new(), Vec::new());
        for (index, (_, range)) in self.series.iter().enumerate() {
            let times = &self.times[range.clone()];
            let aligned = align(frequency, times);
            let is_unfinished = drops_unfinished
                && match &aligned {
                    Ok(None) => false,
                    Ok(Some(aligned)) => last_is_early(frequency, times, aligned),
                    Err(positions) => *positions == [range.len() - 1] && last_is_within_period(frequency, times),
                };
            match aligned {
                _ if is_unfinished => unfinished.push(index),
                Ok(None) => {}
                Ok(Some(aligned)) => {
                    for (at, time) in range.clone().zip(aligned) {
                        let before = std::mem::replace(&mut self.times[at], time);
                        if before != time {
                            moved.push((at, before));
                        }
                    }
                }
                Err(positions) => off_grid.extend(positions.into_iter().map(|at| range.start + at)),
            }
        }
        if !off_grid.is_empty() {
            return Err(self.off_grid(frequency, &off_grid));
        }
        for index in unfinished {
            let (code, range) = &mut self.series[index];
            range.end -= 1;
            let (code, at) = (*code, range.end);
            self.record(code, self.times[at], RepairKind::Unfinished, self.values[at], f64::NAN);
        }
        if let Some((at, before)) = moved.first() {
            self.notices.push(Notice::DatesMoved {
                dates: moved.len(),
                frequency: frequency.name(),
                first: self.location(*at),
                from: self.written(*before),
                to: self.written(self.times[*at]),
            });
        }
        Ok(())
    }

    fn off_grid(&self, frequency: Frequency, off_grid: &[usize]) -> Error {
        if let (None, Some(error)) = (self.options.frequency, self.irregular_times()) {
            return error;
        }
        let distinct = self.distinct_times();
        let times: Vec<&[i64]> = distinct.iter().map(Vec::as_slice).collect();
        let period = match frequency {
            Frequency::Elapsed { .. } => filled_period(Frequency::SECONDLY, &times),
            _ => filled_period(period_of(frequency).frequency(1), &times),
        };
        let first = off_grid.iter().take(MAX_LISTED);
        let cell = |at: &usize| (self.location(*at), self.written(self.times[*at]));
        self.table.error(DataProblem::OffGrid {
            column: self.columns.time.clone().unwrap_or_default(),
            frequency: frequency.name(),
            period: period.map(|period| period.to_string()),
            is_requested: self.options.frequency.is_some(),
            cells: first.map(cell).collect(),
            count: off_grid.len(),
            rows: self.times.len(),
        })
    }
}

/// Whether only the last time is off the grid, by more than a holiday or a weekend explains.
fn last_is_early(frequency: Frequency, times: &[i64], aligned: &[i64]) -> bool {
    let min_distance = match frequency {
        Frequency::Days { every } if every % 7 == 0 => 2 * DAY,
        Frequency::Months { .. } => 4 * DAY,
        _ => return false,
    };
    let (Some((last, before)), Some((aligned, others))) = (times.split_last(), aligned.split_last()) else {
        return false;
    };
    times.len() >= MIN_TIMES && before == others && (last - aligned).abs() >= min_distance
}

/// Whether the last time is within the period of the time before. Only the last time is off the grid.
fn last_is_within_period(frequency: Frequency, times: &[i64]) -> bool {
    let has_long_periods = matches!(frequency, Frequency::Months { .. } | Frequency::Days { every: 7 });
    let [.., before, last] = times else { return false };
    times.len() >= MIN_TIMES && has_long_periods && last - before < approximate_step(frequency)
}
