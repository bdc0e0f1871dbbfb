//! The fitted ensemble: its forecasts, and how it is saved.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::forecast::quantile_forecast::Forecast;
use crate::model::effect::Effect;
use crate::model::fit::{FitNotice, Forecaster, Hindcast, Task};
use crate::model::global::combination::{Combination, Holdout, add_comb_forecasts, holdout_panels};
use crate::model::global::covariate_effects::CovariateEffects;
use crate::model::global::network::{Member, SERIES_PER_PASS, predict};
use crate::model::global::scaled_panel::ScaledPanel;
use crate::model::global::settings::{Global, MemberConfig};
use crate::model::global::windows::Prediction;
use crate::model::many_series::with_covariates_of;
use crate::model::nn::{Recurrent, tensor};
use crate::model::other_levels::at_levels;
use crate::model::persist::{Persist, Weights, is_zero, levels_are_valid};
use crate::model::usual_covariates::covariate_effects;
use crate::panel::Panel;
use crate::panel::covariates::Covariate;

/// A fitted ensemble. It forecasts any panel with the frequency of the training panel.
#[derive(Debug)]
pub(crate) struct FittedGlobal {
    pub(crate) state: GlobalState,
    /// One for each of the configurations in `state`; the pretrained ones are the last.
    pub(crate) members: Vec<Member>,
}

/// Everything that is saved, except the weights.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct GlobalState {
    pub(crate) horizon: usize,
    /// The levels that the networks have learned.
    pub(crate) levels: Vec<f64>,
    /// The levels of forecasts, if they are others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) forecast_levels: Option<Vec<f64>>,
    /// The season length of the training panel.
    pub(crate) season: usize,
    /// The covariates of the training panel.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) covariates: Vec<Covariate>,
    /// `None` if no covariate has a known future.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) effects: Option<CovariateEffects>,
    /// Season lengths that a series can have, the shortest first.
    pub(crate) periods: Vec<usize>,
    pub(crate) combination: Combination,
    pub(crate) member_configs: Vec<MemberConfig>,
    /// The number of pretrained members, which were not trained on the panel.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) pretrained_members: usize,
    pub(crate) settings: Global,
    /// Whether each series is predicted by itself, so that not even the last bits depend on the other series.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) predicts_by_series: bool,
}

impl GlobalState {
    /// A task with the horizon and the quantile levels of the networks.
    fn task(&self) -> Task {
        Task { levels: self.levels.clone(), ..Task::new(self.horizon) }
    }
}

impl Forecaster for FittedGlobal {
    fn levels(&self) -> &[f64] {
        self.state.forecast_levels.as_ref().unwrap_or(&self.state.levels)
    }

    fn predict_at(&self, history: &Panel, levels: &[f64]) -> Result<Vec<Forecast>> {
        let GlobalState { periods, combination, horizon, covariates, effects, .. } = &self.state;
        let history = with_covariates_of(history, covariates, *horizon)?;
        let panel = ScaledPanel::new(&history, periods, 0, effects.as_ref());
        let predictions = self.predictions(&panel);
        let forecasts = combination.forecasts(&panel, &predictions, &self.state.levels).into_iter();
        Ok(history.iter().zip(forecasts).map(|(series, forecast)| at_levels(&series, forecast, levels)).collect())
    }

    fn effects(&self, history: &Panel) -> Result<Vec<Vec<Effect>>> {
        let history = with_covariates_of(history, &self.state.covariates, self.state.horizon)?;
        covariate_effects(&history, |panel| self.predict_at(panel, &[0.5]))
    }

    fn seasons(&self) -> Option<Vec<usize>> {
        Some(self.state.periods.clone())
    }

    fn covariates(&self) -> &[Covariate] {
        &self.state.covariates
    }
}

impl FittedGlobal {
    /// The predictions of the steps after the end of each series, with what the combination needs.
    fn predictions(&self, panel: &ScaledPanel<'_>) -> Vec<Prediction> {
        let GlobalState { combination, horizon, predicts_by_series, .. } = &self.state;
        let per_pass = if *predicts_by_series { 1 } else { SERIES_PER_PASS };
        let mut predictions = predict(&self.members, panel, &self.state.task(), per_pass);
        if combination.needs_comb() {
            add_comb_forecasts(&mut predictions, panel, *horizon);
        }
        predictions
    }

    /// The forecasts of the last horizons of each series, up to `origins` of them, each from the values before it.
    pub(crate) fn hindcasts(&self, panel: &Panel, origins: usize) -> Result<Vec<Hindcast>> {
        let GlobalState { periods, combination, horizon, covariates, effects, levels, .. } = &self.state;
        let panel = &*with_covariates_of(panel, covariates, *horizon)?;
        let panels = holdout_panels(panel, origins, *horizon);
        let holdout = |panel| {
            let known = ScaledPanel::new(panel, periods, *horizon, effects.as_ref());
            let predictions = self.predictions(&known);
            Holdout::of(panel, known, *horizon, predictions)
        };
        let holdouts: Vec<Holdout<'_>> = panels.iter().map(|panel| holdout(panel)).collect();
        Ok(combination.hindcasts(&holdouts, panel, levels))
    }

    /// A notice if members of the ensemble are missing.
    pub(crate) fn notices(&self) -> Vec<FitNotice> {
        let Global { members, member_configs, .. } = &self.state.settings;
        let planned = member_configs.as_ref().map_or(*members, Vec::len);
        let trained = self.members.len() - self.state.pretrained_members;
        if trained < planned { vec![FitNotice::FewerNetworks { trained, planned }] } else { Vec::new() }
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
        self.state.clone()
    }

    fn weights(&self) -> Weights {
        let mut weights = Weights::default();
        for (number, member) in self.members.iter().enumerate() {
            weights.insert_part(&member_name(number), tensor::weights_of(member.network().store()));
        }
        weights
    }

    fn is_valid(state: &GlobalState) -> bool {
        let GlobalState { horizon, levels, forecast_levels, season, covariates, effects, .. } = state;
        let GlobalState { periods, combination, member_configs, .. } = state;
        let config_is_valid = |config: &MemberConfig| {
            (1..=1 << 12).contains(&config.window)
                && (1..=1 << 16).contains(&config.context)
                && (1..=1 << 14).contains(&config.hidden)
                && config.batch_size > 0
        };
        (1..=1 << 16).contains(horizon)
            && levels_are_valid(levels)
            && forecast_levels.as_deref().is_none_or(levels_are_valid)
            && *season > 0
            && effects.as_ref().is_none_or(|effects| effects.is_valid(covariates))
            && periods.iter().all(|m| (2..=1 << 12).contains(m))
            && combination.width_factors.len() == horizon * levels.len()
            && combination.weights.iter().chain(&combination.width_factors).all(|x| x.is_finite())
            && member_configs.len() > state.pretrained_members
            && member_configs.iter().all(config_is_valid)
    }

    fn restore(state: GlobalState, weights: &mut Weights) -> std::result::Result<Self, String> {
        let task = state.task();
        let mut members = Vec::with_capacity(state.member_configs.len());
        for (number, config) in state.member_configs.iter().enumerate() {
            let member = Member::new(config, &state.periods, &task, number);
            tensor::set_weights(member.network().store(), weights.take_part(&member_name(number)))?;
            members.push(member);
        }
        Ok(Self { state, members })
    }
}
