//! Locations of cells and lines in a file, for errors and notices.

use std::fmt;

/// The maximum number of rows, lines or cells that an error lists. The others are only counted.
pub(crate) const MAX_LISTED: usize = 10;

/// A place in a file.
///
/// ```
/// use forecast::error::Location;
///
/// assert_eq!(Location::Line(3).to_string(), "line 3");
/// assert_eq!(Location::FutureLine(2).to_string(), "line 2 of the future rows");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Location {
    /// A line of a text file; the first line is 1.
    Line(usize),
    /// A row of a Parquet, Arrow or JSON file; the first row is 1.
    Row(usize),
    /// A line or row of the file with the future rows.
    FutureLine(usize),
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::Row(row) => write!(f, "row {row}"),
            Self::FutureLine(line) => write!(f, "line {line} of the future rows"),
        }
    }
}

/// Cells of one column that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedCells {
    /// The location and the text of the first cells.
    pub first: Vec<(Location, String)>,
    /// The number of such cells in the column.
    pub count: usize,
}

impl RejectedCells {
    /// `line 3, column date: "x" is not a date`, or a list with a count if there are several cells.
    pub(crate) fn describe(&self, column: &str, singular: &str, plural: &str) -> String {
        match self.first.as_slice() {
            [(location, value)] if self.count == 1 => format!("{location}, column {column}: \"{value}\" {singular}"),
            first => {
                let listed: Vec<String> =
                    first.iter().map(|(location, value)| format!("{location} \"{value}\"")).collect();
                let more = match self.count - first.len() {
                    0 => String::new(),
                    more => format!(" and {more} more"),
                };
                format!("column {column}: {} values {plural}: {}{more}", self.count, listed.join(", "))
            }
        }
    }
}

/// Lines of a file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedLines {
    /// The location and the fault of the first lines.
    pub first: Vec<(Location, String)>,
    /// The number of such lines in the file.
    pub count: usize,
}

impl fmt::Display for RejectedLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.count > 1 {
            write!(f, "{} unusable lines: ", self.count)?;
        }
        let listed: Vec<String> = self.first.iter().map(|(location, reason)| format!("{location}: {reason}")).collect();
        write!(f, "{}", listed.join("; "))?;
        match self.count - self.first.len() {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}
