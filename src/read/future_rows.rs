//! A second file with the covariates of the future. Its rows are appended to those of the first file.

use std::collections::HashSet;

use crate::error::{DataProblem, Error, Result};
use crate::read::table::{Column, Table, join_cells};
use crate::read::{
    notice::Notice,
    parse::time_index::NO_TIME,
    schema::roles::{CovariateColumn, Schema},
};

/// The rows of the second file in the joined table.
pub(crate) struct FutureRows {
    file: String,
    columns: Vec<String>,
    /// The first of these rows.
    first_row: usize,
}

/// The table with the rows of `future` appended, matched by the names of the columns of the first table.
pub(crate) fn append(mut table: Table, future: Table) -> (Table, FutureRows) {
    let columns = future.column_names();
    for column in &mut table.columns {
        let is_same = |other: &&Column| other.name == column.name;
        let is_similar = |other: &&Column| other.name.eq_ignore_ascii_case(&column.name);
        let found = future.columns.iter().find(is_same).or_else(|| future.columns.iter().find(is_similar));
        column.cells = join_cells(&column.cells, found.map(|found| &found.cells), future.rows);
    }
    let (file, first_row) = (future.file, table.rows);
    table.locations.append(first_row, future.locations);
    table.rows += future.rows;
    let in_future = |notice: Notice| Notice::FutureRows { file: file.clone(), notice: Box::new(notice) };
    table.notices.extend(future.notices.into_iter().map(in_future));
    (table, FutureRows { file, columns, first_row })
}

impl FutureRows {
    /// Checks that the rows continue those of the first file.
    pub(crate) fn check(&self, table: &Table, schema: &Schema) -> Result<()> {
        let needed = schema.columns.time.iter().chain(&schema.columns.ids);
        for name in needed.filter(|name| table.has_column(name)) {
            if !self.has_column(name) {
                let columns = self.columns.join(", ");
                return Err(self.error(format!("no column \"{name}\" (the columns are: {columns})")));
            }
        }
        // The schema repeats the rows of the table if each of several columns is a series.
        let mut rows = (0..schema.values.len()).filter(|row| row % table.rows >= self.first_row);
        if let Some(row) = rows.clone().find(|row| schema.times.ticks[*row] == NO_TIME) {
            return Err(self.error(format!("{} has no time", table.location(row))));
        }
        if let Some(row) = rows.find(|row| !schema.values[*row].is_nan()) {
            let (location, target) = (table.location(row), &schema.columns.target);
            return Err(self.error(format!("{location} has a value of the target {target}")));
        }
        Ok(())
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

    /// The numbers of the series that the first file does not have.
    pub(crate) fn series_of_future_only(&self, table: &Table, schema: &Schema) -> HashSet<u32> {
        let rows = || schema.groups.codes.iter().enumerate();
        let known: HashSet<u32> =
            rows().filter(|(row, _)| row % table.rows < self.first_row).map(|(_, code)| *code).collect();
        rows().map(|(_, code)| *code).filter(|code| !known.contains(code)).collect()
    }

    fn error(&self, reason: String) -> Error {
        Error::data(self.file.clone(), DataProblem::InvalidFutureRows { reason })
    }
}
