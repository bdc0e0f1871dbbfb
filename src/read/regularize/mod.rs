//! Turns rows in any order into regular series: sorted, merged, on a grid, without gaps. Every change is a repair.

pub(crate) mod aggregate;
pub(crate) mod closed_times;
pub(crate) mod covariate_grid;
pub(crate) mod frequency;
pub(crate) mod gaps;
pub(crate) mod grid;
pub(crate) mod partial_period;
pub(crate) mod rows;
pub(crate) mod sort;
pub(crate) mod spikes;
pub(crate) mod time_zone;
