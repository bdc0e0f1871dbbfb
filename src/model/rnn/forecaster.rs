//! A recurrent network as a model: settings that are fitted to a panel, and what they learned.

use std::path::Path;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use tch::Tensor;

use super::batch::Batches;
use super::features::{Inputs, Prepared, seasons};
use super::train::{Training, train};
use super::{Network, Settings, Shape, checkpoint};
use crate::data::Panel;
use crate::error::{Error, Result};
use crate::forecast::Forecast;
use crate::model::{Forecaster, Model, Observer, Task};

/// A trained recurrent network with what it takes to use it on any panel of the same frequency.
#[derive(Debug)]
pub struct Fitted {
    pub(super) settings: Settings,
    pub(super) network: Network,
    pub(super) horizon: usize,
    pub(super) levels: Vec<f64>,
    pub(super) seasons: Vec<usize>,
    /// The epoch whose weights are kept, 0 for those it began with.
    pub(super) best_epoch: usize,
}

impl Model for Settings {
    fn name(&self) -> &'static str {
        self.cell.name()
    }

    fn fit(&self, train_on: &Panel, task: &Task, observer: &mut dyn Observer) -> Result<Box<dyn Forecaster>> {
        tch::set_num_threads(1);
        let horizon = task.horizon;
        let longest = train_on.iter().map(|s| s.len()).max().unwrap_or(0);
        let need = Self::fewest_values(horizon);
        if longest < need {
            return Err(Error::TooShort { model: self.name(), horizon, need, got: longest });
        }
        let seasons = seasons(train_on);
        let series: Vec<Prepared> = train_on.iter().map(|s| Prepared::new(&s, &seasons, horizon)).collect();
        let inputs = Inputs::new(&seasons, horizon);
        // enough for a whole horizon, if that leaves most of the history to learn from
        let held_back = (longest / 8).max(horizon).min(longest / 4);
        let data = Batches {
            series: &series,
            inputs: &inputs,
            horizon,
            levels: &task.levels,
            held_back,
            warm_up: Self::WARM_UP,
        };
        let mut rng = ChaCha8Rng::seed_from_u64(task.seed);
        let shape = Shape {
            cell: self.cell,
            inputs: inputs.count(),
            hidden: self.hidden,
            layers: self.layers,
            outputs: horizon * task.levels.len(),
            dropout: self.dropout,
        };
        let mut network = Network::new(shape, &mut rng);
        tch::no_grad(|| network.head()[1].shallow_clone().copy_(&Tensor::from_slice(&data.starting_bias())));
        let best_epoch = train(&mut network, &data, &self.training(&data, task.seed), observer)?;
        let (settings, levels) = (self.clone(), task.levels.clone());
        Ok(Box::new(Fitted { settings, network, horizon, levels, seasons, best_epoch }))
    }
}

impl Settings {
    /// The shortest series that a network can be trained on.
    pub fn fewest_values(horizon: usize) -> usize {
        2 * horizon + 12
    }

    fn training(&self, data: &Batches<'_>, seed: u64) -> Training {
        use super::train::Sequences;
        let walks = data.walks(&mut ChaCha8Rng::seed_from_u64(seed));
        let length = |walk: &super::Walk| walk.iter().map(|s| s.length).max().unwrap_or(1);
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
            seed: seed.wrapping_add(1),
        }
    }
}

impl Fitted {
    /// The network itself.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The epoch whose weights are kept, 0 for those it began with.
    pub fn best_epoch(&self) -> usize {
        self.best_epoch
    }
}

impl Forecaster for Fitted {
    fn predict(&self, history: &Panel) -> Result<Vec<Forecast>> {
        tch::set_num_threads(1);
        let inputs = Inputs::new(&self.seasons, self.horizon);
        let one = |series: &crate::data::TimeSeries<'_>| {
            let prepared = [Prepared::new(series, &self.seasons, self.horizon)];
            let data = Batches {
                series: &prepared,
                inputs: &inputs,
                horizon: self.horizon,
                levels: &self.levels,
                held_back: 0,
                warm_up: 0,
            };
            Forecast::after(series, &self.levels, data.say(&self.network, 0))
        };
        Ok(history.iter().map(|series| one(&series)).collect())
    }

    fn save(&self, folder: &Path) -> Result<()> {
        checkpoint::save(self, folder)
    }
}
