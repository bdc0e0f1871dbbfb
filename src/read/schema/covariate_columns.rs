//! Parses covariates: numbers, flags and categories.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::error::{DataProblem, Result, Setting};
use crate::panel::{CovariateKind, NO_CATEGORY};
use crate::read::notice::Notice;
use crate::read::parse::yes_or_no::{self, Pair};
use crate::read::schema::{column_inference::ColumnInference, roles::CovariateColumn};
use crate::read::table::{Cells, is_missing};

/// The maximum number of categories of a covariate. Rarer words have no category.
const MAX_CATEGORIES: usize = 20;
/// A column with this number of words or more is not a covariate if most of them occur once.
const MIN_WORDS_FOR_UNIQUENESS: usize = 10;

/// The covariates that the options name. Empty if the options request all columns.
pub(crate) fn requested(inference: &ColumnInference<'_>) -> Result<Vec<usize>> {
    let names = &inference.options.covariates;
    if inference.means_all(names) {
        return Ok(Vec::new());
    }
    let mut columns = inference.find_all(names, Setting::Covariates)?;
    let mut known = HashSet::new();
    columns.retain(|at| known.insert(*at));
    Ok(columns)
}

/// Parses the requested covariates, or all columns that are not `taken` if the options request all. A row without any
/// value of the target is in the future.
pub(crate) fn parse(
    inference: &ColumnInference<'_>,
    requested: &[usize],
    taken: &[usize],
    target: &[Vec<f64>],
    notices: &mut Vec<Notice>,
) -> Result<Vec<CovariateColumn>> {
    let all = inference.means_all(&inference.options.covariates);
    if requested.is_empty() && !all {
        return Ok(Vec::new());
    }
    let has_target = |row: usize| target.iter().any(|column| !column[row].is_nan());
    let has_target: Vec<bool> = (0..inference.table.rows).map(has_target).collect();
    let wanted: Vec<usize> =
        if all { inference.columns().filter(|at| !taken.contains(at)).collect() } else { requested.to_vec() };
    let is_number = |at: &usize| inference.profiles[*at].is_number() && !inference.samples[*at].is_empty();
    let (numeric, textual): (Vec<usize>, Vec<usize>) = wanted.iter().partition(|at| is_number(at));
    let numbers = inference.numbers(&numeric).map_err(|error| inference.number_error(error))?;
    notices.extend(numbers.notices);
    let mut columns: BTreeMap<usize, CovariateColumn> = BTreeMap::new();
    for (at, mut values) in numeric.into_iter().zip(numbers.values) {
        fill_flag(&mut values);
        columns.insert(at, CovariateColumn { name: inference.name(at), kind: CovariateKind::Number, values });
    }
    let mut left_out = Vec::new();
    for at in textual {
        let column = inference.name(at);
        match parse_text(inference, at, &has_target, notices) {
            Ok((kind, values)) => _ = columns.insert(at, CovariateColumn { name: column, kind, values }),
            Err(reason) if all => left_out.push(format!("{column} ({reason})")),
            Err(reason) => {
                return Err(inference.table.error(DataProblem::InvalidCovariate { column, reason: reason.into() }));
            }
        }
    }
    if !left_out.is_empty() {
        notices.push(Notice::ColumnsNotCovariates { columns: left_out });
    }
    Ok(wanted.iter().filter_map(|at| columns.remove(at)).collect())
}

/// Fills the empty cells of a column with 0 if all other cells have the same number, such as 1.
fn fill_flag(values: &mut [f64]) {
    let mut present = values.iter().filter(|value| !value.is_nan());
    let first = present.next().copied().filter(|first| *first != 0.0);
    if first.is_some_and(|first| present.all(|value| value.total_cmp(&first).is_eq())) {
        values.iter_mut().filter(|value| value.is_nan()).for_each(|value| *value = 0.0);
    }
}

/// Parses a column of text. Yes and no become numbers, and other words become categories, the most frequent first. An
/// empty cell has no category if cells in the past are empty too. Otherwise it is a missing value.
fn parse_text(
    inference: &ColumnInference<'_>,
    at: usize,
    has_target: &[bool],
    notices: &mut Vec<Notice>,
) -> Result<(CovariateKind, Vec<f64>), &'static str> {
    let cells = &inference.table.columns[at].cells;
    let (counts, empty) = count_words(cells, has_target);
    let words: usize = counts.values().sum();
    if counts.is_empty() {
        return Err("it has no value in the past");
    }
    if words >= MIN_WORDS_FOR_UNIQUENESS && counts.len() * 2 > words {
        return Err("most of its values occur once only");
    }
    let mut labels: Vec<(String, usize)> = counts.into_iter().collect();
    labels.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let labels: Vec<String> = labels.into_iter().map(|(label, _)| label).collect();
    let mut values = vec![f64::NAN; cells.len()];
    if let Some(pair) = Pair::of(&labels) {
        let number = |cell: &str| yes_or_no::number(cell.trim(), pair);
        cells.for_each(|row, cell| values[row] = cell.and_then(number).unwrap_or(f64::NAN));
        fill_flag(&mut values);
        return Ok((CovariateKind::Number, values));
    }
    if labels.len() > MAX_CATEGORIES {
        let (column, categories) = (inference.name(at), labels.len());
        notices.push(Notice::CategoriesLimited { column, categories, kept: MAX_CATEGORIES });
    }
    let (kept, rare) = labels.split_at(labels.len().min(MAX_CATEGORIES));
    let value_of_empty = if empty > 0 { NO_CATEGORY } else { f64::NAN };
    let mut unseen: Option<(String, usize)> = None;
    cells.for_each(|row, cell| {
        let Some(word) = word(cell) else { return values[row] = value_of_empty };
        let category = kept.iter().position(|label| label == word);
        values[row] = category.map_or(NO_CATEGORY, |at| at as f64);
        if category.is_none() && !rare.iter().any(|label| label == word) {
            unseen.get_or_insert_with(|| (word.to_owned(), 0)).1 += 1;
        }
    });
    if let Some((example, rows)) = unseen {
        notices.push(Notice::UnseenCategories { column: inference.name(at), rows, example });
    }
    Ok((CovariateKind::Category(kept.to_vec()), values))
}

/// How often each word occurs in the past, and how many cells of the past are empty.
fn count_words(cells: &Cells, has_target: &[bool]) -> (HashMap<String, usize>, usize) {
    let mut counts: HashMap<String, usize> = HashMap::new();
    let mut empty = 0;
    cells.for_each(|row, cell| match word(cell) {
        _ if !has_target[row] => {}
        Some(word) => *counts.entry(word.to_owned()).or_default() += 1,
        None => empty += 1,
    });
    (counts, empty)
}

/// The text of a cell without spaces around it; `None` if it is missing.
fn word(cell: Option<&str>) -> Option<&str> {
    cell.map(str::trim).filter(|cell| !is_missing(cell))
}
