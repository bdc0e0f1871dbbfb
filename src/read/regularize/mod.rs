//! Rows in any order to regular series: sorted, merged, put on a grid, filled; with a ledger of what was done.

pub(crate) mod partial_period;
pub(crate) mod spikes;
pub(crate) mod time_zone;
use std::ops::Range;

use crate::error::place::Place;
use crate::error::{Error, Result};
use crate::panel::fill::{carry, fill};
use crate::panel::repair_log::{GapFill, Repair, RepairKind, RepairPolicy};
use crate::panel::series::Series;
use crate::read::parse::time_index::NO_TIME;
use crate::read::schema::infer::Schema;
use crate::read::table::{NAMED, Table};
use crate::read::{FailedSeries, ReadOptions};
use crate::time::calendar_period::approximate_step;
use crate::time::frequency::Frequency;
use crate::time::frequency_inference::{anchor, infer};
use crate::time::grid::align;
use crate::time::named_frequency::NamedFrequency;
use crate::time::timestamp::Timestamp;

pub(crate) mod grid;
pub(crate) mod merge;

/// Rows sorted by series and time, each time once.
pub(crate) struct Rows<'a> {
    table: &'a Table,
    pub(crate) roles: Schema,
    options: &'a ReadOptions,
    times: Vec<i64>,
    /// NaN where missing.
    values: Vec<f64>,
    /// The row of the table behind each.
    origins: Vec<u32>,
    /// Each series' group, and where it stands.
    series: Vec<(u32, Range<usize>)>,
    pub(crate) repairs: Vec<Repair>,
    pub(crate) notices: Vec<String>,
    pub(crate) failed: Vec<FailedSeries>,
}

impl<'a> Rows<'a> {
    /// Sorts and merges.
    ///
    /// # Errors
    /// If one time of a series has different values, and nothing was said of what to do with them.
    pub(crate) fn sorted(
        table: &'a Table,
        roles: Schema,
        options: &'a ReadOptions,
    ) -> Result<Self, Box<(Error, Schema)>> {
        let order = order(&roles);
        let (times, values) = (Vec::with_capacity(order.len()), Vec::with_capacity(order.len()));
        let notices = roles.notices.clone();
        let mut sorted = Self {
            table,
            roles,
            options,
            times,
            values,
            origins: Vec::with_capacity(order.len()),
            series: Vec::new(),
            repairs: Vec::new(),
            notices,
            failed: Vec::new(),
        };
        let mut rest = order.as_slice();
        while let Some(first) = rest.first() {
            let key = |row: &u32| (sorted.roles.groups.codes[*row as usize], sorted.roles.axis.ticks[*row as usize]);
            let count = rest.iter().take_while(|row| key(row) == key(first)).count();
            let (same, after) = rest.split_at(count);
            if let Err(error) = sorted.push(same) {
                return Err(Box::new((error, sorted.roles)));
            }
            rest = after;
        }
        // what they held is sorted now
        sorted.roles.axis.ticks = Vec::new();
        sorted.roles.values = Vec::new();
        sorted.roles.groups.codes = Vec::new();
        Ok(sorted)
    }

    /// Notes a period that is not over.
    fn leave_out(&mut self, code: u32, time: i64, value: f64) {
        let (series, time, from) = (self.key(code), self.time(time), (!value.is_nan()).then_some(value));
        self.repairs.push(Repair { series, time, kind: RepairKind::Unfinished, from, to: None });
    }

    fn place(&self, origin: u32) -> Place {
        // where columns are series, the rows stand there once for each
        self.table.places.of(origin as usize % self.table.rows)
    }

    fn key(&self, code: u32) -> Vec<String> {
        self.roles.keys[code as usize].clone()
    }

    fn time(&self, ticks: i64) -> Timestamp {
        Timestamp::from_ticks(self.roles.axis.clock, ticks)
    }

    fn each_times(&self) -> Vec<&[i64]> {
        self.series.iter().map(|(_, range)| &self.times[range.clone()]).collect()
    }

    /// The frequency that was asked for, if it fits, or else the one that the times show.
    pub(crate) fn frequency(&self) -> Result<Frequency> {
        let asked: Option<NamedFrequency> = self.options.frequency;
        let times = self.each_times();
        let found = infer(self.roles.axis.clock, &times);
        if !self.roles.axis.clock {
            return Ok(found.unwrap_or(Frequency::Index { step: 1 }));
        }
        let Some(asked) = asked else {
            return found.ok_or_else(|| Error::OneTime { name: self.table.name.clone() });
        };
        let frequency = asked.frequency(anchor(&times).0);
        match (found, frequency) {
            // days that are closed may be forecast too
            (Some(Frequency::BusinessDays { .. }), Frequency::Days { every: 1 } | Frequency::BusinessDays { .. }) => {
                Ok(frequency)
            }
            (Some(found), _) if found != frequency && share(found, &times) > share(frequency, &times).max(0.5) => {
                Err(Error::OtherFrequency {
                    name: self.table.name.clone(),
                    asked: asked.to_string(),
                    found: found.name(),
                    finer: approximate_step(found) < approximate_step(frequency),
                })
            }
            _ => Ok(frequency),
        }
    }

    /// Regular, filled series from the first observed value to the last.
    ///
    /// # Errors
    /// If nothing was observed, or hardly any period has a row.
    pub(crate) fn series(&mut self, frequency: Frequency, season: usize) -> Result<Vec<Series>> {
        let (mut all, mut without) = (Vec::new(), Vec::new());
        self.check_dense(frequency)?;
        for (code, range) in std::mem::take(&mut self.series) {
            let seen = |at: &usize| !self.values[*at].is_nan();
            match range.clone().find(seen).zip(range.clone().rev().find(seen)) {
                Some((mut first, last)) => {
                    if self.options.leading_blanks == RepairPolicy::Keep {
                        self.values[range.start..first].fill(0.0);
                        first = range.start;
                    }
                    self.note_blanks(code, range.start..first, RepairKind::LeadingBlank);
                    self.note_blanks(code, last + 1..range.end, RepairKind::TrailingBlank);
                    all.push(self.regular(frequency, season, code, first..=last));
                }
                None => without.push(self.key(code)),
            }
        }
        if all.is_empty() {
            let column = self.roles.columns.target.clone();
            return Err(Error::NothingObserved { name: self.table.name.clone(), column });
        }
        if !without.is_empty() {
            let more = if without.len() > NAMED { ", …" } else { "" };
            let named: Vec<String> = without.iter().take(NAMED).map(|key| key.join(" / ")).collect();
            let (count, named) = (without.len(), named.join(", "));
            self.notices.push(format!("{count} series without any value left out: {named}{more}"));
            self.failed = without.into_iter().map(|key| FailedSeries { key, reason: "it has no value" }).collect();
        }
        Ok(all)
    }

    /// Notes rows at an end that have no value, by the first of them.
    fn note_blanks(&mut self, code: u32, rows: Range<usize>, kind: RepairKind) {
        if !rows.is_empty() {
            let (series, time) = (self.key(code), self.time(self.times[rows.start]));
            self.repairs.push(Repair { series, time, kind, from: None, to: None });
        }
    }

    /// Refuses what would mostly be invented: a wrong date can stretch a series over centuries.
    fn check_dense(&self, frequency: Frequency) -> Result<()> {
        let span = |times: &&[i64]| frequency.position(times[0], times[times.len() - 1]).map_or(1, |steps| steps + 1);
        let times = self.each_times();
        let periods = times.iter().map(span).fold(0, usize::saturating_add);
        // who says the step has thought of what lies between
        let most = if self.options.frequency.is_some() { 24 } else { 4 };
        if periods <= most * self.times.len() + 100 {
            return Ok(());
        }
        let widest = times.iter().flat_map(|times| times.windows(2)).max_by_key(|pair| pair[1].saturating_sub(pair[0]));
        let (from, to) = widest.map_or((0, 0), |pair| (pair[0], pair[1]));
        Err(Error::Sparse {
            name: self.table.name.clone(),
            frequency: frequency.name(),
            within_a_day: matches!(frequency, Frequency::Seconds { .. }),
            rows: self.times.len(),
            periods,
            from: frequency.format(self.time(from)),
            to: frequency.format(self.time(to)),
        })
    }

    fn regular(
        &mut self,
        frequency: Frequency,
        season: usize,
        code: u32,
        range: std::ops::RangeInclusive<usize>,
    ) -> Series {
        let (start, end) = (self.times[*range.start()], self.times[*range.end()]);
        let position = |time| frequency.position(start, time).expect("every time was put on the grid");
        let steps = position(end) + 1;
        let (mut values, mut observed, mut empty) = (vec![f64::NAN; steps], vec![false; steps], Vec::new());
        for at in range {
            let to = position(self.times[at]);
            values[to] = self.values[at];
            observed[to] = !self.values[at].is_nan();
            if !observed[to] {
                empty.push(to);
            }
        }
        let start = self.time(start);
        if observed.contains(&false) {
            match self.options.gaps {
                GapFill::Seasonal => fill(&mut values, &observed, season),
                GapFill::LastValue => carry(&mut values, &observed),
            }
            let series = self.key(code);
            for at in (0..steps).filter(|at| !observed[*at]) {
                let kind = if empty.binary_search(&at).is_ok() { RepairKind::Empty } else { RepairKind::Missing };
                let time = frequency.after(start, at);
                self.repairs.push(Repair { series: series.clone(), time, kind, from: None, to: Some(values[at]) });
            }
        }
        Series { key: self.key(code), start, values, observed }
    }
}

/// The rows that have a time, by series and time, and by their place in the file.
fn order(roles: &Schema) -> Vec<u32> {
    let (ticks, codes) = (&roles.axis.ticks, &roles.groups.codes);
    let mut order: Vec<u32> = (0..ticks.len() as u32).filter(|row| ticks[*row as usize] != NO_TIME).collect();
    let key = |row: &u32| (codes[*row as usize], ticks[*row as usize], *row);
    if !order.is_sorted_by_key(key) {
        order.sort_unstable_by_key(key);
    }
    order
}

/// The share of periods that have a time, none if any time does not fit.
fn share(frequency: Frequency, series: &[&[i64]]) -> f64 {
    let (mut periods, mut times) = (0, 0);
    for own in series {
        let Ok(snapped) = align(frequency, own) else { return 0.0 };
        let own = snapped.as_deref().unwrap_or(own);
        periods += frequency.position(own[0], own[own.len() - 1]).map_or(0, |steps| steps + 1);
        times += own.len();
    }
    times as f64 / periods.max(1) as f64
}
