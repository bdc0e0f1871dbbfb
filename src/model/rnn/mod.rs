//! Recurrent networks: cells, layers, the network, and its training by truncated back-propagation through time.
//!
//! The only place that knows libtorch. One thread trains one network; every random number comes from a seeded generator
//! of our own, so that a rerun gives the same bytes.

mod batch;
mod checkpoint;
mod features;
mod forecaster;
mod layer;
mod network;
mod settings;
mod train;

pub(super) use checkpoint::load;
pub use forecaster::Fitted;
pub use layer::{CellKind, Layer, State};
pub use network::{Network, Shape};
pub use settings::{Clip, Settings};
pub use train::{Sequences, Stream, Targets, Training, Walk, train};

/// The version of libtorch that this was linked with, as its headers state it.
pub const LIBTORCH_VERSION: &str = env!("FORECAST_LIBTORCH");
