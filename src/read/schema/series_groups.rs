//! Infers the id columns, and groups rows into series by them.

use std::collections::HashMap;

use crate::error::{DataProblem, Result};
use crate::read::parse::time_index::{NO_TIME, TimeIndex};
use crate::read::schema::column_inference::ColumnInference;
use crate::read::table::{Cells, Table};
use crate::time::frequency_inference::is_regular;

/// The series of each row, by number. Series are numbered in the order of their first rows.
#[derive(Debug, Clone)]
pub(crate) struct Groups {
    pub(crate) codes: Vec<u32>,
    pub(crate) count: usize,
}

impl Groups {
    /// Rows with the same cell are a series.
    fn of_column(cells: &Cells) -> Self {
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

    /// Rows with the same time are in one group.
    fn of_times(ticks: &[i64]) -> Self {
        let mut known: HashMap<i64, u32> = HashMap::new();
        let code = |time: &i64| {
            let next = known.len() as u32;
            *known.entry(*time).or_insert(next)
        };
        let codes = ticks.iter().map(code).collect();
        Self { codes, count: known.len() }
    }

    /// Rows that are in one series by both groupings are a series.
    pub(crate) fn intersect(&self, other: &Self) -> Self {
        let mut known: HashMap<(u32, u32), u32> = HashMap::new();
        let code = |pair: (&u32, &u32)| {
            let next = known.len() as u32;
            *known.entry((*pair.0, *pair.1)).or_insert(next)
        };
        let codes = self.codes.iter().zip(&other.codes).map(code).collect();
        Self { codes, count: known.len() }
    }

    /// Rows with the same cells in all of these columns are a series; without columns there is one series.
    pub(crate) fn of_columns(table: &Table, columns: &[usize]) -> Self {
        let groups = columns.iter().map(|at| Self::of_column(&table.columns[*at].cells));
        groups.reduce(|all, next| all.intersect(&next)).unwrap_or_else(|| Self { codes: vec![0; table.rows], count: 1 })
    }

    /// The id values of each series, from its first row.
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
}

fn id_value(cell: Option<&str>) -> &str {
    cell.map_or("", str::trim)
}

impl ColumnInference<'_> {
    /// The id columns and the series of each row. They are the requested columns, or else those with usual names of ids.
    /// Further columns are added until the times of each series are unique.
    pub(crate) fn ids(
        &self,
        requested: &[usize],
        used: &[usize],
        targets: &[usize],
        times: Option<&TimeIndex>,
        values: &[f64],
    ) -> (Vec<usize>, Groups) {
        let free: Vec<usize> = self.columns().filter(|at| !used.contains(at) && !targets.contains(at)).collect();
        if !requested.is_empty() {
            let blocks = times.filter(|_| requested.len() == 1);
            let blocks = blocks.and_then(|times| Some(self.block_labels(requested, &times.ticks)?.1));
            return (requested.to_vec(), blocks.unwrap_or_else(|| Groups::of_columns(self.table, requested)));
        }
        let (sure, others): (Vec<usize>, Vec<usize>) =
            free.iter().copied().partition(|at| self.profiles[*at].is_sure_id());
        let sure_groups = Groups::of_columns(self.table, &sure);
        let Some(times) = times else { return (sure, sure_groups) };
        let repeated_times = repeated_times_count(&times.ticks, values);
        let has_unique_times = |groups: &Groups| repeated_times(groups).are_few();
        if has_unique_times(&sure_groups) {
            if repeated_times(&sure_groups).different > 0
                && let Some((column, groups)) = self.column_of_regular_series(&others, &sure_groups, &times.ticks)
            {
                return (sure.into_iter().chain([column]).collect(), groups);
            }
            return (sure, sure_groups);
        }
        let may_be_id = |at: &usize| self.profiles[*at].may_be_id();
        let grouped = others.iter().copied().filter(may_be_id).map(|at| (at, Groups::of_columns(self.table, &[at])));
        // A column with a new value in nearly every row numbers the rows, and one with values in one group only names none.
        let is_id = |(_, groups): &(usize, Groups)| groups.count * 2 <= self.table.rows && has_several(groups, values);
        let (mut candidates, mut groups): (Vec<usize>, Vec<Groups>) = grouped.filter(is_id).unzip();
        let mut chosen = choose_ids(has_unique_times, &sure_groups, &groups);
        if chosen.is_none() {
            let blocks = self.block_labels(&free, &times.ticks).filter(|(_, blocks)| has_unique_times(blocks));
            if let Some((column, blocks)) = blocks {
                return (vec![column], blocks);
            }
            candidates = self.numbers_of_entities(&Groups::of_times(&times.ticks), &others);
            groups = candidates.iter().map(|at| Groups::of_columns(self.table, &[*at])).collect();
            chosen = choose_ids(has_unique_times, &sure_groups, &groups);
        }
        // If no choice makes the times unique, the error about repeated times lists the rows.
        let chosen = chosen.unwrap_or_default();
        let mut ids: Vec<usize> = sure.iter().copied().chain(chosen.iter().map(|at| candidates[*at])).collect();
        ids.sort_unstable();
        let all = chosen.iter().fold(sure_groups, |all, at| all.intersect(&groups[*at]));
        (ids, all)
    }

    /// Refuses rows without times if another column has text, which may name several series.
    pub(crate) fn check_single_series(&self, with_role: &[usize]) -> Result<()> {
        if self.columns().any(|at| self.profiles[at].is_text() && !with_role.contains(&at)) {
            let no_time = || self.table.error(DataProblem::NoTimeColumn { columns: self.table.column_names() });
            let years = self.times_in_header_error().filter(|_| self.options.target.is_none());
            return Err(self.numbered_fiscal_periods().or(years).unwrap_or_else(no_time));
        }
        Ok(())
    }

    /// A column of words or codes, each of which has no repeated time and times at a regular step. So a few times that are
    /// repeated in the file are those of short series or of series with longer steps.
    fn column_of_regular_series(&self, others: &[usize], sure: &Groups, times: &[i64]) -> Option<(usize, Groups)> {
        let words = others.iter().copied().filter(|at| self.profiles[*at].may_be_id() && self.has_few_values(*at));
        let grouped = words.map(|at| (at, sure.intersect(&Groups::of_columns(self.table, &[at]))));
        grouped.into_iter().find(|(_, groups)| are_regular(groups, times))
    }

    /// The columns without a role that may be ids: those whose cells mostly occur more than once. If rows of one time have
    /// different values, these are the columns that tell them apart.
    pub(crate) fn id_candidates(
        &self,
        with_role: &[usize],
        times: &TimeIndex,
        values: &[f64],
        groups: &Groups,
    ) -> Vec<String> {
        let candidates = self.columns().filter(|at| !with_role.contains(at) && self.has_few_values(*at));
        let repeated_times = repeated_times_count(&times.ticks, values);
        let names = |at: usize| self.name(at);
        if repeated_times(groups).different == 0 {
            return candidates.filter(|at| self.profiles[*at].may_be_id()).map(names).collect();
        }
        let may_be_id =
            |at: &usize| self.profiles[*at].may_be_id() || (self.profiles[*at].is_whole && !self.is_flag(*at));
        let tells_apart =
            |at: &usize| repeated_times(&groups.intersect(&Groups::of_columns(self.table, &[*at]))).different == 0;
        candidates.filter(may_be_id).filter(tells_apart).map(names).collect()
    }
}

/// Whether each group has at least three rows, no time twice, and times at a regular step.
fn are_regular(groups: &Groups, times: &[i64]) -> bool {
    const MIN_ROWS: usize = 3;
    let mut by_group: Vec<Vec<i64>> = vec![Vec::new(); groups.count];
    for (code, time) in groups.codes.iter().zip(times).filter(|(_, time)| **time != NO_TIME) {
        by_group[*code as usize].push(*time);
    }
    by_group.iter_mut().all(|times| {
        times.sort_unstable();
        let is_repeated = times.windows(2).any(|pair| pair[0] == pair[1]);
        times.len() >= MIN_ROWS && !is_repeated && is_regular(std::mem::take(times))
    })
}

/// Whether more than one group has a value.
fn has_several(groups: &Groups, values: &[f64]) -> bool {
    let mut with_value = groups.codes.iter().zip(values).filter(|(_, value)| !value.is_nan()).map(|(code, _)| code);
    let first = with_value.next();
    with_value.any(|code| Some(code) != first)
}

/// The approximate number of rows in which the uniqueness of times is checked.
const SAMPLE_ROWS: usize = 1_000_000;

/// How many rows repeat a time of their series, and how many of these have a different value.
struct RepeatedTimes {
    rows: usize,
    repeated: usize,
    different: usize,
}

impl RepeatedTimes {
    /// Whether few times have several rows. These few are errors in the data, not further series.
    fn are_few(&self) -> bool {
        self.different * 10 <= self.rows && self.repeated * 5 <= self.rows
    }
}

/// Counts the rows that repeat a time of their series.
fn repeated_times_count(times: &[i64], values: &[f64]) -> impl Fn(&Groups) -> RepeatedTimes {
    // The sample has all rows of a time or none, because only rows of one time can contradict each other.
    let one_in = (times.len() / SAMPLE_ROWS + 1) as u64;
    let hash = |time: i64| (time as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    let is_in_sample = |row: &usize| times[*row] != NO_TIME && hash(times[*row]).is_multiple_of(one_in);
    let sample: Vec<usize> = (0..times.len()).filter(is_in_sample).collect();
    move |groups| {
        let mut different = 0;
        let mut known: HashMap<(u32, i64), f64> = HashMap::with_capacity(sample.len());
        for row in &sample {
            let value = values[*row];
            let first = *known.entry((groups.codes[*row], times[*row])).or_insert(value);
            // The difference to a missing value is NaN, so a missing value contradicts no other.
            different += usize::from((first - value).abs() > 0.0);
        }
        let repeated = sample.len() - known.len();
        RepeatedTimes { rows: sample.len(), repeated, different }
    }
}

/// The candidates that are ids in addition to the sure ones. They are as few as make times unique, and all that are
/// other names of the same series. `None` if not even all candidates make times unique.
fn choose_ids(has_unique_times: impl Fn(&Groups) -> bool, sure: &Groups, candidates: &[Groups]) -> Option<Vec<usize>> {
    let intersection = |kept: &[usize]| kept.iter().fold(sure.clone(), |all, at| all.intersect(&candidates[*at]));
    let mut kept: Vec<usize> = (0..candidates.len()).collect();
    if !has_unique_times(&intersection(&kept)) {
        return None;
    }
    for candidate in (0..candidates.len()).rev() {
        let without: Vec<usize> = kept.iter().copied().filter(|at| *at != candidate).collect();
        if has_unique_times(&intersection(&without)) {
            kept = without;
        }
    }
    let series = intersection(&kept);
    let is_other_name = |at: &usize| series.intersect(&candidates[*at]).count == series.count;
    Some((0..candidates.len()).filter(|at| kept.contains(at) || is_other_name(at)).collect())
}
