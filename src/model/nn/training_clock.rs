//! The time budget of a training.

use std::time::{Duration, Instant};

use crate::budget::Budget;

/// The spent share of a budget, and whether the rest is enough for the next update and the next validation. Each is
/// expected to take as long as the longest so far.
pub(crate) struct TrainingClock {
    began: Instant,
    budget: Budget,
    /// The time that the budget had when the training began.
    limit: Option<Duration>,
    /// The time at which the current update or validation began.
    mark: Instant,
    longest_validation: Duration,
    longest_update: Duration,
}

impl TrainingClock {
    pub(crate) fn new(budget: &Budget) -> Self {
        let now = Instant::now();
        Self {
            began: now,
            budget: budget.clone(),
            limit: budget.left(),
            mark: now,
            longest_validation: Duration::ZERO,
            longest_update: Duration::ZERO,
        }
    }

    /// An update or a validation begins.
    pub(crate) fn begin(&mut self) {
        self.mark = Instant::now();
    }

    pub(crate) fn after_validation(&mut self) {
        self.longest_validation = self.longest_validation.max(self.mark.elapsed());
    }

    /// An update ends, and the next one begins.
    pub(crate) fn after_update(&mut self) {
        self.longest_update = self.longest_update.max(self.mark.elapsed());
        self.begin();
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
