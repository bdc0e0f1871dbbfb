//! Sheets of a workbook with the same columns and different times, such as one for each year, as one table.

use std::collections::HashSet;

use crate::read::parse::time_index::likely_format;
use crate::read::table::{Table, is_missing};

/// The rows of the sheet at position `chosen`, and of all sheets with the same columns and other times, in the order of the
/// sheets. Also returns the names of the sheets whose rows these are.
pub(crate) fn join(sheets: Vec<(String, Table)>, chosen: usize) -> (Table, Vec<String>) {
    let mut known = sheets.get(chosen).map_or_else(HashSet::new, |(_, table)| times(table));
    let columns = sheets.get(chosen).map_or_else(Vec::new, |(_, table)| table.column_names());
    let mut joined: Option<Table> = None;
    let mut names = Vec::new();
    for (at, (name, table)) in sheets.into_iter().enumerate() {
        let own = times(&table);
        let continues = table.column_names() == columns && !own.is_empty() && known.is_disjoint(&own);
        if at == chosen || continues {
            known.extend(own);
            names.push(name);
            joined = Some(match joined {
                Some(before) => before.with_rows_of(table),
                None => table,
            });
        }
    }
    (joined.unwrap_or_default(), names)
}

/// The cells of the first column of dates; none if there is no such column.
fn times(table: &Table) -> HashSet<String> {
    const MIN_SHARE: f64 = 0.9;
    let are_dates = |sample: &[String]| {
        likely_format(sample).is_some_and(|(format, share)| share >= MIN_SHARE && !format.is_number())
    };
    let column = table.columns.iter().find(|column| are_dates(&column.cells.sample()));
    let mut times = HashSet::new();
    if let Some(column) = column {
        column.cells.for_each(|_, cell| times.extend(cell.filter(|cell| !is_missing(cell)).map(str::to_owned)));
    }
    times
}
