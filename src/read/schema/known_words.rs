//! Covariates of words whose categories are those of a model.

use std::collections::{BTreeSet, HashMap};

use crate::panel::NO_CATEGORY;
use crate::read::notice::Notice;
use crate::read::schema::column_inference::ColumnInference;
use crate::read::schema::words::word;

/// The categories of the cells of a column, by their positions in `known`. `value_of_empty` gives that of an empty cell in a
/// row. Other words are no category, and a notice says so.
pub(crate) fn parse(
    inference: &ColumnInference<'_>,
    at: usize,
    known: &[String],
    value_of_empty: impl Fn(usize) -> f64,
    notices: &mut Vec<Notice>,
) -> Vec<f64> {
    let positions: HashMap<&str, f64> =
        known.iter().zip(0_u32..).map(|(label, at)| (label.as_str(), at.into())).collect();
    let cells = &inference.table.columns[at].cells;
    let mut values = vec![f64::NAN; cells.len()];
    let mut unknown: BTreeSet<String> = BTreeSet::new();
    cells.for_each(|row, cell| {
        values[row] = match word(cell, inference.options) {
            None => value_of_empty(row),
            Some(word) => positions.get(word).copied().unwrap_or_else(|| {
                if !unknown.contains(word) {
                    unknown.insert(word.to_owned());
                }
                NO_CATEGORY
            }),
        };
    });
    if let Some(example) = unknown.first().cloned() {
        notices.push(Notice::UnknownCategories { column: inference.name(at), categories: unknown.len(), example });
    }
    values
}
