//! The table that rows of JSON add up to. Its columns are in the order in which they first occur.

use std::collections::HashMap;

use polars::prelude::{PlSmallStr, StringChunkedBuilder};

use crate::error::DataProblem;
use crate::read::format::json_row::{Cell, Nested, Row};
use crate::read::notice::Notice;
use crate::read::row_locations::RowLocations;
use crate::read::table::{Cells, Column, Table};

/// The cells that a table may have for each value, if it has more than [`ALWAYS_FEW_CELLS`]. Cells without a value take
/// memory, so that a short text with another column in each row would fill it.
const MAX_CELLS_PER_VALUE: usize = 16;
const ALWAYS_FEW_CELLS: usize = 1 << 20;

/// The columns so far, and their number of rows.
#[derive(Default)]
pub(super) struct TableBuilder {
    columns: Vec<ColumnBuilder>,
    pub(super) rows: usize,
    position_of: HashMap<String, usize>,
    /// The values of all rows, of which some may be null.
    values: usize,
    /// The number of rows that were added or refused.
    pushes: usize,
    /// The columns of the members of a row.
    positions: Vec<usize>,
    /// The text of a number.
    number: String,
}

pub(super) struct ColumnBuilder {
    name: String,
    cells: StringChunkedBuilder,
    length: usize,
    has_json_numbers: bool,
    /// What some of its rows have in place of a cell.
    nested: Option<Nested>,
    /// The last row that has this column, by the number of its push.
    last_push: usize,
}

impl ColumnBuilder {
    pub(super) fn new(name: String) -> Self {
        let cells = StringChunkedBuilder::new(PlSmallStr::EMPTY, 0);
        Self { name, cells, length: 0, has_json_numbers: false, nested: None, last_push: 0 }
    }

    /// Adds the cell of a row. Rows before it without a cell get an empty one.
    pub(super) fn push(&mut self, row: usize, cell: &Cell<'_>, number: &mut String) {
        match cell {
            Cell::Nested(nested) => self.nested = self.nested.or(Some(*nested)),
            Cell::List(_) => self.nested = self.nested.or(Some(Nested::List)),
            Cell::Number(_) => self.has_json_numbers = true,
            Cell::Null | Cell::Text(_) => {}
        }
        self.pad(row);
        self.cells.append_option(cell.text(number));
        self.length += 1;
    }

    /// Adds empty cells up to a number of rows.
    fn pad(&mut self, rows: usize) {
        (self.length..rows).for_each(|_| self.cells.append_null());
        self.length = self.length.max(rows);
    }

    /// The column, or a notice that it has no cells.
    fn build(mut self, rows: usize) -> Result<Column, Notice> {
        if let Some(nested) = self.nested {
            return Err(Notice::UnsupportedColumnType { column: self.name, data_type: nested.name().to_owned() });
        }
        self.pad(rows);
        let Self { name, cells, has_json_numbers, .. } = self;
        Ok(Column { name, cells: Cells::Text(cells.finish()), has_json_numbers })
    }
}

impl TableBuilder {
    pub(super) fn of_columns(columns: Vec<ColumnBuilder>, rows: usize) -> Self {
        Self { columns, rows, ..Self::default() }
    }

    /// Adds a row. One with two members of a name, and rows with too many different columns are refused.
    pub(super) fn push(&mut self, row: &Row<'_>) -> Result<(), DataProblem> {
        let known = self.columns.len();
        self.pushes += 1;
        self.positions.clear();
        for (place, (name, _)) in row.iter().enumerate() {
            let at = self.position(place, name);
            if self.columns[at].last_push == self.pushes {
                self.columns.drain(known..).for_each(|column| _ = self.position_of.remove(&column.name));
                return Err(DataProblem::RepeatedColumn { column: name.clone().into_owned() });
            }
            self.columns[at].last_push = self.pushes;
            self.positions.push(at);
        }
        self.values += row.len();
        self.check_cells(self.rows + 1)?;
        for (at, (_, cell)) in self.positions.iter().zip(row) {
            self.columns[*at].push(self.rows, cell, &mut self.number);
        }
        self.rows += 1;
        Ok(())
    }

    /// The column of a member, which is mostly at the same place in all rows.
    fn position(&mut self, place: usize, name: &str) -> usize {
        if self.columns.get(place).is_some_and(|column| column.name == name) {
            return place;
        }
        if let Some(at) = self.position_of.get(name) {
            return *at;
        }
        self.position_of.insert(name.to_owned(), self.columns.len());
        self.columns.push(ColumnBuilder::new(name.to_owned()));
        self.columns.len() - 1
    }

    fn check_cells(&self, rows: usize) -> Result<(), DataProblem> {
        let (columns, values) = (self.columns.len(), self.values);
        let most = values.saturating_mul(MAX_CELLS_PER_VALUE).max(ALWAYS_FEW_CELLS);
        if rows.saturating_mul(columns) > most {
            return Err(DataProblem::MostlyEmpty { rows, columns, values });
        }
        Ok(())
    }

    pub(super) fn build(self, file: &str, locations: RowLocations) -> Table {
        let rows = self.rows;
        let (mut columns, mut notices) = (Vec::new(), Vec::new());
        for column in self.columns {
            match column.build(rows) {
                Ok(column) => columns.push(column),
                Err(notice) => notices.push(notice),
            }
        }
        Table { file: file.into(), columns, rows, locations, notices, ..Table::default() }
    }
}
