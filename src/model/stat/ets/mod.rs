//! Exponential smoothing in state space form, selected by information criterion.
//!
//! Hyndman, Koehler, Ord, Snyder (2008), *Forecasting with Exponential Smoothing*, chapters 2, 5 and 6.

pub(crate) mod form;
pub(crate) mod initial_states;
pub(crate) mod selection;
pub(crate) mod state_space;
