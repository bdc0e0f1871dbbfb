//! Infers the levels of a hierarchy from the values of its id columns.

use std::collections::HashMap;

use crate::panel::Panel;

/// The id of a sum over all values of an id column. It sorts before letters and digits, so that sums come first.
pub const ALL: &str = "(all)";

/// A partition of the series into groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Level {
    /// The smallest set of id columns that identifies its groups: `total`, `state`, `region × purpose`.
    pub name: String,
    /// The number of groups.
    pub count: usize,
}

pub(crate) struct Group {
    /// The ids, [`ALL`] for columns in which the series of the group differ.
    pub(crate) key: Vec<String>,
    /// The positions of its series, ascending.
    pub(crate) parts: Vec<usize>,
    pub(crate) level: usize,
}

/// All levels, from few groups to the bottom series, and the groups of all levels above the bottom.
///
/// A column that is determined by another one, as a state is by its region, adds no level to it. So the structure
/// `(state / region) * purpose` of Hyndman & Athanasopoulos, *Forecasting: Principles and Practice* (3rd ed.), section
/// 11.1, is inferred from the data.
pub(crate) fn levels(panel: &Panel) -> (Vec<Level>, Vec<Group>) {
    let keys: Vec<&[String]> = panel.iter().map(|series| series.key).collect();
    let width = panel.columns().ids.len();
    let values: Vec<Vec<u32>> = (0..width).map(|column| coded(keys.iter().map(|key| &key[column]))).collect();
    // sets of columns with the same groups are one level, with all their columns
    let mut sets: HashMap<Vec<u32>, u32> = HashMap::new();
    for set in 0..1_u32 << width {
        *sets.entry(groups(&values, set, keys.len())).or_default() |= set;
    }
    let count = |groups: &[u32]| groups.iter().max().map_or(0, |last| *last as usize + 1);
    let mut found: Vec<_> = sets.into_iter().map(|(groups, set)| (count(&groups), set, groups)).collect();
    found.sort();
    let (mut levels, mut sums) = (Vec::new(), Vec::new());
    for (level, (count, set, groups)) in found.iter().enumerate() {
        let columns = minimal_columns(&values, *set, groups);
        let names: Vec<&str> = columns.iter().map(|column| panel.columns().ids[*column].as_str()).collect();
        levels.push(Level { name: if names.is_empty() { "total".into() } else { names.join(" × ") }, count: *count });
        if *count == keys.len() {
            break; // the groups are the series themselves
        }
        let mut parts: Vec<Vec<usize>> = vec![Vec::new(); *count];
        groups.iter().enumerate().for_each(|(series, group)| parts[*group as usize].push(series));
        sums.extend(parts.into_iter().map(|parts| {
            let own = keys[parts[0]];
            let cell = |column: usize| if has(*set, column) { own[column].clone() } else { ALL.to_owned() };
            Group { key: (0..width).map(cell).collect(), parts, level }
        }));
    }
    (levels, sums)
}

fn has(set: u32, column: usize) -> bool {
    set >> column & 1 == 1
}

/// Numbers for distinct cells, in the order of appearance.
fn coded<T: std::hash::Hash + Eq>(cells: impl Iterator<Item = T>) -> Vec<u32> {
    let mut known: HashMap<T, u32> = HashMap::new();
    let code = |cell| {
        let next = known.len() as u32;
        *known.entry(cell).or_insert(next)
    };
    cells.map(code).collect()
}

/// The group of each series by a set of columns, numbered in the order of appearance.
fn groups(values: &[Vec<u32>], set: u32, count: usize) -> Vec<u32> {
    let columns = values.iter().enumerate().filter(|(column, _)| has(set, *column));
    columns.fold(vec![0; count], |groups, (_, codes)| coded(groups.iter().zip(codes)))
}

/// The columns of a set that the others do not determine. Later columns are removed first.
fn minimal_columns(values: &[Vec<u32>], set: u32, by_all: &[u32]) -> Vec<usize> {
    let mut kept = set;
    for column in (0..values.len()).rev().filter(|column| has(set, *column)) {
        let without = kept & !(1 << column);
        if groups(values, without, by_all.len()) == by_all {
            kept = without;
        }
    }
    (0..values.len()).filter(|column| has(kept, *column)).collect()
}
