//! Tables with a single space between the cells of a row, as `write.table` of R writes them.

use crate::read::format::aligned_table::has_separator;
use crate::read::format::delimited::{Record, Records};
use crate::read::format::header::have_row_numbers;
use crate::read::format::row_pattern::{CellKind, kinds};
use crate::read::format::table_start::most_frequent_width;

/// The number of lines by which such a table is recognised.
const SAMPLE_LINES: usize = 200;
/// The minimum number of rows.
const MIN_ROWS: usize = 3;
/// One row of so many may have another number of cells.
const ROWS_PER_EXCEPTION: usize = 20;

/// The separator, if most rows have a cell for each name of the line above them, with one space between.
///
/// R writes no name above the row numbers. Two spaces would be a blank cell, or belong to a table aligned by spaces.
pub(crate) fn separator(text: &str) -> Option<u8> {
    const SPACE: u8 = b' ';
    let is_line = |record: &Record<'_>| !record.is_blank() && !record.text.starts_with('#');
    let sample: Vec<Record<'_>> =
        Records { text, at: 0, separator: SPACE }.filter(is_line).take(SAMPLE_LINES).collect();
    if sample.iter().any(|record| has_separator(record.text)) {
        return None;
    }
    let (columns, _) = most_frequent_width(&sample);
    let is_row = |record: &Record<'_>| {
        let has_value = kinds(&record.cells()).iter().any(|kind| matches!(kind, CellKind::Date | CellKind::Number));
        has_value && record.fields().count() == columns && record.fields().all(|cell| !cell.is_empty())
    };
    let first = sample.iter().position(is_row)?;
    let (names, rows) = (sample[..first].last()?.cells(), &sample[first..]);
    let are_names = names.len() > 1 && kinds(&names).iter().all(|kind| *kind == CellKind::Text);
    let exceptions = rows.iter().filter(|record| !is_row(record)).count();
    let fits = names.len() == columns || have_row_numbers(rows, names.len());
    let is_table = are_names && fits && rows.len() >= MIN_ROWS && exceptions * ROWS_PER_EXCEPTION <= rows.len();
    is_table.then_some(SPACE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_space_separates_cells_below_as_many_names() {
        for text in [
            "year month value\n2024 9 5\n2024 10 6\n2024 11 12\n",
            "\"date\" \"value\"\n\"1\" 2024-01-01 5\n\"2\" 2024-01-02 6\n\"3\" 2024-01-03 7\n",
            "Sales of the shop\n\nmonth sales\n2024-01 5\n2024-02 6\n2024-03 7\n",
            "\"date\" \"note\" \"value\"\n2024-01-01 \"\" 5\n2024-01-02 \"\" 6\n2024-01-03 \"a b\" 7\n",
            "# from the office\nshop date value\n\"New York\" 2024-01-01 5\n\"New York\" 2024-01-02 6\nBern 2024-01-03 7\n",
        ] {
            assert_eq!(separator(text), Some(b' '), "{text}");
        }
    }

    #[test]
    fn other_texts_have_no_space_between_cells() {
        for text in [
            "time value\n2024-01-01 00:00 5\n2024-01-01 01:00 6\n2024-01-01 02:00 7\n",
            "date sales\n2024-01-01;5 1\n2024-01-02;6 1\n2024-01-03;7 1\n",
            "date, sales\n2024-01-01, 5\n2024-01-02, 6\n2024-01-03, 7\n",
            "value\n1 234\n2 345\n3 456\n",
            "10:00 user 5\n10:01 user 6\n10:02 user 7\n10:03 user 8\n",
            "one two\n1  2\n3  4\n5  6\n",
            "The sales of\nthis shop are\nlarger than\nthose of others\n",
        ] {
            assert_eq!(separator(text), None, "{text}");
        }
    }
}
