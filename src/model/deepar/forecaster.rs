//! The model fitted to a panel, and what it learned.

use crate::model::deepar::categories;
use std::time::Instant;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::error::{Error, Result};
use crate::forecast::quantile_forecast::Forecast;
use crate::forecast::sample_paths::SamplePaths;
use crate::model::deepar::categories::Category;
use crate::model::deepar::inputs::View;
use crate::model::deepar::network::{DeepArConfig, DeepArNetwork};
use crate::model::deepar::sampling::{Asked, draw};
use crate::model::deepar::settings::DeepAr;
use crate::model::deepar::width_factors::{HoldoutPaths, WidthFactors};
use crate::model::deepar::windows::Windows;
use crate::model::forecaster::{Forecaster, Model};
use crate::model::hindcast::Hindcast;
use crate::model::model_files::ModelFiles;
use crate::model::nn::training::{Clip, TrainingSettings};
use crate::model::observer::{Control, Epoch, Event, Observer};
use crate::model::persist::Persist;
use crate::model::task::Task;
use crate::panel::Panel;
use crate::panel::series::TimeSeries;

/// Share of the rounds that are trained once more, with what was held out, and their learning rate.
const AGAIN: f64 = 0.25;
const AGAIN_PACE: f64 = 0.3;
/// Passes over all values up to which nothing is learned by heart, and the most that are worth it.
const FEW_PASSES: usize = 100;
const MOST_PASSES: usize = 300;
/// Rounds without a better validation loss after which training stops.
const PATIENCE: usize = 6;
/// Shares of a budget that may be spent when the first training ends, and when all training ends.
const FIRST_SHARE: f64 = 0.5;
const TRAINING_SHARE: f64 = 0.75;
/// Most horizons that are held out, of a panel of fewer than so many series; of more, one is enough to judge by.
const MOST_FOLDS: usize = 4;
const FEW: usize = 30;
/// Share of the longest history that may be held out.
const HELD_SHARE: usize = 4;
/// Fewest and most steps of the conditioning range.
const CONTEXT: (usize, usize) = (24, 168);
/// The longest season that is looked for.
const LONGEST_SEASON: usize = 400;

/// A network that has learned, for any panel of the same frequency.
#[derive(Debug)]
pub struct FittedDeepAr {
    pub(crate) settings: DeepAr,
    pub(crate) network: DeepArNetwork,
    pub(crate) view: View,
    pub(crate) categories: Vec<Category>,
    pub(crate) widths: WidthFactors,
    pub(crate) horizon: usize,
    pub(crate) levels: Vec<f64>,
    pub(crate) seed: u64,
    pub(crate) hindcasts: Vec<Hindcast>,
}

impl Model for DeepAr {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fit(&self, train: &Panel, task: &Task, observer: &mut dyn Observer) -> Result<Box<dyn Forecaster>> {
        Ok(Box::new(self.fit_network(train, task, observer)?))
    }
}

impl DeepAr {
    /// As [`Model::fit`]. Trains without the last horizons, learns on them how far paths spread, then trains on with
    /// everything.
    ///
    /// # Errors
    /// As [`Model::fit`].
    pub fn fit_network(&self, panel: &Panel, task: &Task, observer: &mut dyn Observer) -> Result<FittedDeepAr> {
        let (began, horizon) = (Instant::now(), task.horizon);
        let longest = panel.iter().map(|s| s.len()).max().unwrap_or(0);
        let need = Self::fewest_values(horizon);
        if longest < need {
            return Err(Error::TooShort { model: Self::NAME, horizon, need, got: longest });
        }
        let most = if panel.count() < FEW { MOST_FOLDS } else { 1 };
        let folds = (longest / HELD_SHARE / horizon).clamp(1, most);
        let trial = panel.without_last(folds * horizon, 2);
        let settings = self.settled(panel);
        let mut fitted = settings.untrained(trial.as_ref().unwrap_or(panel), task, longest);
        let plan = Plan::of(self, panel, &fitted.view, horizon);
        let mut stage = Stage { observer, before: 0, of: plan.rounds, stopped: false, heard: 0 };
        let left = |share: f64| task.budget.map(|budget| budget.mul_f64(share).saturating_sub(began.elapsed()));
        let first = |share: f64| TrainingSettings {
            patience: PATIENCE,
            ..training(plan.rounds, self.learning_rate, task.seed, left(share))
        };
        let Some(trial) = trial else {
            fitted.train(panel, &first(TRAINING_SHARE), plan.held_back, &mut stage)?;
            return Ok(fitted);
        };
        let again = |best: usize| ((best as f64 * AGAIN).ceil() as usize).max(1);
        stage.of += again(plan.rounds);
        let best = fitted.train(&trial, &first(FIRST_SHARE), plan.held_back, &mut stage)?;
        fitted.look_back(panel, folds);
        if !stage.stopped && left(TRAINING_SHARE).is_none_or(|left| !left.is_zero()) {
            let rounds = again(best);
            (stage.before, stage.of) = (stage.heard, stage.heard + rounds);
            let seed = task.seed.wrapping_add(500);
            let training = training(rounds, AGAIN_PACE * self.learning_rate, seed, left(TRAINING_SHARE));
            fitted.train(panel, &training, 0, &mut stage)?;
        }
        Ok(fitted)
    }

    /// What training starts from.
    fn untrained(self, panel: &Panel, task: &Task, longest: usize) -> FittedDeepAr {
        let horizon = task.horizon;
        let seasons = seasons(panel, longest);
        let season = seasons.first().copied().unwrap_or(1);
        let (sizes, typical) = sizes_and_steps(panel);
        let view = View {
            distribution: self.distribution.expect("it is settled"),
            context: (2 * horizon).max(2 * season).clamp(CONTEXT.0, CONTEXT.1),
            seasons,
            sizes,
            typical,
        };
        let categories = categories::of(panel);
        let network = DeepArNetwork::new(self.sizes(&view, &categories), &mut ChaCha8Rng::seed_from_u64(task.seed));
        let (levels, seed) = (task.levels.clone(), task.seed);
        let (widths, hindcasts) = (WidthFactors::ONE, Vec::new());
        FittedDeepAr { settings: self, network, view, categories, widths, horizon, levels, seed, hindcasts }
    }

    pub(crate) fn sizes(&self, view: &View, categories: &[Category]) -> DeepArConfig {
        DeepArConfig {
            inputs: view.inputs(),
            anchors: view.anchors(),
            categories: categories.iter().map(|category| category.values.len() + 1).collect(),
            hidden: self.hidden,
            layers: self.layers,
            dropout: self.dropout,
            family: view.family(),
        }
    }
}

/// How much is trained.
struct Plan {
    rounds: usize,
    /// Values at each series' end that tell when to stop: none where every value is seen only a few times.
    held_back: usize,
}

impl Plan {
    fn of(settings: &DeepAr, panel: &Panel, view: &View, horizon: usize) -> Self {
        let values: usize = panel.iter().map(|s| s.len()).sum();
        let seen_a_round = DeepAr::BATCHES * DeepAr::BATCH * (view.context + horizon);
        let rounds = settings.rounds(panel.count(), (values * MOST_PASSES).div_ceil(seen_a_round));
        let passes = rounds * seen_a_round / values.max(1);
        let longest = panel.iter().map(|s| s.len()).max().unwrap_or(0);
        let held_back = if passes > FEW_PASSES { horizon.max(longest / 10) } else { 0 };
        Self { rounds, held_back }
    }
}

fn training(epochs: usize, learning_rate: f64, seed: u64, budget: Option<std::time::Duration>) -> TrainingSettings {
    TrainingSettings {
        clip: Clip::Norm(10.0),
        weight_decay: 1e-3,
        average_decay: Some(0.98),
        seed,
        budget,
        ..TrainingSettings::full_bptt(epochs, learning_rate)
    }
}

/// Counts the rounds of both trainings as one, and remembers whether it was told to stop.
struct Stage<'a> {
    observer: &'a mut dyn Observer,
    before: usize,
    of: usize,
    heard: usize,
    stopped: bool,
}

impl Observer for Stage<'_> {
    fn epoch(&mut self, epoch: &Epoch) -> Control {
        self.heard = self.before + epoch.number;
        let said = self.observer.epoch(&Epoch { number: self.heard, of: self.of.max(self.heard), ..*epoch });
        self.stopped |= said == Control::Stop;
        said
    }

    fn event(&mut self, event: &Event) {
        self.observer.event(event);
    }
}

impl FittedDeepAr {
    /// Gives the round whose weights are kept.
    fn train(
        &mut self,
        panel: &Panel,
        training: &TrainingSettings,
        held_back: usize,
        stage: &mut Stage<'_>,
    ) -> Result<usize> {
        let codes = categories::codes(&self.categories, panel);
        let sizes = self.network.sizes().clone();
        let windows =
            Windows::new((&self.view, &sizes), panel, &codes, self.settings.by_size, (self.horizon, held_back));
        self.network.train(&windows, training, stage)
    }

    /// What is said of the last horizons by a network that has not seen them, and how far its paths have to spread.
    fn look_back(&mut self, panel: &Panel, folds: usize) {
        let mut said: Vec<(usize, usize, SamplePaths)> = Vec::new();
        for fold in (1..=folds).rev() {
            let Some(known) = panel.without_last(fold * self.horizon, 1) else { continue };
            let count = self.settings.paths_of(known.count(), self.horizon);
            let paths = self.drawn(&known, count, self.seed);
            let series: Vec<TimeSeries<'_>> = panel.iter().collect();
            for (history, paths) in known.iter().zip(paths) {
                let Ok(at) = series.binary_search_by(|s| s.key.cmp(history.key)) else { continue };
                // what then ends in a gap would be forecast from before it
                if history.len() + fold * self.horizon == series[at].len() {
                    said.push((at, history.len(), paths));
                }
            }
        }
        let series: Vec<TimeSeries<'_>> = panel.iter().collect();
        let happened = |(at, cutoff, paths): &(usize, usize, SamplePaths)| {
            let value = |t: usize| series[*at].observed[t].then(|| panel.actual(*at, t));
            (*cutoff..cutoff + paths.horizon()).map(value).collect()
        };
        if !self.view.counts() {
            let held: Vec<HoldoutPaths<'_>> = said.iter().map(|one| (&one.2, happened(one))).collect();
            self.widths = WidthFactors::fit(&held);
        }
        let hindcast = |(at, cutoff, paths): &(usize, usize, SamplePaths)| {
            let known = series[*at].first(*cutoff);
            let forecast = self.spread(paths, &known).forecast(&known, &self.levels);
            Hindcast { series: *at, cutoff: *cutoff, forecast }
        };
        let hindcasts = said.iter().map(hindcast).collect();
        self.hindcasts = hindcasts;
    }

    /// SamplePaths as the network draws them.
    fn drawn(&self, history: &Panel, count: usize, seed: u64) -> Vec<SamplePaths> {
        let codes = categories::codes(&self.categories, history);
        let asked: Vec<Asked<'_>> = history.iter().zip(&codes).map(|(s, codes)| (s, codes.as_slice())).collect();
        draw((&self.network, &self.view), &asked, self.horizon, count, seed)
    }

    /// Counts stay as they are drawn: spread out they would be none.
    fn spread(&self, paths: &SamplePaths, history: &TimeSeries<'_>) -> SamplePaths {
        if self.view.counts() { paths.clone() } else { self.widths.applied(paths, history) }
    }

    fn paths_of(&self, history: &Panel, count: usize, seed: u64) -> Vec<SamplePaths> {
        let drawn = self.drawn(history, count, seed);
        history.iter().zip(drawn).map(|(series, paths)| self.spread(&paths, &series)).collect()
    }
}

impl Forecaster for FittedDeepAr {
    fn predict(&self, history: &Panel) -> Result<Vec<Forecast>> {
        let count = self.settings.paths_of(history.count(), self.horizon);
        let paths = self.paths_of(history, count, self.seed);
        Ok(history.iter().zip(paths).map(|(series, paths)| paths.forecast(&series, &self.levels)).collect())
    }

    fn hindcasts(&self) -> &[Hindcast] {
        &self.hindcasts
    }

    fn paths(&self, history: &Panel, count: usize, seed: u64) -> Result<Option<Vec<SamplePaths>>> {
        Ok(Some(self.paths_of(history, count, seed)))
    }

    fn to_files(&self) -> ModelFiles {
        self.files()
    }
}

/// The seasons to look for, the panel's own first, those that the longest series has room for.
fn seasons(panel: &Panel, longest: usize) -> Vec<usize> {
    let mut seasons = panel.seasons();
    if panel.season() == 24 && !seasons.contains(&168) {
        // hours without dates: the week that the frequency cannot tell of
        seasons.push(168);
    }
    seasons.retain(|m| 3 * m < longest && *m <= LONGEST_SEASON);
    seasons.truncate(2);
    seasons
}

/// Mean and spread of the logarithm of a series' size, and the median of a step as a share of it.
fn sizes_and_steps(panel: &Panel) -> ((f64, f64), f64) {
    let (mut logs, mut shares) = (Vec::new(), Vec::new());
    for series in panel.iter() {
        let n = series.len() as f64;
        let size = series.values.iter().map(|v| v.abs() / n).sum::<f64>().max(1e-300);
        logs.push(size.ln());
        if series.len() > 1 {
            let steps = series.values.windows(2).map(|w| (w[1] - w[0]).abs() / (n - 1.0)).sum::<f64>();
            shares.push(steps / size);
        }
    }
    let mean = logs.iter().sum::<f64>() / logs.len() as f64;
    let variance = logs.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / logs.len() as f64;
    shares.sort_unstable_by(f64::total_cmp);
    let typical = shares.get(shares.len() / 2).copied().unwrap_or(0.1).clamp(1e-6, 2.0);
    ((mean, variance.sqrt().max(0.1)), typical)
}
