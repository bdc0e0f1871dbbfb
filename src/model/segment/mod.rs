//! A recurrent network over segments. Each of its steps reads a part of a season, so that a few steps cover several
//! seasons.
//!
//! After Lin, Lin, Wu, Zhao, Mo, Zhang 2023, "`SegRNN`: Segment recurrent neural network for long-term time series
//! forecasting", with a loss at every segment (Wen, Torkkola, Narayanaswamy, Madeka 2017, "A multi-horizon quantile
//! recurrent forecaster", "forking sequences"). The head starts at zero and learns the errors of a base forecast.

pub(crate) mod layout;
pub(crate) mod network;
