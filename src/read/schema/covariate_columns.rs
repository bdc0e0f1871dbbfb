//! Parses covariates: numbers, flags and categories.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::error::{CovariateProblem, DataProblem, Error, Result, Setting};
use crate::panel::{CovariateKind, MAX_CATEGORIES, NO_CATEGORY};
use crate::read::notice::Notice;
use crate::read::options::ReadOptions;
use crate::read::parse::number_form::NumberForm;
use crate::read::parse::yes_or_no::{self, Pair};
use crate::read::schema::column_inference::ColumnInference;
use crate::read::schema::words::{PastRows, are_mostly_unique, by_frequency, fill_indicator, is_none, word};
use crate::read::schema::{known_words, roles::CovariateColumn, words_of_separate_series};
use crate::read::table::{Cells, RejectedRows, is_missing};

/// The covariates that the options name. Those of words alone if the options request all columns.
pub(crate) fn requested(inference: &ColumnInference<'_>) -> Result<Vec<usize>> {
    let options = inference.options;
    let names = if inference.means_all(&options.covariates) { &[][..] } else { &options.covariates };
    let mut columns = inference.find_all(names, Setting::Covariates)?;
    columns.extend(inference.find_all(&options.categories, Setting::Covariates)?);
    let mut known = HashSet::new();
    columns.retain(|at| known.insert(*at));
    Ok(columns)
}

/// Parses the requested covariates, and all columns that are not `taken` if the options request all.
pub(crate) fn parse(
    inference: &ColumnInference<'_>,
    requested: &[usize],
    taken: &[usize],
    rows: &PastRows<'_>,
    notices: &mut Vec<Notice>,
) -> Result<Vec<CovariateColumn>> {
    let all = inference.means_all(&inference.options.covariates);
    if requested.is_empty() && !all {
        return Ok(Vec::new());
    }
    let is_separate = inference.options.separate_covariates;
    let others: Vec<usize> = inference.columns().filter(|at| all && !taken.contains(at)).collect();
    let wanted = [requested, &others].concat();
    let categories = inference.find_all(&inference.options.categories, Setting::Covariates)?;
    // by series, a column of numbers may have none in this part of a file
    let has_values = |at: usize| !inference.samples[at].is_empty();
    let may_be_empty = |at: usize| is_separate && matches!(inference.table.columns[at].cells, Cells::Numbers(_));
    let is_of_numbers = |at: usize| is_separate && inference.options.has_numbers_in_model(&inference.name(at));
    let is_number =
        |at: &usize| may_be_empty(*at) || is_of_numbers(*at) || inference.profiles[*at].is_number() && has_values(*at);
    let (numeric, textual): (Vec<usize>, Vec<usize>) =
        wanted.iter().partition(|at| is_number(at) && !categories.contains(at));
    if let Some(error) = numeric.iter().filter(|at| is_of_numbers(**at)).find_map(|at| yes_and_no(inference, *at)) {
        return Err(error);
    }
    let numbers = inference.numbers(&numeric).map_err(|error| of_covariate(inference.number_error(error)))?;
    notices.extend(numbers.notices);
    let mut columns: BTreeMap<usize, CovariateColumn> = BTreeMap::new();
    for (at, mut values) in numeric.into_iter().zip(numbers.values) {
        if is_separate {
            words_of_separate_series::fill_indicators(&mut values, rows);
        } else {
            fill_indicator(&mut values, |row| rows.has_target[row]);
        }
        columns.insert(
            at,
            CovariateColumn { name: inference.name(at), kind: CovariateKind::Number, values, known_future: false },
        );
    }
    let mut left_out = Vec::new();
    for at in textual {
        let (column, is_given) = (inference.name(at), categories.contains(&at));
        if is_separate {
            let (kind, values) = words_of_separate_series::parse(inference, at, is_given, rows, notices)?;
            columns.insert(at, CovariateColumn { name: column, kind, values, known_future: false });
            continue;
        }
        match parse_text(inference, at, is_given, &rows.has_target, notices) {
            Ok((kind, values)) => {
                _ = columns.insert(at, CovariateColumn { name: column, kind, values, known_future: false });
            }
            Err(reason) if all => left_out.push(format!("{column} ({reason})")),
            Err(reason) => {
                return Err(inference.table.error(DataProblem::InvalidCovariate { column, reason }));
            }
        }
    }
    if !left_out.is_empty() {
        notices.push(Notice::ColumnsNotCovariates { columns: left_out });
    }
    Ok(wanted.iter().filter_map(|at| columns.remove(at)).collect())
}

/// The error that a column has words for yes and no, which are categories where covariates are read by series. `None` if it
/// has none.
fn yes_and_no(inference: &ColumnInference<'_>, at: usize) -> Option<Error> {
    if !matches!(inference.profiles[at].form, NumberForm::YesOrNo(_)) {
        return None;
    }
    let mut words = RejectedRows::default();
    inference.table.columns[at].cells.for_each(|row, cell| {
        if cell.is_some_and(|cell| !is_missing(cell)) {
            words.push(row);
        }
    });
    let (column, present, cells) = (inference.name(at), words.count, inference.rejected_cells(at, &words));
    let in_future = cells.first.iter().any(|(place, _)| place.in_future_file().is_some());
    let problem = DataProblem::WordsAmongNumbers { column, cells, present, can_be_skipped: false, in_future };
    Some(inference.table.error(problem))
}

/// The error of cells that are not numbers, as one of a covariate.
fn of_covariate(error: Error) -> Error {
    match error {
        Error::Data { file, problem } => Error::data(
            file,
            match *problem {
                DataProblem::InvalidNumbers { column, cells, present, can_be_skipped } => {
                    let in_future = cells.first.iter().any(|(place, _)| place.in_future_file().is_some());
                    DataProblem::WordsAmongNumbers { column, cells, present, can_be_skipped, in_future }
                }
                other => other,
            },
        ),
        other => other,
    }
}

/// Parses a column of text. Yes and no become numbers, unless the words are known to be categories, and other words become
/// categories, the most frequent first. An empty cell has no category if cells in the past are empty too. Otherwise it is
/// a missing value.
fn parse_text(
    inference: &ColumnInference<'_>,
    at: usize,
    are_categories: bool,
    has_target: &[bool],
    notices: &mut Vec<Notice>,
) -> Result<(CovariateKind, Vec<f64>), CovariateProblem> {
    let cells = &inference.table.columns[at].cells;
    let options = inference.options;
    let (counts, empty) = count_words(cells, has_target, options);
    let value_of_empty = if empty > 0 { NO_CATEGORY } else { f64::NAN };
    if let Some(known) = options.categories_of_model(&inference.name(at)) {
        let values = known_words::parse(inference, at, known, |_| value_of_empty, notices);
        return Ok((CovariateKind::Category(known.to_vec()), values));
    }
    let words: usize = counts.values().sum();
    if counts.is_empty() {
        return Err(CovariateProblem::NoValues { series: None });
    }
    if are_mostly_unique(counts.len(), words) {
        return Err(CovariateProblem::MostlyUnique);
    }
    let labels = by_frequency(counts);
    let mut values = vec![f64::NAN; cells.len()];
    let answers: Vec<String> = labels.iter().filter(|label| !is_none(label)).cloned().collect();
    if let Some(pair) = Pair::of(&answers).filter(|_| !are_categories) {
        let number = |cell: &str| yes_or_no::number(cell.trim(), pair);
        cells.for_each(|row, cell| values[row] = cell.and_then(number).unwrap_or(f64::NAN));
        fill_indicator(&mut values, |row| has_target[row]);
        return Ok((CovariateKind::Number, values));
    }
    if labels.len() > MAX_CATEGORIES {
        let (column, categories) = (inference.name(at), labels.len());
        notices.push(Notice::CategoriesLimited { column, categories, kept: MAX_CATEGORIES });
    }
    let (kept, rare) = labels.split_at(labels.len().min(MAX_CATEGORIES));
    let mut unseen: Option<(String, usize)> = None;
    cells.for_each(|row, cell| {
        let Some(word) = word(cell, options) else { return values[row] = value_of_empty };
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
fn count_words(cells: &Cells, has_target: &[bool], options: &ReadOptions) -> (HashMap<String, usize>, usize) {
    let mut counts: HashMap<String, usize> = HashMap::new();
    let mut empty = 0;
    cells.for_each(|row, cell| match word(cell, options) {
        _ if !has_target[row] => {}
        Some(word) => *counts.entry(word.to_owned()).or_default() += 1,
        None => empty += 1,
    });
    (counts, empty)
}
