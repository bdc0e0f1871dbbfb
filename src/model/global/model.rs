//! The global model as a [`Model`]: fitting the ensemble to a panel.

use std::time::Duration;

use serde_json::{Value, json};

use crate::budget::{Budget, shares};
use crate::error::Result;
use crate::forecast::levels::LEVELS;
use crate::model::ensemble::checkpoints::Checkpoints;
use crate::model::ensemble::training::{TrainedMembers, TrainingPhase, training_threads};
use crate::model::fit::{Fit, FitReport, Hindcast, Model, ModelOption, Task, UnsupportedOption};
use crate::model::global::combination::{Combination, Holdout, holdout_panels};
use crate::model::global::fitted::{FittedGlobal, GlobalState};
use crate::model::global::network::{Member, prediction_time, train};
use crate::model::global::pretrained::PretrainedFrequency;
use crate::model::global::scaled_panel::ScaledPanel;
use crate::model::global::settings::Global;
use crate::model::many_series::{SECOND_PHASE_EPOCHS, SECOND_PHASE_LEARNING_RATE, SECOND_PHASE_SEED};
use crate::model::many_series::{modelled_seasons, with_covariates_of};
use crate::model::observer::Observer;
use crate::model::other_levels::{hindcasts_at_levels, if_other};
use crate::panel::Panel;

/// The number of holdouts, over all series, that weights and intervals should be chosen by.
const MIN_HOLDOUT_CASES: usize = 64;
/// The maximum number of holdouts of a series.
const MAX_HOLDOUT_ORIGINS: usize = 5;
/// The maximum number of series that pretrained networks are trained further on. More series teach more than a start.
const MAX_PRETRAINED_START_SERIES: usize = 64;
/// The maximum number of series for which the pretrained networks are further members. They were trained on 11,500 series
/// or more. Networks for as many series of the panel itself are more accurate without them.
const MAX_PRETRAINED_MEMBER_SERIES: usize = 5_000;
/// The maximum share of a series of typical length in its holdouts, if there are several.
const MAX_HOLDOUT_SHARE: f64 = 0.2;

impl Model for Global {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn settings(&self) -> Value {
        json!(self)
    }

    fn set_option(&mut self, option: ModelOption) -> std::result::Result<(), UnsupportedOption> {
        match option {
            ModelOption::Members(members) => self.members = members,
            ModelOption::Hidden(hidden) => self.hidden = hidden,
            ModelOption::Epochs(epochs) => self.epochs = Some(epochs),
            ModelOption::LearningRate(learning_rate) => self.learning_rate = learning_rate,
            _ => {
                return Err(UnsupportedOption("only the number, the size and the training of its networks can be set"));
            }
        }
        Ok(())
    }

    fn uses_covariates(&self) -> bool {
        true
    }

    fn records_hindcasts(&self) -> bool {
        true
    }

    fn keeps_checkpoints(&self, _: &Panel) -> bool {
        true
    }

    fn fit(&self, train: &Panel, task: &Task, observer: &mut dyn Observer) -> Result<Fit> {
        let network_task = Task { levels: LEVELS.to_vec(), ..task.clone() };
        let Phases { second: mut fitted, mut hindcasts, .. } = self.fit_phases(train, &network_task, observer)?;
        if train.steps_with_known_seasons() < task.horizon {
            hindcasts.clear();
        }
        let hindcasts = hindcasts_at_levels(train, hindcasts, &task.levels);
        fitted.state.forecast_levels = if_other(&task.levels);
        let report = FitReport { hindcasts, notices: fitted.notices(), ..FitReport::default() };
        Ok(Fit { forecaster: Box::new(fitted), report })
    }
}

/// The ensemble after each phase of its training.
pub(crate) struct Phases {
    /// Trained without the holdout.
    pub(crate) first: FittedGlobal,
    /// Trained on all values.
    pub(crate) second: FittedGlobal,
    /// The forecasts of the holdout by the first.
    pub(crate) hindcasts: Vec<Hindcast>,
}

impl Global {
    /// Whether pretrained networks take part, and not only networks that start at random.
    fn uses_pretrained(&self) -> bool {
        self.epochs.is_none() && self.member_configs.is_none()
    }

    /// Fits the ensemble. Returns it with its forecasts of the holdout, made between two phases of training.
    ///
    /// The first phase trains without the last horizon of each series, or several of them where series are few. On these
    /// holdouts it chooses the weights of the combination and the widths of the intervals. The second phase continues
    /// with all values.
    pub(crate) fn fit_phases(&self, panel: &Panel, task: &Task, observer: &mut dyn Observer) -> Result<Phases> {
        let (horizon, covariates) = (task.horizon, panel.covariates().columns());
        let panel = &*with_covariates_of(panel, covariates, horizon)?;
        let longest = task.longest_series(panel, Self::NAME, horizon + 4)?;
        let periods = modelled_seasons(panel, longest);
        let origins = holdout_origins(panel, horizon);
        let effects = ScaledPanel::covariate_effects(panel, &periods, origins * horizon);
        let training = ScaledPanel::new(panel, &periods, origins * horizon, effects.as_ref());
        let checkpoints = Checkpoints::open(task, panel, self)?;
        let configs = self.configs(panel, &periods, horizon);
        let new_member = |(number, config)| Member::new(config, &periods, task, number);
        let mut members: Vec<Member> = configs.iter().enumerate().map(new_member).collect();
        let mut pretrained = Vec::new();
        if let Some(frequency) = PretrainedFrequency::of(panel).filter(|_| self.uses_pretrained()) {
            if panel.count() <= MAX_PRETRAINED_START_SERIES {
                frequency.start(&mut members, &periods, task);
            } else if panel.count() <= MAX_PRETRAINED_MEMBER_SERIES {
                pretrained = frequency.members(&periods, task);
            }
        }
        let budget = training_budget(&task.budget, [&members, &pretrained], &training, task);
        let [first, second] = training_phases(&members, &budget);
        let TrainedMembers { mut members, stopped } =
            train(members, &training, task, &first, checkpoints.as_ref(), observer)?;
        drop(training);
        let (trained, pretrained_members) = (members.len(), pretrained.len());
        members.append(&mut pretrained);
        let panels = holdout_panels(panel, origins, horizon);
        let holdout = |panel| Holdout::new(panel, &periods, horizon, effects.as_ref(), &members, task);
        let mut holdouts: Vec<Holdout<'_>> = panels.iter().map(|panel| holdout(panel)).collect();
        let combination = Combination::fit(&mut holdouts, task);
        let hindcasts = combination.hindcasts(&holdouts, panel, &task.levels);
        drop(holdouts);
        drop(panels);
        let state = GlobalState {
            horizon,
            levels: task.levels.clone(),
            forecast_levels: None,
            season: panel.season(),
            covariates: covariates.to_vec(),
            effects,
            periods: periods.clone(),
            combination,
            member_configs: members.iter().map(|member| member.config.clone()).collect(),
            pretrained_members,
            settings: self.clone(),
            predicts_by_series: false,
        };
        let copies = members.iter().enumerate().map(|(number, member)| member.copy(&periods, task, number));
        let first_phase = FittedGlobal { state: state.clone(), members: copies.collect() };
        let effects = ScaledPanel::covariate_effects(panel, &periods, 0);
        if !stopped && !budget.is_over() {
            let epochs_before = members[..trained].iter().map(|member| first.epochs(member.config.epochs)).sum();
            let whole = ScaledPanel::new(panel, &periods, 0, effects.as_ref());
            let second = TrainingPhase { epochs_before, ..second };
            pretrained = members.split_off(trained);
            members = train(members, &whole, task, &second, checkpoints.as_ref(), observer)?.members;
            members.append(&mut pretrained);
        }
        let member_configs = members.iter().map(|member| member.config.clone()).collect();
        let state = GlobalState { effects, member_configs, ..state };
        Ok(Phases { first: first_phase, second: FittedGlobal { state, members }, hindcasts })
    }
}

/// The number of holdouts of each series, one horizon each: one, or more if series are few and long. The seasons are known
/// at their cutoffs.
pub(crate) fn holdout_origins(panel: &Panel, horizon: usize) -> usize {
    let mut lengths: Vec<usize> = panel.iter().map(|series| series.len()).collect();
    lengths.sort_unstable();
    let typical = lengths[lengths.len() / 2] as f64;
    let affordable = (MAX_HOLDOUT_SHARE * typical / horizon as f64) as usize;
    let known = panel.steps_with_known_seasons() / horizon;
    MIN_HOLDOUT_CASES.div_ceil(lengths.len()).min(MAX_HOLDOUT_ORIGINS).min(affordable).min(known).max(1)
}

/// The budget without the time for the predictions of the holdout and of the forecast. Trained and pretrained members make
/// these predictions.
fn training_budget(budget: &Budget, members: [&[Member]; 2], panel: &ScaledPanel<'_>, task: &Task) -> Budget {
    let [trained, pretrained] = members;
    // with a short budget each thread trains only one member
    let sample = &trained[..training_threads(trained.len())];
    let time = |members: &[Member]| match members {
        [] => Duration::ZERO,
        members => 2 * prediction_time(members, panel, task),
    };
    let predicting = if budget.is_limited() { time(sample) + time(pretrained) } else { Duration::ZERO };
    budget.reserving(predicting).split(shares::ENSEMBLE_TRAINING)
}

fn training_phases(members: &[Member], budget: &Budget) -> [TrainingPhase; 2] {
    let second = TrainingPhase {
        epoch_share: SECOND_PHASE_EPOCHS,
        learning_rate_factor: SECOND_PHASE_LEARNING_RATE,
        seed_offset: SECOND_PHASE_SEED,
        epochs_before: 0,
        epochs_after: 0,
        budget: budget.clone(),
    };
    let first = TrainingPhase {
        epoch_share: 1.0,
        learning_rate_factor: 1.0,
        seed_offset: 1,
        epochs_after: members.iter().map(|member| second.epochs(member.config.epochs)).sum(),
        budget: budget.split(shares::ENSEMBLE_FIRST_TRAINING),
        ..second
    };
    [first, second]
}
