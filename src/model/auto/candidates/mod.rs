//! The candidates of the ensemble, their selection for a series, and their forecasts at rolling origins.

pub(crate) mod backtest;
pub(crate) mod candidate;
pub(crate) mod closed_form;
pub(crate) mod direct_fits;
pub(crate) mod forecast_series;
pub(crate) mod selection;
