//! Lines of properties of the columns above the rows, such as `Title`, `Unit` and `Source`, with their names in the first
//! cell. One of them names the columns.

use crate::read::format::delimited::Record;
use crate::read::format::header::{Header, are_distinct, combined, filled};
use crate::read::format::row_pattern::{CellKind, kinds};
use crate::read::parse::{date_format::DateFormat, format_search::likely_format};

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
const PROPERTIES: [&str; 62] = [
    "unit", "units", "unitofmeasure", "unitmultiplier", "unitmult", "multiplier", "preunit", "scale", "magnitude",
    "currency", "frequency", "freq", "type", "seriestype", "datatype", "source", "sources", "sourcedatasetid",
    "publicationdate", "releasedate", "nextrelease", "lastupdate", "lastupdated", "updated", "decimals", "base",
    "baseyear", "baseperiod", "seasonaladjustment", "adjustment", "status", "note", "notes", "importantnotes",
    "comment", "comments", "footnote", "footnotes", "collectionmonth", "seriesstart", "seriesend", "start", "end",
    "noobs", "dataset", "einheit", "quelle", "stand", "währung", "unité", "unidad", "fuente", "fonte", "enhet",
    "dernièremiseàjour", "release", "vintage", "decimalplaces", "precision", "digits", "dezimalstellen", "décimales",
];

/// The name of a property in lower case, letters only.
fn label(cell: &str) -> String {
    cell.to_lowercase().chars().filter(|c| c.is_alphabetic()).collect()
}

/// Whether the first cell of a line is the name of a property.
pub(crate) fn has_name_of_property(cells: &[String]) -> bool {
    let label = cells.first().map(|cell| label(cell)).unwrap_or_default();
    [PROPERTIES.as_slice(), &TITLES, &CODES].iter().any(|names| names.contains(&label.as_str()))
}

/// A line above the rows, with a cell for each column.
struct Line {
    /// The name of its property, as [`label`] has it.
    label: String,
    cells: Vec<String>,
    /// Whether it has as many cells as the rows. Lines without the cells of flags have fewer.
    is_whole: bool,
}

impl Line {
    fn of(record: &Record<'_>, columns: usize) -> Self {
        let mut cells = record.cells();
        let is_whole = cells.len() == columns;
        cells.resize(columns, String::new());
        Self { label: label(&cells[0]), cells, is_whole }
    }

    fn is(&self, names: &[&str]) -> bool {
        names.contains(&self.label.as_str())
    }

    /// The cells of the columns with values.
    fn values(&self) -> &[String] {
        &self.cells[1..]
    }

    /// Whether it has the name of the times alone.
    fn is_name_of_times(&self) -> bool {
        !self.cells[0].is_empty() && !self.is(&PROPERTIES) && filled(self.values()) == 0
    }

    /// Whether it may name the columns.
    fn may_name(&self) -> bool {
        let is_name =
            |cell: &String| matches!(CellKind::of(cell), CellKind::Text | CellKind::Missing) || self.is(&CODES);
        let is_known = self.is_whole || self.is(&TITLES) || self.is(&CODES);
        is_known && !self.is(&PROPERTIES) && filled(self.values()) > 0 && self.values().iter().all(is_name)
    }

    /// Whether its cells are names of text that tell the columns apart.
    fn has_distinct_names(&self) -> bool {
        are_distinct(self.values()) && kinds(self.values()).iter().all(|kind| *kind == CellKind::Text)
    }

    /// Whether its name of a property, if there is one, is text.
    fn has_label(&self) -> bool {
        self.is_whole && matches!(CellKind::of(&self.cells[0]), CellKind::Text | CellKind::Missing)
    }

    /// Whether its cells are numbers, dates or missing, and whether any is present.
    fn has_values_only(&self) -> (bool, bool) {
        // `03.01.2024 15:58 Uhr` is a value, too
        let is_value = |cell: &String| {
            let first = cell.split(' ').next().unwrap_or_default();
            [cell, first].into_iter().any(|text| matches!(CellKind::of(text), CellKind::Number | CellKind::Date))
        };
        let is_allowed = |cell: &String| is_value(cell) || CellKind::of(cell) == CellKind::Missing;
        (self.values().iter().all(is_allowed), self.values().iter().any(is_value))
    }
}

/// Whether a cell is a time, which may be a year or another date without a separator.
fn is_time(cell: &str) -> bool {
    likely_format(&[cell.to_owned()]).is_some_and(|(format, _)| {
        !matches!(format, DateFormat::Index | DateFormat::SpreadsheetDay | DateFormat::Epoch { .. })
    })
}

/// The header of rows whose first column has times, below lines of properties. A line with the name of the times alone may
/// be between them. `None` if the last line is no property, or no line tells the columns apart.
pub(crate) fn header(records: &[Record<'_>], has_gap: &[bool], first_row: usize, columns: usize) -> Option<Header> {
    let first_time = records.get(first_row)?.cells().into_iter().next()?;
    if columns < 2 || !is_time(&first_time) {
        return None;
    }
    let is_line = |at: &usize| (2..=columns).contains(&records[*at].fields().count()) && !has_gap[at + 1];
    let first = (0..first_row).rev().take(MAX_LINES).take_while(is_line).last()?;
    let all: Vec<Line> = records[first..first_row].iter().map(|record| Line::of(record, columns)).collect();
    let (last, above) = all.split_last()?;
    let below_properties = || last.is_name_of_times().then(|| naming_line(above)).flatten();
    let (of_times, (naming, cells)) = match below_properties() {
        Some(found) => (Some(last.cells[0].clone()), found),
        None => (None, naming_line(&all)?),
    };
    // The first cell may name the property, or the column of times.
    let line = &all[naming];
    let is_of_property = cells[0].is_empty() || line.is(&TITLES) || line.is(&CODES) || has_shape(&all[naming..]);
    let of_times = of_times.unwrap_or_else(|| if is_of_property { "time".to_owned() } else { cells[0].clone() });
    let cells = std::iter::once(of_times).chain(cells[1..].iter().cloned()).collect();
    Some(Header { first: first + naming, below: (first + naming + 1..first_row).collect(), cells })
}

/// The line that names the columns best, and its cells. If no line alone tells the columns apart, all together do. `None` if
/// the last line is no property, or if no line names the columns.
fn naming_line(lines: &[Line]) -> Option<(usize, Vec<String>)> {
    let of_shape = (0..lines.len()).find(|at| has_shape(&lines[*at..]));
    let (last, above) = lines.split_last()?;
    // numbers that identify the columns do not name them below a title
    let are_codes = || last.is(&CODES) && last.has_values_only() == (true, true);
    let is_below_title = || above.iter().any(|line| line.is(&TITLES) && line.has_distinct_names());
    if !last.is(&PROPERTIES) && of_shape.is_none() && !(are_codes() && is_below_title()) {
        return None;
    }
    let rank = |line: &Line| if line.is(&TITLES) { 0 } else { 1 + usize::from(!line.is(&CODES)) };
    let named: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].may_name()).collect();
    let distinct = named.iter().copied().filter(|at| are_distinct(lines[*at].values()));
    let best = distinct.min_by_key(|at| (usize::MAX - filled(&lines[*at].cells), rank(&lines[*at])));
    if let Some(at) = best.or(of_shape) {
        return Some((at, lines[at].cells.clone()));
    }
    let last_named = *named.last()?;
    let upper = named.iter().rev().skip(1);
    let all = upper.fold(lines[last_named].cells.clone(), |lower, at| combined(&lines[*at].cells, &lower));
    are_distinct(&all[1..]).then_some((last_named, all))
}

/// Whether lines are properties by their shape, whatever their names are. The first line has text that tells the columns
/// apart, and the last line has values in place of names.
fn has_shape(lines: &[Line]) -> bool {
    const MIN_LINES: usize = 3;
    const MIN_LABELS: usize = 2;
    let [first, .., last] = lines else { return false };
    let (has_values_only, has_values) = last.has_values_only();
    let labels: Vec<String> = lines.iter().map(|line| line.cells[0].clone()).collect();
    // the name of the times may stand alone above two columns
    has_values_only
        && (has_values || last.cells.len() == 2)
        && lines.len() >= MIN_LINES + usize::from(!has_values)
        && lines.iter().all(Line::has_label)
        && filled(&labels) >= MIN_LABELS
        && are_distinct(&labels)
        && first.has_distinct_names()
}
