//! Pictures as PNG or SVG: forecasts, backtests, training, and the inside of networks; a chart in characters.
//!
//! This is the only folder that uses plotters. It uses no system fonts, no clock and no random numbers. The same data
//! therefore give the same file, byte for byte.

pub(crate) mod axis;
pub(crate) mod backtest;
pub(crate) mod calendar;
pub(crate) mod canvas;
pub(crate) mod chart;
pub(crate) mod components;
pub mod diagnose;
pub(crate) mod forecasts;
pub(crate) mod frame;
pub(crate) mod histogram;
pub(crate) mod picture;
pub(crate) mod pixels;
pub(crate) mod residual_sentences;
pub(crate) mod residuals;
pub(crate) mod shapes;
pub(crate) mod svg;
pub(crate) mod text;
pub(crate) mod text_chart;
pub(crate) mod theme;
pub(crate) mod ticks;
pub(crate) mod training;

pub use crate::plot::backtest::backtest;
pub use crate::plot::components::components;
pub use crate::plot::forecasts::{folds, forecast, forecast_with_anomalies, largest_first};
pub use crate::plot::picture::{Picture, PictureStyle, Theme};
pub use crate::plot::residuals::residuals;
pub use crate::plot::text_chart::{CharacterSet, ChartPart, Span, text_chart};
pub use crate::plot::training::training;
