//! Saving of a fitted baseline, which has settings and no weights.

use crate::model::fit::Model;
use crate::model::persist::{Persist, levels_are_valid};
use crate::model::stat::baseline::FittedBaseline;
use crate::model::weights::Weights;

impl Persist for FittedBaseline {
    type State = Self;

    fn name(state: &Self) -> &'static str {
        state.baseline.name()
    }

    fn state(&self) -> Self {
        self.clone()
    }

    fn is_valid(state: &Self) -> bool {
        state.season > 0 && state.horizon > 0 && levels_are_valid(&state.levels)
    }

    fn restore(state: Self, _: &mut Weights) -> Result<Self, String> {
        Ok(state)
    }
}
