//! Infers the role of every column.

use std::collections::HashSet;

use crate::error::{CovariateProblem, DataProblem, Error, Rejected, Result, Setting, location::MAX_LISTED};
use crate::panel::{Columns, DuplicatePolicy};
use crate::read::parse::{number_column::NumberError, time_index::TimeIndex};
use crate::read::schema::column_inference::{ColumnInference, NumberColumns};
use crate::read::schema::words::PastRows;
use crate::read::schema::{covariate_columns, period_grid, roles::Schema, series_groups::Groups, series_in_rows};
use crate::read::table::{RejectedRows, Table};
use crate::read::{notice::Notice, options::ReadOptions};

pub(crate) fn infer_schema(table: &Table, options: &ReadOptions) -> Result<Schema> {
    let (inference, notice) = ColumnInference::new(table, options);
    let mut notices = table.notices.clone();
    notices.extend(notice);
    let no_covariates = || {
        let names = options.all_covariates();
        let column = names.iter().map(|name| name.as_str()).collect::<Vec<&str>>().join(", ");
        let error = || {
            let reason = CovariateProblem::TimesInHeader;
            table.error(DataProblem::InvalidCovariate { column, reason })
        };
        if options.all_covariates().is_empty() { Ok(()) } else { Err(error()) }
    };
    if let Some(grid) = period_grid::find(&inference)? {
        no_covariates()?;
        return inference.period_grid(&grid, notices);
    }
    match series_in_rows::header_times(&inference)? {
        Some(header) => {
            no_covariates()?;
            inference.series_in_rows(header, notices)
        }
        None => times_in_rows(&inference, notices),
    }
}

struct RequestedColumns {
    target: Option<usize>,
    ids: Vec<usize>,
    covariates: Vec<usize>,
    wide: Vec<usize>,
    time: Option<usize>,
}

impl RequestedColumns {
    fn new(inference: &ColumnInference<'_>) -> Result<Self> {
        let options = inference.options;
        let find = |name: &Option<String>, setting| name.as_ref().map(|name| inference.find(name, setting)).transpose();
        let target = find(&options.target, Setting::Target)?;
        let ids = inference.find_all(&options.ids, Setting::Ids)?;
        let covariates = covariate_columns::requested(inference)?;
        let wide = inference.requested_wide(&covariates)?;
        let time = find(&options.time, Setting::Time)?;
        let requested = Self { target, ids, covariates, wide, time };
        let others: [(&[usize], Setting); 4] = [
            (time.as_slice(), Setting::Time),
            (target.as_slice(), Setting::Target),
            (&requested.ids, Setting::Ids),
            (&requested.wide, Setting::Wide),
        ];
        inference.check_distinct(&requested.covariates, Setting::Covariates, &others)?;
        Ok(requested)
    }

    /// The time, or that which is inferred. The time, the target and the ids must be different columns.
    fn time(&self, inference: &ColumnInference<'_>) -> Result<Option<usize>> {
        let time = self.time.or_else(|| inference.likely_time(&self.taken()));
        let (target, ids) = ((self.target.as_slice(), Setting::Target), (self.ids.as_slice(), Setting::Ids));
        inference.check_distinct(time.as_slice(), Setting::Time, &[target, ids])?;
        inference.check_distinct(target.0, Setting::Target, &[ids])?;
        Ok(time)
    }

    /// The columns with a role other than the time.
    fn taken(&self) -> Vec<usize> {
        let taken = self.ids.iter().chain(&self.target).chain(&self.wide).chain(&self.covariates);
        taken.copied().collect()
    }
}

/// The schema of a file with one row for each time and the values in one column or several.
fn times_in_rows(inference: &ColumnInference<'_>, mut notices: Vec<Notice>) -> Result<Schema> {
    let (table, options) = (inference.table, inference.options);
    let requested = RequestedColumns::new(inference)?;
    let time = requested.time(inference)?;
    let mut taken = requested.taken();
    taken.extend(time);
    let targets = match requested.target {
        _ if !requested.wide.is_empty() => requested.wide.clone(),
        Some(target) => vec![target],
        None => {
            let parts = time.map_or_else(Vec::new, |time| inference.likely_parts(time, &taken));
            inference.infer_targets(&[taken.as_slice(), &parts].concat(), time)?
        }
    };
    table.check_rows(targets.len())?;
    let (mut times, mut numbers) = inference.times_and_values(time, &targets)?;
    let mut used: Vec<usize> = time.iter().chain(&requested.covariates).copied().collect();
    if let Some(whole) = &times {
        let is_free = |at: &usize| !targets.contains(at) && !taken.contains(at);
        let free: Vec<usize> = inference.columns().filter(is_free).collect();
        let (parts, completed) = inference.complete_times(whole, time, &free)?;
        used.extend(parts);
        times = completed.or(times);
    }
    notices.append(&mut numbers.notices);
    if let (Some(times), Some(time)) = (&mut times, time) {
        inference.check_values_have_times(time, times, &numbers.values)?;
    }
    let (ids, groups) = inference.ids(&requested.ids, &used, &targets, times.as_ref(), &numbers.values[0]);
    notices.extend(inference.numbers_as_ids_notice(&requested.ids, &ids, &groups));
    notices.extend(inference.block_labels_notice(&ids, times.as_ref().map(|times| times.ticks.as_slice())));
    if times.is_none() {
        let with_role: Vec<usize> = ids.iter().chain(&requested.covariates).chain(&targets).copied().collect();
        inference.check_single_series(&with_role)?;
        notices.push(Notice::RowsNumbered);
    }
    let times = times.unwrap_or_else(|| number_rows(&groups));
    notices.extend(inference.time_notices(&times));
    let taken: Vec<usize> = used.iter().chain(&targets).chain(&ids).copied().collect();
    let rows = PastRows::of(&numbers.values, &groups);
    let covariates = covariate_columns::parse(inference, &requested.covariates, &taken, &rows, &mut notices)?;
    // Candidates are for errors only, which have no use for them if rows of one time are merged.
    let refuses = matches!(options.duplicates, DuplicatePolicy::Equal | DuplicatePolicy::Error);
    let id_candidates =
        if refuses { inference.id_candidates(&taken, &times, &numbers.values[0], &groups) } else { Vec::new() };
    let (target, mut values) = (inference.name(targets[0]), numbers.values);
    let schema = Schema {
        columns: Columns { time: time.map(|at| inference.name(at)), target, ids: inference.names(&ids) },
        times,
        keys: groups.keys(table, &ids),
        id_candidates,
        values: if values.len() == 1 { values.remove(0) } else { Vec::new() },
        groups,
        covariates,
        without_history: HashSet::new(),
        notices,
        decimal: inference.shown_decimal,
    };
    Ok(if values.is_empty() { schema } else { schema.with_series_in_columns(&values, inference.names(&targets)) })
}

impl ColumnInference<'_> {
    /// Refuses columns that also have the role of another setting.
    fn check_distinct(&self, columns: &[usize], first: Setting, others: &[(&[usize], Setting)]) -> Result<()> {
        for at in columns {
            if let Some((_, second)) = others.iter().find(|(others, _)| others.contains(at)) {
                let (column, second) = (self.name(*at), *second);
                return Err(self.table.error(DataProblem::ConflictingRoles { column, first, second }));
            }
        }
        Ok(())
    }

    /// The times and the values. If both have cells that cannot be used, one error lists them all.
    fn times_and_values(&self, time: Option<usize>, targets: &[usize]) -> Result<(Option<TimeIndex>, NumberColumns)> {
        let times = time.map(|time| self.times(time)).transpose();
        match (times, self.numbers(targets)) {
            (Ok(times), Ok(numbers)) => Ok((times, numbers)),
            (Err(error), Err((at, NumberError::Cells(rejected, _)))) if targets.len() == 1 => {
                Err(self.combined_error(error, at, &rejected))
            }
            (Err(error), _) => Err(error),
            (Ok(_), Err(error)) => Err(self.number_error(error)),
        }
    }

    /// The error about the cells of the time column and of a column of numbers, in the order of the file.
    fn combined_error(&self, error: Error, column: usize, rejected: &RejectedRows) -> Error {
        let Error::Data { problem, .. } = &error else { return error };
        let DataProblem::InvalidTimes { column: time, cells: times, .. } = &**problem else { return error };
        let numbers = self.rejected_cells(column, rejected);
        let describe = |cells: &Rejected, column: &str, what: &str| -> Vec<_> {
            let cells = cells.first.iter();
            cells.map(|(location, value)| (*location, format!("column {column}: \"{value}\" {what}"))).collect()
        };
        let mut first = describe(times, time, "is not a date");
        first.extend(describe(&numbers, &self.name(column), "is not a number"));
        first.sort_by_key(|(location, _)| *location);
        first.truncate(MAX_LISTED);
        self.table.error(DataProblem::RejectedLines(Rejected { first, count: times.count + numbers.count }))
    }
}

fn number_rows(groups: &Groups) -> TimeIndex {
    let mut counts = vec![0; groups.count];
    let mut next = |code: &u32| {
        counts[*code as usize] += 1;
        counts[*code as usize]
    };
    TimeIndex::of_integers(groups.codes.iter().map(&mut next).collect())
}
