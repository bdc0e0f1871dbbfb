//! Forecasts time series with recurrent networks, and says honestly whether they beat the naive guess.

pub mod backtest;
pub mod data;
pub mod error;
pub mod forecast;
pub mod metric;
pub mod model;
pub mod plot;

pub use error::{Error, Result};
