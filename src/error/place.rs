//! Where in a file something stands that a person should look at.

use std::fmt;

/// Where in a file something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A line of a text, the header's being 1.
    Line(usize),
    /// A row of a typed file, counted from 1.
    Row(usize),
    /// A line or row of the file with the future rows.
    Future(usize),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::Row(row) => write!(f, "row {row}"),
            Self::Future(line) => write!(f, "line {line} of the future rows"),
        }
    }
}

/// The first cells of a column that cannot be used, and how many there are in all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cells {
    /// Where the first ones stand, and what they hold.
    pub first: Vec<(Place, String)>,
    /// How many there are.
    pub count: usize,
}

impl Cells {
    /// `line 3, column date: "x" is not a date`, or the list with a count where there are several.
    pub(crate) fn say(&self, column: &str, one: &str, many: &str) -> String {
        match self.first.as_slice() {
            [(place, value)] if self.count == 1 => format!("{place}, column {column}: \"{value}\" {one}"),
            first => {
                let listed: Vec<String> = first.iter().map(|(place, value)| format!("{place} \"{value}\"")).collect();
                let more = match self.count - first.len() {
                    0 => String::new(),
                    more => format!(" and {more} more"),
                };
                format!("column {column}: {} values {many}: {}{more}", self.count, listed.join(", "))
            }
        }
    }
}

/// The first lines of a file that cannot be used, and how many there are in all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lines {
    /// Where the first ones stand, and what is wrong with each.
    pub first: Vec<(Place, String)>,
    /// How many there are.
    pub count: usize,
}

impl fmt::Display for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.count > 1 {
            write!(f, "{} bad lines: ", self.count)?;
        }
        let listed: Vec<String> = self.first.iter().map(|(place, reason)| format!("{place}: {reason}")).collect();
        write!(f, "{}", listed.join("; "))?;
        match self.count - self.first.len() {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}
