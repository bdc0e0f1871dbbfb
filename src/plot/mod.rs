//! Pictures for a report or a lesson: forecasts, how training went, what goes on inside a network; as PNGs.
//!
//! The only place that knows plotters. No system font is used and nothing depends on time or chance: the same data
//! give the same file, byte for byte.

mod axis;
mod calendar;
mod canvas;
mod chart;
pub mod diagnose;
mod fan;
mod folds;
mod frame;
mod text;
mod ticks;
mod training;

pub use fan::forecast;
pub use folds::folds;
pub use training::training;
