//! The components of a forecast: parts in the unit of the target that add up to it.
//!
//! The model estimates some effects, such as those of holidays and covariates. What they leave of the history and of
//! the forecast is split into a level, seasons and the rest. The components of the history show how each went on.

mod component;
mod log_mean;
mod reasons;
mod split;

pub use crate::components::component::{Component, ComponentKind, Components};
pub use crate::components::reasons::reasons;
