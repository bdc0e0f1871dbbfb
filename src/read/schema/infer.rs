//! Which column is the time, which the target, and which tell series apart.

use crate::error::place::{Cells as BadCells, Lines};
use crate::error::{Error, Result};
use crate::name_suggestion::closest_name;
use crate::panel::repair_log::BadRowPolicy;
use crate::panel::series::Columns;
use crate::read::ReadOptions;
use crate::read::covariates;
use crate::read::covariates::Beside;
use crate::read::parse::datetime::{Century, Reading};
use crate::read::parse::number;
use crate::read::parse::number::Decimal;
use crate::read::parse::time_index;
use crate::read::parse::time_index::{NO_TIME, TimeIndex, Unread};
use crate::read::parse::time_parts;
use crate::read::parse::time_parts::Parts;
use crate::read::schema::ids;
use crate::read::schema::ids::{Groups, Rows};
use crate::read::schema::profile::{ColumnProfile, TARGETS};
use crate::read::schema::wide;
use crate::read::schema::wide::Wide;
use crate::read::table::{Bad, NAMED, Table};
use crate::time::timestamp::datetime_at;

/// What was decided, and what the columns hold. Where several columns are series, the rows stand here once for each of
/// them, one column after the other.
#[derive(Debug)]
pub(crate) struct Schema {
    pub(crate) columns: Columns,
    pub(crate) axis: TimeIndex,
    pub(crate) values: Vec<f64>,
    pub(crate) groups: Groups,
    /// The id cells of each group.
    pub(crate) keys: Vec<Vec<String>>,
    /// Columns that might tell series apart and were not taken, for an error to name.
    pub(crate) candidates: Vec<String>,
    /// The columns that are covariates, as the file has them: a value for each of its rows.
    pub(crate) beside: Vec<Beside>,
    pub(crate) notices: Vec<String>,
}

pub(crate) struct ColumnInference<'a> {
    pub(crate) table: &'a Table,
    pub(crate) options: &'a ReadOptions,
    pub(crate) decimal: Decimal,
    pub(crate) samples: Vec<Vec<String>>,
    pub(crate) looks: Vec<ColumnProfile>,
}

/// Gives every needed column its role.
pub(crate) fn assign(table: &Table, options: &ReadOptions) -> Result<Schema> {
    let samples = table.samples();
    let (found, notice) = Decimal::of(table, &samples);
    let decimal = options.decimal.unwrap_or(found);
    let looks =
        table.columns.iter().zip(&samples).map(|(column, sample)| ColumnProfile::at(column, sample, decimal)).collect();
    let chooser = ColumnInference { table, options, decimal, samples, looks };
    let mut notices = table.notices.clone();
    notices.extend(notice.filter(|_| options.decimal.is_none()));
    match wide::across(&chooser) {
        Some(_) if !options.covariates.is_empty() => Err(Error::NoCovariate {
            name: table.name.clone(),
            column: options.covariates.join(", "),
            reason: "has no value for each time: the file has a row for each series".into(),
        }),
        Some(across) => wide::rows_of_series(&chooser, across, notices),
        None => chooser.columns_of_values(notices),
    }
}

/// Counts the rows of each group from 1.
fn numbered(groups: &Groups) -> TimeIndex {
    let mut counts = vec![0; groups.count];
    let mut next = |code: &u32| {
        counts[*code as usize] += 1;
        counts[*code as usize]
    };
    TimeIndex::index(groups.codes.iter().map(&mut next).collect())
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

impl ColumnInference<'_> {
    /// A row for each time, the values in one column or in several.
    fn columns_of_values(&self, mut notices: Vec<String>) -> Result<Schema> {
        let (table, options) = (self.table, self.options);
        let asked_target = options.target.as_deref().map(|name| self.named(name, "--target")).transpose()?;
        let asked_ids = options.ids.iter().map(|name| self.named(name, "--id")).collect::<Result<Vec<usize>>>()?;
        let asked_wide = self.asked_wide()?;
        let asked_beside = covariates::asked(self)?;
        let mut taken: Vec<usize> = asked_ids.iter().copied().chain(asked_target).chain(asked_wide.clone()).collect();
        self.check_beside(&asked_beside, &taken)?;
        taken.extend(&asked_beside);
        let time = match &options.time {
            Some(name) => Some(self.named(name, "--time")?),
            None => self.time(&taken),
        };
        self.check_distinct(time, asked_target, &asked_ids)?;
        taken.extend(time);
        let targets = match asked_target {
            _ if !asked_wide.is_empty() => asked_wide,
            Some(target) => vec![target],
            None => self.target(&taken, time)?,
        };
        let axis = time.map(|time| self.axis(time)).transpose();
        let read = wide::read_columns(self, &targets);
        let (mut axis, wide) = self.both(time, &targets, axis, read)?;
        let mut used: Vec<usize> = time.into_iter().chain(asked_beside.iter().copied()).collect();
        if let Some(whole) = &axis {
            let free: Vec<usize> =
                (0..table.columns.len()).filter(|at| !targets.contains(at) && !taken.contains(at)).collect();
            let (parts, composed) = self.compose(whole, &free)?;
            used.extend(parts);
            axis = composed.or(axis);
        }
        notices.extend(wide.notices.iter().cloned());
        if let (Some(axis), Some(time)) = (&axis, time) {
            self.check_present(time, axis, &wide)?;
        }
        let (ids, groups) = self.ids(&asked_ids, &used, &targets, axis.as_ref(), &wide.values[0]);
        if axis.is_none() {
            let explained: Vec<usize> = ids.iter().chain(&asked_beside).copied().collect();
            self.check_orderless(&explained, &targets)?;
            notices.push("no column of dates or times: rows are numbered from 1 in the file's order".into());
        }
        let axis = axis.unwrap_or_else(|| numbered(&groups));
        if let Some(first) = axis.skipped.rows.first() {
            let (count, place) = (axis.skipped.count, table.places.of(*first));
            let rows = if count == 1 { "row" } else { "rows" };
            notices.push(format!("{count} {rows} without a readable time left out, the first on {place}"));
        }
        notices.extend(axis.finer.then(|| "times finer than a second are rounded to it".to_owned()));
        let beside = if options.covariates.is_empty() {
            Vec::new()
        } else {
            let taken: Vec<usize> = used.iter().chain(&targets).chain(&ids).copied().collect();
            let seen = |row: usize| wide.values.iter().any(|values| !values[row].is_nan());
            let seen: Vec<bool> = (0..table.rows).map(seen).collect();
            covariates::read(self, &asked_beside, &taken, &seen, &mut notices)?
        };
        let name = |at: &usize| table.columns[*at].name.clone();
        let columns =
            Columns { time: time.as_ref().map(name), target: name(&targets[0]), ids: ids.iter().map(name).collect() };
        let roles = Schema {
            columns,
            axis,
            keys: keys(table, &ids, &groups),
            candidates: self.untaken(&ids, &used, &targets),
            values: Vec::new(),
            groups,
            beside,
            notices,
        };
        Ok(wide.spread(roles, &targets.iter().map(name).collect::<Vec<_>>()))
    }

    /// The columns that were said to be a series each.
    fn asked_wide(&self) -> Result<Vec<usize>> {
        if self.options.wide == ["all"] && !self.table.columns.iter().any(|column| column.name == "all") {
            let time = match &self.options.time {
                Some(name) => Some(self.named(name, "--time")?),
                None => self.time(&[]),
            };
            let beside = covariates::asked(self)?;
            let all = (0..self.looks.len())
                .filter(|at| Some(*at) != time && !beside.contains(at) && self.may_be_target(*at))
                .collect::<Vec<_>>();
            return if all.is_empty() {
                Err(Error::NoTarget { name: self.table.name.clone(), columns: self.names() })
            } else {
                Ok(all)
            };
        }
        self.options.wide.iter().map(|name| self.named(name, "--wide")).collect()
    }

    /// Times and values; if both have bad cells, they are reported together.
    fn both(
        &self,
        time: Option<usize>,
        targets: &[usize],
        axis: Result<Option<TimeIndex>>,
        values: Result<Wide, (usize, number::Unread)>,
    ) -> Result<(Option<TimeIndex>, Wide)> {
        match (axis, values) {
            (Ok(axis), Ok(values)) => Ok((axis, values)),
            (Err(Error::BadTimes { cells: times, .. }), Err((at, number::Unread::Cells(bad))))
                if targets.len() == 1 =>
            {
                let cells = self.bad(at, &bad);
                let column = time.map_or_else(String::new, |time| self.name(time));
                let said = |cells: &BadCells, column: &str, what: &str| -> Vec<_> {
                    let cell = |(place, value): &(_, String)| (*place, format!("column {column}: \"{value}\" {what}"));
                    cells.first.iter().map(cell).collect()
                };
                let mut first = said(&times, &column, "is not a date");
                first.extend(said(&cells, &self.name(at), "is not a number"));
                first.sort_by_key(|(place, _)| *place);
                first.truncate(NAMED);
                let lines = Lines { first, count: times.count + cells.count };
                Err(Error::BadLines { name: self.table.name.clone(), lines })
            }
            (Err(error), _) => Err(error),
            (Ok(_), Err((at, unread))) => Err(self.unread(at, unread)),
        }
    }

    /// Why the numbers of a column cannot be read.
    pub(crate) fn unread(&self, at: usize, unread: number::Unread) -> Error {
        match unread {
            number::Unread::Cells(bad) => {
                let cells = self.bad(at, &bad);
                Error::BadNumbers { name: self.table.name.clone(), column: self.name(at), cells }
            }
            number::Unread::Units(one, other) => {
                let cell =
                    |row| (self.table.places.of(row), self.table.columns[at].cells.text(row).unwrap_or_default());
                let (one, other) = (cell(one), cell(other));
                Error::MixedUnits { name: self.table.name.clone(), column: self.name(at), one, other }
            }
        }
    }

    pub(crate) fn name(&self, at: usize) -> String {
        self.table.columns[at].name.clone()
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.table.columns.iter().map(|column| column.name.clone()).collect()
    }

    /// The column asked for, by its exact name or else regardless of case.
    pub(crate) fn named(&self, name: &str, flag: &'static str) -> Result<usize> {
        let columns = &self.table.columns;
        let exact = columns.iter().position(|column| column.name == name);
        let found = exact.or_else(|| columns.iter().position(|column| column.name.eq_ignore_ascii_case(name)));
        found.ok_or_else(|| Error::NoColumn {
            name: self.table.name.clone(),
            column: name.into(),
            flag,
            similar: closest_name(name, columns.iter().map(|column| column.name.as_str())).map(str::to_owned),
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

    /// What is forecast, or tells series apart, cannot be beside it.
    fn check_beside(&self, asked: &[usize], taken: &[usize]) -> Result<()> {
        let time = self.options.time.as_deref().map(|name| self.named(name, "--time")).transpose()?;
        let clash = asked.iter().find(|at| taken.contains(at) || time == Some(**at));
        clash.map_or(Ok(()), |at| {
            let (one, other) = ("a covariate", "the time, the target or an id");
            Err(Error::TwoRoles { name: self.table.name.clone(), column: self.name(*at), one, other })
        })
    }

    pub(crate) fn time(&self, taken: &[usize]) -> Option<usize> {
        let free = (0..self.looks.len()).filter(|at| !taken.contains(at));
        let scored = free.filter_map(|at| Some((self.looks[at].time_score()?, at)));
        scored.rev().max_by_key(|(score, _)| *score).map(|(_, at)| at)
    }

    fn axis(&self, time: usize) -> Result<TimeIndex> {
        let cells = &self.table.columns[time].cells;
        let skip = self.options.bad_rows == BadRowPolicy::Skip;
        let (name, column) = (|| self.table.name.clone(), || self.name(time));
        let place = |row: usize| self.table.places.of(row);
        let value = |row: usize| cells.text(row).unwrap_or_default();
        let axis = time_index::read(cells, self.options.dates, skip).map_err(|unread| match unread {
            Unread::Cells(bad) => self.bad_times(time, &bad),
            Unread::EitherOrder(row) => {
                let value = value(row);
                let read = |reading: Reading| {
                    let ticks = reading.read(&value, Century::DEFAULT).map_or(0, |moment| moment.ticks);
                    datetime_at(ticks).unwrap_or_default().date()
                };
                let (day_first, month_first) = (read(Reading::DayFirst), read(Reading::MonthFirst));
                Error::EitherOrder { name: name(), column: column(), place: place(row), value, day_first, month_first }
            }
        })?;
        match axis.said_by_some().filter(|_| self.options.zone.is_none()) {
            Some(row) => Err(Error::SomeZones { name: name(), column: column(), place: place(row), value: value(row) }),
            None => Ok(axis),
        }
    }

    /// Times whose parts stand in several columns: a year with its month or quarter, a date with its time of day. Only
    /// where the first of them says too little, as many rows share it.
    fn compose(&self, axis: &TimeIndex, free: &[usize]) -> Result<(Vec<usize>, Option<TimeIndex>)> {
        let named = |names: &[&str]| free.iter().copied().find(|at| names.contains(&self.looks[*at].name.as_str()));
        let parts = Parts::beside(axis, named);
        if parts.is_empty() || !time_parts::is_crowded(axis) {
            return Ok((Vec::new(), None));
        }
        let cells = |at: usize| &self.table.columns[at].cells;
        let composed = parts.compose(axis, cells).map_err(|(at, bad)| self.bad_times(at, &bad))?;
        Ok((parts.columns(), Some(composed)))
    }

    fn bad(&self, column: usize, bad: &Bad) -> BadCells {
        let cells = &self.table.columns[column].cells;
        let values = bad.rows.iter().map(|row| cells.text(*row).unwrap_or_default());
        let places = bad.rows.iter().map(|row| self.table.places.of(*row));
        BadCells { first: places.zip(values).collect(), count: bad.count }
    }

    fn bad_times(&self, column: usize, bad: &Bad) -> Error {
        let cells = self.bad(column, bad);
        Error::BadTimes { name: self.table.name.clone(), column: self.name(column), cells }
    }

    /// A value needs a time; a row with neither is no row.
    fn check_present(&self, time: usize, axis: &TimeIndex, wide: &Wide) -> Result<()> {
        if self.options.bad_rows == BadRowPolicy::Skip || !axis.ticks.contains(&NO_TIME) {
            return Ok(());
        }
        let valued = |row: &usize| wide.values.iter().any(|values| !values[*row].is_nan());
        let timeless = (0..axis.ticks.len()).filter(|row| axis.ticks[*row] == NO_TIME).filter(valued);
        timeless.collect::<Bad>().unless(()).map_err(|bad| self.bad_times(time, &bad))
    }

    fn may_be_target(&self, at: usize) -> bool {
        let look = &self.looks[at];
        look.is_number() && !look.is_sure_id() && !look.is_row_number()
    }

    /// The column to forecast, or the columns, where they are plainly a series each.
    fn target(&self, taken: &[usize], time: Option<usize>) -> Result<Vec<usize>> {
        let looks = &self.looks;
        let free = |at: &usize| !taken.contains(at);
        let mut candidates: Vec<usize> = (0..looks.len()).filter(free).filter(|at| self.may_be_target(*at)).collect();
        if candidates.is_empty() {
            // what looks like row numbers may be all there is
            candidates = (0..looks.len()).filter(free).filter(|at| looks[*at].is_row_number()).collect();
        }
        let by_name = |name: &str| candidates.iter().copied().find(|at| looks[*at].name == name);
        let stem = self.table.stem.as_deref().unwrap_or_default().to_lowercase();
        let stem: String = stem.chars().filter(|c| c.is_alphanumeric()).collect();
        let conventional = TARGETS.into_iter().find_map(by_name).or_else(|| by_name(&stem));
        let plain = |at: &usize| !looks[*at].is_part() && !looks[*at].is_numbered() && !self.is_flag(*at);
        match (candidates.as_slice(), conventional) {
            ([], _) => Err(Error::NoTarget { name: self.table.name.clone(), columns: self.names() }),
            ([only], _) => Ok(vec![*only]),
            (_, Some(target)) => Ok(vec![target]),
            (several, None) => {
                let names: Vec<String> = several.iter().map(|at| self.name(*at)).collect();
                if time.is_some() && wide::are_alike(&names) {
                    return Ok(several.to_vec());
                }
                let plain: Vec<usize> = several.iter().copied().filter(plain).collect();
                match plain.as_slice() {
                    [only] => Ok(vec![*only]),
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
        self.samples[at].iter().all(|cell| self.decimal.read(cell).is_some_and(|number| [0.0, 1.0].contains(&number)))
    }

    fn ids(
        &self,
        asked: &[usize],
        used: &[usize],
        targets: &[usize],
        axis: Option<&TimeIndex>,
        values: &[f64],
    ) -> (Vec<usize>, Groups) {
        let group = |at: &usize| Groups::of(&self.table.columns[*at].cells);
        let together = |ids: &[usize]| Groups::all(&ids.iter().map(group).collect::<Vec<_>>(), self.table.rows);
        if !asked.is_empty() {
            return (asked.to_vec(), together(asked));
        }
        let free = |at: &usize| !used.contains(at) && !targets.contains(at);
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
    fn check_orderless(&self, ids: &[usize], targets: &[usize]) -> Result<()> {
        let words =
            (0..self.looks.len()).any(|at| !targets.contains(&at) && self.looks[at].is_words() && !ids.contains(&at));
        if words { Err(Error::NoTime { name: self.table.name.clone(), columns: self.names() }) } else { Ok(()) }
    }

    /// Columns that a person may want as ids when times turn out not to be unique.
    fn untaken(&self, ids: &[usize], used: &[usize], targets: &[usize]) -> Vec<String> {
        let free = |at: &usize| !used.contains(at) && !targets.contains(at) && !ids.contains(at);
        let may_be = |at: &usize| self.looks[*at].is_words() || (self.looks[*at].whole && !self.is_flag(*at));
        (0..self.looks.len()).filter(free).filter(may_be).map(|at| self.name(at)).collect()
    }
}
