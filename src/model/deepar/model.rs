//! DeepAR as a [`Model`]: fitting the network to a panel.

use serde_json::{Value, json};

use crate::budget::{Budget, shares};
use crate::error::Result;
use crate::model::deepar::fitted::{DeepArState, FittedDeepAr};
use crate::model::deepar::inputs::{InputConfig, static_features};
use crate::model::deepar::settings::{DeepAr, Distribution};
use crate::model::deepar::width_factors::WidthFactors;
use crate::model::deepar::windows::TrainingWindows;
use crate::model::fit::{Fit, FitReport, Model, ModelOption, Task, UnsupportedOption};
use crate::model::many_series::{SECOND_PHASE_EPOCHS, SECOND_PHASE_LEARNING_RATE, SECOND_PHASE_SEED, modelled_seasons};
use crate::model::nn::{self, Clip, TrainingSettings};
use crate::model::observer::{Control, Epoch, Event, Observer};
use crate::panel::Panel;

/// The number of passes over all values above which a validation set is needed against overfitting.
const MAX_PASSES_WITHOUT_VALIDATION: usize = 100;
/// The largest number of passes over all values.
const MAX_PASSES: usize = 300;

impl Model for DeepAr {
    fn name(&self) -> &'static str {
        Self::NAME
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

    /// The first phase trains without the last horizons of each series. On this holdout it chooses the width factors of
    /// the sample paths. The second phase continues with all values.
    fn fit(&self, panel: &Panel, task: &Task, observer: &mut dyn Observer) -> Result<Fit> {
        let horizon = task.horizon;
        let budget = task.budget.split(shares::DEEPAR_TRAINING);
        let longest = task.longest_series(panel, Self::NAME, horizon + 8)?;
        // the holdout is at most a quarter of the longest history; with many series, one horizon is enough
        let max_folds = if panel.count() < 30 { 4 } else { 1 };
        // later holdouts only, if earlier cutoffs would know the seasons from later values
        let known = panel.steps_with_known_seasons() / horizon;
        let folds = (longest / 4 / horizon).clamp(1, max_folds).min(known.max(1));
        let before_holdout = panel.without_last(folds * horizon, 2);
        let training = before_holdout.as_ref().unwrap_or(panel);
        let distribution = self.distribution.unwrap_or_else(|| Distribution::of(panel));
        let seasons = modelled_seasons(training, longest);
        let mut fitted = FittedDeepAr::untrained(DeepArState {
            horizon,
            levels: task.levels.clone(),
            seed: task.seed,
            input_config: InputConfig::of(training, distribution, seasons, horizon),
            static_features: static_features(training),
            width_factors: WidthFactors::ONE,
            settings: Self { distribution: Some(distribution), ..self.clone() },
        });
        let (epochs, validation_values) = self.first_phase(panel, fitted.state.input_config.context, horizon);
        let second_phase_epochs = |first: usize| ((first as f64 * SECOND_PHASE_EPOCHS).ceil() as usize).max(1);
        let (planned, first_budget) = match before_holdout {
            Some(_) => (epochs + second_phase_epochs(epochs), budget.split(shares::DEEPAR_FIRST_TRAINING)),
            None => (epochs, budget.clone()),
        };
        let mut progress = TwoPhaseProgress { observer, before: 0, planned, done: 0, stopped: false };
        let settings = training_settings(epochs, self.learning_rate, task.seed, first_budget);
        let settings = TrainingSettings { patience: 6, ..settings };
        let best = nn::train(
            &mut fitted.network,
            &TrainingWindows::new(&fitted.state, training, validation_values),
            &settings,
            &mut progress,
        )?;
        if before_holdout.is_none() {
            return Ok(Fit::new(fitted));
        }
        let hindcasts = fitted.calibrate(panel, folds);
        if !progress.stopped && !budget.is_over() {
            let epochs = second_phase_epochs(best);
            (progress.before, progress.planned) = (progress.done, progress.done + epochs);
            let learning_rate = SECOND_PHASE_LEARNING_RATE * self.learning_rate;
            let settings = training_settings(epochs, learning_rate, task.seed.wrapping_add(SECOND_PHASE_SEED), budget);
            nn::train(&mut fitted.network, &TrainingWindows::new(&fitted.state, panel, 0), &settings, &mut progress)?;
        }
        let report = FitReport { hindcasts, ..FitReport::default() };
        Ok(Fit { report, ..Fit::new(fitted) })
    }
}

impl DeepAr {
    /// The number of epochs of the first phase, and the number of last values of each series for validation. With only
    /// a few passes over the values, there is no validation.
    fn first_phase(&self, panel: &Panel, context: usize, horizon: usize) -> (usize, usize) {
        let values: usize = panel.iter().map(|s| s.len()).sum();
        let longest = panel.iter().map(|s| s.len()).max().unwrap_or(0);
        let values_per_epoch = Self::UPDATES_PER_EPOCH * Self::WINDOWS_PER_UPDATE * (context + horizon);
        let max_epochs = (values * MAX_PASSES).div_ceil(values_per_epoch);
        // about 20 epochs for a few series and 40 for many; a panel of few values has fewer, but at least 8
        let by_series = ((panel.count() as f64).sqrt() as usize + 20).min(40);
        let epochs = self.epochs.unwrap_or_else(|| by_series.min(max_epochs.max(8)));
        let passes = epochs * values_per_epoch / values.max(1);
        (epochs, if passes > MAX_PASSES_WITHOUT_VALIDATION { horizon.max(longest / 10) } else { 0 })
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
