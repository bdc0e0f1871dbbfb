//! Recurrent networks: cells, layers, the network, and its training by truncated back-propagation through time.
//!
//! The only place that knows libtorch. One thread trains one network; every random number comes from a seeded generator
//! of our own, so that a rerun gives the same bytes.

mod ancestral;
mod batch;
mod cell;
mod checkpoint;
mod clock;
mod decoder;
mod diagnose;
mod examples;
mod features;
mod forecaster;
mod forking;
mod layer;
mod network;
mod rolling;
pub(crate) mod segments;
mod sequences;
mod settings;
mod train;

pub(super) use ancestral::{Ancestral, Family, Glance, Memory, Sizes, Trace, Traces};
pub use cell::{Cell, CellKind, Elman, Gru, Lstm, State, Unrolled, Weights};
pub(super) use checkpoint::load;
pub use decoder::{DecoderShape, Feedback};
pub use diagnose::{Block, Diagnosis};
pub use examples::{Examples, Form, Loss};
pub use forecaster::Fitted;
pub(super) use forking::{Member, Numbers, Windows};
pub use layer::Layer;
pub use network::{Network, Readout, Shape};
pub use sequences::{Ahead, Input, Sequences, Stream, Targets, Walk};
pub use settings::{Clip, Head, Settings};
pub use train::{Recurrent, Training, train};

/// The version of libtorch that this was linked with, as its headers state it.
pub const LIBTORCH_VERSION: &str = env!("FORECAST_LIBTORCH");
