//! Networks of the global model that ship with the crate: they forecast series that they have never seen, without
//! training.
//!
//! They were trained on the training part of the M4 competition, without the last horizon of each series. Inputs and
//! outputs are differences from smoothing in the unit of the series, so that what they learned holds for other series.
//! docs/pretrained.md has their provenance and their figures; `make pretrain` trains them again.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::forecast::quantile_forecast::{Forecast, Quantile};
use crate::model::fit::{Fit, FitReport, Forecaster, Hindcast, Model, ModelOption, Task, UnsupportedOption};
use crate::model::global::combination::Holdout;
use crate::model::global::fitted::{FittedGlobal, GlobalState};
use crate::model::global::network::Member;
use crate::model::global::settings::MemberConfig;
use crate::model::nn::{Recurrent, tensor};
use crate::model::observer::Observer;
use crate::model::other_levels::{at_levels, hindcasts_at_levels};
use crate::model::persist::{self, ModelFiles, Persist, Weights, levels_are_valid};
use crate::panel::{Columns, Panel, Series};
use crate::time::frequency::Frequency;
use crate::time::timestamp::Timestamp;

/// The number of last origins at which the forecasts of a panel are compared with its values.
const MAX_ORIGINS: usize = 5;
/// The minimum number of values known at an origin.
const MIN_KNOWN_VALUES: usize = 4;
/// Share of the epochs, and factor on the learning rate, of a network that starts from a pretrained one.
const EPOCHS_AFTER_START: f64 = 1.0 / 3.0;
const LEARNING_RATE_AFTER_START: f64 = 0.1;

/// The global model with networks that ship with the crate, for yearly, quarterly, monthly and weekly series.
///
/// Nothing is trained. The last horizons of the panel correct the weights of the networks against plain smoothing, and
/// the widths of the intervals.
///
/// ```
/// use forecast::model::global::Pretrained;
/// use forecast::model::{Model, SilentObserver, Task};
/// use forecast::panel::Panel;
///
/// // three years of months
/// let sales: Vec<f64> = (0..36).map(|t| f64::from(100 + t + 10 * (t % 12))).collect();
/// let panel = Panel::from_values(&sales, 12);
/// let forecasts = Pretrained.fit(&panel, &Task::new(12), &mut SilentObserver)?.predict(&panel)?;
/// assert_eq!(forecasts[0].median().len(), 12);
/// # Ok::<(), forecast::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Pretrained;

impl Pretrained {
    /// The name of the model.
    pub const NAME: &str = "pretrained";
}

/// The frequencies that have networks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PretrainedFrequency {
    Yearly,
    Quarterly,
    Monthly,
    Weekly,
}

/// Loaded networks that no thread uses. The tensors of libtorch are for one thread at a time.
fn idle() -> MutexGuard<'static, Vec<(PretrainedFrequency, FittedGlobal)>> {
    static IDLE: Mutex<Vec<(PretrainedFrequency, FittedGlobal)>> = Mutex::new(Vec::new());
    IDLE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The settings and the weights of the networks in a folder.
macro_rules! networks {
    ($folder:literal) => {
        (
            include_bytes!(concat!("weights/", $folder, "/settings.json")).as_slice(),
            include_bytes!(concat!("weights/", $folder, "/weights.safetensors")).as_slice(),
        )
    };
}

impl PretrainedFrequency {
    /// The networks for a panel, by its frequency and its season. An index without a season has those for years.
    pub(crate) fn of(panel: &Panel) -> Option<Self> {
        Some(match (panel.frequency(), panel.season()) {
            (Frequency::Months { every: 12, .. } | Frequency::Index { .. }, 1) => Self::Yearly,
            (Frequency::Months { every: 3, .. } | Frequency::Index { .. }, 4) => Self::Quarterly,
            (Frequency::Months { every: 1, .. } | Frequency::Index { .. }, 12) => Self::Monthly,
            (Frequency::Days { every: 7 } | Frequency::Index { .. }, 52) => Self::Weekly,
            _ => return None,
        })
    }

    fn take_idle(self) -> Option<FittedGlobal> {
        let mut idle = idle();
        let at = idle.iter().position(|(frequency, _)| *frequency == self)?;
        Some(idle.swap_remove(at).1)
    }

    fn networks(self) -> FittedGlobal {
        let (settings, weights) = match self {
            Self::Yearly => networks!("yearly"),
            Self::Quarterly => networks!("quarterly"),
            Self::Monthly => networks!("monthly"),
            Self::Weekly => networks!("weekly"),
        };
        let files = ModelFiles { origin: "weights".into(), settings: settings.into(), weights: weights.into() };
        persist::from_files(&files).expect("the networks of the crate are a saved model")
    }

    /// The pretrained networks, if their inputs are those of `periods` and they have the levels and the horizon of a task. Of
    /// a longer horizon the first steps are used. The networks for weeks are left out, because few series trained them.
    fn networks_for(self, periods: &[usize], task: &Task) -> Option<FittedGlobal> {
        let networks = self.networks();
        let GlobalState { periods: own, levels, horizon, .. } = &networks.state;
        let suits = periods == own && task.levels == *levels && task.horizon <= *horizon;
        (suits && self != Self::Weekly).then_some(networks)
    }

    /// The pretrained networks as members of an ensemble for a task. There are none if they do not suit the task.
    pub(crate) fn members(self, periods: &[usize], task: &Task) -> Vec<Member> {
        let Some(FittedGlobal { state, members }) = self.networks_for(periods, task) else { return Vec::new() };
        let copy = |(number, pretrained): (usize, &Member)| {
            let member = Member::new(&pretrained.config, periods, task, number);
            copy_weights(pretrained, &member, &state, task);
            member
        };
        members.iter().enumerate().map(copy).collect()
    }

    /// Gives untrained members the weights of the pretrained networks, where their inputs and outputs are the same. The
    /// members then need less training.
    pub(crate) fn start(self, members: &mut [Member], periods: &[usize], task: &Task) {
        let Some(FittedGlobal { state, members: pretrained }) = self.networks_for(periods, task) else { return };
        for (member, pretrained) in members.iter_mut().zip(&pretrained) {
            let MemberConfig { context, batch_size, epochs, learning_rate, .. } = member.config;
            if member.config
                != (MemberConfig { context, batch_size, epochs, learning_rate, ..pretrained.config.clone() })
            {
                continue;
            }
            copy_weights(pretrained, member, &state, task);
            member.config.epochs = (epochs as f64 * EPOCHS_AFTER_START).ceil() as usize;
            member.config.learning_rate = learning_rate * LEARNING_RATE_AFTER_START;
        }
    }

    /// The median forecasts of a series at some cutoffs; `None` where too few values are known.
    pub(crate) fn paths(
        self,
        values: &[f64],
        season: usize,
        horizon: usize,
        cutoffs: &[usize],
    ) -> Vec<Option<Vec<f64>>> {
        let networks = self.take_idle().unwrap_or_else(|| self.networks());
        let fitted = FittedPretrained { horizon, levels: Vec::new(), networks };
        // the last bits of a network depend on the size of its batch: a saved model repeats the last forecast only
        let (origins, last) = cutoffs.split_at(cutoffs.len().saturating_sub(1));
        let paths = [origins, last].map(|cutoffs| fitted.paths(values, season, cutoffs)).concat();
        idle().push((self, fitted.networks));
        paths
    }
}

/// Copies the weights of a pretrained network to a member, for the steps of a task.
fn copy_weights(pretrained: &Member, member: &Member, state: &GlobalState, task: &Task) {
    let mut weights = tensor::weights_of(pretrained.network().store());
    let count = state.levels.len();
    weights.remove_rows("head.", task.horizon * count..state.horizon * count);
    tensor::set_weights(member.network().store(), weights).expect("the same inputs and outputs");
}

impl Model for Pretrained {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn settings(&self) -> Value {
        json!(self)
    }

    fn set_option(&mut self, _: ModelOption) -> std::result::Result<(), UnsupportedOption> {
        Err(UnsupportedOption("its networks are trained already"))
    }

    fn records_hindcasts(&self) -> bool {
        true
    }

    fn fit(&self, train: &Panel, task: &Task, _: &mut dyn Observer) -> Result<Fit> {
        let Some(frequency) = PretrainedFrequency::of(train) else {
            return Err(Error::NoPretrainedNetworks { frequency: train.frequency().name(), season: train.season() });
        };
        let mut fitted =
            FittedPretrained { horizon: task.horizon, levels: task.levels.clone(), networks: frequency.networks() };
        let hindcasts = fitted.adapt(train)?;
        Ok(Fit { forecaster: Box::new(fitted), report: FitReport { hindcasts, ..FitReport::default() } })
    }
}

/// The networks, with the combination for a panel.
#[derive(Debug)]
pub(crate) struct FittedPretrained {
    horizon: usize,
    levels: Vec<f64>,
    networks: FittedGlobal,
}

impl FittedPretrained {
    /// The median forecasts of a series at some cutoffs.
    fn paths(&self, values: &[f64], season: usize, cutoffs: &[usize]) -> Vec<Option<Vec<f64>>> {
        let known = cutoffs.iter().enumerate().filter(|(_, cutoff)| **cutoff >= MIN_KNOWN_VALUES);
        let series = known.map(|(number, cutoff)| Series {
            key: vec![format!("{number:09}")],
            start: Timestamp::Index(1),
            values: values[..*cutoff].to_vec(),
            observed: vec![true; *cutoff],
        });
        let columns = Columns { time: None, target: "y".into(), ids: vec!["cutoff".into()] };
        let mut paths = vec![None; cutoffs.len()];
        let panel = Panel::new(columns, Frequency::INDEX, season, series.collect());
        for forecast in panel.and_then(|panel| self.extended(&panel)).into_iter().flatten() {
            let number: usize = forecast.key()[0].parse().expect("keys are numbers");
            paths[number] = Some(forecast.median().to_vec());
        }
        paths
    }

    /// The forecasts of each series at its last origins, one horizon apart.
    fn hindcasts(&self, panel: &Panel) -> Result<Vec<Hindcast>> {
        let mut hindcasts = Vec::new();
        let known = panel.steps_with_known_seasons() / self.horizon;
        for origin in 1..=MAX_ORIGINS.min(known) {
            let Some(known) = panel.without_last(origin * self.horizon, MIN_KNOWN_VALUES) else { break };
            for (history, forecast) in known.iter().zip(self.predict(&known)?) {
                let series = panel.position(history.key).expect("a shorter panel has no other series");
                hindcasts.push(Hindcast { series, cutoff: history.len(), forecast });
            }
        }
        hindcasts.sort_by_key(|hindcast| (hindcast.series, hindcast.cutoff));
        Ok(hindcasts)
    }

    /// Moves the combination to what suited the last horizons of a panel. Returns the forecasts of these horizons with
    /// the combination as it was saved with the networks, so that no later value influences a hindcast.
    fn adapt(&mut self, panel: &Panel) -> Result<Vec<Hindcast>> {
        let is_extended = self.horizon > self.networks.state.horizon;
        let mut hindcasts = if is_extended { self.hindcasts(panel)? } else { Vec::new() };
        let FittedGlobal { state, members } = &mut self.networks;
        let steps = self.horizon.min(state.horizon);
        let task = Task { levels: state.levels.clone(), ..Task::new(state.horizon) };
        let known = |origin: usize| panel.without_last(origin * steps, steps + MIN_KNOWN_VALUES);
        let panels: Vec<Panel> =
            (0..MAX_ORIGINS.min(panel.steps_with_known_seasons() / steps)).map_while(known).collect();
        let holdouts = panels.iter().map(|panel| Holdout::new(panel, &state.periods, steps, None, members, &task));
        let holdouts: Vec<Holdout<'_>> = holdouts.collect();
        if !is_extended {
            let mut own = state.combination.hindcasts(&holdouts, panel, &state.levels);
            for hindcast in &mut own {
                hindcast.forecast = hindcast.forecast.clone().first(steps);
            }
            hindcasts = hindcasts_at_levels(panel, own, &self.levels);
        }
        state.combination = state.combination.adapted(&holdouts, &task);
        Ok(hindcasts)
    }

    /// The forecasts of the networks at their own levels. Beyond their horizon, the median so far becomes the history of
    /// the next steps, and distances from the median are added as those of independent errors.
    fn extended(&self, history: &Panel) -> Result<Vec<Forecast>> {
        let levels = &self.networks.state.levels;
        let mut forecasts = self.networks.predict(history)?;
        let mut steps = self.networks.state.horizon;
        while steps < self.horizon {
            let next = self.networks.predict(&continued(history, &forecasts)?)?;
            for ((history, forecast), next) in history.iter().zip(&mut forecasts).zip(next) {
                let bounds = history.bounds();
                let reached = forecast.median()[steps - 1];
                let row = |(before, after): (&Quantile, &Quantile)| {
                    let distance = |median: f64, value: f64| {
                        let total = (value - median).hypot(before.values[steps - 1] - reached);
                        bounds.clamp(median + (before.level - 0.5).signum() * total)
                    };
                    let medians = next.median().iter().zip(&after.values);
                    let values = medians.map(|(median, value)| distance(*median, *value));
                    before.values.iter().copied().chain(values).collect()
                };
                let rows = forecast.quantiles().iter().zip(next.quantiles()).map(row).collect();
                *forecast = Forecast::after(&history, levels, rows);
            }
            steps += self.networks.state.horizon;
        }
        Ok(forecasts.into_iter().map(|forecast| forecast.first(self.horizon)).collect())
    }
}

/// The panel with the medians of forecasts as further values.
fn continued(panel: &Panel, forecasts: &[Forecast]) -> Result<Panel> {
    let series = panel.iter().zip(forecasts).map(|(history, forecast)| {
        let values = [history.values, forecast.median()].concat();
        let mut observed = history.observed.to_vec();
        observed.resize(values.len(), true);
        Series { key: history.key.to_vec(), start: history.start, values, observed }
    });
    Panel::new(panel.columns().clone(), panel.frequency(), panel.season(), series.collect())
}

impl Forecaster for FittedPretrained {
    fn levels(&self) -> &[f64] {
        &self.levels
    }

    fn predict_at(&self, history: &Panel, levels: &[f64]) -> Result<Vec<Forecast>> {
        let forecasts = history.iter().zip(self.extended(history)?);
        Ok(forecasts.map(|(history, forecast)| at_levels(&history, forecast, levels)).collect())
    }
}

/// Everything that is saved, except the weights.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PretrainedState {
    horizon: usize,
    levels: Vec<f64>,
    networks: GlobalState,
}

impl Persist for FittedPretrained {
    type State = PretrainedState;

    fn name(_: &PretrainedState) -> &'static str {
        Pretrained::NAME
    }

    fn state(&self) -> PretrainedState {
        PretrainedState { horizon: self.horizon, levels: self.levels.clone(), networks: self.networks.state() }
    }

    fn weights(&self) -> Weights {
        self.networks.weights()
    }

    fn is_valid(PretrainedState { horizon, levels, networks }: &PretrainedState) -> bool {
        (1..=1 << 16).contains(horizon)
            && levels_are_valid(levels)
            && networks.levels.len() > 1
            && FittedGlobal::is_valid(networks)
    }

    fn restore(state: PretrainedState, weights: &mut Weights) -> std::result::Result<Self, String> {
        let PretrainedState { horizon, levels, networks } = state;
        Ok(Self { horizon, levels, networks: FittedGlobal::restore(networks, weights)? })
    }
}
