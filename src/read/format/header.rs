//! The header of a table, which may have several lines, and lines between it and the rows.

use std::collections::HashSet;

use crate::read::format::delimited::Record;
use crate::read::format::row_pattern::{CellKind, kinds};
use crate::read::parse::total_words::is_total;
use crate::read::parse::{century::CenturyWindow, date_format::DateFormat};

/// The lines of a header, as positions in the records above the rows, and the names of the columns.
pub(crate) struct Header {
    /// The first of its lines.
    pub(crate) first: usize,
    /// The lines of units and the like below the names.
    pub(crate) below: Vec<usize>,
    /// The cells with the names.
    pub(crate) cells: Vec<String>,
}

/// The maximum number of lines of a header.
const MAX_LINES: usize = 4;

/// The header of rows that start at record `first_row`, whose table has `columns` columns, some of which have values.
/// `has_gap` is whether blank lines are before a record. `None` if the records above are not a header.
pub(crate) fn above(
    records: &[Record<'_>],
    has_gap: &[bool],
    first_row: usize,
    (columns, with_values): (usize, usize),
) -> Option<Header> {
    let mut below = Vec::new();
    let mut last = first_row.checked_sub(1)?;
    // A line of dashes, or the title of a section below the names of two columns.
    let is_no_header = |at: usize| {
        let cells = records[at].cells();
        let is_section = columns == 2 && cells.len() == 2 && cells[1].is_empty();
        let is_rule = kinds(&cells).iter().all(|kind| *kind == CellKind::Missing) || is_drawn(&cells);
        // A total of the columns with a cell for its name.
        let is_total = || {
            cells.len() > columns
                && kinds(&cells).contains(&CellKind::Number)
                && cells.iter().any(|cell| is_total(cell))
        };
        // The name of a group of rows below a header of periods.
        let is_group = || {
            let above = if at > 0 && !has_gap[at] { records[at - 1].cells() } else { Vec::new() };
            let periods = kinds(&above).iter().filter(|kind| matches!(kind, CellKind::Date | CellKind::Number)).count();
            let is_name = !cells[0].is_empty() && filled(&cells) * 2 < columns && !cells[0].starts_with('*');
            cells.len() == columns
                && is_name
                && names_columns(&above, columns)
                && periods > filled(&cells)
                && periods > 2
        };
        is_rule
            || is_total()
            || is_group()
            || (is_section && at > 0 && !has_gap[at] && names_columns(&records[at - 1].cells(), 2))
    };
    while is_no_header(last) && !has_gap[last + 1] {
        below.push(last);
        last = last.checked_sub(1)?;
    }
    let cells = records[last].cells();
    let is_complete = filled(&cells) == columns && !kinds(&cells).contains(&CellKind::Number);
    let has_values = kinds(&cells).iter().any(|kind| matches!(kind, CellKind::Number | CellKind::Date));
    // Some exports name the first column in a line of its own, below the others.
    let names_first = columns > 2 && filled(&cells) == 1 && !cells[0].is_empty() && !has_gap[last + 1];
    let names_first = names_first && last > 0 && names_columns(&records[last - 1].cells(), columns);
    let names_most = filled(&cells) * 2 >= with_values && (!has_gap[last + 1] || is_complete);
    let has_only_values = has_values
        && !kinds(&cells).contains(&CellKind::Text)
        && !records.get(first_row).is_some_and(|row| are_dates_above_numbers(&cells, &row.cells()));
    // Statistics offices leave the columns of the periods without a name.
    let unnamed = cells.iter().take_while(|cell| cell.is_empty()).count();
    let names_values = cells.len() == columns && (1..=2).contains(&unnamed) && filled(&cells) + unnamed == columns;
    let names_values = names_values && !has_gap[last + 1] && !has_values;
    if !is_line_of(&cells, columns) || !(names_most || names_first || names_values) || has_only_values {
        return None;
    }
    let mut header = Header { first: last, below, cells };
    while let Some(upper) = header.first.checked_sub(1).filter(|_| header.first + MAX_LINES > last) {
        let cells = records[upper].cells();
        if has_gap[header.first] || !is_line_of(&cells, columns) || !reaches_across(&cells) {
            break;
        }
        let is_complete = filled(&cells) * 2 >= columns && are_distinct(&cells);
        if is_complete && is_line_of_units(&header.cells, &cells) {
            header.below.push(header.first);
            header.cells = cells;
        } else if columns <= 2 || are_distinct(&header.cells) && !header.cells[1..].contains(&String::new()) {
            break;
        } else {
            header.cells = combined(&cells, &header.cells);
        }
        header.first = upper;
    }
    Some(header)
}

/// Whether a line has a name for nearly every column.
fn names_columns(cells: &[String], columns: usize) -> bool {
    cells.len() == columns && filled(cells) + 1 >= columns
}

/// Whether a line is drawn below names, as in `----------+-------`.
fn is_drawn(cells: &[String]) -> bool {
    let is_line = |cell: &String| cell == "#" || cell.len() > 1 && cell.bytes().all(|byte| b"-+=#".contains(&byte));
    cells.iter().any(is_line) && cells.iter().all(|cell| cell.is_empty() || is_line(cell))
}

pub(crate) fn filled(cells: &[String]) -> usize {
    cells.iter().filter(|cell| !cell.is_empty()).count()
}

/// Whether a line has the cells of a table, or one fewer as R writes it.
fn is_line_of(cells: &[String], columns: usize) -> bool {
    cells.len() > 1 && (cells.len() == columns || cells.len() + 1 == columns) || columns == 1
}

/// Whether a line names columns and not a property of the file: its cells are not on the left side only.
fn reaches_across(cells: &[String]) -> bool {
    let last = cells.iter().rposition(|cell| !cell.is_empty()).unwrap_or(0);
    (last + 1) * 2 > cells.len() && (filled(cells) > 1 || cells[0].is_empty())
}

pub(crate) fn are_distinct(cells: &[String]) -> bool {
    let mut known = HashSet::new();
    cells.iter().filter(|cell| !cell.is_empty()).all(|cell| known.insert(cell))
}

/// Each upper name, which also stands for the empty cells after it, followed by the lower one. A line with one name for all
/// columns tells them apart no better than none.
pub(crate) fn combined(upper: &[String], lower: &[String]) -> Vec<String> {
    let is_constant = |cells: &[String]| cells.len() > 2 && cells[1..].iter().all(|cell| *cell == cells[1]);
    let is_first_name = |cells: &[String]| is_constant(cells) && cells[1].is_empty();
    if is_constant(lower) && upper.len() == lower.len() {
        let first = if is_first_name(lower) || upper[0].is_empty() { &lower[0] } else { &upper[0] };
        return std::iter::once(first.clone()).chain(upper.iter().skip(1).cloned()).collect();
    }
    // Where the lower line leaves a column without a name, it qualifies the upper one.
    if is_constant(upper) && upper.len() == lower.len() && !lower[1..].contains(&String::new()) {
        let first = if lower[0].is_empty() { &upper[0] } else { &lower[0] };
        return std::iter::once(first.clone()).chain(lower.iter().skip(1).cloned()).collect();
    }
    let mut current = "";
    let join = |(at, lower): (usize, &String)| {
        if let Some(cell) = upper.get(at).filter(|cell| !cell.is_empty()) {
            current = cell;
        }
        match (current, lower.as_str()) {
            (current, "") => current.to_owned(),
            ("", lower) => lower.to_owned(),
            (current, lower) if current == lower => lower.to_owned(),
            (current, lower) => format!("{current} {lower}"),
        }
    };
    lower.iter().enumerate().map(join).collect()
}

/// Units of measurement and other descriptions of columns, in lower case.
#[rustfmt::skip]
const UNITS: [&str; 59] = [
    "°c", "°f", "degc", "deg c", "degrees c", "mm", "cm", "m", "km", "ft", "m/s", "km/h", "mph", "hpa", "pa", "mbar", "kpa", "%", "percent", "pct", "w/m2", "w/m²", "w/m^2", "j/m2", "wh", "kwh", "mwh", "gwh", "twh", "kw", "mw", "gw", "hz", "eur", "usd", "gbp", "€", "$", "£", "eur/mwh", "€/mwh", "$/mwh", "kg", "m3", "m³", "m3/s", "m³/s", "ppm", "µg/m3", "count", "avg", "tot", "smp", "min", "max", "std", "mean", "ts", "rn",
];

/// Words for the format of a time, in lower case.
const TIME_FORMATS: [&str; 5] = ["utc", "iso8601", "yyyy", "dd.mm.yy", "mm/dd/yy"];

/// Whether a cell is the width of a column of text, dates or numbers, such as `15s` in the RDB files of the USGS.
fn is_width(cell: &str) -> bool {
    let digits = cell.strip_suffix(['s', 'd', 'n']).unwrap_or_default();
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a line below names describes them: its cells are units or in brackets, or nothing.
fn is_line_of_units(cells: &[String], names: &[String]) -> bool {
    let is_unit = |cell: &&String| {
        let lower = cell.to_lowercase();
        let bare = lower.trim_matches(|c: char| "()[]".contains(c));
        bare.len() < lower.len()
            || UNITS.contains(&bare)
            || TIME_FORMATS.iter().any(|format| bare.starts_with(format))
            || is_width(bare)
    };
    let present: Vec<&String> = cells.iter().filter(|cell| !cell.is_empty()).collect();
    let units = present.iter().filter(|cell| is_unit(cell)).count();
    filled(names) >= present.len() && units * 2 > present.len()
}

/// The names of the columns, each unique and not empty.
pub(crate) fn column_names(cells: &[String]) -> Vec<String> {
    let mut known = HashSet::new();
    let unique_name = |(position, cell): (usize, &String)| {
        let bare = if position == 0 { cell.trim_start_matches('#') } else { cell };
        let name = match (bare.trim(), cell.trim()) {
            ("", "") => format!("column {}", position + 1),
            ("", marked) => marked.to_owned(),
            // The first name may have the mark of a comment; `#Passengers` elsewhere is a name.
            (bare, _) => bare.to_owned(),
        };
        let name = if known.contains(&name) { format!("{name} ({})", position + 1) } else { name };
        known.insert(name.clone());
        name
    };
    cells.iter().enumerate().map(unique_name).collect()
}

/// Whether each row starts with its number and has one cell more than the header.
pub(crate) fn have_row_numbers(rows: &[Record<'_>], columns: usize) -> bool {
    let starts_with_its_number = |(row, record): (usize, &Record<'_>)| {
        let cells = record.cells();
        cells.len() == columns + 1
            && cells[0].parse() == Ok(row + 1)
            && cells.last().is_some_and(|last| !last.is_empty())
    };
    rows.len() > 1 && rows.iter().enumerate().all(starts_with_its_number)
}

/// Whether cells are consecutive years, apart from the first, which may be a damaged name. Fewer years may be values.
fn are_years(cells: &[String]) -> bool {
    const MIN_YEARS: usize = 4;
    let year = |cell: &String| DateFormat::Year.parse(cell, CenturyWindow::DEFAULT).map(|time| time.ticks);
    let are_consecutive = |cells: &[String]| {
        let years: Option<Vec<i64>> = cells.iter().map(year).collect();
        years.is_some_and(|years| years.windows(2).all(|pair| pair[1] == pair[0] + 1))
    };
    cells.len() >= MIN_YEARS && are_consecutive(&cells[1..])
}

/// Whether cells are dates above numbers, whose columns they name.
fn are_dates_above_numbers(cells: &[String], below: &[String]) -> bool {
    let (kinds, below) = (kinds(cells), kinds(below));
    kinds.len() > 1
        && kinds.iter().all(|kind| *kind == CellKind::Date)
        && below.contains(&CellKind::Number)
        && below.iter().all(|kind| matches!(kind, CellKind::Number | CellKind::Missing))
}

/// Whether the first record is a row and not a header: it has no text and no years as the names of columns, or it has a date
/// above other dates.
pub(crate) fn is_headless(header: &[String], rows: &[Record<'_>]) -> bool {
    let kinds: Vec<CellKind> = header.iter().map(|cell| CellKind::of(cell)).collect();
    let names_years = || are_years(header) && !rows.first().is_some_and(|row| are_years(&row.cells()));
    let names_dates = || rows.first().is_some_and(|row| are_dates_above_numbers(header, &row.cells()));
    let has_no_text =
        !kinds.contains(&CellKind::Text) && kinds[0] != CellKind::Missing && !names_years() && !names_dates();
    let has_dates_below = |at: usize| {
        let kind = |row: &Record<'_>| row.cells().get(at).map_or(CellKind::Missing, |cell| CellKind::of(cell));
        let below: Vec<CellKind> = rows.iter().take(10).map(kind).filter(|kind| *kind != CellKind::Missing).collect();
        below.iter().filter(|kind| **kind == CellKind::Date).count() * 2 > below.len()
    };
    has_no_text || (0..kinds.len()).any(|at| kinds[at] == CellKind::Date && has_dates_below(at))
}
