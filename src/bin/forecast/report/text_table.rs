//! Plain tables of text and numbers.

use comfy_table::{Cell, CellAlignment, ColumnConstraint, ContentArrangement, Row, Table, presets};
use forecast::write::decimals;

/// The text of an undefined number.
pub(crate) const UNDEFINED: &str = "–";
/// Numbers of this size or more are written with an exponent.
const MIN_EXPONENT_SIZE: f64 = 1e15;

/// Draws a table without lines. The first columns are of text, all others are of numbers, which end at the right.
pub(crate) fn draw(
    text_columns: usize,
    headings: impl IntoIterator<Item = impl Into<Cell>>,
    rows: impl IntoIterator<Item = impl Into<Row>>,
) -> String {
    lines_of(&table(text_columns, headings, rows))
}

/// Draws a table as [`draw`] does. On a terminal that is too narrow, texts continue on the next line.
pub(crate) fn draw_wrapped(
    text_columns: usize,
    headings: impl IntoIterator<Item = impl Into<Cell>>,
    rows: impl IntoIterator<Item = impl Into<Row>>,
) -> String {
    let mut table = table(text_columns, headings, rows);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    for column in table.column_iter_mut().skip(text_columns) {
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
    lines_of(&table)
}

fn table(
    text_columns: usize,
    headings: impl IntoIterator<Item = impl Into<Cell>>,
    rows: impl IntoIterator<Item = impl Into<Row>>,
) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(headings);
    table.add_rows(rows);
    for column in table.column_iter_mut().skip(text_columns) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn lines_of(table: &Table) -> String {
    let lines = table.lines().map(|line| line.trim_end().to_owned());
    lines.collect::<Vec<_>>().join("\n")
}

/// The first text whose lines are at most `width` long, or else the last. Texts are ordered from wide to narrow.
pub(crate) fn widest_that_fits(texts: impl Iterator<Item = String>, width: Option<usize>) -> String {
    let fits = |text: &&String| width.is_none_or(|width| text.lines().all(|line| line.chars().count() <= width));
    let texts: Vec<String> = texts.collect();
    texts.iter().find(fits).or(texts.last()).cloned().unwrap_or_default()
}

/// The decimals that show four significant digits of the smallest number above zero.
pub(crate) fn decimals_of_smallest(numbers: impl Iterator<Item = f64>) -> usize {
    decimals(numbers.filter(|number| *number > 0.0).fold(f64::INFINITY, f64::min), 4)
}

/// A number with a number of decimals and separated thousands.
pub(crate) fn fixed(value: f64, decimals: usize) -> String {
    if value.abs() >= MIN_EXPONENT_SIZE {
        return format!("{value:.4e}");
    }
    let text = format!("{value:.decimals$}");
    let negative = text.starts_with('-') && text.bytes().any(|byte| (b'1'..=b'9').contains(&byte));
    let text = text.trim_start_matches('-');
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    format!("{}{}{rest}", if negative { "-" } else { "" }, group_digits(whole))
}

/// A count with separated thousands.
pub(crate) fn count(number: usize) -> String {
    group_digits(&number.to_string())
}

/// A count and the noun that it counts, in the singular or in the plural.
pub(crate) fn counted(number: usize, noun: &str) -> String {
    format!("{} {noun}{}", count(number), if number == 1 { "" } else { "s" })
}

fn group_digits(digits: &str) -> String {
    let groups = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy);
    groups.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated_and_zero_has_no_sign() {
        let numbers = [fixed(1_234_567.891, 1), fixed(-999.5, 2), fixed(-0.000_1, 2), fixed(123.0, 0)];
        assert_eq!(numbers, ["1,234,567.9", "-999.50", "0.00", "123"]);
        assert_eq!([counted(1, "fold"), counted(1_000, "point")], ["1 fold", "1,000 points"]);
    }

    #[test]
    fn small_numbers_show_their_digits() {
        assert_eq!(decimals_of_smallest([f64::NAN, 0.0, 120.0, 1.5].into_iter()), 3);
    }
}
