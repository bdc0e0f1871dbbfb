//! Tables of a run as the sheets of one workbook.

use std::fmt;
use std::io;

use chrono::{Datelike, NaiveDateTime, NaiveTime, Timelike};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Worksheet, XlsxError};

use crate::panel::Panel;
use crate::time::{Frequency, Timestamp};
use crate::write::csv_writer::{EXACT_DIGITS, round_to_digits};
use crate::write::table::Table;
use crate::write::table_writer::TableWriter;

const DATE: &str = "yyyy-mm-dd";
const DATE_AND_TIME: &str = "yyyy-mm-dd hh:mm:ss";
/// The widths of columns of dates, and of dates with a time, in characters.
const DATE_WIDTH: u32 = 11;
const DATE_AND_TIME_WIDTH: u32 = 20;

/// A workbook of Excel (.xlsx) with a sheet for each table. Numbers are numbers, times are dates in the time zone of the
/// panel, and every text is a text, also if it begins with `=`. The same tables give the same bytes.
///
/// ```
/// use forecast::write::{Table, Workbook};
/// use forecast::{Baseline, Model, Panel, SilentObserver, Task};
///
/// let panel = Panel::from_values(&[1.0, 2.0, 3.0, 4.0], 1);
/// let forecasts = Baseline::Naive.fit(&panel, &Task::new(2), &mut SilentObserver)?.predict(&panel)?;
/// let mut workbook = Workbook::new();
/// workbook.add(&panel, &Table::Forecast(&forecasts))?;
/// assert!(workbook.into_bytes()?.starts_with(b"PK"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Workbook {
    workbook: rust_xlsxwriter::Workbook,
}

impl fmt::Debug for Workbook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Workbook").finish_non_exhaustive()
    }
}

impl Default for Workbook {
    fn default() -> Self {
        Self::new()
    }
}

impl Workbook {
    /// The maximum number of rows of a sheet, with its header.
    pub const MAX_ROWS: usize = 1_048_576;

    /// A workbook without sheets.
    pub fn new() -> Self {
        let mut workbook = rust_xlsxwriter::Workbook::new();
        // A creation time of now would give every run other bytes.
        let created = ExcelDateTime::from_ymd(2000, 1, 1).expect("a date that Excel has");
        workbook.set_properties(&DocProperties::new().set_author("forecast").set_creation_datetime(&created));
        Self { workbook }
    }

    /// Adds a table of a panel as a sheet of its name.
    ///
    /// # Errors
    /// If the table has more than [`Self::MAX_ROWS`] rows, which is [`io::ErrorKind::FileTooLarge`], or a text that no cell
    /// can hold. The workbook is then as before.
    pub fn add(&mut self, panel: &Panel, table: &Table<'_>) -> io::Result<()> {
        self.add_with_limit(panel, table, Self::MAX_ROWS)
    }

    fn add_with_limit(&mut self, panel: &Panel, table: &Table<'_>, max_rows: usize) -> io::Result<()> {
        let mut sheet = Worksheet::new();
        sheet.set_name(table.name()).map_err(io::Error::other)?;
        sheet.set_freeze_panes(1, 0).map_err(io::Error::other)?;
        let heading = Format::new().set_bold();
        sheet.set_row_format(0, &heading).map_err(io::Error::other)?;
        let mut writer = SheetWriter {
            sheet,
            row: 0,
            max_rows,
            column: 0,
            digits: EXACT_DIGITS,
            date: Format::new().set_num_format(DATE),
            date_and_time: [0, 1, 2, 3].map(|decimals| {
                let point = if decimals == 0 { "" } else { "." };
                Format::new().set_num_format(format!("{DATE_AND_TIME}{point}{:0<decimals$}", ""))
            }),
            error: None,
        };
        table.write(&mut writer, panel)?;
        self.workbook.push_worksheet(writer.sheet);
        Ok(())
    }

    /// The bytes of the file.
    ///
    /// # Errors
    /// If the file cannot be made, for example without any sheet.
    pub fn into_bytes(mut self) -> io::Result<Vec<u8>> {
        self.workbook.save_to_buffer().map_err(io::Error::other)
    }
}

/// Writes the rows of one sheet.
struct SheetWriter {
    sheet: Worksheet,
    row: u32,
    max_rows: usize,
    column: u16,
    digits: usize,
    date: Format,
    /// One for each number of decimals of a second.
    date_and_time: [Format; 4],
    /// The first error of the row, which [`TableWriter::end_row`] returns.
    error: Option<XlsxError>,
}

impl SheetWriter {
    /// Writes a cell with `write`, and moves to the next column.
    fn cell<'a>(
        &'a mut self,
        write: impl FnOnce(&'a mut Worksheet, u32, u16) -> Result<&'a mut Worksheet, XlsxError>,
    ) -> Option<XlsxError> {
        let (row, column) = (self.row, self.column);
        self.column += 1;
        write(&mut self.sheet, row, column).err()
    }

    fn keep(&mut self, error: Option<XlsxError>) -> &mut Self {
        if self.error.is_none() {
            self.error = error;
        }
        self
    }
}

impl TableWriter for SheetWriter {
    fn digits(&mut self) -> &mut usize {
        &mut self.digits
    }

    fn text(&mut self, text: &str) -> &mut Self {
        let error = self.cell(|sheet, row, column| sheet.write_string(row, column, text));
        self.keep(error)
    }

    #[expect(clippy::cast_precision_loss, reason = "a count of rows or steps is far below 2^53")]
    fn count(&mut self, count: usize) -> &mut Self {
        let error = self.cell(|sheet, row, column| sheet.write_number(row, column, count as f64));
        self.keep(error)
    }

    fn number(&mut self, value: Option<f64>) -> &mut Self {
        let Some(value) = value else {
            self.column += 1;
            return self;
        };
        let rounded: f64 = round_to_digits(value, self.digits).parse().expect("a number that was just written");
        let error = self.cell(|sheet, row, column| sheet.write_number(row, column, rounded));
        self.keep(error)
    }

    /// Adds a date; a number for an index, and a text for a year that Excel does not have.
    fn time(&mut self, panel: &Panel, time: Timestamp) -> &mut Self {
        let local = match time {
            // An index is exact, unlike a value, which is rounded.
            Timestamp::Index(index) => {
                let error = self.cell(|sheet, row, column| sheet.write_number(row, column, index as f64));
                return self.keep(error);
            }
            Timestamp::Time(time) => panel.zone().to_local(time),
        };
        let Some(date) = excel_date(local) else { return self.text(&panel.format(time)) };
        let has_time = matches!(panel.frequency(), Frequency::Elapsed { .. }) || local.time() != NaiveTime::MIN;
        let decimals = panel.frequency().decimals_at(local);
        let (format, width) = if has_time {
            (self.date_and_time[decimals].clone(), DATE_AND_TIME_WIDTH + decimals as u32)
        } else {
            (self.date.clone(), DATE_WIDTH)
        };
        let column = self.column;
        let error = self.cell(|sheet, row, column| sheet.write_datetime_with_format(row, column, &date, &format));
        self.keep(error);
        if self.row == 1 {
            let error = self.sheet.set_column_width(column, width).err();
            self.keep(error);
        }
        self
    }

    fn end_row(&mut self) -> io::Result<()> {
        (self.row, self.column) = (self.row + 1, 0);
        if self.row as usize > self.max_rows {
            let text = format!("the table has more rows than a sheet, which has at most {}", self.max_rows);
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, text));
        }
        match self.error.take() {
            Some(error) => Err(io::Error::other(error)),
            None => Ok(()),
        }
    }
}

/// The date of a spreadsheet; `None` for years before 1900 and after 9999.
fn excel_date(time: NaiveDateTime) -> Option<ExcelDateTime> {
    let year = u16::try_from(time.year()).ok()?;
    let date = ExcelDateTime::from_ymd(year, time.month() as u8, time.day() as u8).ok()?;
    date.and_hms(time.hour() as u16, time.minute() as u8, f64::from(time.second()) + f64::from(time.nanosecond()) / 1e9)
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_with_too_many_rows_is_refused_and_leaves_the_workbook_as_it_was() {
        let panel = Panel::from_values(&[1.0, 2.0, 3.0, 4.0], 1);
        let mut workbook = Workbook::new();
        let added = |workbook: &mut Workbook, rows| workbook.add_with_limit(&panel, &Table::History, rows);
        let error = added(&mut workbook, 4).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        // the header is a row, too
        added(&mut workbook, 5).unwrap();
        assert!(workbook.into_bytes().unwrap().starts_with(b"PK"));
    }
}
