//! Saving of a fitted ensemble: its settings, and the weights of each member.

use serde::{Deserialize, Serialize};

use crate::model::global::combination::Combination;
use crate::model::global::fitted::FittedGlobal;
use crate::model::global::members::{EnsembleTask, Member};
use crate::model::global::scaled_panel::ScaledPanel;
use crate::model::global::settings::{Global, MemberConfig};
use crate::model::persist::{Persist, levels_are_valid};
use crate::model::weights::Weights;
use crate::panel::Panel;

/// Everything that is saved, except the weights.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct GlobalState {
    horizon: usize,
    levels: Vec<f64>,
    season: usize,
    periods: Vec<usize>,
    combination: Combination,
    member_configs: Vec<MemberConfig>,
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
            combination: self.combination.clone(),
            member_configs: self.members.iter().map(|member| member.config.clone()).collect(),
            settings: self.settings.clone(),
        }
    }

    fn weights(&self) -> Weights {
        let mut weights = Weights::default();
        for (number, member) in self.members.iter().enumerate() {
            weights.insert_part(&member_name(number), member.network.lock().weights());
        }
        weights
    }

    fn is_valid(state: &GlobalState) -> bool {
        let GlobalState { horizon, levels, season, periods, combination, member_configs, .. } = state;
        let config_is_sound = |config: &MemberConfig| {
            (1..=1 << 12).contains(&config.window)
                && (1..=1 << 16).contains(&config.context)
                && (1..=1 << 14).contains(&config.hidden)
                && config.batch_size > 0
        };
        (1..=1 << 16).contains(horizon)
            && levels_are_valid(levels)
            && *season > 0
            && periods.iter().all(|m| (2..=1 << 12).contains(m))
            && combination.width_factors.len() == horizon * levels.len()
            && combination.weights.iter().chain(&combination.width_factors).all(|x| x.is_finite())
            && !member_configs.is_empty()
            && member_configs.iter().all(config_is_sound)
    }

    fn restore(state: GlobalState, weights: &mut Weights) -> Result<Self, String> {
        let task = EnsembleTask { horizon: state.horizon, levels: &state.levels, seed: 0 };
        // the sizes of a network depend on its configuration and the seasons, not on the values of a panel
        let panel = ScaledPanel::new(&Panel::from_values(&[1.0], state.season), &state.periods, 0);
        let mut members = Vec::with_capacity(state.member_configs.len());
        for (number, config) in state.member_configs.iter().enumerate() {
            let member = Member::new(config, &panel, &task, number);
            member.network.lock().set_weights(weights.take_part(&member_name(number)))?;
            members.push(member);
        }
        Ok(Self {
            settings: state.settings,
            members,
            horizon: state.horizon,
            levels: state.levels,
            periods: state.periods,
            season: state.season,
            combination: state.combination,
        })
    }
}
