//! One model for many series: small networks, each trained on all series, which correct exponential smoothing.
//!
//! A bank of exponential smoothings with fixed parameters runs over each series. At every position it gives a level, a
//! spread, a season and a forecast path in closed form. A one-layer LSTM runs over the same positions. Its inputs are
//! recent values and the state of the bank, as differences from the level. Their unit is the spread or a share of the
//! level. At every position it predicts the differences between the values of the whole horizon and the path of the
//! bank. Its head starts at zero, so that the untrained network predicts the path of the bank; it is trained by pinball
//! loss. Several such networks are averaged. The effect of covariates is removed before and added after.
//!
//! After Smyl 2020, "A hybrid method of exponential smoothing and recurrent neural networks for time series
//! forecasting". There the smoothing parameters are trained with the network. Here they are fixed, and the network
//! weights the paths of the bank.

pub(crate) mod combination;
pub(crate) mod covariate_effects;
pub(crate) mod fitted;
pub(crate) mod model;
pub(crate) mod network;
pub(crate) mod pretrained;
pub(crate) mod scaled_panel;
pub(crate) mod seasonal_state;
pub(crate) mod settings;
pub(crate) mod smoothing_bank;
pub(crate) mod windows;

pub use crate::model::global::pretrained::Pretrained;
pub use crate::model::global::settings::{Global, MemberConfig, Normalization};
