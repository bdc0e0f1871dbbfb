//! Seasonal ARIMA with orders found by a stepwise search.
//!
//! Hyndman & Khandakar (2008), *Automatic Time Series Forecasting: The forecast Package for R*, Journal of Statistical
//! Software 27(3).

pub(crate) mod difference;
pub(crate) mod likelihood;
pub(crate) mod polynomial;
pub(crate) mod search;
