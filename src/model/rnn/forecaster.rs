//! A recurrent network as a model: settings that are fitted to a panel, and what they learned.

use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use tch::Tensor;

use crate::error::{Error, Result};
use crate::forecast::quantile_forecast::Forecast;
use crate::model::forecaster::{Forecaster, Model};
use crate::model::model_files::ModelFiles;
use crate::model::nn::batch::{Batch, Sequences};
use crate::model::nn::decoder::{DecoderShape, Feedback};
use crate::model::nn::network::{Network, Readout, Shape};
use crate::model::nn::train::{Training, train};
use crate::model::observer::Observer;
use crate::model::persist::Persist;
use crate::model::rnn::batches::Batches;
use crate::model::rnn::features::{Inputs, Prepared};
use crate::model::rnn::settings::{Head, Rnn};
use crate::model::task::Task;
use crate::panel::Panel;

/// A trained recurrent network with what it takes to use it on any panel of the same frequency.
#[derive(Debug)]
pub struct FittedRnn {
    pub(crate) settings: Rnn,
    pub(crate) network: Network,
    pub(crate) horizon: usize,
    pub(crate) levels: Vec<f64>,
    pub(crate) seasons: Vec<usize>,
    /// The epoch whose weights are kept, 0 for those it began with.
    pub(crate) best_epoch: usize,
    /// Of a head that hears itself, how far off its past paths were: [horizon * levels].
    pub(crate) bands: Option<Vec<f32>>,
}

impl Model for Rnn {
    fn name(&self) -> &'static str {
        if self.head == Head::Decoder { Self::SEQ2SEQ } else { self.cell.name() }
    }

    fn fit(&self, train_on: &Panel, task: &Task, observer: &mut dyn Observer) -> Result<Box<dyn Forecaster>> {
        Ok(Box::new(self.fit_network(train_on, task, observer)?))
    }
}

impl Rnn {
    /// The shortest series that a network can be trained on.
    pub fn fewest_values(horizon: usize) -> usize {
        2 * horizon + 12
    }

    /// As [`Model::fit`], for whoever wants to look into the network too.
    ///
    /// # Errors
    /// As [`Model::fit`].
    pub fn fit_network(&self, train_on: &Panel, task: &Task, observer: &mut dyn Observer) -> Result<FittedRnn> {
        self.learn(train_on, task, Some(observer))
    }

    /// The network that [`Rnn::fit_network`] starts from: the same weights before the first update.
    ///
    /// # Errors
    /// If no series is long enough.
    pub fn untrained(&self, panel: &Panel, task: &Task) -> Result<FittedRnn> {
        self.learn(panel, task, None)
    }

    fn learn(&self, panel: &Panel, task: &Task, observer: Option<&mut dyn Observer>) -> Result<FittedRnn> {
        // these networks are too small to gain from more threads, before training, in it and after it
        tch::set_num_threads(1);
        let (began, horizon) = (Instant::now(), task.horizon);
        let longest = panel.iter().map(|s| s.len()).max().unwrap_or(0);
        let need = Self::fewest_values(horizon);
        if longest < need {
            return Err(Error::TooShort { model: self.name(), horizon, need, got: longest });
        }
        let seasons = panel.seasons();
        let series: Vec<Prepared> = panel.iter().map(|s| Prepared::new(&s, &seasons, horizon)).collect();
        let inputs = Inputs::new(&seasons, horizon);
        // enough for a whole horizon, if that leaves most of the history to learn from
        let held_back = (longest / 8).max(horizon).min(longest / 4);
        let data =
            Batches { held_back, warm_up: Self::WARM_UP, ..self.batches(&series, &inputs, horizon, &task.levels) };
        let mut rng = ChaCha8Rng::seed_from_u64(task.seed);
        let mut network = Network::new(self.shape(&seasons, horizon, &task.levels), &mut rng);
        network.scale_recurrence(self.initial_scale);
        let bias = Tensor::from_slice(&data.starting_bias());
        tch::no_grad(|| network.head()[1].shallow_clone().copy_(&bias.view_as(&network.head()[1])));
        let best_epoch = match observer {
            Some(observer) => {
                let after = if task.budget.is_some() { self.time_of_bands(&data, &network) } else { Duration::ZERO };
                let budget = task.budget.map(|budget| budget.saturating_sub(began.elapsed() + after));
                let training = Training { budget, ..self.training(&data, task.seed) };
                train(&mut network, &data, &training, observer)?
            }
            None => 0,
        };
        let bands = (self.head != Head::Direct).then(|| data.bands(&network));
        let (settings, levels) = (self.clone(), task.levels.clone());
        Ok(FittedRnn { settings, network, horizon, levels, seasons, best_epoch, bands })
    }

    /// What is left to do after training takes as long before it.
    fn time_of_bands(&self, data: &Batches<'_>, network: &Network) -> Duration {
        let began = Instant::now();
        if self.head != Head::Direct {
            data.bands(network);
        }
        began.elapsed()
    }

    /// Prepared series as a network sees them, nothing of them held back.
    pub(crate) fn batches<'a>(
        &self,
        series: &'a [Prepared],
        inputs: &'a Inputs,
        horizon: usize,
        levels: &'a [f64],
    ) -> Batches<'a> {
        let stride = if self.head == Head::Decoder { horizon.div_ceil(Self::DECODED) } else { 1 };
        Batches { series, inputs, head: self.head, horizon, levels, stride, held_back: 0, warm_up: 0 }
    }

    /// The sizes of the network for these seasons and this task.
    pub(crate) fn shape(&self, seasons: &[usize], horizon: usize, levels: &[f64]) -> Shape {
        let inputs = Inputs::new(seasons, horizon);
        let median = levels.iter().position(|level| *level >= 0.5).unwrap_or(0);
        let (outputs, readout) = match self.head {
            Head::Direct => (horizon * levels.len(), Readout::Linear),
            Head::Recursive => (levels.len(), Readout::Linear),
            Head::Decoder => {
                let (known, feedback) = (inputs.count_ahead(), Feedback::Output(median));
                (levels.len(), Readout::Decoder(DecoderShape { steps: horizon, known, feedback }))
            }
        };
        let Self { cell, hidden, layers, dropout, .. } = *self;
        Shape { cell, inputs: inputs.count(), hidden, layers, outputs, dropout, readout }
    }

    fn training(&self, data: &Batches<'_>, seed: u64) -> Training {
        let walks = data.walks(&mut ChaCha8Rng::seed_from_u64(seed));
        let length = |walk: &Batch| walk.iter().map(|s| s.length).max().unwrap_or(1);
        let updates: usize = walks.iter().map(|walk| length(walk).div_ceil(self.bptt)).sum();
        Training {
            chunk: self.bptt,
            reach: self.reach.unwrap_or(self.bptt),
            carry: self.carry,
            clip: self.clip,
            epochs: self.epochs.unwrap_or_else(|| (Self::UPDATES / updates.max(1)).clamp(4, 80)),
            learning_rate: self.learning_rate,
            weight_decay: self.weight_decay,
            patience: self.patience,
            average: None,
            seed: seed.wrapping_add(1),
            budget: None,
        }
    }
}

impl FittedRnn {
    /// The network itself.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The epoch whose weights are kept, 0 for those it began with.
    pub fn best_epoch(&self) -> usize {
        self.best_epoch
    }
}

impl Forecaster for FittedRnn {
    fn predict(&self, history: &Panel) -> Result<Vec<Forecast>> {
        tch::set_num_threads(1);
        let inputs = Inputs::new(&self.seasons, self.horizon);
        let one = |series: &crate::panel::TimeSeries<'_>| {
            let prepared = [Prepared::new(series, &self.seasons, self.horizon)];
            let data = self.settings.batches(&prepared, &inputs, self.horizon, &self.levels);
            let said = match &self.bands {
                None => data.say(&self.network, 0),
                Some(bands) => data.say_along(&self.network, 0, bands),
            }; // [levels][horizon]
            let last = series.len() - 1;
            let value = |(k, said): (usize, f64)| prepared[0].value(last, k + 1, said);
            let values = said.into_iter().map(|row| row.into_iter().enumerate().map(value).collect()).collect();
            Forecast::after(series, &self.levels, values)
        };
        Ok(history.iter().map(|series| one(&series)).collect())
    }

    fn to_files(&self) -> ModelFiles {
        self.files()
    }
}
