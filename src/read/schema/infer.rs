//! Infers the role of every column.

use crate::error::data_problem::{DataProblem, Setting};
use crate::error::location::{MAX_LISTED, Rejected};
use crate::error::{Error, Result};
use crate::panel::series::Columns;
use crate::read::notice::Notice;
use crate::read::options::ReadOptions;
use crate::read::parse::number_column::NumberError;
use crate::read::parse::time_index::TimeIndex;
use crate::read::schema::column_inference::ColumnInference;
use crate::read::schema::covariate_columns;
use crate::read::schema::number_columns::NumberColumns;
use crate::read::schema::roles::{CovariateColumn, Schema};
use crate::read::schema::series_groups::Groups;
use crate::read::schema::{series_in_columns, series_in_rows};
use crate::read::table::{RejectedRows, Table};

pub(crate) fn infer_schema(table: &Table, options: &ReadOptions) -> Result<Schema> {
    let (inference, notice) = ColumnInference::new(table, options);
    let mut notices = table.notices.clone();
    notices.extend(notice);
    match series_in_rows::header_times(&inference) {
        Some(_) if !options.covariates.is_empty() => Err(table.error(DataProblem::InvalidCovariate {
            column: options.covariates.join(", "),
            reason: "the file has one row for each series, and so no column with a value for each time".into(),
        })),
        Some(header) => series_in_rows::schema(&inference, header, notices),
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
        requested.check_covariates(inference)?;
        Ok(requested)
    }

    /// A covariate cannot have another role.
    fn check_covariates(&self, inference: &ColumnInference<'_>) -> Result<()> {
        for at in &self.covariates {
            let other = match at {
                at if self.time == Some(*at) => Setting::Time,
                at if self.target == Some(*at) => Setting::Target,
                at if self.ids.contains(at) => Setting::Ids,
                at if self.wide.contains(at) => Setting::Wide,
                _ => continue,
            };
            return Err(conflict(inference, *at, Setting::Covariates, other));
        }
        Ok(())
    }

    /// The time, the target and the ids are different columns. The time may be inferred.
    fn check_distinct(&self, inference: &ColumnInference<'_>, time: Option<usize>) -> Result<()> {
        match (time, self.target) {
            (Some(time), Some(target)) if time == target => {
                Err(conflict(inference, time, Setting::Time, Setting::Target))
            }
            (Some(time), _) if self.ids.contains(&time) => Err(conflict(inference, time, Setting::Time, Setting::Ids)),
            (_, Some(target)) if self.ids.contains(&target) => {
                Err(conflict(inference, target, Setting::Target, Setting::Ids))
            }
            _ => Ok(()),
        }
    }

    /// The columns with a role other than the time.
    fn taken(&self) -> Vec<usize> {
        self.ids.iter().copied().chain(self.target).chain(self.wide.clone()).chain(self.covariates.clone()).collect()
    }
}

fn conflict(inference: &ColumnInference<'_>, column: usize, first: Setting, second: Setting) -> Error {
    inference.table.error(DataProblem::ConflictingRoles { column: inference.name(column), first, second })
}

/// The schema of a file with one row for each time and the values in one column or several.
fn times_in_rows(inference: &ColumnInference<'_>, mut notices: Vec<Notice>) -> Result<Schema> {
    let table = inference.table;
    let requested = RequestedColumns::new(inference)?;
    let mut taken = requested.taken();
    let time = requested.time.or_else(|| inference.likely_time(&taken));
    requested.check_distinct(inference, time)?;
    taken.extend(time);
    let targets = match requested.target {
        _ if !requested.wide.is_empty() => requested.wide.clone(),
        Some(target) => vec![target],
        None => inference.infer_targets(&taken, time)?,
    };
    table.check_rows(targets.len())?;
    let (mut times, numbers) = times_and_values(inference, time, &targets)?;
    let mut used: Vec<usize> = time.into_iter().chain(requested.covariates.iter().copied()).collect();
    if let Some(whole) = &times {
        let is_free = |at: &usize| !targets.contains(at) && !taken.contains(at);
        let free: Vec<usize> = inference.columns().filter(is_free).collect();
        let (parts, completed) = inference.complete_times(whole, &free)?;
        used.extend(parts);
        times = completed.or(times);
    }
    notices.extend(numbers.notices);
    if let (Some(times), Some(time)) = (&times, time) {
        inference.check_values_have_times(time, times, &numbers.values)?;
    }
    let (ids, groups) = inference.ids(&requested.ids, &used, &targets, times.as_ref(), &numbers.values[0]);
    if times.is_none() {
        let with_role: Vec<usize> = ids.iter().chain(&requested.covariates).chain(&targets).copied().collect();
        inference.check_single_series(&with_role)?;
        notices.push(Notice::RowsNumbered);
    }
    let times = times.unwrap_or_else(|| number_rows(&groups));
    notices.extend(time_notices(table, &times));
    let taken: Vec<usize> = used.iter().chain(&targets).chain(&ids).copied().collect();
    let covariates = parse_covariates(inference, &requested.covariates, &taken, &numbers.values, &mut notices)?;
    let names: Vec<String> = targets.iter().map(|at| inference.name(*at)).collect();
    let schema = Schema {
        columns: Columns {
            time: time.map(|at| inference.name(at)),
            target: names[0].clone(),
            ids: ids.iter().map(|at| inference.name(*at)).collect(),
        },
        times,
        keys: groups.keys(table, &ids),
        id_candidates: inference.id_candidates(&ids, &used, &targets),
        values: Vec::new(),
        groups,
        covariates,
        notices,
    };
    Ok(series_in_columns::with_values(schema, numbers.values, &names))
}

/// The times and the values. If both have cells that cannot be used, one error lists them all.
fn times_and_values(
    inference: &ColumnInference<'_>,
    time: Option<usize>,
    targets: &[usize],
) -> Result<(Option<TimeIndex>, NumberColumns)> {
    let times = time.map(|time| inference.times(time)).transpose();
    match (times, NumberColumns::parse(inference, targets)) {
        (Ok(times), Ok(numbers)) => Ok((times, numbers)),
        (Err(error), Err((at, NumberError::Cells(rejected)))) if targets.len() == 1 => {
            Err(combined_error(inference, error, at, &rejected))
        }
        (Err(error), _) => Err(error),
        (Ok(_), Err((at, error))) => Err(inference.number_error(at, error)),
    }
}

/// The error about the cells of the time column, with the rejected cells of a column of numbers added.
fn combined_error(inference: &ColumnInference<'_>, error: Error, column: usize, rejected: &RejectedRows) -> Error {
    let Error::Data { problem, .. } = &error else { return error };
    let DataProblem::InvalidTimes { column: time, cells: times } = &**problem else { return error };
    let numbers = inference.rejected_cells(column, rejected);
    let lines = combined(time, times, &inference.name(column), &numbers);
    inference.table.error(DataProblem::RejectedLines(lines))
}

/// The rejected cells of the time column and of a column of numbers, in the order of the file.
fn combined(time: &str, times: &Rejected, target: &str, numbers: &Rejected) -> Rejected {
    let describe = |cells: &Rejected, column: &str, what: &str| -> Vec<_> {
        let describe_one =
            |(location, value): &(_, String)| (*location, format!("column {column}: \"{value}\" {what}"));
        cells.first.iter().map(describe_one).collect()
    };
    let mut first = describe(times, time, "is not a date");
    first.extend(describe(numbers, target, "is not a number"));
    first.sort_by_key(|(location, _)| *location);
    first.truncate(MAX_LISTED);
    Rejected { first, count: times.count + numbers.count }
}

fn time_notices(table: &Table, times: &TimeIndex) -> Vec<Notice> {
    let mut notices = Vec::new();
    if let Some(first) = times.skipped.first.first() {
        notices.push(Notice::RowsWithoutTime { rows: times.skipped.count, first: table.locations.of(*first) });
    }
    if times.has_subseconds {
        notices.push(Notice::SubsecondsRounded);
    }
    notices
}

fn parse_covariates(
    inference: &ColumnInference<'_>,
    requested: &[usize],
    taken: &[usize],
    values: &[Vec<f64>],
    notices: &mut Vec<Notice>,
) -> Result<Vec<CovariateColumn>> {
    if inference.options.covariates.is_empty() {
        return Ok(Vec::new());
    }
    let has_target = |row: usize| values.iter().any(|column| !column[row].is_nan());
    let has_target: Vec<bool> = (0..inference.table.rows).map(has_target).collect();
    covariate_columns::parse(inference, requested, taken, &has_target, notices)
}

fn number_rows(groups: &Groups) -> TimeIndex {
    let mut counts = vec![0; groups.count];
    let mut next = |code: &u32| {
        counts[*code as usize] += 1;
        counts[*code as usize]
    };
    TimeIndex::of_integers(groups.codes.iter().map(&mut next).collect())
}
