//! How a fitted baseline is saved: it has settings and no weights.

use serde::{Deserialize, Serialize};

use crate::model::fit::Model;
use crate::model::persist::{Persist, levels_are_sound};
use crate::model::stat::baseline::{Baseline, FittedBaseline};
use crate::model::weights::Weights;

/// What is saved of a fitted baseline.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct BaselineState {
    baseline: Baseline,
    season: usize,
    horizon: usize,
    levels: Vec<f64>,
}

impl Persist for FittedBaseline {
    type State = BaselineState;

    fn name(state: &BaselineState) -> &'static str {
        state.baseline.name()
    }

    fn state(&self) -> BaselineState {
        let Self { baseline, season, horizon, levels } = self.clone();
        BaselineState { baseline, season, horizon, levels }
    }

    fn is_sound(state: &BaselineState) -> bool {
        state.season > 0 && state.horizon > 0 && levels_are_sound(&state.levels)
    }

    fn restore(state: BaselineState, _: &mut Weights) -> Result<Self, String> {
        let BaselineState { baseline, season, horizon, levels } = state;
        Ok(Self { baseline, season, horizon, levels })
    }
}
