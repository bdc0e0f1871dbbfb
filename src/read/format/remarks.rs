//! Remarks right of the table of a sheet, which is text with tabs between its cells.

use crate::read::notice::Notice;

/// The separator of the text of a sheet. Tabs inside cells become spaces.
pub(crate) const SEPARATOR: u8 = b'\t';

/// Whether a line has several cells.
pub(crate) fn is_row(line: &str) -> bool {
    line.split(char::from(SEPARATOR)).filter(|cell| !cell.is_empty()).count() > 1
}

/// The first line with several cells.
pub(crate) fn first_row(text: &str) -> usize {
    text.lines().position(is_row).unwrap_or(0)
}

/// Single cells right of a table, such as remarks, which an empty column parts from it.
pub(crate) struct Remarks {
    /// The empty column.
    pub(crate) column: usize,
    cells: usize,
    /// The address of the first cell and its text.
    first: (String, String),
}

impl Remarks {
    /// `None` if there are none, or so many that they may be columns of the table.
    pub(crate) fn find(text: &str) -> Option<Self> {
        const ROWS_PER_CELL: usize = 10;
        let filled = |line: &'_ str| -> Vec<usize> {
            let cells = line.split(char::from(SEPARATOR)).enumerate();
            cells.filter(|(_, cell)| !cell.is_empty()).map(|(column, _)| column).collect()
        };
        let first_row = first_row(text);
        let rows = || text.lines().enumerate().skip(first_row).filter(|(_, line)| !line.is_empty());
        let (mut count, mut is_filled) = (0, Vec::new());
        for column in rows().inspect(|_| count += 1).flat_map(|(_, line)| filled(line)) {
            is_filled.resize(is_filled.len().max(column + 1), false);
            is_filled[column] = true;
        }
        let start = is_filled.iter().position(|is_filled| *is_filled)?;
        let column = start + is_filled[start..].iter().position(|is_filled| !is_filled)?;
        let mut all = rows().flat_map(|(row, line)| {
            let cells = line.split(char::from(SEPARATOR)).enumerate().skip(column);
            cells.filter(|(_, cell)| !cell.is_empty()).map(move |(column, cell)| (row, column, cell))
        });
        let (row, first_column, cell) = all.next()?;
        let cells = 1 + all.count();
        // A name in the first row is that of a column.
        (row > first_row && cells * ROWS_PER_CELL <= count).then(|| Self {
            column,
            cells,
            first: (address(row as u32, first_column as u32), cell.to_owned()),
        })
    }

    pub(crate) fn notice(&self) -> Notice {
        let (first, text) = self.first.clone();
        Notice::RemarksLeftOut { cells: self.cells, first, text }
    }
}

/// The address of a cell, from its row and column counted from 0: `B7` for (6, 1).
pub(crate) fn address(row: u32, column: u32) -> String {
    let (mut letters, mut rest) = (Vec::new(), column + 1);
    while rest > 0 {
        letters.push(b'A' + ((rest - 1) % 26) as u8);
        rest = (rest - 1) / 26;
    }
    letters.reverse();
    format!("{}{}", String::from_utf8_lossy(&letters), row + 1)
}
