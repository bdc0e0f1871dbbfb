//! A training's budget of time.

use std::time::{Duration, Instant};

/// The time spent of a budget, and what the next thing to do will take of it: as long as the longest of its kind so far.
pub(crate) struct Clock {
    began: Instant,
    budget: Option<Duration>,
    /// When what is being done began.
    mark: Instant,
    validation: Duration,
    update: Duration,
}

impl Clock {
    /// Starts it.
    pub(crate) fn new(budget: Option<Duration>) -> Self {
        let now = Instant::now();
        Self { began: now, budget, mark: now, validation: Duration::ZERO, update: Duration::ZERO }
    }

    pub(crate) fn before_validation(&mut self) {
        self.mark = Instant::now();
    }

    pub(crate) fn after_validation(&mut self) {
        self.validation = self.validation.max(self.mark.elapsed());
    }

    pub(crate) fn before_updates(&mut self) {
        self.mark = Instant::now();
    }

    /// An update ends, the next one begins.
    pub(crate) fn after_update(&mut self) {
        self.update = self.update.max(self.mark.elapsed());
        self.mark = Instant::now();
    }

    /// The share of the budget that is spent, 0 where there is none.
    pub(crate) fn spent(&self) -> f64 {
        self.budget.map_or(0.0, |budget| {
            let usable = budget.saturating_sub(self.validation).as_secs_f64();
            if usable > 0.0 { self.began.elapsed().as_secs_f64() / usable } else { 1.0 }
        })
    }

    /// Whether one more update, and the validation after it, would not end in time.
    pub(crate) fn is_up(&self) -> bool {
        self.budget.is_some_and(|budget| self.began.elapsed() + self.update + self.validation >= budget)
    }

    /// The epochs that there will have been, after so many of at most so many.
    pub(crate) fn epochs(&self, done: usize, most: usize) -> usize {
        let spent = self.spent();
        if spent > 0.0 { ((done as f64 / spent) as usize).clamp(done, most) } else { most }
    }
}
