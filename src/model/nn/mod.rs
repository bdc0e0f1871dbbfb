//! Recurrent neural networks: cells, layers, the network, and its training by truncated back-propagation through time.
//!
//! Only this folder imports libtorch, and the models take its types from here. A network is trained on one thread, and
//! every random number comes from a seeded generator of our own. A rerun therefore gives the same bytes.
//!
//! A network and its training, from examples to predictions:
//!
//! ```
//! use forecast::model::SilentObserver;
//! use forecast::nn::{CellKind, Examples, Kind, Loss, Mapping, Network, Tensor, TrainingSettings, train};
//! use rand::SeedableRng;
//! use rand_chacha::ChaCha8Rng;
//!
//! // each sequence has two steps, and its target is their sum
//! let inputs = Tensor::from_slice(&[0.1_f32, 0.2, 0.4, 0.1, 0.3, 0.3, 0.2, 0.5]).view([4, 2, 1]);
//! let targets = inputs.sum_dim_intlist(1, true, Kind::Float); // [count, 1, outputs]
//! let examples = Examples::new(Mapping::ManyToOne, Loss::SquaredError, inputs, targets);
//!
//! let shape = examples.shape(CellKind::Gru, 8);
//! let mut network = Network::new(shape, &mut ChaCha8Rng::seed_from_u64(1));
//! let before = examples.mean_squared_error(&network);
//! train(&mut network, &examples, &TrainingSettings::full_bptt(100, 0.02), &mut SilentObserver)?;
//! assert!(examples.mean_squared_error(&network) < 0.1 * before);
//! # Ok::<(), forecast::Error>(())
//! ```

pub(crate) mod batch;
pub(crate) mod cell;
pub(crate) mod decoder;
pub(crate) mod diagnose;
pub(crate) mod examples;
pub(crate) mod network;
pub(crate) mod one_sequence;
pub(crate) mod tensor;
pub(crate) mod train;
pub(crate) mod training;

pub use crate::model::nn::batch::{Batch, FutureInputs, Inputs, Recurrent, Split, TrainingData, Window};
pub(crate) use crate::model::nn::batch::{longest, numbers_of_steps};
pub use crate::model::nn::cell::{Cell, CellKind, State};
pub use crate::model::nn::decoder::{DecoderShape, Feedback};
pub use crate::model::nn::diagnose::SpectralNorm;
pub use crate::model::nn::examples::{Examples, Loss, Mapping};
pub use crate::model::nn::network::{Network, NetworkShape, Readout};
pub use crate::model::nn::tensor::{Device, Kind, Tensor, VarStore, no_grad};
pub use crate::model::nn::train::train;
pub use crate::model::nn::training::{Clip, TrainingSettings};

/// The version of libtorch that this crate was linked with, from its headers.
pub const LIBTORCH_VERSION: &str = env!("FORECAST_LIBTORCH");
