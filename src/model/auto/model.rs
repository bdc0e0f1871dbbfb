//! The automatic model as a [`Model`], its two fitted forms, and how they are saved.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::forecast::quantile_forecast::Forecast;
use crate::model::auto::adjustment::Adjustment;
use crate::model::auto::local::{FittedLocal, LocalFit};
use crate::model::auto::mixture::PooledMixture;
use crate::model::auto::pooled::FittedPooled;
use crate::model::auto::pooled_model::{PooledModel, PooledModelState};
use crate::model::auto::settings::{Auto, max_values};
use crate::model::effect::Effect;
use crate::model::fit::{Fit, FitNotice, FitReport, Forecaster, Hindcast, Model, ModelOption, StandInForecasts};
use crate::model::fit::{Task, UnsupportedOption};
use crate::model::global::fitted::{FittedGlobal, GlobalState};
use crate::model::observer::Observer;
use crate::model::persist::{Persist, Weights, levels_are_valid};
use crate::panel::Panel;
use crate::panel::covariates::Covariate;

/// The parts of a pooled model, by which their weights are named.
const GLOBAL_PART: &str = "global";
const LOCAL_PART: &str = "local";

impl Model for Auto {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn uses_covariates(&self) -> bool {
        true
    }

    fn settings(&self) -> Value {
        json!(self)
    }

    fn set_option(&mut self, _: ModelOption) -> std::result::Result<(), UnsupportedOption> {
        Err(UnsupportedOption("its networks have settings of their own"))
    }

    fn records_hindcasts(&self) -> bool {
        true
    }

    fn keeps_checkpoints(&self, train: &Panel) -> bool {
        train.count() >= self.min_pooled_series
    }

    fn with_hindcasts_of_several_origins(&self) -> Box<dyn Model> {
        // a pooled model has the hindcasts of one origin
        Box::new(Self { min_pooled_series: usize::MAX, ..self.clone() })
    }

    fn fit(&self, train: &Panel, task: &Task, observer: &mut dyn Observer) -> Result<Fit> {
        fit_adjusted(train, task.horizon, |adjusted| self.fit_adjusted(adjusted, task, observer))
    }
}

/// Calls `fit` with the last values of a panel, without the effects of rare days. The report is of the whole panel.
pub(crate) fn fit_adjusted(train: &Panel, horizon: usize, fit: impl FnOnce(&Panel) -> Result<Fit>) -> Result<Fit> {
    let recent = train.with_last(max_values(train, horizon));
    let used = recent.as_ref().unwrap_or(train);
    let adjustment = Adjustment::new(used, horizon);
    let mut fit = fit(adjustment.panel(used))?;
    fit.report.hindcasts = adjustment.restore_hindcasts(used, fit.report.hindcasts);
    fit.report.notices.extend(adjustment.notice(used));
    if let Some(recent) = &recent {
        let lengths = shift_cutoffs(&mut fit.report.hindcasts, recent, train);
        if let Some(&[used, of]) = lengths.iter().max_by_key(|[_, of]| *of) {
            fit.report.notices.insert(0, FitNotice::OldValuesLeftOut { used, of });
        }
    }
    Ok(fit)
}

/// Moves the cutoffs of hindcasts of the last values of a panel to those of the whole panel. Returns the lengths of each
/// series in both.
fn shift_cutoffs(hindcasts: &mut [Hindcast], recent: &Panel, whole: &Panel) -> Vec<[usize; 2]> {
    let lengths: Vec<[usize; 2]> = recent.iter().zip(whole.iter()).map(|(r, w)| [r.len(), w.len()]).collect();
    for hindcast in hindcasts {
        let [used, of] = lengths[hindcast.series];
        hindcast.cutoff += of - used;
    }
    lengths
}

impl Auto {
    /// Fits to a panel without the effects of rare days.
    fn fit_adjusted(&self, train: &Panel, task: &Task, observer: &mut dyn Observer) -> Result<Fit> {
        let (mut notices, series) = (Vec::new(), train.count());
        if series >= self.min_pooled_series {
            match FittedPooled::fit(self, train, task, observer) {
                Ok((fitted, mut report)) => {
                    if train.steps_with_known_seasons() < task.horizon {
                        report.hindcasts.clear();
                    }
                    return Ok(Fit { forecaster: Box::new(FittedAuto::Pooled(Box::new(fitted))), report });
                }
                Err(error) => notices.push(notice_without_pooling(error, series)?),
            }
        }
        // a limit of 0 is a choice of the caller, not a fall-back
        let max_series = self.max_network_series;
        if max_series > 0 && series > max_series {
            notices.push(FitNotice::TooManySeriesForNetworks { series, max_series });
        }
        let all: Vec<usize> = (0..series).collect();
        let local = LocalFit::new(self, train, &all, task, observer)?;
        Ok(fit_of_local(local, notices))
    }
}

/// The local models alone as a fit, whose report has further notices.
pub(crate) fn fit_of_local(local: LocalFit, mut notices: Vec<FitNotice>) -> Fit {
    notices.extend(local.notice());
    let ensemble_weights = local.models.ensemble_weights().collect();
    let report = FitReport { hindcasts: local.hindcasts, ensemble_weights, notices };
    Fit { forecaster: Box::new(FittedAuto::Local(local.models)), report }
}

/// The notice that each series has a separate model, if an error of the global model allows it.
fn notice_without_pooling(error: Error, series: usize) -> Result<FitNotice> {
    match error {
        Error::TooShort { .. } => Ok(FitNotice::TooShortForPooling { series }),
        Error::Diverged { .. } => Ok(FitNotice::PoolingDiverged { series }),
        error => Err(error),
    }
}

#[derive(Debug)]
pub(crate) enum FittedAuto {
    Local(FittedLocal),
    Pooled(Box<FittedPooled>),
    /// A pooled model of a sample. Candidates of a series are fitted when it is forecast.
    OfSample(Arc<PooledModel>),
}

impl FittedAuto {
    fn steps(&self) -> usize {
        match self {
            Self::Local(local) => local.horizon,
            Self::Pooled(pooled) => pooled.global.state.horizon,
            Self::OfSample(pooled) => pooled.horizon(),
        }
    }

    /// Calls `compute` with the last values of a history, with the covariates of the fit, and with their adjustment.
    fn adjusted<T>(&self, history: &Panel, compute: impl FnOnce(&Panel, &Adjustment) -> Result<T>) -> Result<T> {
        let (horizon, history) = (self.steps(), &*self.with_own_covariates(history)?);
        let recent = history.with_last(max_values(history, horizon));
        let history = recent.as_ref().unwrap_or(history);
        compute(history, &Adjustment::new(history, horizon))
    }

    /// A history with the covariates of the fit, in their order and with their categories.
    fn with_own_covariates<'a>(&self, history: &'a Panel) -> Result<Cow<'a, Panel>> {
        match (self, self.covariates()) {
            (Self::OfSample(pooled), _) => pooled.with_own_covariates(history),
            (_, []) => Ok(Cow::Borrowed(history)),
            (_, own) => history.with_matching_covariates(own).map(Cow::Owned),
        }
    }
}

impl Forecaster for FittedAuto {
    fn levels(&self) -> &[f64] {
        match self {
            Self::Local(local) => &local.levels,
            Self::Pooled(pooled) => pooled.levels(),
            Self::OfSample(pooled) => pooled.levels(),
        }
    }

    fn horizon(&self) -> Option<usize> {
        Some(self.steps())
    }

    fn predict_at(&self, history: &Panel, levels: &[f64]) -> Result<Vec<Forecast>> {
        self.adjusted(history, |history, adjustment| {
            let adjusted = adjustment.panel(history);
            let forecasts = match self {
                Self::Local(local) => local.predict_at(adjusted, levels),
                Self::Pooled(pooled) => pooled.predict_at(adjusted, levels),
                Self::OfSample(pooled) => pooled.fitted_to(adjusted, levels)?.predict_at(adjusted, levels),
            };
            Ok(adjustment.restore_forecasts(history, forecasts?))
        })
    }

    fn stand_in_forecasts(&self, history: &Panel, count: usize) -> Result<StandInForecasts> {
        let local = match self {
            Self::Local(local) => Some(local),
            Self::Pooled(pooled) => pooled.local.as_ref(),
            Self::OfSample(_) => None,
        };
        let Some(local) = local else { return Ok(StandInForecasts::default()) };
        let recent = history.with_last(max_values(history, local.horizon));
        let used = recent.as_ref().unwrap_or(history);
        let adjustment = Adjustment::new(used, local.horizon);
        let mut stand_ins = local.stand_in_forecasts(adjustment.panel(used), count);
        stand_ins.forecasts = adjustment.restore_hindcasts(used, stand_ins.forecasts);
        if let Some(recent) = &recent {
            shift_cutoffs(&mut stand_ins.forecasts, recent, history);
        }
        Ok(stand_ins)
    }

    fn effects(&self, history: &Panel) -> Result<Vec<Vec<Effect>>> {
        self.adjusted(history, |history, adjustment| {
            let adjusted = adjustment.panel(history);
            let (forecasts, effects) = match self {
                Self::Local(local) => (local.predict_at(adjusted, &[0.5])?, local.effects(adjusted)?),
                Self::Pooled(pooled) => (pooled.predict_at(adjusted, &[0.5])?, pooled.effects(adjusted)?),
                Self::OfSample(pooled) => {
                    let fitted = pooled.fitted_to(adjusted, &[0.5])?;
                    (fitted.predict_at(adjusted, &[0.5])?, fitted.effects(adjusted)?)
                }
            };
            let of_calendar = adjustment.calendar_effects(history, forecasts).into_iter();
            Ok(of_calendar
                .zip(effects)
                .map(|(calendar, others)| calendar.into_iter().chain(others).collect())
                .collect())
        })
    }

    fn seasons(&self) -> Option<Vec<usize>> {
        match self {
            Self::Local(local) => Some(local.seasons()),
            Self::Pooled(pooled) => {
                pooled.local.as_ref().map_or_else(|| pooled.global.seasons(), |local| Some(local.seasons()))
            }
            Self::OfSample(pooled) => Some(pooled.seasons().lengths().to_vec()),
        }
    }

    fn forecasts_series_separately(&self) -> bool {
        matches!(self, Self::OfSample(_))
    }

    fn covariates(&self) -> &[Covariate] {
        match self {
            Self::Local(local) => &local.covariates,
            Self::Pooled(pooled) => pooled.covariates(),
            Self::OfSample(pooled) => pooled.covariates(),
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "one value exists for a moment, while a model is saved or loaded")]
pub(crate) enum AutoState {
    Local(FittedLocal),
    Pooled(PooledState),
    PooledModel(PooledModelState),
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PooledState {
    horizon: usize,
    levels: Vec<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    forecast_levels: Option<Vec<f64>>,
    mixture: PooledMixture,
    global: GlobalState,
    local: Option<FittedLocal>,
}

impl Persist for FittedAuto {
    type State = AutoState;

    fn name(_: &AutoState) -> &'static str {
        Auto::NAME
    }

    fn state(&self) -> AutoState {
        match self {
            Self::Local(local) => AutoState::Local(local.clone()),
            Self::Pooled(pooled) => AutoState::Pooled(PooledState {
                horizon: pooled.global.state.horizon,
                levels: pooled.global.state.levels.clone(),
                forecast_levels: pooled.forecast_levels.clone(),
                mixture: pooled.mixture.clone(),
                global: pooled.global.state(),
                local: pooled.local.clone(),
            }),
            Self::OfSample(pooled) => AutoState::PooledModel(pooled.state()),
        }
    }

    fn weights(&self) -> Weights {
        match self {
            Self::Local(local) => local.weights(),
            Self::Pooled(pooled) => {
                let mut weights = Weights::default();
                weights.insert_part(GLOBAL_PART, pooled.global.weights());
                pooled.local.iter().for_each(|local| weights.insert_part(LOCAL_PART, local.weights()));
                weights
            }
            Self::OfSample(pooled) => pooled.weights(),
        }
    }

    fn is_valid(state: &AutoState) -> bool {
        match state {
            AutoState::Local(local) => local.is_valid(),
            AutoState::PooledModel(state) => state.is_valid(),
            AutoState::Pooled(PooledState { horizon, levels, forecast_levels, mixture, global, local }) => {
                mixture.is_valid(horizon * levels.len())
                    && forecast_levels.as_deref().is_none_or(levels_are_valid)
                    && (global.horizon, &global.levels) == (*horizon, levels)
                    && FittedGlobal::is_valid(global)
                    && local
                        .as_ref()
                        .is_none_or(|local| (local.horizon, &local.levels) == (*horizon, levels) && local.is_valid())
            }
        }
    }

    fn restore(state: AutoState, weights: &mut Weights) -> std::result::Result<Self, String> {
        match state {
            AutoState::PooledModel(state) => {
                PooledModel::restore(state, weights).map(|pooled| Self::OfSample(Arc::new(pooled)))
            }
            AutoState::Local(mut local) => local.take_weights(weights).map(|()| Self::Local(local)),
            AutoState::Pooled(PooledState { forecast_levels, mixture, global, mut local, .. }) => {
                let global = FittedGlobal::restore(global, &mut weights.take_part(GLOBAL_PART))?;
                let mut local_weights = weights.take_part(LOCAL_PART);
                if let Some(local) = &mut local {
                    local.take_weights(&mut local_weights)?;
                }
                local_weights.check_all_taken()?;
                let global = Arc::new(global);
                Ok(Self::Pooled(Box::new(FittedPooled { global, local, mixture, forecast_levels })))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panel_whose_global_model_diverges_has_local_models() {
        let diverged = Error::Diverged { epoch: 1, undone: 9 };
        assert_eq!(notice_without_pooling(diverged, 3).unwrap(), FitNotice::PoolingDiverged { series: 3 });
        let unusable = Error::NoPretrainedNetworks { frequency: "daily".into(), season: 7 };
        assert!(notice_without_pooling(unusable, 3).is_err());
    }
}
