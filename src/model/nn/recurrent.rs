//! The trait of the networks that the training loop can train.

use rand_chacha::ChaCha8Rng;
use tch::Tensor;
use tch::nn::VarStore;

use crate::model::nn::batch::Inputs;
use crate::model::nn::cell::State;

/// A recurrent network that the training loop can train.
pub trait Recurrent {
    /// All weights by name.
    fn store(&self) -> &VarStore;

    /// The state of each layer before the first step, for `batch` sequences in parallel.
    fn start(&self, batch: i64) -> Vec<State>;

    /// Runs over `inputs` from `state`. Returns the outputs [output steps, batch, …] and the last state. `training` is
    /// the source of random numbers for dropout in training; it is `None` when the network predicts.
    fn forward(&self, inputs: &Inputs, state: &[State], training: Option<&mut ChaCha8Rng>) -> (Tensor, Vec<State>);
}
