//! Exponential smoothing as a base forecast, with a level, a damped trend and a season at every position of a series.
//! They give the forecast path of each position in closed form.
//!
//! Additive error-correction form, ETS(A,Ad,A) (Hyndman, Koehler, Ord & Snyder 2008, *Forecasting with Exponential
//! Smoothing*, chapter 2). A grid search chooses the parameters by the mean absolute error over the horizon.
//!
//! The other exponential smoothings of the crate cannot share this recursion, because their forecasts would change.
//! `stat::ets` and `stat::comb` use the component form and a search by likelihood. `stat::theta` smooths around a
//! moving line. The bank of `global` has `f32` states, and its rates start at those of a running mean.

pub(crate) mod grid_search;
pub(crate) mod initial_state;
pub(crate) mod parameters;
pub(crate) mod run;
pub(crate) mod smoothed_series;
