//! The locations of the rows of a table in their file.

use crate::error::location::Location;

/// The location of each row of a table in its file.
#[derive(Debug)]
pub(crate) enum RowLocations {
    /// Row `n` of the table is row `n + 1` of the file.
    Rows,
    /// Rows are lines of a text.
    Lines(LineNumbers),
    /// The rows are those of two files. The rows of the second start at row `from`.
    Both { first: Box<Self>, from: usize, second: Box<Self> },
}

impl RowLocations {
    pub(crate) fn of(&self, row: usize) -> Location {
        match self {
            Self::Rows => Location::Row(row + 1),
            Self::Lines(lines) => Location::Line(lines.of(row)),
            Self::Both { first, from, .. } if row < *from => first.of(row),
            Self::Both { from, second, .. } => match second.of(row - from) {
                Location::Line(at) | Location::Row(at) | Location::FutureLine(at) => Location::FutureLine(at),
            },
        }
    }
}

/// The line of each row. Only jumps are stored, because consecutive rows are mostly consecutive lines.
#[derive(Debug, Default)]
pub(crate) struct LineNumbers {
    /// A row and its line, for each row that is not on the line after the row before it.
    jumps: Vec<(usize, usize)>,
}

impl LineNumbers {
    /// Adds the line of a row; rows are added in ascending order.
    pub(crate) fn push(&mut self, row: usize, line: usize) {
        if self.jumps.last().is_none_or(|(from, first)| first + (row - from) != line) {
            self.jumps.push((row, line));
        }
    }

    /// The line on which a row starts; the first line is 1.
    pub(crate) fn of(&self, row: usize) -> usize {
        let after = self.jumps.partition_point(|(from, _)| *from <= row);
        let (from, first) = after.checked_sub(1).map_or((0, 1), |at| self.jumps[at]);
        first + (row - from)
    }
}
