//! Models: settings that can be fitted, what they learn, and the contract between the two.

pub mod auto;
pub(crate) mod contract;
pub mod deepar;
pub(crate) mod ensemble;
pub mod global;
pub(crate) mod nn;
pub(crate) mod parallel;
pub(crate) mod registry;
pub(crate) mod regression;
pub mod rnn;
pub mod sample_paths;
pub(crate) mod segment;
pub(crate) mod smoothing;
pub mod stat;
pub(crate) mod transform;

pub use contract::{
    Component, Control, EnsembleWeights, Epoch, Event, Forecaster, Hindcast, Model, Observer, SilentObserver, Task,
};
pub use ensemble::checkpoints::are_there as checkpoints_are_there;
pub use registry::{load, saved_name};
