//! Rows in any order to regular series: sorted, merged, put on a grid, filled; with a ledger of what was done.

use std::fmt;
use std::ops::Range;

use super::columns::Roles;
use super::dates::NO_TIME;
use super::fill::fill;
use super::frequency::timestamp;
use super::infer::{anchor, fit, infer};
use super::table::{NAMED, Table};
use super::{Calendar, Frequency, Series, Timestamp};
use crate::error::{Error, Result};

/// One value that is not as the file has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Repair {
    /// The values of the id columns.
    pub series: Vec<String>,
    /// The period.
    pub time: Timestamp,
    /// What was found and done.
    pub what: RepairKind,
    /// The value in the file, if there was one.
    pub from: Option<f64>,
    /// The value now.
    pub to: Option<f64>,
}

/// What was found and done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RepairKind {
    /// The period had no row: filled.
    Missing,
    /// The period's row had no value: filled.
    Empty,
    /// The period had several rows that agree: merged.
    Duplicate,
}

impl fmt::Display for Repair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.series.is_empty() {
            write!(f, "{}, ", self.series.join(" / "))?;
        }
        match (self.what, self.to) {
            (RepairKind::Missing, Some(to)) => write!(f, "{}: no row, filled with {to}", self.time),
            (RepairKind::Empty, Some(to)) => write!(f, "{}: no value, filled with {to}", self.time),
            (RepairKind::Missing | RepairKind::Empty, None) => write!(f, "{}: not filled", self.time),
            (RepairKind::Duplicate, _) => write!(f, "{}: equal rows merged", self.time),
        }
    }
}

/// Rows sorted by series and time, each time once.
pub(super) struct Rows<'a> {
    table: &'a Table,
    roles: &'a Roles,
    times: Vec<i64>,
    /// NaN where missing.
    values: Vec<f64>,
    /// The row of the table behind each.
    origins: Vec<u32>,
    /// Each series' group, and where it stands.
    series: Vec<(u32, Range<usize>)>,
    pub(super) repairs: Vec<Repair>,
    pub(super) notices: Vec<String>,
}

impl<'a> Rows<'a> {
    /// Sorts and merges.
    ///
    /// # Errors
    /// If one time of a series has different values.
    pub(super) fn sorted(table: &'a Table, roles: &'a Roles) -> Result<Self> {
        let ticks = &roles.axis.ticks;
        let mut order: Vec<u32> = (0..ticks.len() as u32).filter(|row| ticks[*row as usize] != NO_TIME).collect();
        let key = |row: &u32| (roles.groups.codes[*row as usize], ticks[*row as usize], *row);
        if !order.is_sorted_by_key(key) {
            order.sort_unstable_by_key(key);
        }
        let (times, values) = (Vec::with_capacity(order.len()), Vec::with_capacity(order.len()));
        let (repairs, notices) = (Vec::new(), roles.notices.clone());
        let mut sorted =
            Self { table, roles, times, values, origins: Vec::new(), series: Vec::new(), repairs, notices };
        sorted.origins.reserve(order.len());
        for same in order.chunk_by(|one, other| (key(one).0, key(one).1) == (key(other).0, key(other).1)) {
            sorted.push(same)?;
        }
        Ok(sorted)
    }

    /// Adds the rows of one series and time.
    fn push(&mut self, same: &[u32]) -> Result<()> {
        let row = same[0] as usize;
        let (code, time) = (self.roles.groups.codes[row], self.roles.axis.ticks[row]);
        let mut values = same.iter().map(|row| self.roles.values[*row as usize]).filter(|value| !value.is_nan());
        let value = values.next().unwrap_or(f64::NAN);
        if values.any(|other| (other - value).abs() > 0.0) {
            return Err(self.contradiction(same));
        }
        if same.len() > 1 {
            let what = RepairKind::Duplicate;
            let value = (!value.is_nan()).then_some(value);
            self.repairs.push(Repair { series: self.key(code), time: self.time(time), what, from: value, to: value });
        }
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

    fn contradiction(&self, same: &[u32]) -> Error {
        let row = same[0] as usize;
        let rows: Vec<usize> = same.iter().take(NAMED).map(|row| *row as usize).collect();
        let key = self.key(self.roles.groups.codes[row]).join(" / ");
        Error::Duplicates {
            name: self.table.name.clone(),
            time: self.time(self.roles.axis.ticks[row]).to_string(),
            series: (!key.is_empty()).then_some(key),
            places: self.table.places.of(&rows),
            candidates: self.roles.candidates.clone(),
        }
    }

    fn key(&self, code: u32) -> Vec<String> {
        self.roles.keys[code as usize].clone()
    }

    fn time(&self, ticks: i64) -> Timestamp {
        timestamp(self.roles.axis.clock, ticks)
    }

    fn each_times(&self) -> Vec<&[i64]> {
        self.series.iter().map(|(_, range)| &self.times[range.clone()]).collect()
    }

    /// The frequency that was asked for, if it fits, or else the one that the times show.
    pub(super) fn frequency(&self, asked: Option<Calendar>) -> Result<Frequency> {
        let times = self.each_times();
        let found = infer(self.roles.axis.clock, &times);
        if !self.roles.axis.clock {
            return Ok(found.unwrap_or(Frequency::Index { step: 1 }));
        }
        let Some(asked) = asked else {
            return found.ok_or_else(|| Error::OneTime { name: self.table.name.clone() });
        };
        let frequency = asked.frequency(anchor(&times).0);
        match found {
            Some(found) if found != frequency && share(found, &times) > share(frequency, &times).max(0.5) => {
                Err(Error::OtherFrequency {
                    name: self.table.name.clone(),
                    asked: asked.to_string(),
                    found: found.name(),
                })
            }
            _ => Ok(frequency),
        }
    }

    /// Puts every series on the grid.
    ///
    /// # Errors
    /// If times do not fit.
    pub(super) fn snap(&mut self, frequency: Frequency, asked: bool) -> Result<()> {
        let (mut off, mut moved) = (Vec::new(), Vec::new());
        for (_, range) in &self.series {
            match fit(frequency, &self.times[range.clone()]) {
                Ok(None) => {}
                Ok(Some(snapped)) => {
                    for (at, time) in range.clone().zip(snapped) {
                        let before = std::mem::replace(&mut self.times[at], time);
                        if before != time {
                            moved.push((at, before));
                        }
                    }
                }
                Err(positions) => off.extend(positions.into_iter().map(|at| range.start + at)),
            }
        }
        if !off.is_empty() {
            return Err(self.off_grid(frequency, asked, &off));
        }
        if let Some((at, before)) = moved.first() {
            let place = self.table.places.of(&[self.origins[*at] as usize])[0];
            let (from, to) = (self.time(*before), self.time(self.times[*at]));
            let (count, dates) = (moved.len(), if moved.len() == 1 { "date" } else { "dates" });
            let name = frequency.name();
            self.notices.push(format!(
                "{count} {dates} moved to the regular step ({name}), the first on {place}: {from} is taken as {to}"
            ));
        }
        Ok(())
    }

    fn off_grid(&self, frequency: Frequency, asked: bool, off: &[usize]) -> Error {
        let rows: Vec<usize> = off.iter().take(NAMED).map(|at| self.origins[*at] as usize).collect();
        let times = off.iter().map(|at| self.time(self.times[*at]).to_string());
        Error::OffGrid {
            name: self.table.name.clone(),
            column: self.roles.columns.time.clone().unwrap_or_default(),
            frequency: frequency.name(),
            asked,
            cells: self.table.places.of(&rows).into_iter().zip(times).collect(),
            count: off.len(),
            rows: self.times.len(),
        }
    }

    /// Regular, filled series from the first observed value to the last.
    ///
    /// # Errors
    /// If nothing was observed, or hardly any period has a row.
    pub(super) fn series(&mut self, frequency: Frequency, season: usize) -> Result<Vec<Series>> {
        let (mut all, mut without) = (Vec::new(), Vec::new());
        self.check_dense(frequency)?;
        for (code, range) in std::mem::take(&mut self.series) {
            let seen = |at: &usize| !self.values[*at].is_nan();
            match range.clone().find(seen).zip(range.rev().find(seen)) {
                Some((first, last)) => all.push(self.regular(frequency, season, code, first..=last)),
                None => without.push(self.key(code).join(" / ")),
            }
        }
        if all.is_empty() {
            let column = self.roles.columns.target.clone();
            return Err(Error::NothingObserved { name: self.table.name.clone(), column });
        }
        if !without.is_empty() {
            let more = if without.len() > NAMED { ", …" } else { "" };
            let named = without.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
            self.notices.push(format!("{} series without any value left out: {named}{more}", without.len()));
        }
        Ok(all)
    }

    /// Refuses what would mostly be invented: a wrong date can stretch a series over centuries.
    fn check_dense(&self, frequency: Frequency) -> Result<()> {
        let span = |times: &&[i64]| frequency.position(times[0], times[times.len() - 1]).map_or(1, |steps| steps + 1);
        let times = self.each_times();
        let periods = times.iter().map(span).fold(0, usize::saturating_add);
        if periods <= 4 * self.times.len() + 100 {
            return Ok(());
        }
        let widest = times.iter().flat_map(|times| times.windows(2)).max_by_key(|pair| pair[1].saturating_sub(pair[0]));
        let (from, to) = widest.map_or((0, 0), |pair| (pair[0], pair[1]));
        Err(Error::Sparse {
            name: self.table.name.clone(),
            frequency: frequency.name(),
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
            fill(&mut values, &observed, season);
            let series = self.key(code);
            for at in (0..steps).filter(|at| !observed[*at]) {
                let what = if empty.binary_search(&at).is_ok() { RepairKind::Empty } else { RepairKind::Missing };
                let time = frequency.after(start, at);
                self.repairs.push(Repair { series: series.clone(), time, what, from: None, to: Some(values[at]) });
            }
        }
        Series { key: self.key(code), start, values, observed }
    }
}

/// The share of periods that have a time, none if any time does not fit.
fn share(frequency: Frequency, series: &[&[i64]]) -> f64 {
    let (mut periods, mut times) = (0, 0);
    for own in series {
        let Ok(snapped) = fit(frequency, own) else { return 0.0 };
        let own = snapped.as_deref().unwrap_or(own);
        periods += frequency.position(own[0], own[own.len() - 1]).map_or(0, |steps| steps + 1);
        times += own.len();
    }
    times as f64 / periods.max(1) as f64
}
