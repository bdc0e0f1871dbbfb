//! The task that a model is fitted for.

use std::path::PathBuf;

use crate::budget::Budget;
use crate::forecast::quantile_forecast::LEVELS;

/// What is asked of a model, whichever it is.
#[derive(Debug, Clone)]
pub struct Task {
    /// Steps to forecast, at least 1.
    pub horizon: usize,
    /// Quantile levels in (0, 1), ascending, the median among them.
    pub levels: Vec<f64>,
    /// Seed of every random number.
    pub seed: u64,
    /// The time that fitting may take. It runs from the moment at which the budget was made.
    pub budget: Budget,
    /// A folder in which a long training keeps what is done of it, and finds it again if it was cut off; for models that
    /// do so ([`global`], and [`auto`] of many series).
    pub checkpoints: Option<PathBuf>,
}

impl Task {
    /// A task with the levels of [`LEVELS`], seed 0 all the time it needs and no checkpoints.
    pub fn new(horizon: usize) -> Self {
        Self { horizon, levels: LEVELS.to_vec(), seed: 0, budget: Budget::unlimited(), checkpoints: None }
    }
}
