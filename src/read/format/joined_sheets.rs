//! Sheets of a workbook with the same columns and different times, such as one for each year, as one table.

use std::collections::HashSet;

use crate::read::parse::time_index::likely_format;
use crate::read::table::{Table, is_missing};

/// A sheet: its name, its number in the workbook from 1 on, and its table.
pub(crate) type Sheet = (String, usize, Table);

/// The rows of the sheet at position `chosen`, and of all sheets with the same columns and other times, in the order of the
/// sheets. Also returns the names of the sheets whose rows these are. Rows of several sheets are located in their sheet.
pub(crate) fn join(sheets: Vec<Sheet>, chosen: usize) -> (Table, Vec<String>) {
    let mut known = sheets.get(chosen).map_or_else(HashSet::new, |(.., table)| times(table));
    let columns = sheets.get(chosen).map_or_else(Vec::new, |(.., table)| table.column_names());
    let mut kept: Vec<Sheet> = Vec::new();
    for (at, sheet) in sheets.into_iter().enumerate() {
        let own = times(&sheet.2);
        let continues = sheet.2.column_names() == columns && !own.is_empty() && known.is_disjoint(&own);
        if at == chosen || continues {
            known.extend(own);
            kept.push(sheet);
        }
    }
    if kept.len() > 1 {
        kept.iter_mut().for_each(|(_, number, table)| table.locations.of_sheet_number(*number));
    }
    let names = kept.iter().map(|(name, ..)| name.clone()).collect();
    let joined = kept.into_iter().map(|(.., table)| table).reduce(Table::with_rows_of);
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
