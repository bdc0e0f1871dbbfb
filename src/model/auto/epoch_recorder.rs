//! Records the epochs of a candidate's training, and ends it with its budget.

use crate::budget::Budget;
use crate::model::observer::{Control, Epoch, Observer};

/// An observer that records the epochs of a training and stops it when the budget is over.
#[derive(Debug)]
pub(crate) struct EpochRecorder<'a> {
    budget: &'a Budget,
    epochs: Vec<Epoch>,
}

impl<'a> EpochRecorder<'a> {
    /// A recorder of no epochs.
    pub(crate) fn new(budget: &'a Budget) -> Self {
        Self { budget, epochs: Vec::new() }
    }

    /// The epochs so far.
    pub(crate) fn into_epochs(self) -> Vec<Epoch> {
        self.epochs
    }
}

impl Observer for EpochRecorder<'_> {
    fn epoch(&mut self, epoch: &Epoch) -> Control {
        self.epochs.push(*epoch);
        if self.budget.is_over() { Control::Stop } else { Control::Continue }
    }
}
