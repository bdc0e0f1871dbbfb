//! Static categorical features: id columns whose values several series share.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::panel::Panel;

/// The largest number of features. A training window has a bit for each.
const MAX_FEATURES: usize = 32;
const MAX_CATEGORIES: usize = 64;
/// The smallest mean number of series of a category. A category of a single series has no meaning for new series.
const MIN_SERIES_PER_CATEGORY: usize = 2;

/// An id column whose values are categories. The code of a value is its position plus 1; the code of unknown values is
/// 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StaticFeature {
    pub(crate) column: String,
    /// The values, ascending.
    pub(crate) values: Vec<String>,
}

/// The id columns of a panel that have few values, each shared by several series.
pub(crate) fn static_features(panel: &Panel) -> Vec<StaticFeature> {
    let feature = |(at, name): (usize, &String)| {
        let values: BTreeSet<&String> = panel.iter().map(|s| &s.key[at]).collect();
        let is_shared =
            (2..=MAX_CATEGORIES).contains(&values.len()) && values.len() * MIN_SERIES_PER_CATEGORY <= panel.count();
        is_shared.then(|| StaticFeature { column: name.clone(), values: values.into_iter().cloned().collect() })
    };
    panel.columns().ids.iter().enumerate().filter_map(feature).take(MAX_FEATURES).collect()
}

/// The codes of the categories of each series, [series][feature].
pub(crate) fn category_codes(features: &[StaticFeature], panel: &Panel) -> Vec<Vec<usize>> {
    let ids = &panel.columns().ids;
    let columns: Vec<Option<usize>> = features.iter().map(|f| ids.iter().position(|id| *id == f.column)).collect();
    let code = |key: &[String], (feature, column): (&StaticFeature, &Option<usize>)| {
        column.and_then(|at| feature.values.binary_search(&key[at]).ok()).map_or(0, |found| found + 1)
    };
    panel.iter().map(|s| features.iter().zip(&columns).map(|pair| code(s.key, pair)).collect()).collect()
}
