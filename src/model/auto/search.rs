//! The limits of the search for candidates.

use crate::budget::Budget;

/// Which candidates are evaluated, and for how long.
#[derive(Debug)]
pub(crate) struct SearchLimits {
    /// Whether networks are trained.
    pub(crate) with_networks: bool,
    /// Whether every form of ETS is a candidate. It takes longer than all other candidates that are not networks.
    pub(crate) with_ets: bool,
    /// The maximum number of hindcasts of a series.
    pub(crate) max_hindcasts: usize,
    pub(crate) seed: u64,
    pub(crate) budget: Budget,
}
