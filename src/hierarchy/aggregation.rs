//! A hierarchy: the series of a panel, and all sums of them that its id columns define.

use std::collections::{BTreeMap, HashMap};

use crate::error::{Error, ReconcileProblem, Result};
use crate::hierarchy::nesting::{self, ALL, Group, Level};
use crate::panel::{Panel, Series, TimeSeries, TotalSeries};
use crate::time::timestamp::DAY;
use crate::time::{Frequency, calendar_period::approximate_step};

/// The series of a panel and all sums of them that its id columns define. A node is a series or a sum, as its position in
/// the panel of both.
#[derive(Debug, Clone)]
pub struct Hierarchy {
    /// The bottom series and their sums.
    pub(crate) panel: Panel,
    levels: Vec<Level>,
    /// The position of the level of each node.
    level_of: Vec<usize>,
    /// The distinct nodes: the bottom series, then the sums. Nodes with the same bottom series are one distinct node.
    pub(crate) nodes: Vec<usize>,
    /// For each node, the position in `nodes` of its distinct node.
    pub(crate) distinct: Vec<usize>,
    /// For each distinct sum, the positions of its bottom series in `nodes`.
    pub(crate) sums: Vec<Vec<usize>>,
}

impl Hierarchy {
    /// The largest number of id columns.
    pub const MAX_ID_COLUMNS: usize = 6;
    /// The largest number of sums for [`ReconcileMethod::Mint`](crate::hierarchy::ReconcileMethod::Mint), which solves one
    /// linear system for all sums.
    pub const MAX_SUMS: usize = 2_000;
    /// The largest number of sums and series for [`ReconcileMethod::Mint`](crate::hierarchy::ReconcileMethod::Mint).
    pub const MAX_NODES: usize = 12_000;

    /// Infers the levels from the id columns, and sums the series of each group.
    ///
    /// # Errors
    /// If there is only one series, series end at different times, an id is [`ALL`], or a series is the sum of others.
    pub fn new(bottom: &Panel) -> Result<Self> {
        check(bottom)?;
        let (levels, groups) = nesting::levels(bottom);
        let all_series: Vec<TimeSeries<'_>> = bottom.iter().collect();
        let sum_of = |group: &Group| sum(bottom, &all_series, group.key.clone(), &group.parts);
        let panel = bottom.with_series(groups.iter().map(sum_of).collect());
        let node_of: HashMap<&[String], usize> = panel.iter().enumerate().map(|(node, s)| (s.key, node)).collect();
        let mut nodes: Vec<usize> = bottom.iter().map(|series| node_of[series.key]).collect();
        let mut level_of = vec![levels.len() - 1; panel.count()];
        let mut distinct = vec![0; panel.count()];
        nodes.iter().enumerate().for_each(|(at, node)| distinct[*node] = at);
        let mut known: HashMap<&[usize], usize> = HashMap::new();
        let mut sums = Vec::new();
        for group in &groups {
            let node = node_of[group.key.as_slice()];
            level_of[node] = group.level;
            distinct[node] = match group.parts.as_slice() {
                [only] => *only,
                parts => *known.entry(parts).or_insert_with(|| {
                    sums.push(parts.to_vec());
                    nodes.push(node);
                    nodes.len() - 1
                }),
            };
        }
        Ok(Self { panel, levels, level_of, nodes, distinct, sums })
    }

    /// The series and their sums. A sum has [`ALL`] in the id columns that it is over.
    pub fn panel(&self) -> &Panel {
        &self.panel
    }

    /// The levels, from the total to the bottom series.
    pub fn levels(&self) -> &[Level] {
        &self.levels
    }

    /// The position in [`Hierarchy::levels`] of the level of a node, which is a position in [`Hierarchy::panel`].
    pub fn level_of(&self, node: usize) -> usize {
        self.level_of[node]
    }

    /// The nodes of the bottom series that add up to a node. Nodes are positions in [`Hierarchy::panel`].
    pub fn bottom_series(&self, node: usize) -> Vec<usize> {
        let at = self.distinct[node];
        match at.checked_sub(self.bottom_count()) {
            None => vec![self.nodes[at]],
            Some(sum) => self.sums[sum].iter().map(|part| self.nodes[*part]).collect(),
        }
    }

    pub(crate) fn bottom_count(&self) -> usize {
        self.nodes.len() - self.sums.len()
    }

    /// The number of sums that start later than one of their bottom series.
    pub fn shortened_sums(&self) -> usize {
        let lengths: Vec<usize> = self.panel.iter().map(|series| series.len()).collect();
        let is_shortened = |node: &usize| self.bottom_series(*node).iter().any(|part| lengths[*part] > lengths[*node]);
        (0..lengths.len()).filter(is_shortened).count()
    }
}

/// Checks that the series of a panel can be summed.
fn check(bottom: &Panel) -> Result<()> {
    let refuse = |problem| Err(Error::NotReconcilable(problem));
    let (columns, count) = (bottom.columns().ids.len(), bottom.count());
    if count < 2 {
        return refuse(ReconcileProblem::SingleSeries);
    }
    if columns > Hierarchy::MAX_ID_COLUMNS {
        return refuse(ReconcileProblem::TooManyIdColumns { columns, max: Hierarchy::MAX_ID_COLUMNS });
    }
    if let Some(series) = bottom.iter().find(|series| series.key.iter().any(|id| id == ALL)) {
        return refuse(ReconcileProblem::ReservedId { id: ALL.into(), series: series.name() });
    }
    let totals: Vec<TotalSeries> = bottom.totals().into_iter().filter(|total| total.is_sum).collect();
    if let Some(TotalSeries { parts, .. }) = totals.first() {
        let (parts, mut ids) = (*parts, totals.iter().map(|total| total.id.clone()).collect::<Vec<_>>());
        ids.sort();
        ids.dedup();
        return refuse(ReconcileProblem::TotalAmongSeries { ids, parts });
    }
    if let Some(problem) = different_periods(bottom) {
        return refuse(problem);
    }
    let last = bottom.iter().map(|series| series.end()).max().expect("a panel has series");
    let early: Vec<TimeSeries<'_>> = bottom.iter().filter(|series| series.end() != last).collect();
    let Some(first) = early.first() else { return Ok(()) };
    let (named, end) = (first.name(), bottom.format(first.end()));
    let early = match early.len() {
        1 => format!("{named} ends at {end}"),
        several => format!("{several} series end early, {named} at {end}"),
    };
    refuse(ReconcileProblem::DifferentEnds { early, last: bottom.format(last) })
}

/// The problem of two series whose periods differ, such as weeks from Sunday on and weeks from Monday on.
fn different_periods(bottom: &Panel) -> Option<ReconcileProblem> {
    let frequency = bottom.frequency();
    let first = bottom.iter().min_by_key(|series| series.start)?;
    let is_other = |series: &TimeSeries<'_>| frequency.position(first.start.ticks(), series.start.ticks()).is_none();
    let other = bottom.iter().find(is_other)?;
    let of = |series: &TimeSeries<'_>| (series.name(), bottom.format(series.start));
    let is_longer = |(_, length): &&(&str, i64)| *length >= 2 * approximate_step(frequency);
    let longer = [("daily", DAY), ("monthly", 30 * DAY), ("yearly", 365 * DAY)];
    let longer = longer.iter().find(is_longer).map(|(name, _)| *name);
    let longer = longer.filter(|_| !matches!(frequency, Frequency::Index { .. }));
    let step = frequency.name();
    Some(ReconcileProblem::DifferentPeriods { one: of(&first), other: of(&other), step, longer })
}

/// The sum of series that end together, from the first step at which all are observed. A step of the sum is observed if it
/// is observed in all series; otherwise filled values are added. Returns the sum and its [`Panel::replaced_values`].
fn sum(panel: &Panel, all_series: &[TimeSeries<'_>], key: Vec<String>, parts: &[usize]) -> (Series, Vec<(usize, f64)>) {
    let shortest = *parts.iter().min_by_key(|part| all_series[**part].len()).expect("a sum has series");
    let length = all_series[shortest].len();
    let (mut values, mut observed) = (vec![0.0; length], vec![true; length]);
    let mut replaced = BTreeMap::new();
    for part in parts {
        let before = all_series[*part].len() - length;
        let (own, own_observed) = (&all_series[*part].values[before..], &all_series[*part].observed[before..]);
        values.iter_mut().zip(own).for_each(|(sum, value)| *sum += value);
        observed.iter_mut().zip(own_observed).for_each(|(all, own)| *all &= own);
        for (at, actual) in panel.replaced_values(*part).filter(|(at, _)| *at >= before) {
            *replaced.entry(at - before).or_insert(0.0) += actual - all_series[*part].values[at];
        }
    }
    // the last value of every series is observed, so the position exists
    let first = observed.iter().position(|observed| *observed).unwrap_or(0);
    let finite = |value: f64| value.clamp(f64::MIN, f64::MAX);
    let values: Vec<f64> = values[first..].iter().copied().map(finite).collect();
    let later = replaced.into_iter().filter(|(at, _)| *at >= first);
    let replaced = later.map(|(at, change)| (at - first, finite(values[at - first] + change))).collect();
    let start = all_series[shortest].time_at(first);
    (Series { key, start, values, observed: observed.split_off(first) }, replaced)
}
