//! Models: their settings, the fitted models, and the traits that both implement.

pub mod auto;
pub mod deepar;
pub(crate) mod effect;
pub(crate) mod ensemble;
pub(crate) mod fit;
pub mod global;
pub(crate) mod many_series;
pub(crate) mod member_weights;
pub mod nn;
pub(crate) mod observer;
pub(crate) mod other_levels;
pub(crate) mod parallel;
pub(crate) mod persist;
pub(crate) mod registry;
pub(crate) mod regression;
pub mod rnn;
pub mod schaake_shuffle;
pub(crate) mod segment;
pub(crate) mod smoothing;
pub mod stat;
pub(crate) mod trained_on;
pub(crate) mod training_finding;
pub(crate) mod transform;
pub(crate) mod usual_covariates;

pub use effect::{Effect, EffectKind};
pub use ensemble::checkpoints::has_checkpoints;
pub use fit::{
    CloneBoxed, Fit, FitNotice, FitReport, Forecaster, Hindcast, Model, ModelOption, StandInForecasts, Task,
    UnsupportedOption,
};
pub use member_weights::{EnsembleWeights, MeanWeight, Member};
pub use observer::{Control, Epoch, Event, Observer, SilentObserver};
pub use persist::{ModelFiles, ToFiles};
pub use registry::{load, load_files, named, names, saved_name};
pub use trained_on::{DataMismatch, TrainedOn, TrainedSeries};
pub use training_finding::TrainingFinding;
