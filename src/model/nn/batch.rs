//! The contracts of the training loop: the networks that it can train, and the data that it can train them on.

use std::ops::Range;

use rand_chacha::ChaCha8Rng;
use tch::nn::VarStore;
use tch::{Kind, Tensor};

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

/// Consecutive steps of one sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The number of the sequence.
    pub sequence: usize,
    /// The position of the first step in the sequence.
    pub start: usize,
    /// Number of steps.
    pub length: usize,
    /// Steps at the beginning that only warm up the hidden state. They have no loss.
    pub warm_up: usize,
}

/// The number of steps of the longest window; 0 if there is none.
pub(crate) fn longest(windows: &[Window]) -> usize {
    windows.iter().map(|window| window.length).max().unwrap_or(0)
}

/// The numbers of each step of each window in row-major order: [time, batch, width]. `push` appends the `width` numbers
/// of a step of a window. Steps beyond the end of a window are zeros.
pub(crate) fn numbers_of_steps<T: Clone + Default>(
    windows: &[Window],
    steps: impl IntoIterator<Item = usize>,
    width: usize,
    mut push: impl FnMut(&Window, usize, &mut Vec<T>),
) -> Vec<T> {
    let mut numbers = Vec::new();
    for step in steps {
        for window in windows {
            if step < window.length {
                push(window, step, &mut numbers);
            } else {
                numbers.resize(numbers.len() + width, T::default());
            }
        }
    }
    numbers
}

/// The inputs of a network at consecutive steps.
#[derive(Debug)]
pub struct Inputs {
    /// The features of each step: [time, batch, features].
    pub features: Tensor,
    /// The steps with an output, ascending and counted from the first step of `features`. `None` means every step.
    pub output_steps: Option<Vec<i64>>,
    /// The inputs of a decoder, which only a network with a decoder needs.
    pub future: Option<FutureInputs>,
}

/// The inputs of a decoder: one sequence of decoder steps for each output step.
#[derive(Debug)]
pub struct FutureInputs {
    /// Inputs whose future values are known: [output steps, batch, decoder steps, known].
    pub known: Tensor,
    /// The true previous outputs for teacher forcing (Williams, Zipser 1989, "A learning algorithm for continually
    /// running fully recurrent neural networks"): [output steps, batch, decoder steps, feedback]. They replace the
    /// decoder's own outputs in training. `None` means that the decoder reads its own outputs in training too.
    pub teacher: Option<Tensor>,
}

impl From<Tensor> for Inputs {
    /// Features with an output at every step: [time, batch, features].
    fn from(features: Tensor) -> Self {
        Self { features, output_steps: None, future: None }
    }
}

impl Inputs {
    /// The same features without any output step. Only the hidden state of the network moves on.
    #[must_use]
    pub fn without_outputs(self) -> Self {
        Self { features: self.features, output_steps: Some(Vec::new()), future: None }
    }

    /// Selects the hidden states of the output steps from `states` [time, batch, hidden].
    pub(crate) fn at_output_steps(&self, states: &Tensor) -> Tensor {
        match &self.output_steps {
            None => states.shallow_clone(), // [time, batch, hidden]
            Some(steps) => states.index_select(0, &Tensor::from_slice(steps)), // [output steps, batch, hidden]
        }
    }
}

/// The tensors of some steps of a batch of windows.
#[derive(Debug)]
pub struct Batch {
    /// The inputs of the network.
    pub inputs: Inputs,
    /// The true outputs: [output steps, batch, …].
    pub targets: Tensor,
    /// The loss weight of each target, of a shape that broadcasts to `targets`. It is 0 where no value was observed and
    /// beyond the end of a window.
    pub weights: Tensor,
    /// Anything else that the loss needs: [output steps, batch, …].
    pub context: Option<Tensor>,
}

impl Batch {
    /// The weighted sum of the absolute errors, a scalar.
    pub(crate) fn absolute_loss(&self, outputs: &Tensor) -> Tensor {
        ((&self.targets - outputs).abs() * &self.weights).sum(Kind::Float) // []
    }

    /// The weighted sum of the pinball losses (Koenker, Bassett 1978, "Regression quantiles") over all targets [output
    /// steps, batch, horizon, 1] and quantile levels. `quantiles` [output steps, batch, horizon, levels].
    pub(crate) fn pinball_loss(&self, quantiles: &Tensor, levels: &[f32]) -> Tensor {
        let levels = Tensor::from_slice(levels); // [levels]
        let errors = &self.targets - quantiles; // [output steps, batch, horizon, levels]
        let losses = (&errors * &levels).maximum(&(&errors * (&levels - 1.0))); // [output steps, batch, horizon, levels]
        (losses * &self.weights).sum(Kind::Float) // []
    }
}

/// The part of the data that a batch takes its targets from. The two parts share no target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// Targets that gradients are computed from.
    Training,
    /// Targets that decide when training stops.
    Validation,
}

/// The data that a network is trained on, with its loss.
///
/// ```
/// use std::ops::Range;
///
/// use forecast::nn::{Batch, Kind, Split, Tensor, TrainingData, Window};
/// use rand_chacha::ChaCha8Rng;
///
/// /// One sequence. The target at each step is the next value.
/// struct NextValue(Vec<f32>);
///
/// impl TrainingData for NextValue {
///     fn training_windows(&self, _: &mut ChaCha8Rng) -> Vec<Vec<Window>> {
///         vec![vec![Window { sequence: 0, start: 0, length: self.0.len() - 1, warm_up: 0 }]]
///     }
///
///     fn batch(&self, _: &[Window], steps: Range<usize>, _: Split) -> Batch {
///         let part = |from: usize| Tensor::from_slice(&self.0[from..from + steps.len()]).view([-1, 1, 1]);
///         let targets = part(steps.start + 1); // [time, batch, 1]
///         Batch { inputs: part(steps.start).into(), weights: targets.ones_like(), targets, context: None }
///     }
///
///     fn loss(&self, outputs: &Tensor, batch: &Batch) -> Tensor {
///         ((outputs - &batch.targets).square() * &batch.weights).sum(Kind::Float)
///     }
/// }
///
/// let batch = NextValue(vec![1.0, 2.0, 4.0, 8.0]).batch(&[], 1..3, Split::Training);
/// assert_eq!(batch.inputs.features.size(), [2, 1, 1]); // [time, batch, features]
/// assert_eq!(batch.targets, Tensor::from_slice(&[4.0_f32, 8.0]).view([2, 1, 1]));
/// ```
pub trait TrainingData {
    /// The windows of one epoch, grouped into batches. The windows of a batch run in parallel from their first steps.
    fn training_windows(&self, rng: &mut ChaCha8Rng) -> Vec<Vec<Window>>;

    /// The windows of the validation loss, grouped into batches. Empty if there is no validation.
    fn validation_windows(&self) -> Vec<Vec<Window>> {
        Vec::new()
    }

    /// The tensors of `steps` of each window. The output steps must not depend on how a window is cut into ranges.
    fn batch(&self, windows: &[Window], steps: Range<usize>, split: Split) -> Batch;

    /// The weighted sum of the losses of the network's `outputs` [output steps, batch, …]: a scalar.
    fn loss(&self, outputs: &Tensor, batch: &Batch) -> Tensor;
}
