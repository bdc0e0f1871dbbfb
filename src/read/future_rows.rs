//! A second file with the covariates of the future. Its rows are appended to those of the first file.

use polars::prelude::StringChunked;

use crate::error::data_problem::DataProblem;
use crate::error::{Error, Result};
use crate::read::notice::Notice;
use crate::read::parse::time_index::NO_TIME;
use crate::read::row_locations::RowLocations;
use crate::read::schema::roles::Schema;
use crate::read::table::{Cells, Column, Table};

/// The rows of the second file in the joined table.
#[derive(Debug)]
pub(crate) struct FutureRows {
    file: String,
    columns: Vec<String>,
    /// The first of these rows.
    first_row: usize,
}

/// The table with the rows of `future` appended, matched by the names of the columns of the first table.
pub(crate) fn append(table: Table, future: Table) -> (Table, FutureRows) {
    let future_rows = FutureRows { file: future.file.clone(), columns: future.column_names(), first_row: table.rows };
    let join = |column: &Column| {
        let is_same = |other: &&Column| other.name == column.name;
        let is_similar = |other: &&Column| other.name.eq_ignore_ascii_case(&column.name);
        let found = future.columns.iter().find(is_same).or_else(|| future.columns.iter().find(is_similar));
        let cells = join_cells(&column.cells, found.map(|found| &found.cells), future.rows);
        Column { name: column.name.clone(), cells }
    };
    let columns = table.columns.iter().map(join).collect();
    let locations =
        RowLocations::Both { first: Box::new(table.locations), from: table.rows, second: Box::new(future.locations) };
    let mut notices = table.notices;
    let in_future = |notice: Notice| Notice::FutureRows { file: future.file.clone(), notice: Box::new(notice) };
    notices.extend(future.notices.into_iter().map(in_future));
    (Table { columns, rows: table.rows + future.rows, locations, notices, ..table }, future_rows)
}

/// The cells of both tables. They become text if their types differ. Cells of a column that the second table lacks are null.
fn join_cells(first: &Cells, second: Option<&Cells>, rows: usize) -> Cells {
    match (first, second) {
        (Cells::Integers(one), Some(Cells::Integers(other))) => Cells::Integers([one.as_slice(), other].concat()),
        (Cells::Numbers(one), Some(Cells::Numbers(other))) => Cells::Numbers([one.as_slice(), other].concat()),
        (Cells::Integers(one), None) => Cells::Integers([one.as_slice(), &vec![None; rows]].concat()),
        (Cells::Numbers(one), None) => Cells::Numbers([one.as_slice(), &vec![f64::NAN; rows]].concat()),
        (
            Cells::Times { ticks, zone, has_subseconds },
            Some(Cells::Times { ticks: others, zone: other_zone, has_subseconds: others_have_subseconds }),
        ) if zone == other_zone => Cells::Times {
            ticks: [ticks.as_slice(), others].concat(),
            zone: zone.clone(),
            has_subseconds: *has_subseconds || *others_have_subseconds,
        },
        _ => {
            let mut all: Vec<Option<String>> = Vec::with_capacity(first.len() + rows);
            first.for_each(|_, cell| all.push(cell.map(str::to_owned)));
            match second {
                Some(second) => second.for_each(|_, cell| all.push(cell.map(str::to_owned))),
                None => all.resize(first.len() + rows, None),
            }
            let cells: StringChunked = all.into_iter().collect();
            Cells::Text(cells)
        }
    }
}

impl FutureRows {
    /// Checks that the rows continue those of the first file.
    pub(crate) fn check(&self, table: &Table, schema: &Schema) -> Result<()> {
        let needed = schema.columns.time.iter().chain(&schema.columns.ids);
        for name in needed.filter(|name| table.has_column(name)) {
            if !self.columns.iter().any(|column| column.eq_ignore_ascii_case(name)) {
                let columns = self.columns.join(", ");
                return Err(self.error(format!("no column \"{name}\" (the columns are: {columns})")));
            }
        }
        let is_future = |row: &usize| row % table.rows >= self.first_row;
        let rows = 0..schema.values.len();
        let location = |row: usize| table.locations.of(row % table.rows);
        if let Some(row) = rows.clone().filter(is_future).find(|row| schema.times.ticks[*row] == NO_TIME) {
            return Err(self.error(format!("{} has no time", location(row))));
        }
        match rows.filter(is_future).find(|row| !schema.values[*row].is_nan()) {
            Some(row) => {
                let target = &schema.columns.target;
                Err(self.error(format!("{} has a value of the target {target}", location(row))))
            }
            None => Ok(()),
        }
    }

    fn error(&self, reason: String) -> Error {
        Error::data(self.file.clone(), DataProblem::InvalidFutureRows { reason })
    }
}
