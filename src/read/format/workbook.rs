//! Workbooks of Excel and `OpenDocument`, which are zip archives. The older format .xls is not read: its reader takes any
//! amount of memory for some damaged files. A sheet becomes tab-separated text whose lines are its rows, so that titles,
//! headers and tables are found as in every other file.

use std::io::Cursor;

use calamine::{Data, DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Sheets, open_workbook_auto_from_rs};
use chrono::{NaiveTime, Timelike};

use crate::error::{DataProblem, Error, Result, UnsupportedFormat, closest_name, location::MAX_LISTED};
use crate::panel::BadRowPolicy;
use crate::read::format::catch_panic::catch_panic;
use crate::read::format::remarks::{Remarks, SEPARATOR, address, first_row, is_row};
use crate::read::notice::Notice;
use crate::read::parse::date_format::without_rounding_error;
use crate::time::timestamp::{datetime_at, ticks_of};

/// The first bytes of a zip archive, such as .xlsx and .ods, and of a compound file, which holds a workbook with a
/// password.
const ZIP: &[u8] = b"PK\x03\x04";
const COMPOUND: &[u8] = b"\xD0\xCF\x11\xE0";
/// The name of the stream that holds a workbook with a password, in UTF-16.
const ENCRYPTED: &[u8] = b"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0";
/// A cell that the spreadsheet could not compute is missing, whatever its error.
const MISSING: &str = "#N/A";

/// A sheet with fewer filled cells for each formula without a value is refused. Single ones are missing cells.
const MIN_FILLED_PER_UNCOMPUTED: usize = 20;

type Workbook = Sheets<Cursor<Vec<u8>>>;

/// The sheets of a workbook that have cells, each as text.
pub(crate) struct SheetTexts {
    pub(crate) sheets: Vec<SheetText>,
    /// The position of the sheet with the largest table.
    pub(crate) largest: usize,
    /// The names of all sheets.
    pub(crate) names: Vec<String>,
}

/// A sheet as text.
pub(crate) struct SheetText {
    pub(crate) name: String,
    pub(crate) text: String,
    /// Notices on its cells.
    pub(crate) notices: Vec<Notice>,
    /// The problem of a sheet with many formulas without a value.
    pub(crate) problem: Option<DataProblem>,
}

/// The text of the sheet named `wanted`, or else of all visible sheets. `None` if the file is not a workbook.
pub(crate) fn sheet_texts(
    file: &str,
    bytes: &[u8],
    wanted: Option<&str>,
    bad_rows: BadRowPolicy,
) -> Result<Option<SheetTexts>> {
    let problem = |problem| Error::data(file, problem);
    if bytes.starts_with(COMPOUND) && memchr::memmem::find(bytes, ENCRYPTED).is_some() {
        return Err(problem(DataProblem::UnsupportedFormat(UnsupportedFormat::Protected)));
    }
    if !bytes.starts_with(ZIP) {
        return Ok(None);
    }
    let damaged = |reason: String| {
        let reason = format!("the workbook is damaged or has a feature that is not supported: {reason}");
        problem(DataProblem::Malformed { location: None, reason })
    };
    let opened = catch_panic(|| open_workbook_auto_from_rs(Cursor::new(bytes.to_vec()))).map_err(damaged)?;
    let Ok(mut workbook) = opened else {
        let is_workbook = ["xl/workbook", "opendocument.spreadsheet"];
        let is_workbook = is_workbook.iter().any(|part| memchr::memmem::find(bytes, part.as_bytes()).is_some());
        return if is_workbook { Err(damaged("its parts cannot be opened".into())) } else { Ok(None) };
    };
    let sheets = catch_panic(|| read_sheets(&mut workbook, wanted)).and_then(|read| read).map_err(damaged)?;
    let names: Vec<String> = sheet_names(&workbook, |_| true);
    if let Some(wanted) = wanted
        && !names.iter().any(|name| name == wanted)
    {
        let similar = closest_name(wanted, names.iter().map(String::as_str)).map(str::to_owned);
        return Err(problem(DataProblem::SheetNotFound { sheet: wanted.into(), sheets: names, similar }));
    }
    // Of sheets with equally large tables, the first is chosen. A sheet that is named may be empty.
    let sheets: Vec<SheetCells> = sheets.into_iter().filter(|sheet| sheet.filled > 0 || wanted.is_some()).collect();
    let Some(largest) = (0..sheets.len()).rev().max_by_key(|at| sheets[*at].filled) else {
        return Err(problem(DataProblem::Empty));
    };
    let sheets = sheets.into_iter().map(|sheet| sheet.into_sheet_text(bad_rows)).collect();
    Ok(Some(SheetTexts { sheets, largest, names }))
}

/// The cells of a sheet as texts, with all characters; `None` if the workbook has no such sheet. Rows end with their last
/// cell that is not empty.
pub(crate) fn sheet_rows(bytes: Vec<u8>, name: &str) -> Result<Option<Vec<Vec<String>>>, String> {
    let read = || {
        let mut workbook = calamine::Xlsx::new(Cursor::new(bytes)).map_err(|error| error.to_string())?;
        if !workbook.sheet_names().iter().any(|own| own == name) {
            return Ok(None);
        }
        let mut reader = workbook.worksheet_cells_reader(name).map_err(|error| error.to_string())?;
        let mut rows: Vec<Vec<String>> = Vec::new();
        while let Some(cell) = reader.next_cell().map_err(|error| error.to_string())? {
            let (row, column) = cell.get_position();
            let text = match cell.get_value() {
                DataRef::String(text) => text.clone(),
                DataRef::SharedString(text) => (*text).to_owned(),
                DataRef::Float(number) => number.to_string(),
                other => cell_text(other).unwrap_or_default(),
            };
            rows.resize_with(rows.len().max(row as usize + 1), Vec::new);
            let cells = &mut rows[row as usize];
            cells.resize(cells.len().max(column as usize + 1), String::new());
            cells[column as usize] = text;
        }
        Ok(Some(rows))
    };
    catch_panic(read).and_then(|read| read)
}

/// The names of the worksheets that may be chosen.
fn sheet_names(workbook: &Workbook, may_be: impl Fn(&calamine::Sheet) -> bool) -> Vec<String> {
    let sheets = workbook.sheets_metadata().iter();
    let tables = sheets.filter(|sheet| sheet.typ == SheetType::WorkSheet && may_be(sheet));
    tables.map(|sheet| sheet.name.clone()).collect()
}

/// The cells of the wanted sheet, or else of all sheets that are visible.
fn read_sheets(workbook: &mut Workbook, wanted: Option<&str>) -> Result<Vec<SheetCells>, String> {
    let visible = |sheet: &calamine::Sheet| sheet.visible == SheetVisible::Visible;
    let names = match wanted {
        Some(wanted) => sheet_names(workbook, |sheet| sheet.name == wanted),
        None => sheet_names(workbook, visible),
    };
    names.iter().map(|name| read_cells(workbook, name)).collect()
}

/// Reads the cells of one sheet. Those of .xlsx and .xlsb are read one by one, because a single cell far away would make
/// a rectangle of all cells very large.
fn read_cells(workbook: &mut Workbook, name: &str) -> Result<SheetCells, String> {
    let mut cells = SheetCells { name: name.to_owned(), ..SheetCells::default() };
    match workbook {
        Sheets::Xlsx(xlsx) => {
            let mut reader = xlsx.worksheet_cells_reader(name).map_err(|error| error.to_string())?;
            while let Some(cell) = reader.next_cell_with_formula_metadata().map_err(|error| error.to_string())? {
                if cell.formula.is_some() && cell.value == DataRef::Empty {
                    cells.push_uncomputed(cell.pos);
                }
                cells.push(cell.pos, &cell.value)?;
            }
        }
        Sheets::Xlsb(xlsb) => {
            let mut reader = xlsb.worksheet_cells_reader(name).map_err(|error| error.to_string())?;
            while let Some(cell) = reader.next_cell().map_err(|error| error.to_string())? {
                cells.push(cell.get_position(), cell.get_value())?;
            }
        }
        Sheets::Xls(_) | Sheets::Ods(_) => {
            let range = workbook.worksheet_range(name).map_err(|error| error.to_string())?;
            let (first_row, first_column) = range.start().unwrap_or_default();
            for (row, column, cell) in range.used_cells() {
                let position = (first_row + row as u32, first_column + column as u32);
                cells.push(position, &borrowed(cell))?;
            }
        }
    }
    Ok(cells)
}

fn borrowed(cell: &Data) -> DataRef<'_> {
    match cell {
        Data::Int(number) => DataRef::Int(*number),
        Data::Float(number) => DataRef::Float(*number),
        Data::String(text) => DataRef::SharedString(text),
        Data::Bool(yes) => DataRef::Bool(*yes),
        Data::DateTime(time) => DataRef::DateTime(*time),
        Data::DateTimeIso(text) => DataRef::DateTimeIso(text.clone()),
        Data::DurationIso(text) => DataRef::DurationIso(text.clone()),
        Data::Error(error) => DataRef::Error(error.clone()),
        Data::Empty => DataRef::Empty,
    }
}

/// The cells of a sheet as text, so far.
#[derive(Debug, Default)]
struct SheetCells {
    name: String,
    /// A line for each row from the first of the sheet; cells are separated by tabs.
    text: String,
    row: u32,
    column: u32,
    filled: usize,
    /// The first cells with an error, each with its address, and the number of all.
    errors: Vec<(String, String)>,
    error_count: usize,
    /// The number of cells with a formula and no value, and the address of the first.
    uncomputed: Option<(usize, String)>,
}

impl SheetCells {
    /// Adds a cell. Cells are in the order of rows and columns.
    fn push(&mut self, (row, column): (u32, u32), cell: &DataRef<'_>) -> Result<(), String> {
        let Some(text) = cell_text(cell) else { return Ok(()) };
        if (row, column) < (self.row, self.column) || (self.filled > 0 && (row, column) == (self.row, self.column)) {
            return Err(format!("the cell {} is not in the order of rows", address(row, column)));
        }
        if let DataRef::Error(error) = cell {
            self.error_count += 1;
            if self.errors.len() < MAX_LISTED {
                self.errors.push((address(row, column), error.to_string()));
            }
        }
        if row > self.row {
            self.text.extend(std::iter::repeat_n('\n', (row - self.row) as usize));
            (self.row, self.column) = (row, 0);
        }
        self.text.extend(std::iter::repeat_n(char::from(SEPARATOR), (column - self.column) as usize));
        self.text.push_str(&text);
        self.column = column;
        self.filled += 1;
        Ok(())
    }

    /// Counts a cell with a formula that was saved without its value, as by a program that does not compute.
    fn push_uncomputed(&mut self, (row, column): (u32, u32)) {
        let (count, _) = self.uncomputed.get_or_insert_with(|| (0, address(row, column)));
        *count += 1;
        self.filled += 1;
    }

    fn into_sheet_text(self, bad_rows: BadRowPolicy) -> SheetText {
        let (mut notices, mut problem) = (Vec::new(), None);
        match self.uncomputed.clone() {
            Some((cells, first))
                if bad_rows == BadRowPolicy::Error && MIN_FILLED_PER_UNCOMPUTED * cells > self.filled =>
            {
                problem = Some(DataProblem::UncomputedFormulas { cells, first });
            }
            Some((cells, first)) => notices.push(Notice::FormulasSkipped { cells, first }),
            None => {}
        }
        if !self.errors.is_empty() {
            notices.push(Notice::ErrorCells { cells: self.error_count, first: self.errors.clone() });
        }
        let remarks = Remarks::find(&self.text);
        notices.extend(remarks.as_ref().map(Remarks::notice));
        let end = remarks.map_or(usize::MAX, |remarks| remarks.column);
        SheetText { name: self.name.clone(), text: self.into_text(end), notices, problem }
    }

    /// The text of the table up to the column `end`. Columns before the table are left out. A row with one cell above the
    /// table is a line of one cell, and all others have as many cells as the widest row with several.
    fn into_text(self, end: usize) -> String {
        let separator = char::from(SEPARATOR);
        let first_row = first_row(&self.text);
        let before = |line: &str| line.len() - line.trim_start_matches(separator).len();
        let rows = || self.text.lines().skip(first_row).filter(|line| !line.is_empty());
        let left_out = rows().map(before).min().unwrap_or(0);
        let cells = |line: &str| line.split(separator).take(end).count();
        let width = rows().filter(|line| is_row(line)).map(cells).max().unwrap_or(1).saturating_sub(left_out);
        let mut text = String::with_capacity(self.text.len());
        for (row, line) in self.text.lines().enumerate() {
            if row < first_row {
                text.push_str(line.trim_matches(separator));
            } else if !line.is_empty() {
                let line = line.match_indices(separator).nth(end - 1).map_or(line, |(at, _)| &line[..at]);
                let line = line.get(left_out..).unwrap_or_default();
                text.push_str(line);
                text.extend(std::iter::repeat_n(separator, width.saturating_sub(cells(line))));
            }
            text.push('\n');
        }
        text
    }
}

/// The text of a cell as in a delimited file; `None` if it is empty.
fn cell_text(cell: &DataRef<'_>) -> Option<String> {
    Some(match cell {
        DataRef::Empty => return None,
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number_text(*number),
        DataRef::Bool(yes) => u8::from(*yes).to_string(),
        DataRef::Error(_) => return plain_text(MISSING),
        DataRef::DateTime(time) => time_text(time),
        DataRef::DateTimeIso(text) => text.strip_suffix("T00:00:00").unwrap_or(text).to_owned(),
        DataRef::DurationIso(text) => duration_text(text),
        DataRef::String(text) => return plain_text(text),
        DataRef::SharedString(text) => return plain_text(text),
    })
}

/// A text in one line, in quotes if it has some, or starts with the mark of a comment.
fn plain_text(text: &str) -> Option<String> {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let line = line.trim();
    let is_quoted = line.contains('"') || line.starts_with('#');
    let line = if is_quoted { format!("\"{}\"", line.replace('"', "\"\"")) } else { line.to_owned() };
    (!line.is_empty()).then_some(line)
}

/// A number whose point cannot be taken for a separator of thousands.
fn number_text(number: f64) -> String {
    const DIGITS_OF_A_GROUP: usize = 3;
    let mut text = number.to_string();
    if text.split_once('.').is_some_and(|(_, decimals)| decimals.len() == DIGITS_OF_A_GROUP) {
        text.push('0');
    }
    text
}

/// A date, a date with a time, a time of day, or a duration. A number that is no date stays one.
fn time_text(time: &ExcelDateTime) -> String {
    let serial = time.as_f64();
    if time.is_duration() {
        let milliseconds = (serial.abs() * 86_400_000.0).round() as u64;
        let (seconds, rest) = (milliseconds / 1_000, milliseconds % 1_000);
        let sign = if serial < 0.0 { "-" } else { "" };
        let fraction = if rest == 0 { String::new() } else { format!(".{rest:03}") };
        return format!("{sign}{}:{:02}:{:02}{fraction}", seconds / 3_600, seconds / 60 % 60, seconds % 60);
    }
    let Some(exact) = time.as_datetime() else { return number_text(serial) };
    let at = datetime_at(without_rounding_error(ticks_of(exact))).unwrap_or(exact);
    let time_of_day = if at.nanosecond() == 0 { "%H:%M:%S" } else { "%H:%M:%S%.3f" };
    if (0.0..1.0).contains(&serial) {
        at.format(time_of_day).to_string()
    } else if at.time() == NaiveTime::MIN {
        at.date().to_string()
    } else {
        at.format(&format!("%Y-%m-%dT{time_of_day}")).to_string()
    }
}

/// A duration of `OpenDocument`, such as `PT04H35M00S`, with colons.
fn duration_text(text: &str) -> String {
    let numbers = text.trim_start_matches("PT").split(|c: char| !c.is_ascii_digit() && c != '.');
    let parts: Vec<&str> = numbers.filter(|part| !part.is_empty()).collect();
    if parts.len() == 3 { parts.join(":") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_those_of_a_spreadsheet() {
        assert_eq!(
            [(0, 0), (6, 1), (9, 25), (0, 26), (4, 701), (0, 702)].map(|(row, column)| address(row, column)),
            ["A1", "B7", "Z10", "AA1", "ZZ5", "AAA1"]
        );
    }

    #[test]
    fn numbers_keep_their_value_and_have_no_group_of_thousands() {
        let numbers = [1.234, 1.5, 2024.0, -0.125, 0.1 + 0.2, 1e20];
        let texts = numbers.map(number_text);
        assert_eq!(texts[..4], ["1.2340", "1.5", "2024", "-0.1250"]);
        let is_exact =
            |(text, number): (&String, f64)| text.parse().is_ok_and(|read: f64| read.to_bits() == number.to_bits());
        assert!(texts.iter().zip(numbers).all(is_exact));
    }

    #[test]
    fn rows_keep_their_number_and_columns_before_the_table_are_left_out() {
        let mut cells = SheetCells::default();
        let mut push = |row, column, text| cells.push((row, column), &DataRef::SharedString(text)).is_ok();
        let filled = [(1, 3, "Sales"), (3, 1, "day"), (3, 2, "amount"), (3, 3, "note"), (4, 1, "1 May"), (6, 2, "5")];
        assert!(filled.into_iter().all(|(row, column, text)| push(row, column, text)));
        assert!(!push(2, 0, "late"), "rows are in order");
        assert_eq!(cells.into_text(usize::MAX), "\nSales\n\nday\tamount\tnote\n1 May\t\t\n\n\t5\t\n");
    }
}
