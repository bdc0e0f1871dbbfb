//! Forecasts of values that are known by now.

use crate::forecast::quantile_forecast::Forecast;

/// A forecast of something that has happened since, made with what was known before it.
#[derive(Debug, Clone, PartialEq)]
pub struct Hindcast {
    /// The position of the series in its panel.
    pub series: usize,
    /// How many of the series' values were known: the forecast's first step is the value at this position.
    pub cutoff: usize,
    /// What was said.
    pub forecast: Forecast,
}
