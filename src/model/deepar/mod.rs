//! DeepAR: one recurrent network for many series that predicts the distribution of the next value. Sampling step by
//! step gives joint sample paths of the horizon, and these give quantiles, totals and exceedance probabilities.
//!
//! Salinas, Flunkert, Gasthaus, Januschowski 2020, "DeepAR: probabilistic forecasting with autoregressive recurrent
//! networks", International Journal of Forecasting 36(3).
//!
//! It differs from the paper in two points. First, outputs are relative to a mixture of reference values: the last
//! value, the value a season ago, recent means and others. The network chooses their weights. A network with little
//! training is therefore close to simple forecasts. A trend stays within the range of inputs that the network was
//! trained on.
//!
//! Second, values that are not counts are scaled by two numbers: the mean of their conditioning range and their mean
//! absolute step. Their mean absolute value, which the paper uses, does not show how much they vary. The logarithms of
//! both sizes are inputs. Counts are scaled as in the paper.

pub(crate) mod fitted;
pub(crate) mod inputs;
pub(crate) mod model;
pub(crate) mod network;
pub(crate) mod sampling;
pub(crate) mod settings;
pub(crate) mod width_factors;
pub(crate) mod windows;

pub use crate::model::deepar::settings::{DeepAr, Distribution};
