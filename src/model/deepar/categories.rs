//! Id columns as static features: what a series shares with others.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::panel::Panel;

/// Most categories of a column.
const MOST: usize = 64;
/// Fewest series a category, on average: what tells single series apart says nothing of one that was never seen.
const SHARED: usize = 2;

/// An id column whose values are categories. Number 0 is the unknown one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Category {
    /// The column's name.
    pub(crate) column: String,
    /// Its values, ascending.
    pub(crate) values: Vec<String>,
}

/// The id columns of a panel that have few values, each shared by several series.
pub(crate) fn of(panel: &Panel) -> Vec<Category> {
    let column = |(at, name): (usize, &String)| {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        panel.iter().for_each(|s| *counts.entry(s.key[at].as_str()).or_default() += 1);
        let few = (2..=MOST).contains(&counts.len()) && counts.len() * SHARED <= panel.count();
        few.then(|| Category { column: name.clone(), values: counts.into_keys().map(String::from).collect() })
    };
    panel.columns().ids.iter().enumerate().filter_map(column).collect()
}

/// The numbers of each series' categories, [series][column]; 0 for what is not known.
pub(crate) fn codes(categories: &[Category], panel: &Panel) -> Vec<Vec<usize>> {
    let ids = &panel.columns().ids;
    let places: Vec<Option<usize>> = categories.iter().map(|c| ids.iter().position(|id| *id == c.column)).collect();
    let code = |key: &[String], (category, place): (&Category, &Option<usize>)| {
        place.and_then(|at| category.values.binary_search(&key[at]).ok()).map_or(0, |found| found + 1)
    };
    panel.iter().map(|s| categories.iter().zip(&places).map(|pair| code(s.key, pair)).collect()).collect()
}

/// Whether categories, read from a file, can have been found in a panel.
pub(crate) fn are_sound(categories: &[Category]) -> bool {
    categories.iter().all(|c| (1..=1 << 12).contains(&c.values.len()) && c.values.is_sorted())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panel::series::{Columns, Series};
    use crate::time::frequency::Frequency;
    use crate::time::timestamp::Timestamp;

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
    fn what_several_series_share_is_a_category_and_an_unknown_value_is_number_0() {
        let learned = panel(&[["north", "a"], ["north", "b"], ["south", "c"], ["south", "d"]]);
        let categories = of(&learned);
        assert_eq!(categories.iter().map(|c| c.column.as_str()).collect::<Vec<_>>(), ["region"]);
        assert_eq!(codes(&categories, &learned), [[1], [1], [2], [2]]);
        assert_eq!(codes(&categories, &panel(&[["south", "e"], ["west", "f"]])), [[2], [0]]);
    }
}
