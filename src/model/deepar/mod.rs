//! One recurrent network for many series that says the distribution of the next value, sampled step by step: joint paths,
//! from which come quantiles of each step, totals over several and the chance of an excess (Salinas, Flunkert, Gasthaus,
//! Januschowski 2020, "DeepAR: probabilistic forecasting with autoregressive recurrent networks", International Journal of
//! Forecasting 36(3)).
//!
//! Two things are not as in the paper. What is said is relative to a mixture of past values that the network chooses (the
//! last value, the value a season ago, their combination, recent means), so that a network that has learned little is near
//! those, and a trend or a level that wanders does not leave the range it was trained on. And values that are no counts
//! are in units of a series' typical step around the mean of its conditioning range, as their mean absolute value says
//! nothing of how far they move; the logarithms of both sizes are among the inputs. Counts are scaled as in the paper.

pub(crate) mod categories;
pub(crate) mod forecaster;
pub(crate) mod inputs;
pub(crate) mod network;
pub(crate) mod persist;
pub(crate) mod sampling;
pub(crate) mod settings;
pub(crate) mod width_factors;
pub(crate) mod windows;

pub use crate::model::deepar::forecaster::FittedDeepAr;
pub use crate::model::deepar::settings::{DeepAr, Distribution};
