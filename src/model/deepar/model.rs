//! DeepAR as a [`Model`]: fitting the network to a panel.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use crate::budget::{Budget, shares};
use crate::error::{Error, Result};
use crate::model::deepar::fitted::FittedDeepAr;
use crate::model::deepar::inputs::InputConfig;
use crate::model::deepar::network::{DeepArConfig, DeepArNetwork};
use crate::model::deepar::settings::DeepAr;
use crate::model::deepar::static_features::{StaticFeature, category_codes, static_features};
use crate::model::deepar::width_factors::WidthFactors;
use crate::model::deepar::windows::TrainingWindows;
use crate::model::fit::{Fit, Model};
use crate::model::fit_report::Hindcast;
use crate::model::model_option::{ModelOption, UnsupportedOption};
use crate::model::nn::training::{Clip, TrainingSettings};
use crate::model::observer::{Control, Epoch, Event, Observer};
use crate::model::task::Task;
use crate::panel::Panel;

/// Share of the epochs in the second phase, which continues the training with the holdout.
const SECOND_PHASE_EPOCHS: f64 = 0.25;
const SECOND_PHASE_LEARNING_RATE: f64 = 0.3;
/// Added to the seed in the second phase.
const SECOND_PHASE_SEED: u64 = 500;
/// The number of passes over all values above which a validation set is needed against overfitting.
const MAX_PASSES_WITHOUT_VALIDATION: usize = 100;
/// The largest number of passes over all values.
const MAX_PASSES: usize = 300;
/// The number of epochs without a better validation loss after which training stops.
const PATIENCE: usize = 6;
/// The largest number of holdout horizons of a panel of few series. With more series, one horizon is enough.
const MAX_FOLDS: usize = 4;
/// The number of series from which on one holdout horizon is enough.
const MIN_SERIES_FOR_ONE_FOLD: usize = 30;
/// The longest history has at least this many times the length of the holdout.
const MIN_HISTORY_PER_HOLDOUT: usize = 4;
/// The smallest and the largest number of steps of the conditioning range.
const CONTEXT_RANGE: (usize, usize) = (24, 168);
/// The longest season that is modelled.
const MAX_SEASON: usize = 400;
/// The largest number of seasons in the model.
const MAX_SEASONS: usize = 2;

impl Model for DeepAr {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn boxed(&self) -> Box<dyn Model> {
        Box::new(self.clone())
    }

    fn settings(&self) -> Value {
        json!(self)
    }

    fn set_option(&mut self, option: ModelOption) -> std::result::Result<(), UnsupportedOption> {
        match option {
            ModelOption::Hidden(hidden) => self.hidden = hidden,
            ModelOption::Layers(layers) => self.layers = layers,
            ModelOption::Dropout(share) if share > 0.0 && self.layers == 1 => {
                return Err(UnsupportedOption("it has one layer, and dropout is applied between layers"));
            }
            ModelOption::Dropout(share) => self.dropout = share,
            ModelOption::Epochs(epochs) => self.epochs = Some(epochs),
            ModelOption::LearningRate(learning_rate) => self.learning_rate = learning_rate,
            ModelOption::Distribution(distribution) => self.distribution = Some(distribution),
            _ => return Err(UnsupportedOption("it is a single network that is trained on whole windows")),
        }
        Ok(())
    }

    fn records_hindcasts(&self) -> bool {
        true
    }

    fn resolved_for(&self, train: &Panel) -> Box<dyn Model> {
        Box::new(self.with_distribution_of(train))
    }

    fn fit(&self, train: &Panel, task: &Task, observer: &mut dyn Observer) -> Result<Fit> {
        let (fitted, hindcasts) = self.fit_network(train, task, observer)?;
        Ok(Fit::new(fitted).with_hindcasts(hindcasts))
    }
}

impl DeepAr {
    /// Fits the network. Returns it with its forecasts of the holdout, made between two phases of training.
    ///
    /// The first phase trains without the last horizons of each series. On this holdout it chooses the width factors of
    /// the sample paths. The second phase continues with all values.
    ///
    /// # Errors
    /// As [`Model::fit`].
    pub(crate) fn fit_network(
        &self,
        panel: &Panel,
        task: &Task,
        observer: &mut dyn Observer,
    ) -> Result<(FittedDeepAr, Vec<Hindcast>)> {
        let horizon = task.horizon;
        let budget = task.budget.split(shares::DEEPAR_TRAINING);
        let longest = panel.iter().map(|s| s.len()).max().unwrap_or(0);
        let need = Self::min_values(horizon);
        if longest < need {
            return Err(Error::TooShort { model: Self::NAME, horizon, need, got: longest });
        }
        let max_folds = if panel.count() < MIN_SERIES_FOR_ONE_FOLD { MAX_FOLDS } else { 1 };
        let folds = (longest / MIN_HISTORY_PER_HOLDOUT / horizon).clamp(1, max_folds);
        let training = panel.without_last(folds * horizon, 2);
        let settings = self.with_distribution_of(panel);
        let mut fitted = settings.untrained(training.as_ref().unwrap_or(panel), task, longest);
        let plan = TrainingPlan::new(self, panel, &fitted.input_config, horizon);
        let mut progress = TwoPhaseProgress::new(observer, plan.epochs);
        let first_phase = |budget: Budget| TrainingSettings {
            patience: PATIENCE,
            ..training_settings(plan.epochs, self.learning_rate, task.seed, budget)
        };
        let Some(training) = training else {
            train(&mut fitted, panel, &first_phase(budget), plan.validation_values, &mut progress)?;
            return Ok((fitted, Vec::new()));
        };
        let second_phase_epochs = |first: usize| ((first as f64 * SECOND_PHASE_EPOCHS).ceil() as usize).max(1);
        progress.planned += second_phase_epochs(plan.epochs);
        let best = train(
            &mut fitted,
            &training,
            &first_phase(budget.split(shares::DEEPAR_FIRST_TRAINING)),
            plan.validation_values,
            &mut progress,
        )?;
        let hindcasts = fitted.calibrate(panel, folds);
        if !progress.stopped && !budget.is_over() {
            let epochs = second_phase_epochs(best);
            progress.start_second_phase(epochs);
            let learning_rate = SECOND_PHASE_LEARNING_RATE * self.learning_rate;
            let seed = task.seed.wrapping_add(SECOND_PHASE_SEED);
            let settings = training_settings(epochs, learning_rate, seed, budget);
            train(&mut fitted, panel, &settings, 0, &mut progress)?;
        }
        Ok((fitted, hindcasts))
    }

    fn untrained(self, panel: &Panel, task: &Task, longest: usize) -> FittedDeepAr {
        let horizon = task.horizon;
        let seasons = seasons(panel, longest);
        let season = seasons.first().copied().unwrap_or(1);
        let PanelSizes { log_size_mean, log_size_deviation, typical_step } = PanelSizes::of(panel);
        let input_config = InputConfig {
            distribution: self.distribution.expect("the settings have the distribution of the panel"),
            context: (2 * horizon).max(2 * season).clamp(CONTEXT_RANGE.0, CONTEXT_RANGE.1),
            seasons,
            log_size_mean,
            log_size_deviation,
            typical_step,
        };
        let static_features = static_features(panel);
        let config = self.network_config(&input_config, &static_features);
        FittedDeepAr {
            network: DeepArNetwork::new(config, &mut ChaCha8Rng::seed_from_u64(task.seed)),
            settings: self,
            input_config,
            static_features,
            width_factors: WidthFactors::ONE,
            horizon,
            levels: task.levels.clone(),
            seed: task.seed,
        }
    }

    pub(crate) fn network_config(&self, inputs: &InputConfig, static_features: &[StaticFeature]) -> DeepArConfig {
        DeepArConfig {
            inputs: inputs.inputs(),
            references: inputs.references(),
            categories: static_features.iter().map(StaticFeature::codes).collect(),
            hidden: self.hidden,
            layers: self.layers,
            dropout: self.dropout,
            distribution: inputs.distribution,
        }
    }
}

/// The length of the first phase of training.
struct TrainingPlan {
    epochs: usize,
    /// The number of last values of each series for validation; 0 if there are only a few passes over the values.
    validation_values: usize,
}

impl TrainingPlan {
    fn new(settings: &DeepAr, panel: &Panel, inputs: &InputConfig, horizon: usize) -> Self {
        let values: usize = panel.iter().map(|s| s.len()).sum();
        let values_per_epoch = DeepAr::UPDATES_PER_EPOCH * DeepAr::WINDOWS_PER_UPDATE * (inputs.context + horizon);
        let epochs = settings.epoch_count(panel.count(), (values * MAX_PASSES).div_ceil(values_per_epoch));
        let passes = epochs * values_per_epoch / values.max(1);
        let longest = panel.iter().map(|s| s.len()).max().unwrap_or(0);
        let validation_values = if passes > MAX_PASSES_WITHOUT_VALIDATION { horizon.max(longest / 10) } else { 0 };
        Self { epochs, validation_values }
    }
}

fn training_settings(epochs: usize, learning_rate: f64, seed: u64, budget: Budget) -> TrainingSettings {
    TrainingSettings {
        clip: Clip::Norm(10.0),
        weight_decay: 1e-3,
        average_decay: Some(0.98),
        seed,
        budget,
        ..TrainingSettings::full_bptt(epochs, learning_rate)
    }
}

/// Trains the network; returns the epoch whose weights it has.
fn train(
    fitted: &mut FittedDeepAr,
    panel: &Panel,
    training: &TrainingSettings,
    validation_values: usize,
    progress: &mut TwoPhaseProgress<'_>,
) -> Result<usize> {
    let codes = category_codes(&fitted.static_features, panel);
    let config = fitted.network.config().clone();
    let windows = TrainingWindows::new(
        (&fitted.input_config, &config),
        panel,
        &codes,
        fitted.settings.size_power,
        (fitted.horizon, validation_values),
    );
    fitted.network.train(&windows, training, progress)
}

/// Reports the epochs of both phases as those of one training.
struct TwoPhaseProgress<'a> {
    observer: &'a mut dyn Observer,
    /// Epochs of the first phase, after it has ended.
    before: usize,
    /// Epochs planned for both phases.
    planned: usize,
    /// Epochs so far.
    done: usize,
    /// Whether the observer stopped the training.
    stopped: bool,
}

impl<'a> TwoPhaseProgress<'a> {
    fn new(observer: &'a mut dyn Observer, planned: usize) -> Self {
        Self { observer, before: 0, planned, done: 0, stopped: false }
    }

    fn start_second_phase(&mut self, epochs: usize) {
        (self.before, self.planned) = (self.done, self.done + epochs);
    }
}

impl Observer for TwoPhaseProgress<'_> {
    fn epoch(&mut self, epoch: &Epoch) -> Control {
        self.done = self.before + epoch.number;
        let epoch = Epoch { number: self.done, of: self.planned.max(self.done), ..*epoch };
        let control = self.observer.epoch(&epoch);
        self.stopped |= control == Control::Stop;
        control
    }

    fn event(&mut self, event: &Event) {
        self.observer.event(event);
    }
}

/// The season lengths that are modelled, that of the panel first. The longest series has more than three cycles of
/// each.
fn seasons(panel: &Panel, longest: usize) -> Vec<usize> {
    let mut seasons = panel.seasons();
    if panel.season() == 24 && !seasons.contains(&168) {
        // an index without dates may count hours, and its frequency does not show their week
        seasons.push(168);
    }
    seasons.retain(|m| 3 * m < longest && *m <= MAX_SEASON);
    seasons.truncate(MAX_SEASONS);
    seasons
}

/// The sizes of the values of a panel and of their steps: see [`InputConfig`].
struct PanelSizes {
    log_size_mean: f64,
    log_size_deviation: f64,
    typical_step: f64,
}

impl PanelSizes {
    fn of(panel: &Panel) -> Self {
        let (mut log_sizes, mut relative_steps) = (Vec::new(), Vec::new());
        for series in panel.iter() {
            let n = series.len() as f64;
            let size = series.values.iter().map(|v| v.abs() / n).sum::<f64>().max(1e-300);
            log_sizes.push(size.ln());
            if series.len() > 1 {
                let step = series.values.windows(2).map(|w| (w[1] - w[0]).abs() / (n - 1.0)).sum::<f64>();
                relative_steps.push(step / size);
            }
        }
        let count = log_sizes.len() as f64;
        let mean = log_sizes.iter().sum::<f64>() / count;
        let variance = log_sizes.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count;
        relative_steps.sort_unstable_by(f64::total_cmp);
        let median = relative_steps.get(relative_steps.len() / 2).copied().unwrap_or(0.1);
        Self {
            log_size_mean: mean,
            log_size_deviation: variance.sqrt().max(0.1),
            typical_step: median.clamp(1e-6, 2.0),
        }
    }
}
