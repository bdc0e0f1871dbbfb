//! DeepAR: one recurrent network for many series that predicts the distribution of the next value. Sampled step by step,
//! it gives joint sample paths of the horizon, from which come quantiles, totals and exceedance probabilities (Salinas,
//! Flunkert, Gasthaus, Januschowski 2020, "DeepAR: probabilistic forecasting with autoregressive recurrent networks",
//! International Journal of Forecasting 36(3)).
//!
//! It differs from the paper in two points. First, outputs are relative to a mixture of reference values: the last
//! value, the value a season ago, recent means and others. The network chooses their weights. A network that was trained
//! little is therefore close to simple forecasts, and a trend does not leave the range of the training values. Second,
//! values that are not counts are scaled by the mean of their conditioning range and by the mean absolute step of the
//! series. Their mean absolute value, as in the paper, does not show how much they vary. The logarithms of both sizes are
//! inputs. Counts are scaled as in the paper.

pub(crate) mod fitted;
pub(crate) mod forecaster;
pub(crate) mod inputs;
pub(crate) mod network;
pub(crate) mod persist;
pub(crate) mod sampling;
pub(crate) mod settings;
pub(crate) mod static_features;
pub(crate) mod width_factors;
pub(crate) mod windows;

pub use crate::model::deepar::settings::{DeepAr, Distribution};
