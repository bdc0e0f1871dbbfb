//! One model for many series: small networks that each learn from all of them, on top of exponential smoothing.
//!
//! For each series a bank of smoothings with fixed parameters gives at every position a level, a spread, a season and a
//! path ahead in closed form. A one-layer LSTM walks over the series beside it, sees its recent values and what the bank
//! says, all relative to the level and in units of the spread or of the level itself, and says at every position how far the whole horizon will
//! be from the bank's path. It starts at the bank's path, since its head starts at zero, and learns by the absolute
//! error. Several such networks are averaged.
//!
//! After Smyl 2020, "A hybrid method of exponential smoothing and recurrent neural networks for time series forecasting",
//! whose smoothing parameters are trained with the network; here they are a fixed bank that the network chooses among.

pub(crate) mod combination;
pub(crate) mod ensemble;
pub(crate) mod forecaster;
pub(crate) mod network;
pub(crate) mod persist;
pub(crate) mod seasonal_state;
pub(crate) mod series_pool;
pub(crate) mod settings;
pub(crate) mod smoothing_bank;
pub(crate) mod windows;

pub use crate::model::global::forecaster::FittedGlobal;
pub use crate::model::global::settings::{Global, Kind, Units};
