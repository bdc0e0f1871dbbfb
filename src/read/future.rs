//! A second file with rows of the future: the first one's rows go on with them, the target left empty.

use polars::prelude::StringChunked;

use crate::error::{Error, Result};
use crate::read::parse::time_index::NO_TIME;
use crate::read::schema::infer::Schema;
use crate::read::table::{Cells, Column, Places, Table};

/// What is known of the second file once its rows are the first one's.
#[derive(Debug)]
pub(crate) struct Future {
    name: String,
    columns: Vec<String>,
    /// The first row that is its own.
    from: usize,
}

/// Both tables in one, by the columns' names in the first.
pub(crate) fn appended(first: Table, second: Table) -> (Table, Future) {
    let future = Future {
        name: second.name.clone(),
        columns: second.columns.iter().map(|column| column.name.clone()).collect(),
        from: first.rows,
    };
    let joined = |column: &Column| {
        let same = |other: &&Column| other.name == column.name;
        let like = |other: &&Column| other.name.eq_ignore_ascii_case(&column.name);
        let found = second.columns.iter().find(same).or_else(|| second.columns.iter().find(like));
        let cells = together(&column.cells, found.map(|found| &found.cells), second.rows);
        Column { name: column.name.clone(), cells }
    };
    let columns = first.columns.iter().map(joined).collect();
    let places = Places::Both { first: Box::new(first.places), from: first.rows, second: Box::new(second.places) };
    let mut notices = first.notices;
    notices.extend(second.notices.iter().map(|notice| format!("{}: {notice}", second.name)));
    (Table { columns, rows: first.rows + second.rows, places, notices, ..first }, future)
}

/// The cells of both, as text unless both are typed alike; empty where the second file has no such column.
fn together(first: &Cells, second: Option<&Cells>, rows: usize) -> Cells {
    match (first, second) {
        (Cells::Integers(one), Some(Cells::Integers(other))) => Cells::Integers([one.as_slice(), other].concat()),
        (Cells::Numbers(one), Some(Cells::Numbers(other))) => Cells::Numbers([one.as_slice(), other].concat()),
        (Cells::Integers(one), None) => Cells::Integers([one.as_slice(), &vec![None; rows]].concat()),
        (Cells::Numbers(one), None) => Cells::Numbers([one.as_slice(), &vec![f64::NAN; rows]].concat()),
        (Cells::Times { ticks, zone, finer }, Some(Cells::Times { ticks: others, zone: other, finer: finest }))
            if zone == other =>
        {
            let ticks = [ticks.as_slice(), others].concat();
            Cells::Times { ticks, zone: zone.clone(), finer: *finer || *finest }
        }
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

impl Future {
    /// Whether its rows fit those before them.
    ///
    /// # Errors
    /// If it lacks the time or an id, has a row without a time, or one with a value of the target.
    pub(crate) fn check(&self, table: &Table, roles: &Schema) -> Result<()> {
        let needed = roles.columns.time.iter().chain(&roles.columns.ids);
        let in_file = needed.filter(|name| table.columns.iter().any(|column| column.name == **name));
        for name in in_file {
            if !self.columns.iter().any(|column| column.eq_ignore_ascii_case(name)) {
                return Err(self.bad(format!("no column \"{name}\" (there are: {})", self.columns.join(", "))));
            }
        }
        let own = |row: &usize| row % table.rows >= self.from;
        let rows = 0..roles.values.len();
        if let Some(row) = rows.clone().filter(own).find(|row| roles.axis.ticks[*row] == NO_TIME) {
            return Err(self.bad(format!("{} has no time", table.places.of(row % table.rows))));
        }
        match rows.filter(own).find(|row| !roles.values[*row].is_nan()) {
            Some(row) => {
                let (place, target) = (table.places.of(row % table.rows), &roles.columns.target);
                Err(self.bad(format!("{place} has a value of {target}, which is what is to be forecast")))
            }
            None => Ok(()),
        }
    }

    fn bad(&self, reason: String) -> Error {
        Error::BadFuture { name: self.name.clone(), reason }
    }
}
