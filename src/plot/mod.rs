//! Pictures for a report or a lesson: forecasts, how training went, what goes on inside a network; as PNGs.
//!
//! The only place that knows plotters. No system font is used and nothing depends on time or chance: the same data
//! give the same file, byte for byte.

pub(crate) mod axis;
pub(crate) mod calendar;
pub(crate) mod canvas;
pub(crate) mod chart;
pub mod diagnose;
pub(crate) mod fan;
pub(crate) mod folds;
pub(crate) mod frame;
pub(crate) mod text;
pub(crate) mod ticks;
pub(crate) mod training;

pub use crate::plot::fan::forecast;
pub use crate::plot::folds::folds;
pub use crate::plot::training::training;
