//! Groups rows into series, and checks that the times of each series are unique.

use std::collections::HashMap;

use crate::read::parse::time_index::NO_TIME;
use crate::read::table::{Cells, Table};

/// The series of each row, by number.
#[derive(Debug, Clone)]
pub(crate) struct Groups {
    pub(crate) codes: Vec<u32>,
    pub(crate) count: usize,
}

impl Groups {
    pub(crate) fn single(rows: usize) -> Self {
        Self { codes: vec![0; rows], count: 1 }
    }

    pub(crate) fn one_per_row(rows: usize) -> Self {
        Self { codes: (0..rows as u32).collect(), count: rows }
    }

    /// Rows with the same cell are a series. Series are numbered in the order of their first rows.
    pub(crate) fn of_column(cells: &Cells) -> Self {
        let mut known: HashMap<String, u32> = HashMap::new();
        let mut codes: Vec<u32> = Vec::with_capacity(cells.len());
        let (mut last_cell, mut code) = (String::new(), None);
        cells.for_each(|_, cell| {
            let cell = id_value(cell);
            // Rows of one series are mostly consecutive, so the last cell is remembered.
            if code.is_none() || cell != last_cell {
                let next = known.len() as u32;
                code = Some(known.get(cell).copied().unwrap_or_else(|| *known.entry(cell.to_owned()).or_insert(next)));
                cell.clone_into(&mut last_cell);
            }
            codes.extend(code);
        });
        Self { codes, count: known.len() }
    }

    /// Rows that are in one series by both groupings are a series.
    pub(crate) fn intersect(&self, other: &Self) -> Self {
        let mut known: HashMap<(u32, u32), u32> = HashMap::new();
        let codes = self.codes.iter().zip(&other.codes).map(|(one, two)| {
            let next = known.len() as u32;
            *known.entry((*one, *two)).or_insert(next)
        });
        let codes = codes.collect();
        Self { codes, count: known.len() }
    }

    /// The intersection of several groupings; one series if there are none.
    pub(crate) fn of_columns<'a>(columns: impl IntoIterator<Item = &'a Self>, rows: usize) -> Self {
        columns
            .into_iter()
            .fold(None, |all: Option<Self>, next| Some(all.map_or_else(|| next.clone(), |all| all.intersect(next))))
            .unwrap_or_else(|| Self::single(rows))
    }

    /// The id values of each series, from its first row. Series must be numbered in the order of their first rows.
    pub(crate) fn keys(&self, table: &Table, ids: &[usize]) -> Vec<Vec<String>> {
        let mut keys: Vec<Vec<String>> = Vec::with_capacity(self.count);
        for (row, code) in self.codes.iter().enumerate() {
            if *code as usize == keys.len() {
                let value = |id: &usize| id_value(table.columns[*id].cells.text(row).as_deref()).to_owned();
                keys.push(ids.iter().map(value).collect());
            }
        }
        keys
    }

    /// Whether all rows of each series are in one series of `other`.
    fn determine(&self, other: &Self) -> bool {
        self.intersect(other).count == self.count
    }
}

fn id_value(cell: Option<&str>) -> &str {
    cell.map_or("", str::trim)
}

/// The approximate number of rows in which the uniqueness of times is checked.
const SAMPLE_ROWS: usize = 1_000_000;

/// Checks whether the times of each series are unique.
pub(crate) struct UniquenessCheck<'a> {
    times: &'a [i64],
    values: &'a [f64],
    sample: Vec<usize>,
}

impl<'a> UniquenessCheck<'a> {
    pub(crate) fn new(times: &'a [i64], values: &'a [f64]) -> Self {
        // The sample has all rows of a time or none, because only rows of one time can contradict each other.
        let one_in = (times.len() / SAMPLE_ROWS + 1) as u64;
        let hash = |time: i64| (time as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        let sample = (0..times.len()).filter(|row| times[*row] != NO_TIME && hash(times[*row]).is_multiple_of(one_in));
        Self { times, values, sample: sample.collect() }
    }

    /// Whether few times of a series have several values. These few are errors in the data, not further series.
    pub(crate) fn has_unique_times(&self, groups: &Groups) -> bool {
        let mut different = 0;
        let mut known: HashMap<(u32, i64), f64> = HashMap::with_capacity(self.sample.len());
        for row in &self.sample {
            let value = self.values[*row];
            let first = *known.entry((groups.codes[*row], self.times[*row])).or_insert(value);
            // The difference to a missing value is NaN, so a missing value contradicts no other.
            different += usize::from((first - value).abs() > 0.0);
        }
        let repeated = self.sample.len() - known.len();
        different * 10 <= self.sample.len() && repeated * 5 <= self.sample.len()
    }

    /// The candidates that are ids in addition to the sure ones. They are as few as make times unique, and all that are
    /// other names of the same series. `None` if not even all candidates make times unique.
    pub(crate) fn choose_ids(&self, sure: &Groups, candidates: &[Groups]) -> Option<Vec<usize>> {
        if self.has_unique_times(sure) {
            return Some(Vec::new());
        }
        let intersection = |kept: &[usize]| kept.iter().fold(sure.clone(), |all, at| all.intersect(&candidates[*at]));
        let mut kept: Vec<usize> = (0..candidates.len()).collect();
        if !self.has_unique_times(&intersection(&kept)) {
            return None;
        }
        for candidate in (0..candidates.len()).rev() {
            let without: Vec<usize> = kept.iter().copied().filter(|at| *at != candidate).collect();
            if self.has_unique_times(&intersection(&without)) {
                kept = without;
            }
        }
        let series = intersection(&kept);
        Some((0..candidates.len()).filter(|at| kept.contains(at) || series.determine(&candidates[*at])).collect())
    }
}
