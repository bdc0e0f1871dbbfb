//! Which column is the time, which the target, and which tell series apart.

use super::dates::{self, Axis, NO_TIME, Unread};
use super::frequency::moment;
use super::ids::{self, Groups, Rows};
use super::input::closest;
use super::look::{Look, TARGETS};
use super::moment::{Century, Reading};
use super::numbers::{self, Decimal};
use super::parts::{self, Parts};
use super::table::{Bad, Table};
use super::{Columns, ReadOptions};
use crate::error::{Cells as BadCells, Error, Result};

/// What was decided, and what the columns hold.
#[derive(Debug)]
pub(super) struct Roles {
    pub(super) columns: Columns,
    pub(super) axis: Axis,
    pub(super) values: Vec<f64>,
    pub(super) groups: Groups,
    /// The id cells of each group.
    pub(super) keys: Vec<Vec<String>>,
    /// Columns that might tell series apart and were not taken, for an error to name.
    pub(super) candidates: Vec<String>,
    pub(super) notices: Vec<String>,
}

struct Chooser<'a> {
    table: &'a Table,
    options: &'a ReadOptions,
    decimal: Decimal,
    looks: Vec<Look>,
}

/// Gives every needed column its role.
pub(super) fn assign(table: &Table, options: &ReadOptions) -> Result<Roles> {
    let (decimal, notice) = Decimal::of(table);
    let looks = table.columns.iter().map(|column| Look::at(column, decimal)).collect();
    let chooser = Chooser { table, options, decimal, looks };
    let asked_target = options.target.as_deref().map(|name| chooser.named(name, "--target")).transpose()?;
    let asked_ids = options.ids.iter().map(|name| chooser.named(name, "--id")).collect::<Result<Vec<usize>>>()?;
    let mut taken: Vec<usize> = asked_ids.iter().copied().chain(asked_target).collect();
    let time = match &options.time {
        Some(name) => Some(chooser.named(name, "--time")?),
        None => chooser.time(&taken),
    };
    chooser.check_distinct(time, asked_target, &asked_ids)?;
    taken.extend(time);
    let target = match asked_target {
        Some(target) => target,
        None => chooser.target(&taken)?,
    };
    let mut axis = time.map(|time| chooser.axis(time)).transpose()?;
    let mut used: Vec<usize> = time.into_iter().collect();
    if let Some(whole) = &axis {
        let free: Vec<usize> = (0..table.columns.len()).filter(|at| *at != target && !taken.contains(at)).collect();
        let (parts, composed) = chooser.compose(whole, &free)?;
        used.extend(parts);
        axis = composed.or(axis);
    }
    let values =
        numbers::read(&table.columns[target].cells, decimal).map_err(|bad| chooser.bad_numbers(target, &bad))?;
    let mut notices: Vec<String> = notice.into_iter().collect();
    if let (Some(axis), Some(time)) = (&axis, time) {
        chooser.check_present(time, axis, &values)?;
    }
    let (ids, groups) = chooser.ids(&asked_ids, &used, target, axis.as_ref(), &values);
    if axis.is_none() {
        chooser.check_orderless(&ids, target)?;
        notices.push("no column of dates or times: rows are numbered from 1 in the file's order".into());
        axis = Some(numbered(&groups));
    }
    let name = |at: &usize| table.columns[*at].name.clone();
    Ok(Roles {
        columns: Columns { time: time.as_ref().map(name), target: name(&target), ids: ids.iter().map(name).collect() },
        axis: axis.unwrap_or_else(|| numbered(&groups)),
        keys: keys(table, &ids, &groups),
        candidates: chooser.untaken(&ids, &used, target),
        values,
        groups,
        notices,
    })
}

/// Counts the rows of each group from 1.
fn numbered(groups: &Groups) -> Axis {
    let mut counts = vec![0; groups.count];
    let mut next = |code: &u32| {
        counts[*code as usize] += 1;
        counts[*code as usize]
    };
    Axis { clock: false, years: false, ticks: groups.codes.iter().map(&mut next).collect() }
}

/// The id cells of each group, from the first of its rows.
fn keys(table: &Table, ids: &[usize], groups: &Groups) -> Vec<Vec<String>> {
    let mut keys: Vec<Vec<String>> = Vec::with_capacity(groups.count);
    for (row, code) in groups.codes.iter().enumerate() {
        if *code as usize == keys.len() {
            keys.push(
                ids.iter().map(|id| ids::key(table.columns[*id].cells.text(row).as_deref()).to_owned()).collect(),
            );
        }
    }
    keys
}

impl Chooser<'_> {
    fn name(&self, at: usize) -> String {
        self.table.columns[at].name.clone()
    }

    fn names(&self) -> Vec<String> {
        self.table.columns.iter().map(|column| column.name.clone()).collect()
    }

    /// The column asked for, by its exact name or else regardless of case.
    fn named(&self, name: &str, flag: &'static str) -> Result<usize> {
        let columns = &self.table.columns;
        let exact = columns.iter().position(|column| column.name == name);
        let found = exact.or_else(|| columns.iter().position(|column| column.name.eq_ignore_ascii_case(name)));
        found.ok_or_else(|| Error::NoColumn {
            name: self.table.name.clone(),
            column: name.into(),
            flag,
            similar: closest(name, columns.iter().map(|column| column.name.as_str())).map(str::to_owned),
            columns: self.names(),
        })
    }

    fn check_distinct(&self, time: Option<usize>, target: Option<usize>, ids: &[usize]) -> Result<()> {
        let clash = |column: usize, one, other| {
            Err(Error::TwoRoles { name: self.table.name.clone(), column: self.name(column), one, other })
        };
        match (time, target) {
            (Some(time), Some(target)) if time == target => clash(time, "the time", "the target"),
            (Some(time), _) if ids.contains(&time) => clash(time, "the time", "an id"),
            (_, Some(target)) if ids.contains(&target) => clash(target, "the target", "an id"),
            _ => Ok(()),
        }
    }

    fn time(&self, taken: &[usize]) -> Option<usize> {
        let free = (0..self.looks.len()).filter(|at| !taken.contains(at));
        let scored = free.filter_map(|at| Some((self.looks[at].time_score()?, at)));
        scored.rev().max_by_key(|(score, _)| *score).map(|(_, at)| at)
    }

    fn axis(&self, time: usize) -> Result<Axis> {
        let cells = &self.table.columns[time].cells;
        dates::read(cells, self.options.dates).map_err(|unread| {
            let (name, column) = (self.table.name.clone(), self.name(time));
            let place = |row: usize| self.table.places.of(&[row])[0];
            let value = |row: usize| cells.text(row).unwrap_or_default();
            match unread {
                Unread::Cells(bad) => self.bad_times(time, &bad),
                Unread::Offsets(row) => Error::Offsets { name, column, place: place(row), value: value(row) },
                Unread::EitherOrder(row) => {
                    let value = value(row);
                    let read = |reading: Reading| {
                        let ticks = reading.read(&value, Century::DEFAULT).map_or(0, |moment| moment.ticks);
                        moment(ticks).unwrap_or_default().date()
                    };
                    let (day_first, month_first) = (read(Reading::DayFirst), read(Reading::MonthFirst));
                    Error::EitherOrder { name, column, place: place(row), value, day_first, month_first }
                }
            }
        })
    }

    /// Times whose parts stand in several columns: a year with its month or quarter, a date with its time of day. Only
    /// where the first of them says too little, as many rows share it.
    fn compose(&self, axis: &Axis, free: &[usize]) -> Result<(Vec<usize>, Option<Axis>)> {
        let named = |names: &[&str]| free.iter().copied().find(|at| names.contains(&self.looks[*at].name.as_str()));
        let parts = Parts::beside(axis, named);
        if parts.is_empty() || !parts::is_crowded(axis) {
            return Ok((Vec::new(), None));
        }
        let cells = |at: usize| &self.table.columns[at].cells;
        let composed = parts.compose(axis, cells).map_err(|(at, bad)| self.bad_times(at, &bad))?;
        Ok((parts.columns(), Some(composed)))
    }

    fn bad(&self, column: usize, bad: &Bad) -> BadCells {
        let cells = &self.table.columns[column].cells;
        let values = bad.rows.iter().map(|row| cells.text(*row).unwrap_or_default());
        BadCells { first: self.table.places.of(&bad.rows).into_iter().zip(values).collect(), count: bad.count }
    }

    fn bad_times(&self, column: usize, bad: &Bad) -> Error {
        let cells = self.bad(column, bad);
        Error::BadTimes { name: self.table.name.clone(), column: self.name(column), cells }
    }

    fn bad_numbers(&self, column: usize, bad: &Bad) -> Error {
        let cells = self.bad(column, bad);
        Error::BadNumbers { name: self.table.name.clone(), column: self.name(column), cells }
    }

    /// A value needs a time; a row with neither is no row.
    fn check_present(&self, time: usize, axis: &Axis, values: &[f64]) -> Result<()> {
        let timeless = (0..values.len()).filter(|row| axis.ticks[*row] == NO_TIME && !values[*row].is_nan());
        timeless.collect::<Bad>().unless(()).map_err(|bad| self.bad_times(time, &bad))
    }

    fn target(&self, taken: &[usize]) -> Result<usize> {
        let looks = &self.looks;
        let candidate = |at: &usize| {
            let look = &looks[*at];
            look.is_number() && !taken.contains(at) && !look.is_sure_id() && !look.is_row_number()
        };
        let candidates: Vec<usize> = (0..looks.len()).filter(candidate).collect();
        let by_name = |name: &str| candidates.iter().copied().find(|at| looks[*at].name == name);
        let stem = self.table.stem.as_deref().unwrap_or_default().to_lowercase();
        let stem: String = stem.chars().filter(|c| c.is_alphanumeric()).collect();
        let conventional = TARGETS.into_iter().find_map(by_name).or_else(|| by_name(&stem));
        let plain = |at: &usize| !looks[*at].is_part() && !looks[*at].is_numbered() && !self.is_flag(*at);
        match (candidates.as_slice(), conventional) {
            ([], _) => Err(Error::NoTarget { name: self.table.name.clone(), columns: self.names() }),
            ([only], _) => Ok(*only),
            (_, Some(target)) => Ok(target),
            (several, None) => {
                let plain: Vec<usize> = several.iter().copied().filter(plain).collect();
                match plain.as_slice() {
                    [only] => Ok(*only),
                    plain => {
                        let left = if plain.is_empty() { several } else { plain };
                        let candidates = left.iter().map(|at| self.name(*at)).collect();
                        Err(Error::ManyTargets { name: self.table.name.clone(), candidates })
                    }
                }
            }
        }
    }

    /// Whether a column says only yes or no.
    fn is_flag(&self, at: usize) -> bool {
        let numbers = numbers::read(&self.table.columns[at].cells, self.decimal);
        numbers.is_ok_and(|numbers| numbers.iter().all(|n| n.is_nan() || [0.0, 1.0].contains(n)))
    }

    fn ids(
        &self,
        asked: &[usize],
        used: &[usize],
        target: usize,
        axis: Option<&Axis>,
        values: &[f64],
    ) -> (Vec<usize>, Groups) {
        let group = |at: &usize| Groups::of(&self.table.columns[*at].cells);
        let together = |ids: &[usize]| Groups::all(&ids.iter().map(group).collect::<Vec<_>>(), self.table.rows);
        if !asked.is_empty() {
            return (asked.to_vec(), together(asked));
        }
        let free = |at: &usize| !used.contains(at) && *at != target;
        let is_sure = |at: &usize| self.looks[*at].is_sure_id();
        let sure: Vec<usize> = (0..self.looks.len()).filter(free).filter(is_sure).collect();
        let sure_groups = together(&sure);
        let Some(axis) = axis else { return (sure, sure_groups) };
        let may_be = |at: &usize| !is_sure(at) && (self.looks[*at].is_words() || self.looks[*at].is_numbered());
        let candidates: Vec<usize> = (0..self.looks.len()).filter(free).filter(may_be).collect();
        let rows = Rows::new(&axis.ticks, values);
        if rows.are_unique(&sure_groups) {
            return (sure, sure_groups);
        }
        // what is new in every row numbers the rows, not series
        let grouped =
            candidates.into_iter().map(|at| (at, group(&at))).filter(|(_, groups)| groups.count * 2 <= self.table.rows);
        let (candidates, groups): (Vec<usize>, Vec<Groups>) = grouped.unzip();
        // without an explanation the times that have several values are reported later, line by line
        let chosen = rows.choose(&sure_groups, &groups).unwrap_or_default();
        let mut ids: Vec<usize> = sure.iter().copied().chain(chosen.iter().map(|at| candidates[*at])).collect();
        ids.sort_unstable();
        let all = chosen.iter().fold(sure_groups, |all, at| all.and(&groups[*at]));
        (ids, all)
    }

    /// Rows that nothing orders can only be counted if they are plainly one series, or known ones.
    fn check_orderless(&self, ids: &[usize], target: usize) -> Result<()> {
        let words = (0..self.looks.len()).any(|at| at != target && self.looks[at].is_words() && !ids.contains(&at));
        if words { Err(Error::NoTime { name: self.table.name.clone(), columns: self.names() }) } else { Ok(()) }
    }

    /// Columns that a person may want as ids when times turn out not to be unique.
    fn untaken(&self, ids: &[usize], used: &[usize], target: usize) -> Vec<String> {
        let free = |at: &usize| !used.contains(at) && *at != target && !ids.contains(at);
        let may_be = |at: &usize| self.looks[*at].is_words() || (self.looks[*at].whole && !self.is_flag(*at));
        (0..self.looks.len()).filter(free).filter(may_be).map(|at| self.name(at)).collect()
    }
}
