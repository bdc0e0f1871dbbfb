//! Recurrent networks: cells, layers, the network, and its training by truncated back-propagation through time.
//!
//! The only place that knows libtorch. One thread trains one network; every random number comes from a seeded generator
//! of our own, so that a rerun gives the same bytes.

pub(crate) mod batches;
pub(crate) mod diagnose;
pub(crate) mod features;
pub(crate) mod forecaster;
pub(crate) mod persist;
pub(crate) mod rolling;
pub(crate) mod settings;

pub use crate::model::nn::batch::{Ahead, Batch, Input, Sequences, Targets, Window};
pub use crate::model::nn::cell::{Cell, CellKind, Elman, Gru, Lstm, State, Unrolled, Weights};
pub use crate::model::nn::decoder::{DecoderShape, Feedback};
pub use crate::model::nn::examples::{Examples, Form, Loss};
pub use crate::model::nn::layer::Layer;
pub use crate::model::nn::network::{Network, Readout, Shape};
pub use crate::model::nn::train::{Recurrent, Training, train};
pub use crate::model::rnn::diagnose::{Block, Diagnosis};
pub use crate::model::rnn::forecaster::FittedRnn;
pub use crate::model::rnn::settings::{Clip, Head, Rnn};

/// The version of libtorch that this was linked with, as its headers state it.
pub const LIBTORCH_VERSION: &str = env!("FORECAST_LIBTORCH");
