//! What a network sees and is to say: the contract between the training loop and the data.

use std::ops::Range;

use rand_chacha::ChaCha8Rng;
use tch::Tensor;

/// What a network sees at some consecutive steps of a walk.
#[derive(Debug)]
pub struct Input {
    /// The numbers of each step: [time, batch, inputs].
    pub seen: Tensor,
    /// The steps at which the network speaks, counted from the first of `seen`, ascending; `None`: every one.
    pub speaks: Option<Vec<i64>>,
    /// What only a decoder sees.
    pub ahead: Option<Ahead>,
}

/// What a decoder sees at each of the steps that it walks, for each step at which the network speaks.
#[derive(Debug)]
pub struct Ahead {
    /// What is known beforehand: [spoken, batch, steps, known].
    pub known: Tensor,
    /// What it should have said (teacher forcing: Williams, Zipser 1989), used in training in place of what it did say:
    /// [spoken, batch, steps, feedback]; `None`: it hears itself in training too.
    pub teacher: Option<Tensor>,
}

impl From<Tensor> for Input {
    /// Speaks at every step.
    fn from(seen: Tensor) -> Self {
        Self { seen, speaks: None, ahead: None }
    }
}

impl Input {
    /// The same without a word from the network: only its state is of interest.
    #[must_use]
    pub fn silent(self) -> Self {
        Self { seen: self.seen, speaks: Some(Vec::new()), ahead: None }
    }

    /// The steps at which the network speaks, of `states` [time, batch, hidden]: [spoken, batch, hidden].
    pub(crate) fn spoken(&self, states: &Tensor) -> Tensor {
        match &self.speaks {
            None => states.shallow_clone(),
            Some(steps) => states.index_select(0, &Tensor::from_slice(steps)),
        }
    }
}

/// Consecutive steps of one sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Which sequence.
    pub sequence: usize,
    /// Its first step.
    pub start: usize,
    /// Number of steps.
    pub length: usize,
    /// Steps at the beginning that bear no loss: they only warm up the state.
    pub warm_up: usize,
}

/// Streams that are walked side by side, from the first step of each.
pub type Batch = Vec<Window>;

/// What is to be said at some steps of a walk.
#[derive(Debug)]
pub struct Targets {
    /// [spoken, batch, …], whatever the loss needs.
    pub values: Tensor,
    /// [spoken, batch, …], 1 where the loss counts and 0 elsewhere, as beyond the end of a stream.
    pub mask: Tensor,
}

/// What a network learns from.
pub trait Sequences {
    /// The walks of one epoch.
    fn walks(&self, rng: &mut ChaCha8Rng) -> Vec<Batch>;

    /// The walks that tell when to stop; empty for none.
    fn validation(&self) -> Vec<Batch>;

    /// What the network sees at `steps` of every stream. The steps at which it speaks must not depend on how a walk is
    /// cut into ranges.
    fn inputs(&self, walk: &Batch, steps: Range<usize>) -> Input;

    /// What it is to say there, at the steps at which it speaks. `validation` tells whose turn it is: the two share no
    /// target.
    fn targets(&self, walk: &Batch, steps: Range<usize>, validation: bool) -> Targets;

    /// The sum of the losses over the mask, a scalar; `outputs` as the network gives them.
    fn loss(&self, outputs: &Tensor, targets: &Targets) -> Tensor;
}
