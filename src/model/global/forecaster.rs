//! The ensemble as a model: settings that are fitted to a panel, and what they learned.

use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::forecast::quantile_forecast::Forecast;
use crate::model::ensemble::checkpoints::Checkpoints;
use crate::model::ensemble::training::TrainingPhase;
use crate::model::forecaster::{Forecaster, Model};
use crate::model::global::combination::Blend;
use crate::model::global::ensemble::{Common, Prediction, TrainedMember, add_combs, ask, asking_time, train};
use crate::model::global::series_pool::Pool;
use crate::model::global::settings::Global;
use crate::model::hindcast::Hindcast;
use crate::model::model_files::ModelFiles;
use crate::model::observer::Observer;
use crate::model::parallel::threads;
use crate::model::persist::Persist;
use crate::model::task::Task;
use crate::panel::Panel;
use crate::panel::series::TimeSeries;

/// Share of a member's epochs that it trains on once more, with what was held out.
const AGAIN: f64 = 0.25;
/// Learning rate of that, as a share of the first.
const AGAIN_PACE: f64 = 0.3;
/// Share of a budget that the training without the held-out part may take.
const FIRST_SHARE: f64 = 0.65;
/// Share of a budget that all training may take.
const TRAINING_SHARE: f64 = 0.9;

/// An ensemble that has learned, for any panel of the same frequency.
#[derive(Debug)]
pub struct FittedGlobal {
    pub(crate) settings: Global,
    pub(crate) members: Vec<TrainedMember>,
    pub(crate) horizon: usize,
    pub(crate) levels: Vec<f64>,
    /// Seasons that a series can have, the shortest first.
    pub(crate) periods: Vec<usize>,
    /// Steps after which the pattern repeats, of the panel it was fitted to.
    pub(crate) season: usize,
    pub(crate) blend: Blend,
    pub(crate) hindcasts: Vec<Hindcast>,
}

impl Model for Global {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fit(&self, train: &Panel, task: &Task, observer: &mut dyn Observer) -> Result<Box<dyn Forecaster>> {
        Ok(Box::new(self.fit_ensemble(train, task, observer)?))
    }
}

impl Global {
    /// The fewest values that at least one series must have.
    pub fn fewest_values(horizon: usize) -> usize {
        horizon + 4
    }

    /// As [`Model::fit`]. Trains without the last horizon, learns what to mix and how wide the bands are on it, then
    /// trains on with everything.
    ///
    /// # Errors
    /// As [`Model::fit`].
    pub fn fit_ensemble(&self, panel: &Panel, task: &Task, observer: &mut dyn Observer) -> Result<FittedGlobal> {
        let began = Instant::now();
        let (horizon, levels) = (task.horizon, task.levels.clone());
        let longest = panel.iter().map(|s| s.len()).max().unwrap_or(0);
        let need = Self::fewest_values(horizon);
        if longest < need {
            return Err(Error::TooShort { model: Self::NAME, horizon, need, got: longest });
        }
        let periods = periods(panel, longest);
        let common = Common { horizon, levels: &levels, seed: task.seed };
        let trial = Pool::new(panel, &periods, horizon);
        let kept = Checkpoints::open(task, panel, self)?;
        let kinds = self.kinds(panel, &periods, horizon);
        let members: Vec<TrainedMember> =
            kinds.iter().enumerate().map(|(number, kind)| TrainedMember::new(kind, &trial, &common, number)).collect();
        // asked about what was held out, and to forecast; where time is short a member a thread is all there will be
        let few = &members[..threads().min(members.len())];
        let asking = task.budget.map_or(Duration::ZERO, |_| 2 * asking_time(few, &trial, &common));
        let deadline = |share: f64| task.budget.map(|budget| began + budget.saturating_sub(asking).mul_f64(share));
        let again = TrainingPhase {
            share: AGAIN,
            pace: AGAIN_PACE,
            seed: 500,
            before: 0,
            after: 0,
            deadline: deadline(TRAINING_SHARE),
        };
        let after = members.iter().map(|member| again.epochs(member.kind.epochs)).sum();
        let first = TrainingPhase { share: 1.0, pace: 1.0, seed: 1, before: 0, after, deadline: deadline(FIRST_SHARE) };
        let (members, stopped) = train(members, &trial, &common, &first, kept.as_ref(), observer)?;
        let mut said = ask(&members, &trial, &common);
        let blend = Blend::learned(panel, &trial, &mut said, horizon, &levels);
        let mut fitted = FittedGlobal {
            settings: self.clone(),
            members,
            horizon,
            levels: levels.clone(),
            periods,
            season: panel.season(),
            blend,
            hindcasts: Vec::new(),
        };
        fitted.hindcasts = fitted.looked_back(panel, &trial, &said);
        drop((trial, said));
        if !stopped && deadline(TRAINING_SHARE).is_none_or(|deadline| Instant::now() < deadline) {
            let before = fitted.members.iter().map(|member| first.epochs(member.kind.epochs)).sum();
            let whole = Pool::new(panel, &fitted.periods, 0);
            (fitted.members, _) =
                train(fitted.members, &whole, &common, &TrainingPhase { before, ..again }, kept.as_ref(), observer)?;
        }
        Ok(fitted)
    }
}

impl FittedGlobal {
    /// The record that it kept; it has none from then on.
    pub(crate) fn take_hindcasts(&mut self) -> Vec<Hindcast> {
        std::mem::take(&mut self.hindcasts)
    }

    /// Forecasts of the steps after the end of each series of a pool.
    fn forecasts<'a>(
        &self,
        histories: impl Iterator<Item = TimeSeries<'a>>,
        pool: &Pool,
        said: &[Prediction],
    ) -> Vec<Forecast> {
        let one = |(i, history): (usize, TimeSeries<'_>)| {
            let scale = pool.series(i).scale;
            let quantiles = self.blend.quantiles(&said[i], &self.levels);
            let (low, high) = limits(pool.numbers(i));
            let floor = history.floor();
            let value = |x: f64| scale.value(x.clamp(low, high)).clamp(floor, f64::MAX);
            let rows = quantiles.into_iter().map(|row| row.into_iter().map(value).collect()).collect();
            Forecast::after(&history, &self.levels, rows)
        };
        histories.enumerate().map(one).collect()
    }

    /// What was said of the held-out end of each series.
    fn looked_back(&self, panel: &Panel, trial: &Pool, said: &[Prediction]) -> Vec<Hindcast> {
        let known = |whole: TimeSeries<'_>| whole.len().saturating_sub(self.horizon).max(1);
        let histories = panel.iter().map(|whole| {
            let end = known(whole);
            TimeSeries { values: &whole.values[..end], observed: &whole.observed[..end], ..whole }
        });
        let forecasts = self.forecasts(histories, trial, said);
        let all = panel.iter().zip(forecasts).enumerate();
        all.filter(|(_, (whole, _))| whole.len() > self.horizon)
            .map(|(series, (whole, forecast))| Hindcast { series, cutoff: known(whole), forecast })
            .collect()
    }
}

impl Forecaster for FittedGlobal {
    fn predict(&self, history: &Panel) -> Result<Vec<Forecast>> {
        let pool = Pool::new(history, &self.periods, 0);
        let common = Common { horizon: self.horizon, levels: &self.levels, seed: 0 };
        let mut said = ask(&self.members, &pool, &common);
        if self.blend.needs_combs() {
            add_combs(&mut said, &pool, self.horizon);
        }
        Ok(self.forecasts(history.iter(), &pool, &said))
    }

    fn hindcasts(&self) -> &[Hindcast] {
        &self.hindcasts
    }

    fn to_files(&self) -> ModelFiles {
        self.files()
    }
}

/// The seasons to look for, the panel's own first, those that the longest series has room for.
fn periods(panel: &Panel, longest: usize) -> Vec<usize> {
    let own = panel.season();
    let mut calendar = panel.frequency().seasons();
    if own == 24 {
        // hours without dates: a day, and the week that the frequency cannot tell of
        calendar.push(168);
    }
    let mut periods: Vec<usize> = std::iter::once(own).chain(calendar).filter(|m| *m > 1 && 3 * m < longest).collect();
    let mut seen = Vec::new();
    periods.retain(|m| {
        !seen.contains(m) && *m <= 400 && {
            seen.push(*m);
            true
        }
    });
    periods.truncate(2);
    periods
}

/// Numbers beyond which nothing is believed: as far again as the series has ever ranged, twice over.
fn limits(numbers: &[f32]) -> (f64, f64) {
    let low = numbers.iter().copied().fold(f32::INFINITY, f32::min);
    let high = numbers.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let room = 2.0 * f64::from(high - low) + 1.0;
    (f64::from(low) - room, f64::from(high) + room)
}
