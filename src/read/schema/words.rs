//! Words of covariates: which rows are in the past, and which words are categories.

use std::collections::HashMap;

use crate::read::options::ReadOptions;
use crate::read::schema::series_groups::Groups;
use crate::read::table::is_missing;

/// A column with this number of words or more is not a covariate if most of them occur once.
const MIN_WORDS_FOR_UNIQUENESS: usize = 10;

/// The series of each row, and whether the row is in the past: one without any value of the target is in the future.
pub(crate) struct PastRows<'a> {
    pub(crate) has_target: Vec<bool>,
    pub(crate) groups: &'a Groups,
}

impl<'a> PastRows<'a> {
    /// The rows of targets, `[column][row]`.
    pub(crate) fn of(targets: &[Vec<f64>], groups: &'a Groups) -> Self {
        let has_target = |row: usize| targets.iter().any(|column| !column[row].is_nan());
        Self { has_target: (0..groups.codes.len()).map(has_target).collect(), groups }
    }
}

/// Fills the empty cells of an indicator with 0: a column in which all other cells are 1, and some of the past are empty. A
/// constant amount is no indicator.
pub(crate) fn fill_indicator(values: &mut [f64], is_past: impl Fn(usize) -> bool) {
    let mut present = values.iter().filter(|value| !value.is_nan()).peekable();
    let is_one = |value: &f64| value.total_cmp(&1.0).is_eq();
    let has_ones_only = present.peek().is_some() && present.all(is_one);
    if has_ones_only && values.iter().enumerate().any(|(row, value)| value.is_nan() && is_past(row)) {
        values.iter_mut().filter(|value| value.is_nan()).for_each(|value| *value = 0.0);
    }
}

/// Whether most words occur once, so that they are no categories.
pub(crate) fn are_mostly_unique(different: usize, words: usize) -> bool {
    words >= MIN_WORDS_FOR_UNIQUENESS && different * 2 > words
}

/// The words, the most frequent first.
pub(crate) fn by_frequency(counts: HashMap<String, usize>) -> Vec<String> {
    let mut labels: Vec<(String, usize)> = counts.into_iter().collect();
    labels.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    labels.into_iter().map(|(label, _)| label).collect()
}

/// The text of a cell of a column of words, without spaces around it; `None` if it is missing. A column of numbers has no
/// value where a cell is `none`. Among words, `none` is one of the answers.
pub(crate) fn word<'a>(cell: Option<&'a str>, options: &ReadOptions) -> Option<&'a str> {
    let is_given = |cell: &str| options.missing.iter().flatten().any(|given| given == cell);
    cell.map(str::trim).filter(|cell| (is_none(cell) || !is_missing(cell)) && !is_given(cell))
}

/// Whether a cell of a column of words says that there is nothing.
pub(crate) fn is_none(cell: &str) -> bool {
    ["none", "nil"].iter().any(|none| cell.eq_ignore_ascii_case(none))
}
