//! Finds series that are the total of other series of their panel.

use std::collections::BTreeMap;

use crate::panel::series::TimeSeries;
use crate::panel::total_words::is_name_of_total;

/// A series that is the sum of others, or has the name of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TotalSeries {
    /// The position of the series in its panel.
    pub series: usize,
    /// Its value in the id column whose other values it is the total of.
    pub id: String,
    /// The number of the series that it would be the sum of.
    pub parts: usize,
    /// Whether its values are the sums of the others. Otherwise only its name is that of a total.
    pub is_sum: bool,
}

/// A sum may differ from a total by this share of it, because published numbers are rounded.
const MAX_DIFFERENCE: f64 = 1e-3;
/// At least so many steps are compared.
const MIN_STEPS: usize = 5;

/// The series that are totals of others with the same values in all other id columns.
pub(crate) fn totals<'a>(all: impl Iterator<Item = TimeSeries<'a>>) -> Vec<TotalSeries> {
    let all: Vec<TimeSeries<'_>> = all.collect();
    let columns = all.first().map_or(0, |series| series.key.len());
    let mut found: BTreeMap<usize, TotalSeries> = BTreeMap::new();
    for column in 0..columns {
        let mut groups: BTreeMap<Vec<&String>, Vec<usize>> = BTreeMap::new();
        for (at, series) in all.iter().enumerate() {
            let others = series.key.iter().enumerate().filter(|(other, _)| *other != column).map(|(_, id)| id);
            groups.entry(others.collect()).or_default().push(at);
        }
        let totals = groups.values().filter(|group| group.len() > 2).filter_map(|group| total(&all, group, column));
        for total in totals {
            found.entry(total.series).or_insert(total);
        }
    }
    for (at, column) in totals_of_all(&all) {
        let everything: Vec<usize> = (0..all.len()).collect();
        let is_sum = is_sum_of_others(&all, &everything, at);
        let total = TotalSeries { series: at, id: all[at].key[column].clone(), parts: all.len() - 1, is_sum };
        found.entry(at).or_insert(total);
    }
    found.into_values().collect()
}

/// The series that are named as totals in one id column and have no id in the others, each with that column.
fn totals_of_all(all: &[TimeSeries<'_>]) -> Vec<(usize, usize)> {
    const MIN_SERIES: usize = 3;
    let column_of = |series: &TimeSeries<'_>| {
        let mut with_id = (0..series.key.len()).filter(|column| !series.key[*column].trim().is_empty());
        let column = with_id.next().filter(|column| is_name_of_total(&series.key[*column]))?;
        with_id.next().is_none().then_some(column)
    };
    let named = all.iter().enumerate().filter_map(|(at, series)| Some((at, column_of(series)?)));
    if all.len() < MIN_SERIES { Vec::new() } else { named.collect() }
}

/// The series of a group that is the total of the others: the one that is named so, or else the largest.
fn total(all: &[TimeSeries<'_>], group: &[usize], column: usize) -> Option<TotalSeries> {
    let is_named = |at: &&usize| is_name_of_total(&all[**at].key[column]);
    let size = |at: &usize| all[*at].values.iter().map(|value| value.abs()).sum::<f64>();
    let largest = || group.iter().map(|at| (at, size(at))).max_by(|one, other| one.1.total_cmp(&other.1));
    let named = group.iter().find(is_named);
    let series = *named.or_else(|| largest().map(|(at, _)| at))?;
    let is_sum = is_sum_of_others(all, group, series);
    let (id, parts) = (all[series].key[column].clone(), group.len() - 1);
    (is_sum || named.is_some()).then_some(TotalSeries { series, id, parts, is_sum })
}

/// Whether nearly all values of a series are the sums of the values of the others at the same times.
fn is_sum_of_others(all: &[TimeSeries<'_>], group: &[usize], total: usize) -> bool {
    let whole = &all[total];
    let mut sums = vec![0.0; whole.len()];
    let mut is_complete = whole.observed.to_vec();
    for part in group.iter().map(|at| &all[*at]).filter(|part| part.key != whole.key) {
        let position =
            |from: &TimeSeries<'_>, to: &TimeSeries<'_>| from.frequency.position(from.start.ticks(), to.start.ticks());
        let (skipped, first) = match (position(whole, part), position(part, whole)) {
            (Some(first), _) => (0, first),
            (None, Some(skipped)) => (skipped, 0),
            (None, None) => return false,
        };
        let values = part.values.iter().zip(part.observed).skip(skipped);
        for ((value, observed), at) in values.zip(first..whole.len()) {
            sums[at] += value;
            is_complete[at] &= observed;
        }
    }
    let compared = (0..whole.len()).filter(|at| is_complete[*at]);
    let is_equal = |at: &usize| (whole.values[*at] - sums[*at]).abs() <= MAX_DIFFERENCE * whole.values[*at].abs();
    let (equal, other): (Vec<usize>, Vec<usize>) = compared.partition(is_equal);
    let has_values = equal.iter().any(|at| whole.values[*at].abs() > 0.0);
    equal.len() >= MIN_STEPS && equal.len() >= 9 * other.len() && has_values
}
