//! The offsets of the times of a column from UTC.

use crate::read::parse::parsed_time::UtcOffset;

/// The offsets of the times of a column from UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ColumnOffsets {
    /// No cell has an offset.
    Unspecified,
    /// Every cell has the same offset in seconds.
    Constant(i32),
    /// The offset of each row in seconds; `None` if its cell has no offset or is empty.
    PerRow(Vec<Option<i32>>),
    /// A typed column in UTC with the name of its zone.
    NamedZone(String),
}

/// Collects the offsets of a column. It stores one for each row only if two differ.
#[derive(Default)]
pub(crate) struct OffsetsBuilder {
    first: Option<UtcOffset>,
    rows: usize,
    per_row: Vec<Option<i32>>,
}

impl OffsetsBuilder {
    /// Adds the offset of the next row, `None` if its cell is empty.
    pub(crate) fn push(&mut self, offset: Option<UtcOffset>) {
        let rows_before = self.rows;
        self.rows += 1;
        if let Some(offset) = offset {
            let first = *self.first.get_or_insert(offset);
            if offset != first && self.per_row.is_empty() {
                self.per_row = vec![first.seconds(); rows_before];
            }
        }
        if !self.per_row.is_empty() {
            self.per_row.push(offset.and_then(UtcOffset::seconds));
        }
    }

    pub(crate) fn build(self) -> ColumnOffsets {
        match self.first.and_then(UtcOffset::seconds) {
            _ if !self.per_row.is_empty() => ColumnOffsets::PerRow(self.per_row),
            Some(seconds) => ColumnOffsets::Constant(seconds),
            None => ColumnOffsets::Unspecified,
        }
    }
}
