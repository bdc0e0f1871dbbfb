//! The table, the options and the column profiles from which the roles of columns are inferred.

use crate::error::data_problem::{DataProblem, Setting};
use crate::error::location::Rejected;
use crate::error::{Error, Result, closest_name};
use crate::read::notice::Notice;
use crate::read::options::ReadOptions;
use crate::read::parse::number::Decimal;
use crate::read::parse::number_column::NumberError;
use crate::read::schema::profile::ColumnProfile;
use crate::read::table::{RejectedRows, Table};

/// A table with a profile of each column.
pub(crate) struct ColumnInference<'a> {
    pub(crate) table: &'a Table,
    pub(crate) options: &'a ReadOptions,
    pub(crate) decimal: Decimal,
    pub(crate) samples: Vec<Vec<String>>,
    pub(crate) profiles: Vec<ColumnProfile>,
}

impl<'a> ColumnInference<'a> {
    /// The profiles of the columns of a table, and a notice if the decimal mark is not certain.
    pub(crate) fn new(table: &'a Table, options: &'a ReadOptions) -> (Self, Option<Notice>) {
        let samples = table.samples();
        let (inferred, notice) = Decimal::infer(table, &samples);
        let decimal = options.decimal.unwrap_or(inferred);
        let columns = table.columns.iter().zip(&samples);
        let profiles = columns.map(|(column, sample)| ColumnProfile::new(column, sample, decimal)).collect();
        (Self { table, options, decimal, samples, profiles }, notice.filter(|_| options.decimal.is_none()))
    }

    pub(crate) fn columns(&self) -> std::ops::Range<usize> {
        0..self.profiles.len()
    }

    pub(crate) fn name(&self, at: usize) -> String {
        self.table.columns[at].name.clone()
    }

    /// The column with a name that a setting gives. If no name is equal, letter case does not matter.
    pub(crate) fn find(&self, name: &str, setting: Setting) -> Result<usize> {
        let columns = &self.table.columns;
        let exact = columns.iter().position(|column| column.name == name);
        let found = exact.or_else(|| columns.iter().position(|column| column.name.eq_ignore_ascii_case(name)));
        found.ok_or_else(|| {
            self.table.error(DataProblem::ColumnNotFound {
                column: name.into(),
                setting,
                similar: closest_name(name, columns.iter().map(|column| column.name.as_str())).map(str::to_owned),
                columns: self.table.column_names(),
            })
        })
    }

    pub(crate) fn find_all(&self, names: &[String], setting: Setting) -> Result<Vec<usize>> {
        names.iter().map(|name| self.find(name, setting)).collect()
    }

    /// Whether a setting names all columns by the word `all`. A column may have this name.
    pub(crate) fn means_all(&self, names: &[String]) -> bool {
        names == ["all"] && !self.table.has_column("all")
    }

    /// The column that is most likely the time, without those in `taken`.
    pub(crate) fn likely_time(&self, taken: &[usize]) -> Option<usize> {
        let free = self.columns().filter(|at| !taken.contains(at));
        let scored = free.filter_map(|at| Some((self.profiles[at].time_score()?, at)));
        scored.rev().max_by_key(|(score, _)| *score).map(|(_, at)| at)
    }

    pub(crate) fn may_be_target(&self, at: usize) -> bool {
        let profile = &self.profiles[at];
        profile.is_number() && !profile.is_sure_id() && !profile.is_row_number()
    }

    /// Whether a column has only 0 and 1.
    pub(crate) fn is_flag(&self, at: usize) -> bool {
        let is_flag = |cell: &String| self.decimal.parse(cell).is_some_and(|number| [0.0, 1.0].contains(&number));
        self.samples[at].iter().all(is_flag)
    }

    pub(crate) fn rejected_cells(&self, column: usize, rejected: &RejectedRows) -> Rejected {
        let cells = &self.table.columns[column].cells;
        let values = rejected.first.iter().map(|row| cells.text(*row).unwrap_or_default());
        let locations = rejected.first.iter().map(|row| self.table.locations.of(*row));
        Rejected { first: locations.zip(values).collect(), count: rejected.count }
    }

    pub(crate) fn number_error(&self, at: usize, error: NumberError) -> Error {
        let column = self.name(at);
        self.table.error(match error {
            NumberError::Cells(rejected) => {
                DataProblem::InvalidNumbers { column, cells: self.rejected_cells(at, &rejected) }
            }
            NumberError::Units(one, other) => {
                let cells = &self.table.columns[at].cells;
                let cell = |row| (self.table.locations.of(row), cells.text(row).unwrap_or_default());
                DataProblem::MixedUnits { column, one: cell(one), other: cell(other) }
            }
        })
    }

    pub(crate) fn invalid_times(&self, at: usize, rejected: &RejectedRows) -> Error {
        let cells = self.rejected_cells(at, rejected);
        self.table.error(DataProblem::InvalidTimes { column: self.name(at), cells })
    }
}
