//! Sheets of a workbook with the same columns and different times, such as one for each year, as one table.

use std::collections::HashSet;

use crate::read::parse::format_search::likely_format;
use crate::read::table::{Table, is_missing};

/// A sheet: its name, its number in the workbook from 1 on, and its table.
pub(crate) type Sheet = (String, usize, Table);

/// Sheets as one table.
#[derive(Debug)]
pub(crate) struct JoinedSheets {
    pub(crate) table: Table,
    /// The names of the sheets whose rows it has.
    pub(crate) names: Vec<String>,
    /// The first other sheet with a table of the same or similar columns, and why it is left out.
    pub(crate) apart: Option<String>,
}

/// The rows of the sheet at position `chosen`, and of all sheets with the same columns and other times, in the order of the
/// sheets. Rows of several sheets are located in their sheet.
pub(crate) fn join(sheets: Vec<Sheet>, chosen: usize) -> JoinedSheets {
    let mut known = sheets.get(chosen).map_or_else(HashSet::new, |(.., table)| times(table));
    let columns = sheets.get(chosen).map_or_else(Vec::new, |(.., table)| table.column_names());
    let (mut kept, mut apart): (Vec<Sheet>, Option<String>) = (Vec::new(), None);
    for (at, sheet) in sheets.into_iter().enumerate() {
        let own = times(&sheet.2);
        let own_columns = sheet.2.column_names();
        let continues = own_columns == columns && !own.is_empty() && known.is_disjoint(&own);
        if at == chosen || continues {
            known.extend(own);
            kept.push(sheet);
            continue;
        }
        let shared = own_columns.iter().filter(|name| columns.contains(name)).count();
        let why = match own.iter().filter(|time| known.contains(*time)).min() {
            _ if shared < 2 || own.is_empty() => None,
            Some(time) if own_columns == columns => Some(format!("also has a row at {time}")),
            _ => own_columns.iter().find(|name| !columns.contains(name)).map(|name| format!("has a column {name}")),
        };
        apart = apart.or(why.map(|why| format!("{} {why}", sheet.0)));
    }
    if kept.len() > 1 {
        kept.iter_mut().for_each(|(_, number, table)| table.locations.of_sheet_number(*number));
    }
    let names = kept.iter().map(|(name, ..)| name.clone()).collect();
    let joined = kept.into_iter().map(|(.., table)| table).reduce(Table::with_rows_of);
    JoinedSheets { table: joined.unwrap_or_default(), names, apart }
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
