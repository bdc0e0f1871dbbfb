//! A recurrent network as a forecaster: fitting it to a panel, forecasts from it, and its saved form.

use std::time::Instant;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::budget::Budget;
use crate::error::{Error, Result};
use crate::forecast::levels::LEVELS;
use crate::forecast::quantile_forecast::Forecast;
use crate::model::fit::{Fit, Forecaster, Model, ModelOption, Task, UnsupportedOption};
use crate::model::nn::{Network, NetworkShape, Recurrent, TrainingData, TrainingSettings, longest, tensor, train};
use crate::model::observer::Observer;
use crate::model::other_levels::{at_levels, if_other};
use crate::model::persist::{Persist, Weights, levels_are_valid};
use crate::model::rnn::dataset::RnnDataset;
use crate::model::rnn::features::{Features, PreparedSeries};
use crate::model::rnn::settings::{Head, Rnn};
use crate::panel::{Panel, TimeSeries};

/// Steps that warm up the hidden state of a window that starts within a series.
const WARM_UP: usize = 24;

/// A trained recurrent network, which forecasts any panel of the same frequency.
#[derive(Debug)]
pub struct FittedRnn {
    pub(crate) network: Network,
    pub(crate) state: RnnState,
}

/// Everything of a trained network that is saved, except its weights.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RnnState {
    pub(crate) horizon: usize,
    /// The levels that the network has learned.
    pub(crate) levels: Vec<f64>,
    /// The levels of forecasts, if they are others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    forecast_levels: Option<Vec<f64>>,
    pub(crate) seasons: Vec<usize>,
    best_epoch: usize,
    shape: NetworkShape,
    /// The quantiles of the errors of past paths [horizon * levels], of a recursive head or a decoder.
    error_quantiles: Option<Vec<f32>>,
    pub(crate) settings: Rnn,
}

impl Model for Rnn {
    fn name(&self) -> &'static str {
        if self.head == Head::Decoder { "seq2seq" } else { self.cell.name() }
    }

    fn settings(&self) -> Value {
        json!(self)
    }

    fn set_option(&mut self, option: ModelOption) -> std::result::Result<(), UnsupportedOption> {
        let unsupported = |reason| Err(UnsupportedOption(reason));
        match option {
            ModelOption::Hidden(hidden) => self.hidden = hidden,
            ModelOption::Layers(layers) => self.layers = layers,
            ModelOption::Dropout(share) if share > 0.0 && self.layers == 1 => {
                return unsupported("it has one layer, and dropout is applied between layers");
            }
            ModelOption::Dropout(share) => self.dropout = share,
            ModelOption::ChunkLength(steps) => self.bptt = steps,
            ModelOption::Reach(steps) => self.reach = Some(steps),
            ModelOption::Head(_) if self.head == Head::Decoder => return unsupported("it forecasts with its decoder"),
            ModelOption::Head(head) => self.head = head,
            ModelOption::InitialScale(factor) => self.initial_scale = factor,
            ModelOption::Clip(clip) => self.clip = clip,
            ModelOption::Epochs(epochs) => self.epochs = Some(epochs),
            ModelOption::LearningRate(learning_rate) => self.learning_rate = learning_rate,
            ModelOption::Members(_) => return unsupported("it is a single network"),
            ModelOption::Distribution(_) => return unsupported("it forecasts quantiles"),
        }
        Ok(())
    }

    fn fit(&self, train_on: &Panel, task: &Task, observer: &mut dyn Observer) -> Result<Fit> {
        self.fit_network(train_on, task, None, observer).map(Fit::new)
    }
}

impl Rnn {
    /// The length of the shortest series that a network can be trained on.
    pub fn min_values(horizon: usize) -> usize {
        2 * horizon + 12
    }

    /// As [`Model::fit`], but returns the type that gives access to the network. Training starts from the weights of
    /// `initial`, if they are given, instead of random ones.
    ///
    /// # Errors
    /// As [`Model::fit`], and [`Error::InvalidInput`] if the weights of `initial` have other shapes.
    pub fn fit_network(
        &self,
        train_on: &Panel,
        task: &Task,
        initial: Option<&Network>,
        observer: &mut dyn Observer,
    ) -> Result<FittedRnn> {
        self.fit_or_initialise(train_on, task, initial, Some(observer))
    }

    /// The network before training, with the initial weights of [`Rnn::fit_network`].
    ///
    /// # Errors
    /// [`Error::TooShort`] if no series is long enough.
    pub fn untrained(&self, panel: &Panel, task: &Task) -> Result<FittedRnn> {
        self.fit_or_initialise(panel, task, None, None)
    }

    /// Initialises a network, and trains it if there is an observer.
    fn fit_or_initialise(
        &self,
        panel: &Panel,
        task: &Task,
        initial: Option<&Network>,
        observer: Option<&mut dyn Observer>,
    ) -> Result<FittedRnn> {
        tensor::use_one_thread();
        let horizon = task.horizon;
        let longest = task.longest_series(panel, self.name(), Self::min_values(horizon))?;
        let seasons = panel.seasons().lengths().to_vec();
        let series: Vec<PreparedSeries> = panel.iter().map(|s| PreparedSeries::new(&s, &seasons, horizon)).collect();
        let features = Features::new(&seasons, horizon);
        // at least a horizon, and at most a quarter of the history
        let validation_values = (longest / 8).max(horizon).min(longest / 4);
        let data = RnnDataset {
            validation_values,
            warm_up: WARM_UP,
            ..RnnDataset::new(self, &series, &features, horizon, &LEVELS)
        };
        let shape = self.shape(&seasons, horizon, &LEVELS);
        let mut network = Network::new(shape, &mut ChaCha8Rng::seed_from_u64(task.seed));
        network.scale_recurrent_weights(self.initial_scale);
        network.set_bias(&data.initial_bias());
        if let Some(initial) = initial {
            let unusable = |reason| Error::InvalidInput { what: "initial network", reason };
            tensor::set_weights(network.store(), tensor::weights_of(initial.store())).map_err(unusable)?;
        }
        let error_quantiles =
            |network: &Network| (self.head != Head::Direct).then(|| data.path_error_quantiles(network));
        let mut best_epoch = 0;
        if let Some(observer) = observer {
            let began = Instant::now();
            if task.budget.is_limited() {
                // measures the time that they will take after training
                error_quantiles(&network);
            }
            let settings = self.training_settings(&data, task.seed, task.budget.reserving(began.elapsed()));
            best_epoch = train(&mut network, &data, &settings, observer)?;
        }
        let error_quantiles = error_quantiles(&network);
        let (levels, forecast_levels, settings) = (LEVELS.to_vec(), if_other(&task.levels), self.clone());
        let state =
            RnnState { horizon, levels, forecast_levels, seasons, best_epoch, shape, error_quantiles, settings };
        Ok(FittedRnn { network, state })
    }

    fn training_settings(&self, data: &RnnDataset<'_>, seed: u64, budget: Budget) -> TrainingSettings {
        let batches = data.training_windows(&mut ChaCha8Rng::seed_from_u64(seed));
        let updates: usize = batches.iter().map(|windows| longest(windows).div_ceil(self.bptt)).sum();
        let epochs = self.epochs.unwrap_or_else(|| (Self::UPDATES / updates.max(1)).clamp(4, 80));
        TrainingSettings {
            chunk: self.bptt,
            reach: self.reach.unwrap_or(self.bptt),
            carry: self.carry,
            clip: self.clip,
            weight_decay: self.weight_decay,
            patience: self.patience,
            seed: seed.wrapping_add(1),
            budget,
            ..TrainingSettings::full_bptt(epochs, self.learning_rate)
        }
    }
}

impl FittedRnn {
    /// The network itself.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The epoch whose weights the network has; 0 stands for the initial weights.
    pub fn best_epoch(&self) -> usize {
        self.state.best_epoch
    }
}

impl Forecaster for FittedRnn {
    fn seasons(&self) -> Option<Vec<usize>> {
        Some(self.state.seasons.clone())
    }

    fn levels(&self) -> &[f64] {
        self.state.forecast_levels.as_ref().unwrap_or(&self.state.levels)
    }

    fn predict_at(&self, history: &Panel, forecast_levels: &[f64]) -> Result<Vec<Forecast>> {
        tensor::use_one_thread();
        let RnnState { horizon, levels, seasons, error_quantiles, settings, .. } = &self.state;
        let features = Features::new(seasons, *horizon);
        let forecast = |series: &TimeSeries<'_>| {
            let prepared = [PreparedSeries::new(series, seasons, *horizon)];
            let data = RnnDataset::new(settings, &prepared, &features, *horizon, levels);
            let outputs = data.quantiles(&self.network, error_quantiles.as_deref()); // [levels][horizon]
            let last = series.len() - 1;
            let value = |(k, output): (usize, f64)| prepared[0].value(last, k + 1, output);
            let values = outputs.into_iter().map(|row| row.into_iter().enumerate().map(value).collect()).collect();
            at_levels(series, Forecast::after(series, levels, values), forecast_levels)
        };
        Ok(history.iter().map(|series| forecast(&series)).collect())
    }
}

impl Persist for FittedRnn {
    type State = RnnState;

    fn name(state: &RnnState) -> &'static str {
        state.settings.name()
    }

    fn state(&self) -> RnnState {
        self.state.clone()
    }

    fn weights(&self) -> Weights {
        tensor::weights_of(self.network.store())
    }

    fn is_valid(state: &RnnState) -> bool {
        let RnnState { settings, horizon, levels, forecast_levels, seasons, error_quantiles, shape, .. } = state;
        let error_count = (settings.head != Head::Direct).then(|| horizon * levels.len());
        (1..=1 << 16).contains(horizon)
            && (1..=1 << 16).contains(&settings.hidden)
            && (1..=64).contains(&settings.layers)
            && seasons.iter().all(|m| *m > 1)
            && levels_are_valid(levels)
            && forecast_levels.as_deref().is_none_or(levels_are_valid)
            && *shape == settings.shape(seasons, *horizon, levels)
            && error_quantiles.as_ref().map(Vec::len) == error_count
    }

    fn restore(state: RnnState, weights: &mut Weights) -> Result<Self, String> {
        let network = Network::without_weights(state.shape);
        tensor::set_weights(network.store(), std::mem::take(weights))?;
        Ok(Self { network, state })
    }
}
