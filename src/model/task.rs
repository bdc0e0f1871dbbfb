//! The task that a model is fitted for.

use std::path::PathBuf;

use crate::budget::Budget;
use crate::forecast::quantile_forecast::LEVELS;

/// The horizon and the quantile levels of a forecast, and the conditions of the fit.
#[derive(Debug, Clone)]
pub struct Task {
    /// The number of steps to forecast, at least 1.
    pub horizon: usize,
    /// Quantile levels in (0, 1), ascending. The median is among them.
    pub levels: Vec<f64>,
    /// The seed of every random number.
    pub seed: u64,
    /// The time that fitting may take. It runs from the creation of the budget.
    pub budget: Budget,
    /// A folder for the checkpoints of a long training, from which the same fit is resumed. Only models that
    /// [keep checkpoints](crate::model::Model::keeps_checkpoints) use it.
    pub checkpoints: Option<PathBuf>,
}

impl Task {
    /// A task with the levels of [`LEVELS`], seed 0, a budget without limit and no checkpoints.
    pub fn new(horizon: usize) -> Self {
        Self { horizon, levels: LEVELS.to_vec(), seed: 0, budget: Budget::unlimited(), checkpoints: None }
    }
}
