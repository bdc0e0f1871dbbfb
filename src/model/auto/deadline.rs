//! The time that fitting may take.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::model::observer::{Control, Epoch, Observer};

/// When fitting should end, and whether somebody asked it to end now.
#[derive(Debug)]
pub(crate) struct SearchBudget {
    end: Option<Instant>,
    stopped: AtomicBool,
}

impl SearchBudget {
    /// Of `budget` from now on a share is for trying members; the rest is for what follows.
    pub(crate) fn after(budget: Option<Duration>) -> Self {
        const SHARE: f64 = 0.7;
        let end = budget.and_then(|budget| Instant::now().checked_add(budget.mul_f64(SHARE)));
        Self { end, stopped: AtomicBool::new(false) }
    }

    /// Whether nothing new should be begun.
    pub(crate) fn is_over(&self) -> bool {
        self.stopped.load(Ordering::Relaxed) || self.end.is_some_and(|end| Instant::now() >= end)
    }

    /// Ends it now.
    pub(crate) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// An observer of a training that stops it in time.
    pub(crate) fn watch(&self) -> Watch<'_> {
        Watch { deadline: self, epochs: Vec::new() }
    }
}

/// Watches a training, and keeps its epochs.
#[derive(Debug)]
pub(crate) struct Watch<'a> {
    deadline: &'a SearchBudget,
    pub(crate) epochs: Vec<Epoch>,
}

impl Observer for Watch<'_> {
    fn epoch(&mut self, epoch: &Epoch) -> Control {
        self.epochs.push(*epoch);
        if self.deadline.is_over() { Control::Stop } else { Control::Continue }
    }
}
