//! How a trained ensemble is saved: its settings, and the weights of each member.

use serde::{Deserialize, Serialize};

use crate::model::global::combination::Blend;
use crate::model::global::ensemble::{Common, TrainedMember};
use crate::model::global::forecaster::FittedGlobal;
use crate::model::global::series_pool::Pool;
use crate::model::global::settings::{Global, Kind};
use crate::model::persist::{Persist, levels_are_sound};
use crate::model::weights::Weights;
use crate::panel::Panel;

/// What is saved of a trained ensemble but its weights.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct GlobalState {
    horizon: usize,
    levels: Vec<f64>,
    season: usize,
    periods: Vec<usize>,
    blend: Blend,
    kinds: Vec<Kind>,
    settings: Global,
}

impl GlobalState {
    /// The horizon and the quantile levels that it forecasts.
    pub(crate) fn task(&self) -> (usize, &[f64]) {
        (self.horizon, &self.levels)
    }
}

fn member_name(number: usize) -> String {
    format!("member_{number:02}")
}

impl Persist for FittedGlobal {
    type State = GlobalState;

    fn name(_: &GlobalState) -> &'static str {
        Global::NAME
    }

    fn state(&self) -> GlobalState {
        GlobalState {
            horizon: self.horizon,
            levels: self.levels.clone(),
            season: self.season,
            periods: self.periods.clone(),
            blend: self.blend.clone(),
            kinds: self.members.iter().map(|member| member.kind.clone()).collect(),
            settings: self.settings.clone(),
        }
    }

    fn weights(&self) -> Weights {
        let mut weights = Weights::default();
        for (number, member) in self.members.iter().enumerate() {
            weights.insert_part(&member_name(number), member.lock().weights());
        }
        weights
    }

    fn is_sound(state: &GlobalState) -> bool {
        let GlobalState { horizon, levels, season, periods, blend, kinds, .. } = state;
        let kind_is_sound = |kind: &Kind| {
            (1..=1 << 12).contains(&kind.window)
                && (1..=1 << 16).contains(&kind.context)
                && (1..=1 << 14).contains(&kind.hidden)
                && kind.batch > 0
        };
        (1..=1 << 16).contains(horizon)
            && levels_are_sound(levels)
            && *season > 0
            && periods.iter().all(|m| (2..=1 << 12).contains(m))
            && blend.widths.len() == horizon * levels.len()
            && blend.shares.iter().chain(&blend.widths).all(|x| x.is_finite())
            && !kinds.is_empty()
            && kinds.iter().all(kind_is_sound)
    }

    fn restore(state: GlobalState, weights: &mut Weights) -> Result<Self, String> {
        let common = Common { horizon: state.horizon, levels: &state.levels, seed: 0 };
        // the sizes of a network follow from its kind alone, so that any pool will do
        let pool = Pool::new(&Panel::from_values(&[1.0], state.season), &state.periods, 0);
        let mut members = Vec::with_capacity(state.kinds.len());
        for (number, kind) in state.kinds.iter().enumerate() {
            let trained = TrainedMember::new(kind, &pool, &common, number);
            trained.lock().set_weights(weights.take_part(&member_name(number)))?;
            members.push(trained);
        }
        Ok(Self {
            settings: state.settings,
            members,
            horizon: state.horizon,
            levels: state.levels,
            periods: state.periods,
            season: state.season,
            blend: state.blend,
            hindcasts: Vec::new(),
        })
    }
}
