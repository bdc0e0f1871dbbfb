//! Models: settings that can be fitted, what they learn, and the contract between the two.

pub mod auto;
pub mod deepar;
pub(crate) mod ensemble;
pub(crate) mod ensemble_weights;
pub(crate) mod forecaster;
pub mod global;
pub(crate) mod hindcast;
pub(crate) mod model_files;
pub mod nn;
pub(crate) mod observer;
pub(crate) mod parallel;
pub(crate) mod persist;
pub(crate) mod power_of_two;
pub(crate) mod registry;
pub(crate) mod regression;
pub mod rnn;
pub mod schaake_shuffle;
pub(crate) mod segment;
pub(crate) mod smoothing;
pub mod stat;
pub(crate) mod task;
pub(crate) mod transform;
pub(crate) mod weights;

pub use ensemble::checkpoints::are_there as checkpoints_are_there;
pub use ensemble_weights::{Component, EnsembleWeights};
pub use forecaster::{Forecaster, Model};
pub use hindcast::Hindcast;
pub use model_files::ModelFiles;
pub use observer::{Control, Epoch, Event, Observer, SilentObserver};
pub use registry::{load, load_files, named, names, saved_name};
pub use task::Task;
