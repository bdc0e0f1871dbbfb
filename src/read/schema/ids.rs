//! Which columns tell series apart: those without which one time would have several values.

use std::collections::HashMap;

use crate::read::parse::time_index::NO_TIME;
use crate::read::table::{Cells, is_missing};

/// A series' number for every row.
#[derive(Debug, Clone)]
pub(crate) struct Groups {
    pub(crate) codes: Vec<u32>,
    pub(crate) count: usize,
}

impl Groups {
    /// All rows in one series.
    pub(crate) fn one(rows: usize) -> Self {
        Self { codes: vec![0; rows], count: 1 }
    }

    /// Rows with the same cell get the same number, in the order of appearance.
    pub(crate) fn of(cells: &Cells) -> Self {
        let mut known: HashMap<String, u32> = HashMap::new();
        let mut codes: Vec<u32> = Vec::with_capacity(cells.len());
        let (mut before, mut code) = (String::new(), None);
        cells.for_each(|_, cell| {
            let cell = key(cell);
            // rows of one series mostly follow each other
            if code.is_none() || cell != before {
                let next = known.len() as u32;
                code = Some(known.get(cell).copied().unwrap_or_else(|| *known.entry(cell.to_owned()).or_insert(next)));
                cell.clone_into(&mut before);
            }
            codes.extend(code);
        });
        Self { codes, count: known.len() }
    }

    /// Rows that agree in both get the same number.
    pub(crate) fn and(&self, other: &Self) -> Self {
        let mut known: HashMap<(u32, u32), u32> = HashMap::new();
        let codes = self.codes.iter().zip(&other.codes).map(|(one, two)| {
            let next = known.len() as u32;
            *known.entry((*one, *two)).or_insert(next)
        });
        let codes = codes.collect();
        Self { codes, count: known.len() }
    }

    /// The groups of several columns together.
    pub(crate) fn all<'a>(columns: impl IntoIterator<Item = &'a Self>, rows: usize) -> Self {
        columns
            .into_iter()
            .fold(None, |all: Option<Self>, next| Some(all.map_or_else(|| next.clone(), |all| all.and(next))))
            .unwrap_or_else(|| Self::one(rows))
    }

    /// Whether rows of one of these groups never differ in `other`.
    fn determine(&self, other: &Self) -> bool {
        self.and(other).count == self.count
    }
}

/// An id cell as it is kept.
pub(crate) fn key(cell: Option<&str>) -> &str {
    cell.map_or("", str::trim)
}

/// Rows looked at to judge whether times are unique: all rows of so many times.
const JUDGED: usize = 1_000_000;

/// Times and values, and how often one time has several.
pub(crate) struct Rows<'a> {
    times: &'a [i64],
    values: &'a [f64],
    judged: Vec<usize>,
}

impl<'a> Rows<'a> {
    pub(crate) fn new(times: &'a [i64], values: &'a [f64]) -> Self {
        // whole times are kept or left, as only rows of one time can contradict each other
        let every = (times.len() / JUDGED + 1) as u64;
        let spread = |time: i64| (time as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        let judged = (0..times.len()).filter(|row| times[*row] != NO_TIME && spread(times[*row]).is_multiple_of(every));
        Self { times, values, judged: judged.collect() }
    }

    /// Whether nearly no time has several values within a group. What then remains is a mistake in the data, for which
    /// no column should be blamed.
    pub(crate) fn are_unique(&self, groups: &Groups) -> bool {
        let mut different = 0;
        let mut known: HashMap<(u32, i64), f64> = HashMap::with_capacity(self.judged.len());
        for row in &self.judged {
            let value = self.values[*row];
            let first = *known.entry((groups.codes[*row], self.times[*row])).or_insert(value);
            // a missing value contradicts none: its difference is not a number
            different += usize::from((first - value).abs() > 0.0);
        }
        let repeated = self.judged.len() - known.len();
        different * 10 <= self.judged.len() && repeated * 5 <= self.judged.len()
    }

    /// Which of the candidates are ids, beside those that surely are: as few as make times unique, and with them those
    /// that only name the same series in other words. `None` if all together do not make times unique.
    pub(crate) fn choose(&self, sure: &Groups, candidates: &[Groups]) -> Option<Vec<usize>> {
        if self.are_unique(sure) {
            return Some(Vec::new());
        }
        let together = |kept: &[usize]| kept.iter().fold(sure.clone(), |all, at| all.and(&candidates[*at]));
        let mut kept: Vec<usize> = (0..candidates.len()).collect();
        if !self.are_unique(&together(&kept)) {
            return None;
        }
        for candidate in (0..candidates.len()).rev() {
            let without: Vec<usize> = kept.iter().copied().filter(|at| *at != candidate).collect();
            if self.are_unique(&together(&without)) {
                kept = without;
            }
        }
        let series = together(&kept);
        Some((0..candidates.len()).filter(|at| kept.contains(at) || series.determine(&candidates[*at])).collect())
    }
}

/// Whether every cell of a sample is a whole number.
pub(crate) fn whole_numbers(sample: &[String]) -> bool {
    !sample.is_empty() && sample.iter().all(|cell| is_missing(cell) || cell.trim().parse::<i64>().is_ok())
}
