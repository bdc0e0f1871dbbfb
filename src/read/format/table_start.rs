//! Where the table starts in a delimited text, below titles, metadata and smaller tables.

use crate::read::format::delimited::Record;
use crate::read::format::header::{self, Header};
use crate::read::format::property_lines;
use crate::read::format::row_pattern::{CellKind, RowPattern, kinds};

/// The start of the table, as positions in the first records of a text.
pub(crate) struct TableStart {
    /// The first line of the header, or the first row if there is none. The records before it are no part of the table.
    pub(crate) header: usize,
    pub(crate) first_row: usize,
    /// The cells of the header, which may be those of a row.
    pub(crate) names: Option<Vec<String>>,
    /// Lines between the header and the rows, such as units.
    pub(crate) below: Vec<usize>,
    pub(crate) pattern: Option<RowPattern>,
}

impl TableStart {
    /// The start of the longest block of rows that are alike. `None` if there are no records.
    pub(crate) fn find(records: &[Record<'_>]) -> Option<Self> {
        let columns = most_frequent_width(records).0;
        let cells: Vec<Vec<CellKind>> = records.iter().map(|record| kinds(&record.cells())).collect();
        let widths: Vec<usize> = records.iter().map(|record| record.fields().count()).collect();
        let pattern = RowPattern::of(&cells, &widths, columns);
        let has_gap: Vec<bool> = (0..records.len()).map(|at| at > 0 && has_gap_before(records, at)).collect();
        let titles = count_titles(records, columns);
        let with_values = pattern.as_ref().map_or(columns, RowPattern::columns_with_values);
        let first = pattern.as_ref().and_then(|pattern| {
            let mut first = first_regular(records, pattern)?;
            // Rows above it may have no values, or times that cannot be read.
            let is_row = |at: usize| {
                !has_gap[at + 1]
                    && widths[at] == columns
                    && pattern.may_be_row(&cells[at])
                    && !is_property(records[at], pattern)
            };
            while first > titles + 1 && is_row(first - 1) {
                first -= 1;
            }
            Some(first)
        });
        let Some(row) = first.filter(|row| *row > titles) else {
            let header = records.get(titles)?;
            let names = Some(header.cells());
            return Some(Self { header: titles, first_row: titles + 1, names, below: Vec::new(), pattern });
        };
        let header = property_lines::header(records, &has_gap, row, columns);
        let header = header.or_else(|| header::above(records, &has_gap, row, (columns, with_values)));
        Some(if let Some(Header { first, below, cells }) = header {
            Self { header: first, first_row: row, names: Some(cells), below, pattern }
        } else {
            // The row may be a header of years, or the first of a table without a header.
            let names = Some(records[row].cells());
            Self { header: row, first_row: row + 1, names, below: Vec::new(), pattern }
        })
    }
}

/// The first record that is a row and is followed by rows.
fn first_regular(records: &[Record<'_>], pattern: &RowPattern) -> Option<usize> {
    const MAX_FOLLOWING: usize = 10;
    let is_row = |record: &Record<'_>| pattern.fits_record(*record) && !is_property(*record, pattern);
    let fits: Vec<bool> = records.iter().map(is_row).collect();
    let count = |fits: &[bool]| fits.iter().filter(|fits| **fits).count();
    let is_followed = |at: &usize| {
        let following = &fits[*at..records.len().min(at + MAX_FOLLOWING)];
        count(following) * 10 >= following.len() * 7 && count(&fits[*at..]) * 2 > count(&fits)
    };
    // Years above the names of columns are an upper line of the header.
    let is_above_names = |at: usize| {
        let names = records.get(at + 1).map_or_else(Vec::new, |record| kinds(&record.cells()));
        let has_values = names.iter().any(|kind| matches!(kind, CellKind::Date | CellKind::Number));
        !has_values && names.iter().filter(|kind| **kind == CellKind::Text).count() > 1
    };
    let first = (0..records.len()).find(|at| fits[*at] && is_followed(at) && !is_above_names(*at))?;
    // A row with a date and a word in place of a number is still a row.
    let has_dates = |at: usize| pattern.has_date(records[at]) && !is_above_names(at);
    Some((0..first).rev().take_while(|at| has_dates(*at)).last().unwrap_or(first))
}

/// Whether a record has the name of a property, such as `Decimals`, where rows have a time or a number.
fn is_property(record: Record<'_>, pattern: &RowPattern) -> bool {
    pattern.has_values_in(0) && property_lines::has_name_of_property(&record.cells())
}

/// Whether blank lines, or lines of separators only, are between a record and the one before it.
fn has_gap_before(records: &[Record<'_>], at: usize) -> bool {
    let is_empty = |record: &Record<'_>| record.cells().iter().all(String::is_empty);
    let before = &records[at - 1];
    // A record ends in a line feed, which may follow a carriage return.
    records[at].start > before.start + before.text.len() + 2 || is_empty(before)
}

/// The most frequent number of fields, and the number of records with it.
pub(crate) fn most_frequent_width(records: &[Record<'_>]) -> (usize, usize) {
    let widths: Vec<usize> = records.iter().map(|record| record.fields().count()).collect();
    let counted = || widths.iter().rev().map(|width| (*width, widths.iter().filter(|other| *other == width).count()));
    let most = counted().max_by_key(|(_, count)| *count).unwrap_or((1, 0));
    // A table of few rows and many columns may have more lines of notes around it.
    let is_wide = |(width, count): &(usize, usize)| *width > 2 && *count > 1 && width * count >= 3 * most.1;
    let wide = if most.0 == 1 { counted().filter(is_wide).max_by_key(|(_, count)| *count) } else { None };
    wide.unwrap_or(most)
}

/// The number of titles above the header. A title has one cell where rows have several.
fn count_titles(records: &[Record<'_>], fields: usize) -> usize {
    let is_title = |record: &&Record<'_>| {
        let cells = record.cells();
        let filled = cells.iter().filter(|cell| !cell.is_empty()).count();
        (cells.len() == 1 && fields > 1)
            || (fields > 2 && filled <= 1 && !cells[0].is_empty())
            || (fields > 2 && filled == 0 && cells.len() == fields)
    };
    let titles = records.iter().take_while(is_title).count();
    if titles < records.len() { titles } else { 0 }
}
