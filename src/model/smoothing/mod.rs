//! Exponential smoothing as a base forecast: a level, a damped trend and a season, known at every position of a series. The
//! forecast path of each position follows from them in closed form.
//!
//! Additive error-correction form, ETS(A,Ad,A) (Hyndman, Koehler, Ord & Snyder 2008, *Forecasting with Exponential
//! Smoothing*, chapter 2). The parameters come from a grid, by mean absolute error over the horizon.
//!
//! Other exponential smoothings of the crate cannot share this recursion without changing their numbers. `stat::ets` and
//! `stat::comb` use the component form and a search by likelihood, `stat::theta` smooths around a line that moves, and the
//! bank of `global` runs on `f32` with rates that start at those of a running mean.

pub(crate) mod grid_search;
pub(crate) mod initial_state;
pub(crate) mod parameters;
pub(crate) mod run;
pub(crate) mod smoothed_series;
