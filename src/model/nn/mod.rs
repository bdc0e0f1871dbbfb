//! The neural networks: the only folder that knows libtorch.

pub(crate) mod batch;
pub(crate) mod cell;
pub(crate) mod decoder;
pub(crate) mod examples;
pub(crate) mod layer;
pub(crate) mod network;
pub(crate) mod train;
pub(crate) mod training_clock;
pub(crate) mod weights;
