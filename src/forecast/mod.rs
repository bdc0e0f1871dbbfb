//! Forecasts: quantiles of each future step, sample paths through all steps, and totals over calendar periods.

pub(crate) mod levels;
pub(crate) mod quantile_forecast;
pub(crate) mod sample_paths;
pub(crate) mod totals;
mod year_before;

pub use crate::forecast::levels::{ForecastColumns, LEVELS, quantile_levels};
pub use crate::forecast::quantile_forecast::{Forecast, Quantile};
pub use crate::forecast::sample_paths::{Exceedance, SamplePaths};
pub use crate::forecast::totals::{Total, TotalPeriod, totals};
