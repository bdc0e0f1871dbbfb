//! Columns with a label in the first row of each block and nothing below it, as merged cells and pivot tables have.

use std::collections::HashMap;

use crate::read::notice::Notice;
use crate::read::parse::time_index::NO_TIME;
use crate::read::schema::column_inference::ColumnInference;
use crate::read::schema::series_groups::Groups;
use crate::read::table::{Cells, is_missing};

/// The minimum mean number of rows of a block.
const MIN_ROWS_OF_BLOCK: usize = 3;

impl ColumnInference<'_> {
    /// The first of `columns` with a label for each block of rows, and the blocks as groups. The times begin again in each
    /// block, so that the label is one of all its rows. Blocks with the same label are one group.
    pub(crate) fn block_labels(&self, columns: &[usize], times: &[i64]) -> Option<(usize, Groups)> {
        let text = columns.iter().copied().filter(|at| self.profiles[*at].is_text());
        let mut labels = text.map(|at| (at, &self.table.columns[at].cells));
        labels.find_map(|(at, cells)| Some((at, blocks(cells, times)?)))
    }

    /// The notice that a column has a label for each block of rows.
    pub(crate) fn block_labels_notice(&self, ids: &[usize], times: Option<&[i64]>) -> Option<Notice> {
        let (at, groups) = self.block_labels(ids, times?)?;
        Some(Notice::LabelsOfBlocks { column: self.name(at), series: groups.count })
    }
}

/// The blocks below each label of a column. `None` if the first row has no label, if most rows have one, or if times do not
/// ascend within a block or do not begin again in the next one.
fn blocks(cells: &Cells, times: &[i64]) -> Option<Groups> {
    let label = |row: usize| cells.text(row).map(|cell| cell.trim().to_owned()).filter(|cell| !is_missing(cell));
    // A look at the first rows rules out most columns.
    if cells.len() < 2 * MIN_ROWS_OF_BLOCK || label(0).is_none() || label(1).is_some() {
        return None;
    }
    let mut known: HashMap<String, u32> = HashMap::new();
    let mut codes = Vec::with_capacity(cells.len());
    let (mut code, mut last, mut count, mut are_blocks) = (0, i64::MIN, 0, true);
    cells.for_each(|row, cell| {
        if !are_blocks {
            return;
        }
        let time = times[row];
        if let Some(name) = cell.map(str::trim).filter(|cell| !is_missing(cell)) {
            are_blocks &= row == 0 || (time != NO_TIME && time <= last);
            let next = known.len() as u32;
            code = *known.entry(name.to_owned()).or_insert(next);
            (last, count) = (i64::MIN, count + 1);
        }
        if time != NO_TIME {
            are_blocks &= time > last;
            last = time;
        }
        codes.push(code);
    });
    let is_sparse = count >= 2 && MIN_ROWS_OF_BLOCK * count <= cells.len();
    (are_blocks && is_sparse).then_some(Groups { codes, count: known.len() })
}
