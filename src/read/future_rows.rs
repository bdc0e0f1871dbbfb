//! A second file with the covariates of the future. Its rows are appended to those of the first file, the history.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use crate::error::{DataProblem, Error, Result, closest_name, location::MAX_LISTED};
use crate::panel::{BadRowPolicy, Columns, DuplicatePolicy};
use crate::read::future_numbers::DecimalMarks;
use crate::read::options::ReadOptions;
use crate::read::table::{Column, RejectedRows, Table, is_missing, join_cells, too_many_to_skip};
use crate::read::{
    notice::Notice,
    parse::{future_times::in_zone_of_history, time_index::NO_TIME},
    schema::roles::{CovariateColumn, Schema},
};
use crate::time::Timestamp;

/// The rows of the second file in the joined table.
pub(crate) struct FutureRows {
    file: String,
    columns: Vec<String>,
    /// The columns that the first file does not have.
    others: Vec<Column>,
    /// The first of these rows.
    first_row: usize,
}

/// The table with the rows of `future` appended, matched by the names of the columns of the first table. Numbers with
/// another decimal mark get that of the first table.
pub(crate) fn append(mut table: Table, future: Table, options: &ReadOptions) -> (Table, FutureRows) {
    let (columns, marks) = (future.column_names(), DecimalMarks::of(&table, &future, options));
    let (mut notice, covariates) = (None, options.all_covariates());
    let skip = options.bad_rows == BadRowPolicy::Skip;
    for column in &mut table.columns {
        let is_same = |other: &&Column| other.name == column.name;
        let is_similar = |other: &&Column| other.name.eq_ignore_ascii_case(&column.name);
        let found = future.columns.iter().find(is_same).or_else(|| future.columns.iter().find(is_similar));
        // ids and times have no decimal mark
        let is_covariate = covariates.iter().any(|name| **name == column.name || *name == "all");
        let rewritten = found.filter(|_| is_covariate).and_then(|found| marks.with_mark_of_history(column, found));
        notice = notice.or_else(|| rewritten.as_ref().map(|_| marks.notice()));
        column.has_json_numbers = marks.are_certain_points(column, found);
        let typed = found.and_then(|found| in_zone_of_history(&column.cells, &found.cells, options.date_rules(), skip));
        let cells = typed.as_ref().or(rewritten.as_ref()).or_else(|| found.map(|found| &found.cells));
        column.cells = join_cells(&column.cells, cells, future.rows);
    }
    let is_unknown = |column: &Column| !table.columns.iter().any(|own| own.name.eq_ignore_ascii_case(&column.name));
    let others = future.columns.into_iter().filter(is_unknown).collect();
    let (file, first_row) = (future.file, table.rows);
    table.locations.append(first_row, future.locations);
    table.rows += future.rows;
    table.first_future_row = Some(first_row);
    table.notices.extend(future.notices.into_iter().chain(notice).map(|notice| in_file(&file, notice)));
    (table, FutureRows { file, columns, others, first_row })
}

fn in_file(file: &str, notice: Notice) -> Notice {
    Notice::FutureRows { file: file.to_owned(), notice: Box::new(notice) }
}

impl FutureRows {
    /// Checks that the rows continue those of the first file, and leaves out those of series that it does not have.
    pub(crate) fn check(&self, table: &Table, schema: &mut Schema, options: &ReadOptions) -> Result<()> {
        let needed = schema.columns.time.iter().chain(&schema.columns.ids);
        for name in needed.filter(|name| table.has_column(name)) {
            if !self.has_column(name) {
                return Err(self.error(DataProblem::FutureColumnMissing {
                    column: name.clone(),
                    is_time: schema.columns.time.as_ref() == Some(name),
                    columns: self.columns.clone(),
                    similar: self.similar_column(name, table),
                    history: table.file.clone(),
                }));
            }
        }
        self.check_covariates(table, schema)?;
        self.check_times(table, schema, options)?;
        // The schema repeats the rows of the table if each of several columns is a series.
        let mut rows = (0..schema.values.len()).filter(|row| row % table.rows >= self.first_row);
        if let Some(row) = rows.find(|row| !schema.values[*row].is_nan()) {
            let (location, target, history) = (table.location(row), schema.columns.target.clone(), table.file.clone());
            return Err(self.error(DataProblem::FutureTarget { location, target, history }));
        }
        self.leave_out_series_without_history(table, schema)?;
        self.check_one_row_for_each_time(table, schema, options)
    }

    /// The column that probably is that of the first file, by its name or because it has the same words.
    fn similar_column(&self, name: &str, table: &Table) -> Option<String> {
        let of_name = closest_name(name, self.others.iter().map(|column| column.name.as_str()));
        let own = table.columns.iter().find(|column| column.name == name)?;
        let of_history: HashSet<Cow<'_, str>> = (0..self.first_row).filter_map(|row| own.cells.text(row)).collect();
        let is_word = |cell: &str| cell.chars().any(char::is_alphabetic);
        let has_same_words = |column: &&Column| {
            let mut cells = (0..column.cells.len()).map(|row| column.cells.text(row).unwrap_or_default());
            cells.len() > 0 && cells.all(|cell| is_word(&cell) && of_history.contains(&cell))
        };
        let of_words = || self.others.iter().find(has_same_words).map(|column| column.name.as_str());
        of_name.or_else(of_words).map(str::to_owned)
    }

    /// Refuses a file without any covariate, or with a similar column in place of one. The others may be known for the past
    /// only.
    fn check_covariates(&self, table: &Table, schema: &Schema) -> Result<()> {
        let covariates = || schema.covariates.iter().map(|covariate| &covariate.name);
        let without_digits = |name: &str| name.replace(|c: char| c.is_ascii_digit(), "");
        // x3 and x4 are two columns
        let are_numbered = |a: &str, b: &str| a.len() == b.len() && without_digits(a) == without_digits(b);
        let similar = |name: &String| {
            let others = self.others.iter().map(|column| column.name.as_str());
            closest_name(name, others.filter(|other| !are_numbered(name, other)))
        };
        let misspelt = covariates().find_map(|name| {
            let similar = if self.has_column(name) { None } else { similar(name) };
            similar.map(|similar| (name, Some(similar.to_owned())))
        });
        let has_any = covariates().any(|name| self.has_column(name));
        let missing = misspelt.or_else(|| covariates().next().filter(|_| !has_any).map(|name| (name, None)));
        let Some((column, similar)) = missing else { return Ok(()) };
        let (column, columns, history) = (column.clone(), self.columns.clone(), table.file.clone());
        Err(self.error(DataProblem::FutureCovariateMissing { column, columns, similar, history }))
    }

    /// Refuses rows without a time, or skips them with a notice as the options request. Empty rows are ignored.
    fn check_times(&self, table: &Table, schema: &mut Schema, options: &ReadOptions) -> Result<()> {
        let times = &schema.times;
        let has_no_time = |row: &usize| times.ticks[*row] == NO_TIME && !times.is_left_out(*row);
        let has_cell = |row: &usize| {
            let cells = table.columns.iter().map(|column| column.cells.text(*row));
            cells.flatten().any(|cell| !is_missing(&cell))
        };
        let rejected: RejectedRows = (self.first_row..table.rows).filter(has_no_time).filter(has_cell).collect();
        let Some(first) = rejected.first.first().map(|row| table.location(*row)) else { return Ok(()) };
        let can_be_skipped = !too_many_to_skip(rejected.count, table.rows - self.first_row);
        if can_be_skipped && options.bad_rows == BadRowPolicy::Skip {
            let (rows, first) = (rejected.count, first.in_future_file().unwrap_or(first));
            schema.notices.push(self.in_file(Notice::RowsWithoutTime { rows, first }));
            return Ok(());
        }
        Err(self.error(DataProblem::TimesMissing {
            column: schema.columns.time.clone().unwrap_or_default(),
            first: rejected.first.iter().map(|row| table.location(*row)).collect(),
            count: rejected.count,
            can_be_skipped,
            in_future: true,
        }))
    }

    /// Adds the name of the file to the notices of the schema that are about these rows.
    pub(crate) fn name_file_of(&self, notices: &mut [Notice]) {
        let is_of_future = |notice: &&mut Notice| matches!(notice, Notice::FutureDates | Notice::FutureGap { .. });
        for notice in notices.iter_mut().filter(is_of_future) {
            *notice = self.in_file(notice.clone());
        }
    }

    /// The name of the second file in messages.
    pub(crate) fn file(&self) -> &str {
        &self.file
    }

    /// Whether the second file has a covariate.
    pub(crate) fn has_column(&self, name: &str) -> bool {
        self.columns.iter().any(|column| column.eq_ignore_ascii_case(name))
    }

    /// Removes the values in the future of a covariate that the second file does not have, such as those of an indicator
    /// whose empty cells were filled.
    pub(crate) fn remove_unknown(&self, covariate: &mut CovariateColumn) {
        if !self.has_column(&covariate.name) {
            covariate.values[self.first_row..].fill(f64::NAN);
        }
    }

    /// Leaves out the series that the first file does not have. It may be a part of the series.
    ///
    /// # Errors
    /// If no series has a row in both files.
    fn leave_out_series_without_history(&self, table: &Table, schema: &mut Schema) -> Result<()> {
        let rows = || schema.groups.codes.iter().enumerate().map(|(row, code)| (row % table.rows, *code));
        let mut in_future = vec![false; schema.groups.count];
        rows().filter(|(row, _)| *row >= self.first_row).for_each(|(_, code)| in_future[code as usize] = true);
        let of_future = in_future.iter().filter(|is_in_future| **is_in_future).count();
        let (mut is_unknown, mut count) = (in_future, of_future);
        for (_, code) in rows().filter(|(row, _)| *row < self.first_row) {
            if count == 0 {
                break;
            }
            count -= usize::from(std::mem::take(&mut is_unknown[code as usize]));
        }
        if count == 0 {
            return Ok(());
        }
        let name = |code: u32| schema.keys[code as usize].join(" / ");
        let unknown: Vec<u32> =
            (0..).zip(is_unknown).filter(|(_, is_unknown)| *is_unknown).map(|(code, _)| code).collect();
        let first: Vec<String> = unknown.iter().take(MAX_LISTED).map(|code| name(*code)).collect();
        if count == of_future {
            let (history, known) = (table.file.clone(), name(schema.groups.codes[0]));
            return Err(self.error(DataProblem::FutureSeriesUnknown { first, count, history, known }));
        }
        schema.notices.push(self.in_file(Notice::SeriesOfFutureOnly { count, first }));
        schema.without_history = unknown.into_iter().collect();
        Ok(())
    }

    /// Refuses several rows of one series and time whose covariates differ, unless the options merge such rows. They are
    /// probably those of several series.
    fn check_one_row_for_each_time(&self, table: &Table, schema: &Schema, options: &ReadOptions) -> Result<()> {
        if !matches!(options.duplicates, DuplicatePolicy::Equal | DuplicatePolicy::Error) {
            return Ok(());
        }
        let key = |row: usize| (schema.groups.codes[row], schema.times.ticks[row]);
        let is_kept = |row: &usize| !schema.without_history.contains(&schema.groups.codes[*row]);
        for covariate in &schema.covariates {
            let mut first_rows: HashMap<(u32, i64), usize> = HashMap::new();
            let has_value = |row: &usize| !covariate.values[*row].is_nan() && schema.times.ticks[*row] != NO_TIME;
            for row in (self.first_row..table.rows).filter(is_kept).filter(has_value) {
                let first = *first_rows.entry(key(row)).or_insert(row);
                if (covariate.values[first] - covariate.values[row]).abs() > 0.0 {
                    let series = self.column_of_series(table, schema);
                    let problem = DataProblem::SeveralFutureRows {
                        time: Timestamp::from_ticks(schema.times.is_calendar, schema.times.ticks[row]).to_string(),
                        covariate: covariate.name.clone(),
                        locations: [first, row].map(|row| table.location(row)).to_vec(),
                        history: table.file.clone(),
                        series,
                    };
                    return Err(Error::data(table.file.clone(), problem));
                }
            }
        }
        Ok(())
    }

    /// A column without a role that tells the rows of one series and time apart, and whether the first file has it, too.
    fn column_of_series(&self, table: &Table, schema: &Schema) -> Option<(String, bool)> {
        let Columns { time, target, ids } = &schema.columns;
        let covariates = schema.covariates.iter().map(|own| &own.name);
        let with_role: Vec<&String> = time.iter().chain([target]).chain(ids).chain(covariates).collect();
        let tells_apart = |column: &Column, first: usize| {
            let mut known = HashSet::new();
            (self.first_row..table.rows).all(|row| {
                let cell = column.cells.text(row - first).unwrap_or_default().into_owned();
                // a measurement tells rows apart by chance
                let is_measurement = cell.parse::<f64>().is_ok_and(|number| number.fract().abs() > 0.0);
                !is_measurement && known.insert((schema.groups.codes[row], schema.times.ticks[row], cell))
            })
        };
        let of_both = table.columns.iter().filter(|column| !with_role.contains(&&column.name));
        let of_both = of_both.map(|column| (column, 0, true));
        let others = self.others.iter().map(|column| (column, self.first_row, false));
        let found = of_both.chain(others).find(|(column, first, _)| tells_apart(column, *first));
        found.map(|(column, _, is_in_history)| (column.name.clone(), is_in_history))
    }

    /// A notice about these rows, with the name of their file.
    pub(crate) fn in_file(&self, notice: Notice) -> Notice {
        in_file(&self.file, notice)
    }

    fn error(&self, problem: DataProblem) -> Error {
        Error::data(self.file.clone(), problem)
    }
}
