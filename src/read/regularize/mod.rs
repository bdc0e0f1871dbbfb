//! Turns rows in any order into regular series: sorted, merged, on a grid, without gaps. Every change becomes a repair.

pub(crate) mod aggregate;
pub(crate) mod covariate_grid;
pub(crate) mod empty_rows;
pub(crate) mod frequency;
pub(crate) mod gaps;
pub(crate) mod grid;
pub(crate) mod rows;
pub(crate) mod seasons;
pub(crate) mod spikes;
pub(crate) mod time_zone;
pub(crate) mod uneven_steps;
pub(crate) mod unfinished_period;
