//! Rolling origins inside a history: where members are tried before they are trusted.

use crate::model::auto::candidates::{Candidate, FitContext};
use crate::model::auto::networks::Network;
use crate::model::auto::year_end::YearEndEffect;
use crate::model::regression::series_view::SeriesView;

/// Where the past is cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origins {
    /// Values known at each origin, ascending.
    pub(crate) cutoffs: Vec<usize>,
    /// Steps forecast at each: the horizon, less where the history is short.
    pub(crate) steps: usize,
}

impl Origins {
    /// The most origins: what happened before the last few says less of the future than they do.
    const MOST: usize = 8;
    /// The shortest history in which anything is tried.
    const LEAST: usize = 8;

    /// Origins a horizon apart where the history is long enough, and closer where it is not. Each leaves at least two
    /// seasons, or a third of a shorter history, to learn from.
    pub(crate) fn within(length: usize, horizon: usize, season: usize) -> Self {
        let steps = horizon.min((length / 4).max(1));
        let need = (2 * season + steps).clamp(length / 3, length / 2).max(2);
        let room = length.checked_sub(steps + need).filter(|_| length >= Self::LEAST);
        let Some(room) = room else {
            return Self { cutoffs: Vec::new(), steps };
        };
        let stride = (room / (Self::MOST - 1)).clamp(1, steps);
        let count = (room / stride + 1).min(Self::MOST);
        let last = length - steps;
        Self { cutoffs: (0..count).rev().map(|i| last - i * stride).collect(), steps }
    }

    /// How many horizons the given origins span: overlapping ones say little more than one.
    pub(crate) fn span(&self, which: &[usize]) -> f64 {
        let ends = which.first().zip(which.last());
        ends.map_or(0.0, |(from, to)| (self.cutoffs[*to] - self.cutoffs[*from]) as f64 / self.steps as f64 + 1.0)
    }
}

/// What a member said at each origin.
#[derive(Debug)]
pub(crate) struct CandidateTrial {
    pub(crate) member: Candidate,
    /// A path an origin; `None` where the member had too little to go by.
    pub(crate) paths: Vec<Option<Vec<f64>>>,
    /// Of the whole history.
    pub(crate) forecast: Option<Vec<f64>>,
    pub(crate) network: Option<Network>,
}

impl CandidateTrial {
    /// Tries a member at every origin and at the end.
    pub(crate) fn of(
        member: Candidate,
        view: SeriesView<'_>,
        horizon: usize,
        origins: &Origins,
        special: &YearEndEffect,
        tools: &FitContext,
    ) -> Self {
        let mut cutoffs = origins.cutoffs.clone();
        cutoffs.push(view.values.len());
        let (mut paths, network) = if tools.budget.is_over() && !member.is_quick() {
            (vec![None; cutoffs.len()], None)
        } else {
            member.paths(view, horizon, &cutoffs, tools)
        };
        let mut forecast = paths.pop().flatten();
        for (path, &cutoff) in paths.iter_mut().chain([&mut forecast]).zip(&cutoffs) {
            if let Some(path) = path {
                special.restore(path, cutoff);
            }
        }
        Self { member, paths, forecast, network }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn origins_ascend_leave_something_to_learn_from_and_end_with_the_history(
            length in 1..5_000_usize, horizon in 1..600_usize, season in 1..400_usize,
        ) {
            let Origins { cutoffs, steps } = Origins::within(length, horizon, season);
            prop_assert!(steps >= 1 && steps <= horizon && cutoffs.len() <= Origins::MOST);
            prop_assert!(cutoffs.windows(2).all(|pair| pair[0] < pair[1] && pair[1] - pair[0] <= steps));
            prop_assert_eq!(cutoffs.is_empty(), length < Origins::LEAST);
            if let (Some(first), Some(last)) = (cutoffs.first(), cutoffs.last()) {
                prop_assert_eq!(last + steps, length);
                prop_assert!(*first >= length / 3);
            }
        }
    }

    #[test]
    fn a_long_history_has_eight_a_horizon_apart() {
        let origins = Origins::within(1000, 7, 7);
        assert_eq!(origins.cutoffs, (0..8).rev().map(|i| 993 - 7 * i).collect::<Vec<_>>());
        assert!((origins.span(&[0, 7]) - 8.0).abs() < 1e-12 && (origins.span(&[3]) - 1.0).abs() < 1e-12);
        // too short for that: they overlap
        assert_eq!(Origins::within(30, 7, 7).cutoffs.last(), Some(&23));
    }
}
