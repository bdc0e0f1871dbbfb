//! The locations of the rows of a table in their file.

use crate::error::Location;

/// The location of each row of a table. Only jumps are stored, because consecutive rows are mostly on consecutive lines.
#[derive(Debug, Default)]
pub(crate) struct RowLocations {
    /// A row and its location, for each row that does not follow the location of the row before it.
    jumps: Vec<(usize, Location)>,
}

impl RowLocations {
    /// The rows of a file that has no lines, from 1.
    pub(crate) fn numbered() -> Self {
        Self { jumps: vec![(0, Location::Row(1))] }
    }

    /// Adds the line of a row; rows are added in ascending order.
    pub(crate) fn push(&mut self, row: usize, line: usize) {
        let line = Location::Line(line);
        if self.jumps.last().is_none_or(|(from, first)| rows_after(*first, row - from) != line) {
            self.jumps.push((row, line));
        }
    }

    /// The same rows of a sheet, whose text has a line for each row.
    #[cfg(feature = "excel")]
    pub(crate) fn of_sheet(mut self) -> Self {
        self.jumps.iter_mut().for_each(|(_, location)| *location = location.of_sheet());
        self
    }

    /// The same rows of one of several sheets.
    #[cfg(feature = "excel")]
    pub(crate) fn of_sheet_number(&mut self, sheet: usize) {
        for (_, location) in &mut self.jumps {
            if let Location::Row(row) = *location {
                *location = Location::RowOfSheet { sheet, row };
            }
        }
    }

    /// Appends the rows of another sheet. The first of them is row `from`.
    #[cfg(feature = "excel")]
    pub(crate) fn append_sheet(&mut self, from: usize, sheet: Self) {
        self.jumps.extend(sheet.jumps.into_iter().map(|(row, location)| (from + row, location)));
    }

    /// Appends the rows of a file of future rows. The first of them is row `from`.
    pub(crate) fn append(&mut self, from: usize, future: Self) {
        let in_future = |(row, location): (usize, Location)| match location {
            Location::Line(at) | Location::FutureLine(at) => (from + row, Location::FutureLine(at)),
            Location::Row(at) | Location::RowOfSheet { row: at, .. } | Location::FutureRow(at) => {
                (from + row, Location::FutureRow(at))
            }
        };
        self.jumps.extend(future.jumps.into_iter().map(in_future));
    }

    pub(crate) fn of(&self, row: usize) -> Location {
        let after = self.jumps.partition_point(|(from, _)| *from <= row);
        let (from, first) = after.checked_sub(1).map_or((0, Location::Row(1)), |at| self.jumps[at]);
        rows_after(first, row - from)
    }
}

/// The location a number of rows after another.
fn rows_after(location: Location, rows: usize) -> Location {
    match location {
        Location::Line(line) => Location::Line(line + rows),
        Location::Row(row) => Location::Row(row + rows),
        Location::RowOfSheet { sheet, row } => Location::RowOfSheet { sheet, row: row + rows },
        Location::FutureLine(line) => Location::FutureLine(line + rows),
        Location::FutureRow(row) => Location::FutureRow(row + rows),
    }
}
