//! The series of a panel and every sum of them that its id columns define.

use std::collections::HashMap;

use crate::error::{Error, ReconcileProblem, Result};
use crate::hierarchy::nesting::{self, ALL, Level};
use crate::hierarchy::sums;
use crate::panel::Panel;
use crate::panel::series::TimeSeries;

/// Which nodes add up to which: single series first, then sums of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SummingStructure {
    /// Single series.
    pub(crate) bottom: usize,
    /// The parts of each sum.
    pub(crate) sums: Vec<Vec<usize>>,
}

/// A panel's series and all sums of them that its id columns make.
#[derive(Debug, Clone)]
pub struct Hierarchy {
    pub(crate) panel: Panel,
    levels: Vec<Level>,
    /// The level of each node, in the panel's order.
    level_of: Vec<usize>,
    /// Nodes in the order of the algebra: the single series, then sums, each set of parts once.
    pub(crate) nodes: Vec<usize>,
    /// The place in `nodes` that says it for each node, in the panel's order.
    pub(crate) place: Vec<usize>,
    pub(crate) structure: SummingStructure,
}

impl Hierarchy {
    /// Id columns whose sums are made, at most.
    pub const MAX_ID_COLUMNS: usize = 6;
    /// Sums and series that [`ReconcileMethod::Mint`] is for, at most: it solves for all sums together.
    pub const MAX_SUMS: usize = 2_000;
    /// See [`Hierarchy::MAX_SUMS`].
    pub const MAX_NODES: usize = 12_000;

    /// Finds the levels in the id columns and adds up the series of each group.
    ///
    /// # Errors
    /// If there is nothing to add up, the series do not end together, or an id is [`ALL`].
    pub fn new(bottom: &Panel) -> Result<Self> {
        check(bottom)?;
        let (levels, groups) = nesting::levels(bottom);
        let wholes: Vec<TimeSeries<'_>> = bottom.iter().collect();
        let sums = groups.iter().map(|group| sums::sum(bottom, &wholes, group.key.clone(), &group.parts)).collect();
        let panel = bottom.with_series(sums);
        let position: HashMap<&[String], usize> = panel.iter().enumerate().map(|(at, s)| (s.key, at)).collect();
        let mut nodes: Vec<usize> = bottom.iter().map(|series| position[series.key]).collect();
        let mut level_of = vec![levels.len() - 1; panel.count()];
        let mut place = vec![0; panel.count()];
        nodes.iter().enumerate().for_each(|(at, node)| place[*node] = at);
        let mut known: HashMap<&[usize], usize> = HashMap::new();
        let mut structure = SummingStructure { bottom: nodes.len(), sums: Vec::new() };
        for group in &groups {
            let node = position[group.key.as_slice()];
            level_of[node] = group.level;
            place[node] = match group.parts.as_slice() {
                [only] => *only,
                parts => *known.entry(parts).or_insert_with(|| {
                    structure.sums.push(parts.to_vec());
                    nodes.push(node);
                    nodes.len() - 1
                }),
            };
        }
        drop((position, known));
        Ok(Self { panel, levels, level_of, nodes, place, structure })
    }

    /// The series and their sums, which have [`ALL`] in the columns that they are over.
    pub fn panel(&self) -> &Panel {
        &self.panel
    }

    /// The levels, the total first and the single series last.
    pub fn levels(&self) -> &[Level] {
        &self.levels
    }

    /// The level, by its position, of the series or sum at a position of [`Hierarchy::panel`].
    pub fn level_of(&self, node: usize) -> usize {
        self.level_of[node]
    }

    /// The name of a level: `total`, `state`, `region × purpose`.
    pub fn name(&self, level: &Level) -> String {
        let ids = &self.panel.columns().ids;
        let names: Vec<&str> = level.columns.iter().map(|column| ids[*column].as_str()).collect();
        if names.is_empty() { "total".into() } else { names.join(" × ") }
    }

    /// The single series, as positions in [`Hierarchy::panel`], that the one at a position is the sum of.
    pub fn parts(&self, node: usize) -> Vec<usize> {
        let place = self.place[node];
        match place.checked_sub(self.structure.bottom) {
            None => vec![self.nodes[place]],
            Some(sum) => self.structure.sums[sum].iter().map(|part| self.nodes[*part]).collect(),
        }
    }

    /// Sums that begin later than one of their parts, because another begins later.
    pub fn shortened(&self) -> usize {
        let lengths: Vec<usize> = self.panel.iter().map(|series| series.len()).collect();
        let late = |node: &usize| self.parts(*node).iter().any(|part| lengths[*part] > lengths[*node]);
        (0..lengths.len()).filter(late).count()
    }
}

/// Refuses what has no sums.
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
    let last = bottom.iter().map(|series| series.end()).max().expect("a panel has series");
    let early: Vec<TimeSeries<'_>> = bottom.iter().filter(|series| series.end() != last).collect();
    match early.as_slice() {
        [] => Ok(()),
        [first, ..] => {
            let last = bottom.format(last);
            let (named, end) = (first.name(), bottom.format(first.end()));
            let early = match early.len() {
                1 => format!("{named} ends at {end}"),
                several => format!("{several} series end early, {named} at {end}"),
            };
            refuse(ReconcileProblem::DifferentEnds { early, last })
        }
    }
}
