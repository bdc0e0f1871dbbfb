//! Cells in place of a time that mark a row as a total of others, such as `Annual` or a month 13.

use crate::panel::total_words::is_word_of_total;

/// Words of the value of a year and of means, in lower case.
#[rustfmt::skip]
const WORDS: [&str; 22] = [
    "annual", "average", "avg", "mean", "ytd", "mittel", "mittelwert", "durchschnitt", "jahr", "jahreswert", "année",
    "annuel", "moyenne", "media", "min", "max", "minimum", "maximum", "median", "std", "stdev", "stddev",
];

/// Whether a cell has the word of a total, such as `Annual`, `Grand Total` or `2014 total`, and no other word than those
/// around it.
pub(crate) fn is_total(cell: &str) -> bool {
    let lower = cell.trim().to_lowercase();
    let is_separator = |c: char| !c.is_alphanumeric();
    let words: Vec<&str> = lower.split(is_separator).filter(|word| !word.is_empty()).collect();
    (1..=3).contains(&words.len()) && words.iter().any(|word| is_word_of_total(word) || WORDS.contains(word))
}

/// Whether a cell in place of a time has asterisks alone, with which lists of SAP mark totals.
pub(crate) fn is_mark_of_total(cell: &str) -> bool {
    let cell = cell.trim();
    !cell.is_empty() && cell.bytes().all(|byte| byte == b'*')
}

/// Whether a cell has a month 13, with which statistics offices mark the value of a year: `201413`, `M13`, `2014-13`.
pub(crate) fn is_month_13(cell: &str) -> bool {
    let Some(before) = cell.trim().strip_suffix("13") else { return false };
    let year = before.trim_end_matches(['M', 'm', '-', '.', '/']);
    year.is_empty() || (year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit()))
}
