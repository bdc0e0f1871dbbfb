//! Forecasts of the past, made without knowledge of it.

use crate::forecast::quantile_forecast::Forecast;

/// A forecast of a stretch of the past, made from the values before it.
#[derive(Debug, Clone, PartialEq)]
pub struct Hindcast {
    /// The index of the series in its panel.
    pub series: usize,
    /// The number of values before the forecast. The first step of the forecast is the value at this index.
    pub cutoff: usize,
    /// The forecast.
    pub forecast: Forecast,
}
