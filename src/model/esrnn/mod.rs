//! Exponential smoothing and a recurrent network trained as one: each series has smoothing parameters of its own, all
//! share the network.
//!
//! A level and up to two seasons are smoothed out of each series; a stack of dilated LSTM layers walks over what is left
//! and says at every position the whole horizon, relative to the level and the seasons expected there. The loss goes back
//! through the network into the smoothing, whose gradient is written by hand, so that rates and first factors of each
//! series are trained with the weights. Several such networks are averaged.
//!
//! Smyl 2020, "A hybrid method of exponential smoothing and recurrent neural networks for time series forecasting",
//! International Journal of Forecasting 36(1). Beyond the paper: everything is in units of a series' own steps; the
//! rates are those of all series together and what sets one apart, so that a series it never saw has rates too; some
//! series share an update; bands come from quantiles and a horizon held out.

mod bands;
mod ensemble;
mod forecaster;
mod saved;
mod season;
mod settings;
mod smoothing;
mod table;
mod windows;

pub use forecaster::Fitted;
pub(super) use saved::load;
pub use settings::Kind;
pub use settings::Settings;
