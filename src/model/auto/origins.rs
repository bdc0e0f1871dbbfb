//! Rolling origins inside a history: where members are tried before they are trusted.

use super::members::Member;
use crate::model::regression::Signal;

/// Where the past is cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origins {
    /// Values known at each origin, ascending.
    pub(crate) cutoffs: Vec<usize>,
    /// Steps forecast at each: the horizon, less where the history is short.
    pub(crate) steps: usize,
}

impl Origins {
    /// Up to `most` origins, a horizon apart where the history is long enough, and closer where it is not. Each leaves
    /// at least two seasons, or a third of a shorter history, to learn from; none where there are fewer than 3 values.
    pub(crate) fn within(length: usize, horizon: usize, season: usize, most: usize) -> Self {
        let steps = horizon.min((length / 4).max(1));
        let need = (2 * season + steps).clamp(length / 3, length / 2).max(2);
        let Some(room) = length.checked_sub(steps + need) else {
            return Self { cutoffs: Vec::new(), steps };
        };
        let stride = (room / (most - 1).max(1)).clamp(1, steps);
        let count = (room / stride + 1).min(most);
        let last = length - steps;
        Self { cutoffs: (0..count).rev().map(|i| last - i * stride).collect(), steps }
    }
}

/// What a member said at each origin.
#[derive(Debug, Clone)]
pub(crate) struct Trial {
    pub(crate) member: Member,
    /// A path an origin; `None` where the member had too little to go by.
    pub(crate) paths: Vec<Option<Vec<f64>>>,
    /// Of the whole history.
    pub(crate) forecast: Option<Vec<f64>>,
}

impl Trial {
    /// Tries a member at every origin, and forecasts with it at the end.
    pub(crate) fn of(member: Member, signal: Signal<'_>, horizon: usize, origins: &Origins) -> Self {
        let mut cutoffs = origins.cutoffs.clone();
        cutoffs.push(signal.values.len());
        let mut paths = member.paths(signal, horizon, &cutoffs);
        let forecast = paths.pop().flatten();
        Self { member, paths, forecast }
    }
}
