//! Locations of cells and lines in a file, for errors and notices.

use std::fmt;

/// The maximum number of rows, lines or cells that an error lists. The others are only counted.
pub(crate) const MAX_LISTED: usize = 10;

/// A place in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Location {
    /// A line of a text file; the first line is 1.
    Line(usize),
    /// A row of a sheet, or of a Parquet, Arrow or JSON file; the first row is 1.
    Row(usize),
    /// A row of one of several sheets that are read one after the other; the first sheet of the workbook is 1.
    RowOfSheet {
        /// The number of the sheet.
        sheet: usize,
        /// The row in it; the first row is 1.
        row: usize,
    },
    /// A line of the file of future rows.
    FutureLine(usize),
    /// A row of the file of future rows, if that has no lines.
    FutureRow(usize),
}

impl Location {
    /// The place in the file of future rows; `None` if it is in the other file.
    pub(crate) fn in_future_file(self) -> Option<Self> {
        match self {
            Self::FutureLine(line) => Some(Self::Line(line)),
            Self::FutureRow(row) => Some(Self::Row(row)),
            _ => None,
        }
    }

    /// The row of a sheet whose text has a line for each row.
    #[cfg(feature = "excel")]
    pub(crate) fn of_sheet(self) -> Self {
        if let Self::Line(row) = self { Self::Row(row) } else { self }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::Row(row) => write!(f, "row {row}"),
            Self::RowOfSheet { sheet, row } => write!(f, "row {row} of sheet {sheet}"),
            Self::FutureLine(line) => write!(f, "line {line} of the future rows"),
            Self::FutureRow(row) => write!(f, "row {row} of the future rows"),
        }
    }
}

/// Lines of a file, or cells of a column, that cannot be used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rejected {
    /// The locations of the first ones, with the fault of a line or the text of a cell.
    pub first: Vec<(Location, String)>,
    /// The number of all.
    pub count: usize,
}

impl Rejected {
    pub(crate) fn push_line(&mut self, line: usize, fault: String) {
        self.count += 1;
        if self.first.len() < MAX_LISTED {
            self.first.push((Location::Line(line), fault));
        }
    }

    /// The same rows of a sheet, whose text has a line for each row.
    #[cfg(feature = "excel")]
    pub(crate) fn of_sheet(mut self) -> Self {
        self.first.iter_mut().for_each(|(location, _)| *location = location.of_sheet());
        self
    }

    /// `line 3: a quote is opened and not closed`, or a list with the number of lines.
    pub(crate) fn lines(&self) -> String {
        let count = if self.count > 1 { format!("{} unusable lines: ", self.count) } else { String::new() };
        let listed: Vec<String> = self.first.iter().map(|(location, fault)| format!("{location}: {fault}")).collect();
        let more = and_more(self.count, self.first.len());
        format!("{count}{}{}{more}", listed.join("; "), if more.is_empty() { "" } else { ";" })
    }

    /// `line 3, column date: "x" is not a date`, or a list with the number of cells.
    pub(crate) fn cells(&self, column: &str, singular: &str, plural: &str) -> String {
        if let ([(location, value)], 1) = (self.first.as_slice(), self.count) {
            return format!("{location}, column {column}: \"{value}\" {singular}");
        }
        let in_words = |(location, value): &(Location, String)| match value.as_str() {
            "" => format!("{location} (empty)"),
            value => format!("{location} \"{value}\""),
        };
        let listed: Vec<String> = self.first.iter().map(in_words).collect();
        let more = and_more(self.count, self.first.len());
        format!("column {column}: {} values {plural}: {}{more}", self.count, listed.join(", "))
    }
}

/// ` and 3 more`, if a list has fewer items than there are.
pub(crate) fn and_more(count: usize, listed: usize) -> String {
    if count > listed { format!(" and {} more", count - listed) } else { String::new() }
}
