//! Rows in any order to regular series: sorted, merged, put on a grid, filled; with a ledger of what was done.

use std::ops::Range;

use super::columns::Roles;
use super::dates::NO_TIME;
use super::fill::fill;
use super::frequency::{DAY, timestamp};
use super::infer::{anchor, fit, infer};
use super::table::{NAMED, Table};
use super::{Calendar, Duplicates, Frequency, Mend, ReadOptions, Repair, RepairKind, Series, Timestamp, period};
use crate::error::{Error, Place, Result};

/// Rows sorted by series and time, each time once.
pub(super) struct Rows<'a> {
    table: &'a Table,
    pub(super) roles: Roles,
    options: &'a ReadOptions,
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
    /// If one time of a series has different values, and nothing was said of what to do with them.
    pub(super) fn sorted(
        table: &'a Table,
        roles: Roles,
        options: &'a ReadOptions,
    ) -> Result<Self, Box<(Error, Roles)>> {
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

    /// Adds the rows of one series and time.
    fn push(&mut self, same: &[u32]) -> Result<()> {
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
            Duplicates::Equal if differ => return Err(self.contradiction(same)),
            Duplicates::Error => return Err(self.contradiction(same)),
            Duplicates::Equal => first,
            way => combined(way, &present),
        };
        let row = same[0] as usize;
        let (code, time) = (self.roles.groups.codes[row], self.roles.axis.ticks[row]);
        let what = if differ { RepairKind::Merged } else { RepairKind::Duplicate };
        let value_if = |value: f64| (!value.is_nan()).then_some(value);
        let (from, to) = (value_if(first), value_if(value));
        self.repairs.push(Repair { series: self.key(code), time: self.time(time), what, from, to });
        Ok(value)
    }

    /// Adds up, or takes the mean or the last of, all rows of each period, where that was asked for and rows come more
    /// often. Periods at the ends that are not whole are left out.
    pub(super) fn add_up(&mut self) {
        let (Some(calendar), Duplicates::Sum | Duplicates::Mean | Duplicates::Last) =
            (self.options.frequency, self.options.duplicates)
        else {
            return;
        };
        let finer = |found: Frequency| period::length(found) < period::length(calendar.frequency(1));
        let often = infer(self.roles.axis.clock, &self.each_times()).is_some_and(finer);
        if !self.roles.axis.clock || !often {
            return;
        }
        let (times, values) = (std::mem::take(&mut self.times), std::mem::take(&mut self.values));
        let origins = std::mem::take(&mut self.origins);
        for (code, range) in std::mem::take(&mut self.series) {
            let mut periods: Vec<(i64, Range<usize>)> = Vec::new();
            for at in range {
                let start = period::beginning(calendar, times[at]);
                match periods.last_mut() {
                    Some((last, rows)) if *last == start => rows.end = at + 1,
                    _ => periods.push((start, at..at + 1)),
                }
            }
            let (first, last) = period::ragged_ends(&times, &periods, calendar);
            let from = self.times.len();
            for (which, (start, rows)) in periods.iter().enumerate() {
                let present: Vec<f64> = values[rows.clone()].iter().copied().filter(|value| !value.is_nan()).collect();
                let value = if present.is_empty() { f64::NAN } else { combined(self.options.duplicates, &present) };
                let ragged = (which == 0 && first) || (which + 1 == periods.len() && last);
                if ragged && self.options.unfinished == Mend::Yes {
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
            Duplicates::Sum => "sum",
            Duplicates::Mean => "mean",
            _ => "last",
        };
        self.notices.push(format!("{} rows taken together by their {way}, {calendar}", times.len()));
    }

    /// Notes a period that is not over.
    fn leave_out(&mut self, code: u32, time: i64, value: f64) {
        let (series, time, from) = (self.key(code), self.time(time), (!value.is_nan()).then_some(value));
        self.repairs.push(Repair { series, time, what: RepairKind::Unfinished, from, to: None });
    }

    fn contradiction(&self, same: &[u32]) -> Error {
        let row = same[0] as usize;
        let rows: Vec<usize> = same.iter().take(NAMED).map(|row| *row as usize).collect();
        let key = self.key(self.roles.groups.codes[row]).join(" / ");
        Error::Duplicates {
            name: self.table.name.clone(),
            time: self.time(self.roles.axis.ticks[row]).to_string(),
            series: (!key.is_empty()).then_some(key),
            places: rows.iter().map(|row| self.place(*row as u32)).collect(),
            candidates: self.roles.candidates.clone(),
        }
    }

    fn place(&self, origin: u32) -> Place {
        // where columns are series, the rows stand there once for each
        self.table.places.of(origin as usize % self.table.rows)
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
    pub(super) fn frequency(&self) -> Result<Frequency> {
        let asked: Option<Calendar> = self.options.frequency;
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
                    finer: period::length(found) < period::length(frequency),
                })
            }
            _ => Ok(frequency),
        }
    }

    /// Puts every series on the grid.
    ///
    /// # Errors
    /// If times do not fit.
    pub(super) fn snap(&mut self, frequency: Frequency) -> Result<()> {
        let (mut off, mut moved, mut unfinished) = (Vec::new(), Vec::new(), Vec::new());
        for (which, (_, range)) in self.series.iter().enumerate() {
            match fit(frequency, &self.times[range.clone()]) {
                Ok(None) => {}
                Ok(Some(snapped)) => {
                    if self.options.unfinished == Mend::Yes
                        && stops_early(frequency, &self.times[range.clone()], &snapped)
                    {
                        unfinished.push(which);
                        continue;
                    }
                    for (at, time) in range.clone().zip(snapped) {
                        let before = std::mem::replace(&mut self.times[at], time);
                        if before != time {
                            moved.push((at, before));
                        }
                    }
                }
                Err(positions)
                    if self.options.unfinished == Mend::Yes
                        && positions == [range.len() - 1]
                        && stops_within(frequency, &self.times[range.clone()]) =>
                {
                    unfinished.push(which);
                }
                Err(positions) => off.extend(positions.into_iter().map(|at| range.start + at)),
            }
        }
        if !off.is_empty() {
            return Err(self.off_grid(frequency, &off));
        }
        for which in unfinished {
            let (code, range) = &mut self.series[which];
            range.end -= 1;
            let (code, at) = (*code, range.end);
            let (time, value) = (self.times[at], self.values[at]);
            self.leave_out(code, time, value);
        }
        if let Some((at, before)) = moved.first() {
            let place = self.place(self.origins[*at]);
            let (from, to) = (self.time(*before), self.time(self.times[*at]));
            let (count, dates) = (moved.len(), if moved.len() == 1 { "date" } else { "dates" });
            let name = frequency.name();
            self.notices.push(format!(
                "{count} {dates} moved to the regular step ({name}), the first on {place}: {from} is taken as {to}"
            ));
        }
        Ok(())
    }

    /// A sentence on days of the week that no series has a row for.
    pub(super) fn note_closed_days(&mut self, frequency: Frequency) {
        const WEEKS: i64 = 4;
        let span = self.times.iter().min().zip(self.times.iter().max()).map_or(0, |(first, last)| last - first);
        if frequency != (Frequency::Days { every: 1 }) || span < WEEKS * 7 * DAY {
            return;
        }
        let mut open = [false; 7];
        self.times.iter().for_each(|time| open[(time.div_euclid(DAY) + 3).rem_euclid(7) as usize] = true);
        let names = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
        let closed: Vec<&str> = names.into_iter().zip(open).filter(|(_, open)| !open).map(|(name, _)| name).collect();
        if !closed.is_empty() {
            self.notices
                .push(format!("no row is of a {}: these days are filled, and forecast too", closed.join(" or ")));
        }
    }

    fn off_grid(&self, frequency: Frequency, off: &[usize]) -> Error {
        let places = off.iter().take(NAMED).map(|at| self.place(self.origins[*at]));
        let times = off.iter().map(|at| self.time(self.times[*at]).to_string());
        Error::OffGrid {
            name: self.table.name.clone(),
            column: self.roles.columns.time.clone().unwrap_or_default(),
            frequency: frequency.name(),
            asked: self.options.frequency.is_some(),
            cells: places.zip(times).collect(),
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
            match range.clone().find(seen).zip(range.clone().rev().find(seen)) {
                Some((first, last)) => {
                    self.note_blanks(code, range.start..first, RepairKind::LeadingBlank);
                    self.note_blanks(code, last + 1..range.end, RepairKind::TrailingBlank);
                    all.push(self.regular(frequency, season, code, first..=last));
                }
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

    /// Notes rows at an end that have no value, by the first of them.
    fn note_blanks(&mut self, code: u32, rows: Range<usize>, what: RepairKind) {
        if !rows.is_empty() {
            let (series, time) = (self.key(code), self.time(self.times[rows.start]));
            self.repairs.push(Repair { series, time, what, from: None, to: None });
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

/// The rows that have a time, by series and time, and by their place in the file.
fn order(roles: &Roles) -> Vec<u32> {
    let (ticks, codes) = (&roles.axis.ticks, &roles.groups.codes);
    let mut order: Vec<u32> = (0..ticks.len() as u32).filter(|row| ticks[*row as usize] != NO_TIME).collect();
    let key = |row: &u32| (codes[*row as usize], ticks[*row as usize], *row);
    if !order.is_sorted_by_key(key) {
        order.sort_unstable_by_key(key);
    }
    order
}

/// One value for several.
fn combined(way: Duplicates, present: &[f64]) -> f64 {
    let sum: f64 = present.iter().sum();
    match (way, present.last()) {
        (_, None) => f64::NAN,
        (Duplicates::Sum, _) => sum,
        (Duplicates::Mean, _) => sum / present.len() as f64,
        (_, Some(last)) => *last,
    }
}

/// Times needed to call the last of them early.
const FEWEST: usize = 5;

/// Whether the last time alone had to be moved, further than a holiday or a weekend would move it: its period is not
/// over.
fn stops_early(frequency: Frequency, times: &[i64], snapped: &[i64]) -> bool {
    let least = match frequency {
        Frequency::Days { every } if every % 7 == 0 => 2 * DAY,
        Frequency::Months { .. } => 4 * DAY,
        _ => return false,
    };
    let Some((last, before)) = times.split_last() else { return false };
    let on_grid = before == &snapped[..before.len()];
    times.len() >= FEWEST && on_grid && (last - snapped[before.len()]).abs() >= least
}

/// Whether the last time, which alone is off the grid, lies within the period after the one before.
fn stops_within(frequency: Frequency, times: &[i64]) -> bool {
    let periods = matches!(frequency, Frequency::Months { .. } | Frequency::Days { every: 7 });
    let [.., before, last] = times else { return false };
    times.len() >= FEWEST && periods && last - before < period::length(frequency)
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
