//! The settings of the training loop, and its clock.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::budget::Budget;

/// How gradients are kept from exploding (Pascanu, Mikolov, Bengio 2013, "On the difficulty of training recurrent
/// neural networks", section 3.2).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clip {
    /// Scales the gradient of all weights down to this norm if its norm is larger.
    Norm(f64),
    /// Clamps each component of the gradient to ± this value.
    Value(f64),
    /// Leaves the gradient as it is.
    Off,
}

/// The settings of the training loop.
///
/// ```
/// use forecast::nn::{Clip, TrainingSettings};
///
/// // truncated BPTT: an update every 30 steps, with gradients that reach back 60 steps
/// let full = TrainingSettings::full_bptt(100, 0.01);
/// let truncated = TrainingSettings { chunk: 30, reach: 60, clip: Clip::Norm(0.5), ..full };
/// assert!(truncated.chunk < full.chunk && truncated.carry);
/// ```
#[derive(Debug, Clone)]
pub struct TrainingSettings {
    /// Steps of a chunk of truncated BPTT. Each chunk gives one update.
    pub chunk: usize,
    /// Steps that gradients reach back. If it is more than `chunk`, steps before the chunk are computed again. If it is
    /// less, gradients are cut within the chunk.
    pub reach: usize,
    /// Whether the hidden state is carried from chunk to chunk.
    pub carry: bool,
    /// How gradients are kept from exploding.
    pub clip: Clip,
    /// Passes over the data.
    pub epochs: usize,
    /// The highest learning rate. A short warm-up leads up to it, half a cosine leads down from it.
    pub learning_rate: f64,
    /// Decoupled weight decay of `AdamW` (Loshchilov, Hutter 2019, "Decoupled weight decay regularization").
    pub weight_decay: f64,
    /// Epochs without a better validation loss after which training stops.
    pub patience: usize,
    /// Decay, per update, of the exponential moving average of the weights. The average replaces the last weights
    /// (Polyak, Juditsky 1992, "Acceleration of stochastic approximation by averaging"). `None` means no average.
    pub average_decay: Option<f64>,
    /// Seed of the order of the batches and of dropout.
    pub seed: u64,
    /// The time that training may take. If it is too short for all epochs, the learning rate falls with the time. The
    /// result then depends on the speed of the machine.
    pub budget: Budget,
}

impl TrainingSettings {
    /// Full BPTT: one update for each batch, gradients back to the first step, and a gradient norm of at most 1.
    pub fn full_bptt(epochs: usize, learning_rate: f64) -> Self {
        Self {
            chunk: usize::MAX,
            reach: usize::MAX,
            carry: true,
            clip: Clip::Norm(1.0),
            epochs,
            learning_rate,
            weight_decay: 0.0,
            patience: usize::MAX,
            average_decay: None,
            seed: 0,
            budget: Budget::unlimited(),
        }
    }
}

/// The time budget of a training. The next update and the next validation are expected to take as long as the longest so
/// far.
pub(crate) struct TrainingClock {
    began: Instant,
    budget: Budget,
    /// The time that the budget had when the training began.
    limit: Option<Duration>,
    pub(crate) longest_validation: Duration,
    pub(crate) longest_update: Duration,
}

impl TrainingClock {
    pub(crate) fn new(budget: &Budget) -> Self {
        let (longest_validation, longest_update) = (Duration::ZERO, Duration::ZERO);
        let limit = budget.left();
        Self { began: Instant::now(), budget: budget.clone(), limit, longest_validation, longest_update }
    }

    /// The share of the budget that is spent; 0 if there is no budget.
    pub(crate) fn spent(&self) -> f64 {
        self.limit.map_or(0.0, |limit| {
            let usable = limit.saturating_sub(self.longest_validation).as_secs_f64();
            if usable > 0.0 { self.began.elapsed().as_secs_f64() / usable } else { 1.0 }
        })
    }

    /// Whether one more update and the validation after it would exceed the budget.
    pub(crate) fn is_up(&self) -> bool {
        let needed = self.longest_update.saturating_add(self.longest_validation);
        self.budget.is_stopped() || self.budget.left().is_some_and(|left| needed >= left)
    }

    /// The expected number of epochs, after `done` of at most `max` epochs.
    pub(crate) fn epochs(&self, done: usize, max: usize) -> usize {
        let spent = self.spent();
        if spent > 0.0 { ((done as f64 / spent) as usize).clamp(done, max) } else { max }
    }
}
