//! What the training loop needs of a network.

use rand_chacha::ChaCha8Rng;
use tch::Tensor;
use tch::nn::VarStore;

use crate::model::nn::batch::Inputs;

/// A recurrent network that the training loop can train.
pub trait Recurrent {
    /// The state that is carried from step to step.
    type State;

    /// All weights by name.
    fn store(&self) -> &VarStore;

    /// All weights by name, to load them.
    fn store_mut(&mut self) -> &mut VarStore;

    /// The state before the first step, for `batch` sequences in parallel.
    fn start(&self, batch: i64) -> Self::State;

    /// The same state without the graph that computed it: gradients go no further back.
    fn detached(&self, state: &Self::State) -> Self::State;

    /// Runs over `inputs` from `state`. Returns the outputs [output steps, batch, …] and the last state. `training` is
    /// the source of random numbers for dropout in training; it is `None` when the network predicts.
    fn forward(&self, inputs: &Inputs, state: &Self::State, training: Option<&mut ChaCha8Rng>)
    -> (Tensor, Self::State);
}
