//! Lines of properties of the columns above the rows, such as `Title`, `Unit` and `Source`, with their names in the first
//! cell. One of them names the columns.

use crate::read::format::delimited::Record;
use crate::read::format::header::{Header, are_distinct, combined, filled};
use crate::read::format::row_pattern::CellKind;
use crate::read::parse::{century::CenturyWindow, date_format::DateFormat};

/// The maximum number of lines.
const MAX_LINES: usize = 20;
/// Names of properties that name a column, in lower case, letters only.
#[rustfmt::skip]
const TITLES: [&str; 14] = [
    "title", "name", "seriesname", "seriestitle", "label", "description", "variable", "indicator", "titel",
    "bezeichnung", "título", "titre", "libellé", "titolo",
];
/// Names of properties that identify a column by a code.
#[rustfmt::skip]
const CODES: [&str; 12] = [
    "seriesid", "id", "series", "seriescode", "code", "cdid", "mnemonic", "ticker", "symbol", "identifier", "idbank",
    "serieskey",
];
/// Names of properties that name neither a column nor the times below them.
#[rustfmt::skip]
const PROPERTIES: [&str; 55] = [
    "unit", "units", "unitofmeasure", "unitmultiplier", "unitmult", "multiplier", "preunit", "scale", "magnitude",
    "currency", "frequency", "freq", "type", "seriestype", "datatype", "source", "sources", "sourcedatasetid",
    "publicationdate", "releasedate", "nextrelease", "lastupdate", "lastupdated", "updated", "decimals", "base",
    "baseyear", "baseperiod", "seasonaladjustment", "adjustment", "status", "note", "notes", "importantnotes",
    "comment", "comments", "footnote", "footnotes", "collectionmonth", "seriesstart", "seriesend", "start", "end",
    "noobs", "dataset", "einheit", "quelle", "stand", "währung", "unité", "unidad", "fuente", "fonte", "enhet",
    "dernièremiseàjour",
];

/// The name of a property in lower case, letters only.
fn label(cell: &str) -> String {
    cell.to_lowercase().chars().filter(|c| c.is_alphabetic()).collect()
}

/// The header of rows whose first column has times, if the last line above them is a property that does not name it. A line
/// with the name of the times alone may be between them. `None` if no line tells the columns apart.
pub(crate) fn header(records: &[Record<'_>], has_gap: &[bool], first_row: usize, columns: usize) -> Option<Header> {
    let first_time = records.get(first_row)?.cells().into_iter().next()?;
    let is_year = || DateFormat::Year.parse(&first_time, CenturyWindow::DEFAULT).is_some();
    if columns < 2 || !(CellKind::of(&first_time) == CellKind::Date || is_year()) {
        return None;
    }
    // a line without the cells of flags is shorter than the rows
    let is_line = |at: &usize| (2..=columns).contains(&records[*at].fields().count()) && !has_gap[at + 1];
    let first = (0..first_row).rev().take(MAX_LINES).take_while(is_line).last()?;
    let width = |at: usize| records[first + at].fields().count();
    let padded = |at: usize| {
        let mut cells = records[at].cells();
        cells.resize(columns, String::new());
        cells
    };
    let lines: Vec<Vec<String>> = (first..first_row).map(padded).collect();
    let (last, above) = lines.split_last()?;
    let is_property = PROPERTIES.contains(&label(&last[0]).as_str());
    let is_name_of_times = !last[0].is_empty() && !is_property && last[1..].iter().all(String::is_empty);
    let name = if is_name_of_times { Some(last[0].clone()) } else { None };
    let lines = if is_name_of_times { above } else { &lines };
    let of_lines: Vec<String> = lines.iter().map(|cells| label(&cells[0])).collect();
    let is = |at: usize, names: &[&str]| names.contains(&of_lines[at].as_str());
    is(lines.len().checked_sub(1)?, &PROPERTIES).then_some(())?;
    let may_name = |at: &usize| {
        let is_name =
            |cell: &String| matches!(CellKind::of(cell), CellKind::Text | CellKind::Missing) || is(*at, &CODES);
        let is_known = width(*at) == columns || is(*at, &TITLES) || is(*at, &CODES);
        is_known && !is(*at, &PROPERTIES) && filled(&lines[*at][1..]) > 0 && lines[*at][1..].iter().all(is_name)
    };
    let rank = |at: &usize| if is(*at, &TITLES) { 0 } else { 1 + usize::from(!is(*at, &CODES)) };
    let named: Vec<usize> = (0..lines.len()).filter(may_name).collect();
    let distinct = named.iter().copied().filter(|at| are_distinct(&lines[*at][1..]));
    let best = distinct.min_by_key(|at| (columns - filled(&lines[*at]), rank(at)));
    let (naming, cells) = if let Some(at) = best {
        (at, lines[at].clone())
    } else {
        let last_named = *named.last()?;
        let upper = named.iter().rev().skip(1);
        let all = upper.fold(lines[last_named].clone(), |lower, at| combined(&lines[*at], &lower));
        are_distinct(&all[1..]).then_some((last_named, all))?
    };
    // The first cell may name the property, or the column of times.
    let is_of_property = cells[0].is_empty() || is(naming, &TITLES) || is(naming, &CODES);
    let of_times = name.unwrap_or_else(|| if is_of_property { "time".to_owned() } else { cells[0].clone() });
    let cells = std::iter::once(of_times).chain(cells[1..].iter().cloned()).collect();
    Some(Header { first: first + naming, below: (first + naming + 1..first_row).collect(), cells })
}
