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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panel::{Columns, Series};
    use crate::time::{Frequency, Timestamp};

    fn panel(keys: &[[&str; 2]]) -> Panel {
        let columns = Columns { time: None, target: "y".into(), ids: vec!["region".into(), "shop".into()] };
        let series = keys.iter().map(|key| Series {
            key: key.map(String::from).to_vec(),
            start: Timestamp::Index(1),
            values: vec![1.0],
            observed: vec![true],
        });
        Panel::new(columns, Frequency::INDEX, 1, series.collect()).unwrap()
    }

    #[test]
    fn a_column_that_series_share_is_a_feature_and_unknown_values_have_code_0() {
        let training = panel(&[["north", "a"], ["north", "b"], ["south", "c"], ["south", "d"]]);
        let features = static_features(&training);
        assert_eq!(features.iter().map(|f| f.column.as_str()).collect::<Vec<_>>(), ["region"]);
        assert_eq!(category_codes(&features, &training), [[1], [1], [2], [2]]);
        assert_eq!(category_codes(&features, &panel(&[["south", "e"], ["west", "f"]])), [[2], [0]]);
    }
}
