//! Covariates of words of separate series, so that they are the same in every part of a file.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::error::{DataProblem, Result, data_problem::MOSTLY_UNIQUE};
use crate::panel::{CovariateKind, MAX_CATEGORIES, NO_CATEGORY};
use crate::read::notice::Notice;
use crate::read::schema::column_inference::ColumnInference;
use crate::read::schema::known_words;
use crate::read::schema::words::{PastRows, are_mostly_unique, by_frequency, fill_indicator, is_none, word};

/// The share of numbers among the words of a series from which they are read as numbers where the series is alone.
const MIN_SHARE_OF_NUMBERS: f64 = 0.5;

/// Fills the empty cells of a column with 0 in each series in which it is an indicator.
pub(crate) fn fill_indicators(values: &mut [f64], past: &PastRows<'_>) {
    let mut rows: Vec<Vec<usize>> = vec![Vec::new(); past.groups.count];
    past.groups.codes.iter().enumerate().for_each(|(row, code)| rows[*code as usize].push(row));
    for rows in rows {
        let mut own: Vec<f64> = rows.iter().map(|row| values[*row]).collect();
        fill_indicator(&mut own, |at| past.has_target[rows[at]]);
        rows.iter().zip(own).for_each(|(row, value)| values[*row] = value);
    }
}

/// The words of a series in the past.
#[derive(Default)]
struct SeriesWords {
    counts: HashMap<String, usize>,
    has_empty: bool,
    /// Whether it has a row in the past.
    has_past: bool,
    /// How many of the words are numbers, and how many say that there is nothing.
    numbers: usize,
    none_words: usize,
    /// The first row with a number, and the first with another word.
    first_number: Option<usize>,
    first_word: Option<usize>,
    /// The most frequent words, and the others.
    kept: HashSet<String>,
    rare: HashSet<String>,
}

impl SeriesWords {
    /// The number of words other than `none`, which columns of numbers may have, too.
    fn words_without_none(&self) -> usize {
        self.counts.values().sum::<usize>() - self.none_words
    }
}

/// Parses a column of words as categories, in the order of their names. Each series has its most frequent ones. A series
/// without words, or with words that mostly occur once, has none.
///
/// # Errors
/// If the words of some series are numbers, unless the caller names the column as categories.
pub(crate) fn parse(
    inference: &ColumnInference<'_>,
    at: usize,
    is_named: bool,
    rows: &PastRows<'_>,
    notices: &mut Vec<Notice>,
) -> Result<(CovariateKind, Vec<f64>)> {
    let column = || inference.name(at);
    let mut series = count_by_series(inference, at, rows);
    if !is_named {
        series.iter_mut().filter(|own| own.words_without_none() == 0).for_each(|own| own.counts.clear());
    }
    if !is_named && series.iter().all(|own| own.counts.is_empty()) {
        // whether they would be numbers or words makes no difference
        return Ok((CovariateKind::Number, vec![f64::NAN; rows.groups.codes.len()]));
    }
    let is_of_numbers = |own: &&SeriesWords| {
        let words = own.words_without_none();
        words > 0 && own.numbers as f64 >= MIN_SHARE_OF_NUMBERS * words as f64
    };
    let of_numbers = series.iter().find(is_of_numbers).filter(|_| !is_named);
    if let Some(number) = of_numbers.and_then(|own| own.first_number) {
        let word = series.iter().filter_map(|own| own.first_word).min().map(|row| inference.cell(at, row));
        let (column, number) = (column(), inference.cell(at, number));
        return Err(inference.table.error(DataProblem::MixedKinds { column, number, word }));
    }
    if let Some(known) = inference.options.categories_of_model(&column()) {
        let has_empty = |row: usize| series[rows.groups.codes[row] as usize].has_empty;
        let value_of_empty = |row: usize| if has_empty(row) { NO_CATEGORY } else { f64::NAN };
        let values = known_words::parse(inference, at, known, value_of_empty, notices);
        return Ok((CovariateKind::Category(known.to_vec()), values));
    }
    let (mut labels, mut most, mut mostly_unique) = (BTreeSet::new(), 0, 0);
    for own in &mut series {
        let counts = std::mem::take(&mut own.counts);
        if are_mostly_unique(counts.len(), counts.values().sum()) {
            mostly_unique += 1;
            continue;
        }
        most = most.max(counts.len());
        let mut words = by_frequency(counts).into_iter();
        own.kept = words.by_ref().take(MAX_CATEGORIES).collect();
        own.rare = words.collect();
        labels.extend(own.kept.iter().cloned());
    }
    if mostly_unique > 0 {
        let (column, reason) = (column(), MOSTLY_UNIQUE);
        notices.push(Notice::CovariateWithoutEffect { column, series: mostly_unique, reason });
    }
    if most > MAX_CATEGORIES {
        notices.push(Notice::CategoriesLimited { column: column(), categories: most, kept: MAX_CATEGORIES });
    }
    let positions: BTreeMap<&String, f64> = labels.iter().zip(0_u32..).map(|(label, at)| (label, at.into())).collect();
    let cells = &inference.table.columns[at].cells;
    let mut values = vec![f64::NAN; cells.len()];
    let mut unseen: Option<(String, usize)> = None;
    cells.for_each(|row, cell| {
        let own = &series[rows.groups.codes[row] as usize];
        let Some(word) = word(cell, inference.options) else {
            values[row] = if own.has_empty { NO_CATEGORY } else { f64::NAN };
            return;
        };
        let category = own.kept.get(word).map(|label| positions[label]);
        values[row] = category.unwrap_or(NO_CATEGORY);
        // a rare word of the past has no category either
        let is_unseen = category.is_none() && !own.rare.contains(word);
        if is_unseen && !rows.has_target[row] && own.has_past && !own.kept.is_empty() {
            unseen.get_or_insert_with(|| (word.to_owned(), 0)).1 += 1;
        }
    });
    if let Some((example, rows)) = unseen {
        notices.push(Notice::UnseenCategories { column: column(), rows, example });
    }
    Ok((CovariateKind::Category(labels.into_iter().collect()), values))
}

fn count_by_series(inference: &ColumnInference<'_>, at: usize, rows: &PastRows<'_>) -> Vec<SeriesWords> {
    let mut series: Vec<SeriesWords> = (0..rows.groups.count).map(|_| SeriesWords::default()).collect();
    inference.table.columns[at].cells.for_each(|row, cell| {
        let own = &mut series[rows.groups.codes[row] as usize];
        own.has_past |= rows.has_target[row];
        match word(cell, inference.options) {
            _ if !rows.has_target[row] => {}
            Some(word) => {
                if inference.is_number_text(at, word) {
                    own.numbers += 1;
                    own.first_number.get_or_insert(row);
                } else if is_none(word) {
                    own.none_words += 1;
                } else {
                    own.first_word.get_or_insert(row);
                }
                *own.counts.entry(word.to_owned()).or_default() += 1;
            }
            None => own.has_empty = true,
        }
    });
    series
}
