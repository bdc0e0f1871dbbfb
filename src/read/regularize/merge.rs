//! One value for several rows of one time or period.

use crate::read::regularize::partial_period;
use std::ops::Range;

use crate::error::{Error, Result};
use crate::panel::repair_log::{DuplicatePolicy, Repair, RepairKind, RepairPolicy};
use crate::read::regularize::Rows;
use crate::read::table::NAMED;
use crate::time::calendar_period::{approximate_step, period_start};
use crate::time::frequency::Frequency;
use crate::time::frequency_inference::infer;

impl Rows<'_> {
    /// Adds the rows of one series and time.
    pub(crate) fn push(&mut self, same: &[u32]) -> Result<()> {
        let row = same[0] as usize;
        let (code, time) = (self.roles.groups.codes[row], self.roles.axis.ticks[row]);
        let value = if same.len() == 1 { self.roles.values[row] } else { self.merged(same)? };
        let at = self.times.len();
        match self.series.last_mut() {
            Some((last, range)) if *last == code => range.end = at + 1,
            _ => self.series.push((code, at..at + 1)),
        }
        self.times.push(time);
        self.values.push(value);
        self.origins.push(same[0]);
        Ok(())
    }

    /// One value for several rows of one time.
    fn merged(&mut self, same: &[u32]) -> Result<f64> {
        let present: Vec<f64> =
            same.iter().map(|row| self.roles.values[*row as usize]).filter(|value| !value.is_nan()).collect();
        let first = present.first().copied().unwrap_or(f64::NAN);
        let differ = present.iter().any(|other| (other - first).abs() > 0.0);
        let value = match self.options.duplicates {
            DuplicatePolicy::Equal if differ => return Err(self.contradiction(same)),
            DuplicatePolicy::Error => return Err(self.contradiction(same)),
            DuplicatePolicy::Equal => first,
            way => combined(way, &present),
        };
        let row = same[0] as usize;
        let (code, time) = (self.roles.groups.codes[row], self.roles.axis.ticks[row]);
        let kind = if differ { RepairKind::Merged } else { RepairKind::Duplicate };
        let value_if = |value: f64| (!value.is_nan()).then_some(value);
        let (from, to) = (value_if(first), value_if(value));
        self.repairs.push(Repair { series: self.key(code), time: self.time(time), kind, from, to });
        Ok(value)
    }

    /// Adds up, or takes the mean or the last of, all rows of each period, where that was asked for and rows come more
    /// often. Periods at the ends that are not whole are left out.
    pub(crate) fn add_up(&mut self) {
        let (Some(calendar), DuplicatePolicy::Sum | DuplicatePolicy::Mean | DuplicatePolicy::Last) =
            (self.options.frequency, self.options.duplicates)
        else {
            return;
        };
        let finer = |found: Frequency| approximate_step(found) < approximate_step(calendar.frequency(1));
        let often = infer(self.roles.axis.clock, &self.each_times()).is_some_and(finer);
        if !self.roles.axis.clock || !often {
            return;
        }
        let (times, values) = (std::mem::take(&mut self.times), std::mem::take(&mut self.values));
        let origins = std::mem::take(&mut self.origins);
        for (code, range) in std::mem::take(&mut self.series) {
            let mut periods: Vec<(i64, Range<usize>)> = Vec::new();
            for at in range {
                let start = period_start(calendar, times[at]);
                match periods.last_mut() {
                    Some((last, rows)) if *last == start => rows.end = at + 1,
                    _ => periods.push((start, at..at + 1)),
                }
            }
            let (first, last) = partial_period::ragged_ends(&times, &periods, calendar);
            let from = self.times.len();
            for (which, (start, rows)) in periods.iter().enumerate() {
                let present: Vec<f64> = values[rows.clone()].iter().copied().filter(|value| !value.is_nan()).collect();
                let value = if present.is_empty() { f64::NAN } else { combined(self.options.duplicates, &present) };
                let ragged = (which == 0 && first) || (which + 1 == periods.len() && last);
                if ragged && self.options.unfinished == RepairPolicy::Repair {
                    self.leave_out(code, *start, value);
                    continue;
                }
                self.times.push(*start);
                self.values.push(value);
                self.origins.push(origins[rows.start]);
            }
            if self.times.len() > from {
                self.series.push((code, from..self.times.len()));
            }
        }
        let way = match self.options.duplicates {
            DuplicatePolicy::Sum => "sum",
            DuplicatePolicy::Mean => "mean",
            _ => "last",
        };
        self.notices.push(format!("{} rows taken together by their {way}, {calendar}", times.len()));
    }

    fn contradiction(&self, same: &[u32]) -> Error {
        let row = same[0] as usize;
        let rows: Vec<usize> = same.iter().take(NAMED).map(|row| *row as usize).collect();
        let key = self.key(self.roles.groups.codes[row]).join(" / ");
        Error::DuplicatePolicy {
            name: self.table.name.clone(),
            time: self.time(self.roles.axis.ticks[row]).to_string(),
            series: (!key.is_empty()).then_some(key),
            places: rows.iter().map(|row| self.place(*row as u32)).collect(),
            candidates: self.roles.candidates.clone(),
        }
    }
}

/// One value for several.
fn combined(way: DuplicatePolicy, present: &[f64]) -> f64 {
    let sum: f64 = present.iter().sum();
    match (way, present.last()) {
        (_, None) => f64::NAN,
        (DuplicatePolicy::Sum, _) => sum,
        (DuplicatePolicy::Mean, _) => sum / present.len() as f64,
        (_, Some(last)) => *last,
    }
}
