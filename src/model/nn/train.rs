//! The training loop: truncated back-propagation through time over batches of windows, for any network and any loss.
//!
//! The windows of a batch run in parallel, in chunks of steps (Williams, Peng 1990, "An efficient gradient-based
//! algorithm for on-line training of recurrent network trajectories"; Sutskever 2013, "Training recurrent neural
//! networks", section 2.8.6). Each chunk gives one update. The hidden state is carried into the next chunk, gradients
//! are not.

use std::f64::consts::PI;
use std::time::Instant;

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use tch::nn::{AdamW, Optimizer, OptimizerConfig};
use tch::{Kind, Tensor};

use crate::error::{Error, Result};
use crate::model::nn::batch::{Batch, Recurrent, Split, TrainingData, Window, longest};
use crate::model::nn::cell::State;
use crate::model::nn::tensor;
use crate::model::nn::training::{Clip, TrainingClock, TrainingSettings};
use crate::model::observer::{Control, Epoch, Event, Observer};

/// The number of undone updates after which training fails.
const MAX_UNDONE_UPDATES: usize = 20;
/// Share of the updates after which the learning rate reaches its highest value.
const WARM_UP_SHARE: f64 = 0.05;
/// The last learning rate of the schedule, as a share of the highest.
const FINAL_RATE_SHARE: f64 = 0.01;
/// The lowest learning rate, as a share of the highest.
const MIN_RATE_SHARE: f64 = 1e-3;

/// Trains `network` in place, from the weights that it has. Afterwards it has the weights of the epoch with the best
/// validation loss. Without validation they are the last ones. Returns the number of that epoch; 0 stands for the
/// initial weights.
///
/// # Errors
/// [`Error::Diverged`] if the loss or its gradient stays infinite or NaN after several halvings of the learning rate.
pub fn train<N: Recurrent>(
    network: &mut N,
    data: &dyn TrainingData,
    settings: &TrainingSettings,
    observer: &mut dyn Observer,
) -> Result<usize> {
    tensor::use_one_thread();
    let adam = AdamW { wd: settings.weight_decay, ..AdamW::default() };
    let optimizer = adam.build(network.store(), settings.learning_rate);
    let variables = network.store().trainable_variables();
    let trainer = Trainer {
        network,
        data,
        settings,
        observer,
        optimizer: optimizer.map_err(|error| Error::Torch { source: error.into() })?,
        previous: copies(&variables),
        average: settings.average_decay.map(|_| copies(&variables)),
        variables,
        rng: ChaCha8Rng::seed_from_u64(settings.seed),
        epoch: 0,
        sums: EpochSums::default(),
        update: 0,
        planned_updates: 1,
        rate_factor: 1.0,
        undone: 0,
        clock: TrainingClock::new(&settings.budget),
    };
    trainer.run()
}

/// The state of a training in progress.
struct Trainer<'a, N> {
    network: &'a N,
    data: &'a dyn TrainingData,
    settings: &'a TrainingSettings,
    observer: &'a mut dyn Observer,
    optimizer: Optimizer,
    variables: Vec<Tensor>,
    /// The weights before the latest update.
    previous: Vec<Tensor>,
    /// The moving average of the weights, if the settings ask for one. Predictions are made with it.
    average: Option<Vec<Tensor>>,
    rng: ChaCha8Rng,
    /// The number of the current epoch, from 1.
    epoch: usize,
    sums: EpochSums,
    update: usize,
    /// The number of updates that all epochs will have.
    planned_updates: usize,
    /// The factor on the learning rate, which is halved whenever an update is undone.
    rate_factor: f64,
    undone: usize,
    clock: TrainingClock,
}

/// Sums over the updates of an epoch.
#[derive(Default)]
struct EpochSums {
    loss: f64,
    loss_weight: f64,
    gradient_norm: f64,
    clipped: usize,
    updates: usize,
}

impl<N: Recurrent> Trainer<'_, N> {
    fn run(mut self) -> Result<usize> {
        let (mut best, mut best_loss, mut best_weights) = (0, self.validate(), copies(&self.variables));
        for number in 1..=self.settings.epochs {
            self.run_epoch(number)?;
            if self.sums.updates == 0 && self.clock.is_up() {
                break;
            }
            let validation_loss = self.validate();
            if validation_loss.is_none_or(|loss| best_loss.is_none_or(|least| loss < least)) {
                (best, best_loss, best_weights) =
                    (number, validation_loss, copies(self.average.as_ref().unwrap_or(&self.variables)));
            }
            let (sums, updates) = (&self.sums, self.sums.updates.max(1) as f64);
            let epoch = Epoch {
                member: 0,
                number,
                of: self.clock.epochs(number, self.settings.epochs),
                training_loss: sums.loss / sums.loss_weight.max(1.0),
                validation_loss,
                gradient_norm: sums.gradient_norm / updates,
                clipped: sums.clipped as f64 / updates,
                learning_rate: self.learning_rate(),
            };
            if self.observer.epoch(&epoch) == Control::Stop || self.clock.is_up() {
                break;
            }
            if number - best >= self.settings.patience && number < self.settings.epochs {
                self.observer.event(&Event::StoppedEarly { epoch: number, best });
                break;
            }
        }
        assign(&self.variables, &best_weights);
        Ok(best)
    }

    /// One pass over the data.
    fn run_epoch(&mut self, number: usize) -> Result<()> {
        let mut batches = self.data.training_windows(&mut self.rng);
        batches.shuffle(&mut self.rng);
        if number == 1 {
            let updates: usize = batches.iter().map(|windows| longest(windows).div_ceil(self.settings.chunk)).sum();
            self.planned_updates = (updates * self.settings.epochs).max(1);
        }
        (self.epoch, self.sums) = (number, EpochSums::default());
        for windows in &batches {
            if self.clock.is_up() {
                break;
            }
            self.train_on(windows)?;
        }
        Ok(())
    }

    /// Runs over a batch of windows from the first step to the last, with one update for each chunk.
    fn train_on(&mut self, windows: &[Window]) -> Result<()> {
        let (chunk, length) = (self.settings.chunk, longest(windows));
        // steps before a chunk that are computed again, so that its gradients reach further back
        let lead = self.settings.reach.saturating_sub(chunk);
        let mut state = self.network.start(windows.len() as i64);
        let mut begin = 0; // the step before which `state` was reached
        let mut began = Instant::now();
        for from in (0..length).step_by(chunk) {
            let to = from.saturating_add(chunk).min(length);
            if !self.settings.carry {
                (state, begin) = (self.network.start(windows.len() as i64), from);
            }
            let batch = self.data.batch(windows, from..to, Split::Training);
            let (outputs, next) = self.forward(&batch, windows, &state, [begin, from, to]);
            let weight = batch.weights.sum(Kind::Double).double_value(&[]);
            if weight > 0.0 {
                let total = self.data.loss(&outputs, &batch);
                self.update(&total, weight)?;
            }
            let next_begin = to.saturating_sub(lead).max(begin);
            if next_begin == to {
                state = next;
            } else if next_begin > begin {
                let steps = self.data.batch(windows, begin..next_begin, Split::Training).inputs.without_outputs();
                state = tch::no_grad(|| self.network.forward(&steps, &state, None).1);
            }
            begin = next_begin;
            self.clock.longest_update = self.clock.longest_update.max(began.elapsed());
            began = Instant::now();
            if self.clock.is_up() {
                break;
            }
        }
        Ok(())
    }

    /// The outputs of the steps `from..to` of `batch`, and the state at `to`. The graph goes back to the step `begin`.
    fn forward(
        &mut self,
        batch: &Batch,
        windows: &[Window],
        state: &[State],
        [begin, from, to]: [usize; 3],
    ) -> (Tensor, Vec<State>) {
        let mut state = State::detached(state);
        if begin < from {
            let lead = self.data.batch(windows, begin..from, Split::Training).inputs.without_outputs();
            state = self.network.forward(&lead, &state, Some(&mut self.rng)).1;
        }
        let reach = self.settings.reach.max(1);
        if reach >= to - from {
            let (outputs, next) = self.network.forward(&batch.inputs, &state, Some(&mut self.rng));
            return (outputs, State::detached(&next));
        }
        let mut outputs = Vec::new();
        for first in (from..to).step_by(reach) {
            let part = self.data.batch(windows, first..(first + reach).min(to), Split::Training);
            let (part_outputs, next) = self.network.forward(&part.inputs, &state, Some(&mut self.rng));
            outputs.push(part_outputs);
            state = State::detached(&next);
        }
        (Tensor::cat(&outputs, 0), state) // [output steps, batch, …]
    }

    /// One update, or none if the loss or its gradient is not finite.
    fn update(&mut self, total: &Tensor, weight: f64) -> Result<()> {
        self.update += 1;
        self.optimizer.zero_grad();
        let loss = total.double_value(&[]);
        (total / weight).backward();
        let norm = global_norm(&self.variables);
        if !(loss.is_finite() && norm.is_finite()) {
            return self.undo();
        }
        let clipped = self.clip(norm);
        assign(&self.previous, &self.variables);
        self.optimizer.set_lr(self.learning_rate());
        self.optimizer.step();
        self.update_average();
        self.sums.loss += loss;
        self.sums.loss_weight += weight;
        self.sums.gradient_norm += norm;
        self.sums.clipped += usize::from(clipped);
        self.sums.updates += 1;
        Ok(())
    }

    /// Clips the gradient, whose norm is `norm`. Returns whether anything was clipped.
    fn clip(&self, norm: f64) -> bool {
        match self.settings.clip {
            Clip::Norm(limit) if norm > limit => {
                self.each_gradient(|g| drop(g.g_mul_scalar_(limit / norm)));
                true
            }
            Clip::Value(limit) => {
                let largest = self.variables.iter().map(|v| v.grad().abs().max().double_value(&[])).fold(0.0, f64::max);
                self.each_gradient(|g| drop(g.clamp_(-limit, limit)));
                largest > limit
            }
            Clip::Norm(_) | Clip::Off => false,
        }
    }

    fn each_gradient(&self, change: impl Fn(&mut Tensor)) {
        tch::no_grad(|| self.variables.iter().for_each(|v| change(&mut v.grad())));
    }

    fn update_average(&self) {
        let (Some(decay), Some(average)) = (self.settings.average_decay, &self.average) else { return };
        // a lower decay at first, so that the initial weights are soon forgotten
        let decay = decay.min((self.update as f64 + 1.0) / (self.update as f64 + 10.0));
        let update = |(a, v): (&Tensor, &Tensor)| drop(a.shallow_clone().lerp_(v, 1.0 - decay));
        tch::no_grad(|| average.iter().zip(&self.variables).for_each(update));
    }

    /// Undoes the latest update and halves the learning rate.
    fn undo(&mut self) -> Result<()> {
        let epoch = self.epoch;
        self.undone += 1;
        if self.undone > MAX_UNDONE_UPDATES {
            return Err(Error::Diverged { epoch, undone: MAX_UNDONE_UPDATES });
        }
        assign(&self.variables, &self.previous);
        self.rate_factor /= 2.0;
        let learning_rate = self.learning_rate();
        self.observer.event(&Event::StepUndone { epoch, learning_rate });
        Ok(())
    }

    /// The learning rate of the next update: a linear warm-up, then half a cosine. The schedule follows the share of the
    /// updates, or of the time if the time ends sooner.
    fn learning_rate(&self) -> f64 {
        let done = f64::max(self.update as f64 / self.planned_updates as f64, self.clock.spent());
        let share = if done < WARM_UP_SHARE {
            done / WARM_UP_SHARE
        } else {
            let angle = PI * ((done - WARM_UP_SHARE) / 0.95).min(1.0);
            FINAL_RATE_SHARE + 0.99 * 0.5 * (1.0 + angle.cos())
        };
        self.settings.learning_rate * self.rate_factor * share.max(MIN_RATE_SHARE)
    }

    /// The mean validation loss of the final weights; `None` if there is no validation.
    fn validate(&mut self) -> Option<f64> {
        let began = Instant::now();
        let latest = self.average.as_ref().map(|average| {
            let latest = copies(&self.variables);
            assign(&self.variables, average);
            latest
        });
        let loss = self.validation_loss();
        if let Some(latest) = latest {
            assign(&self.variables, &latest);
        }
        self.clock.longest_validation = self.clock.longest_validation.max(began.elapsed());
        loss
    }

    fn validation_loss(&self) -> Option<f64> {
        let (mut loss, mut weight) = (0.0, 0.0);
        for windows in self.data.validation_windows() {
            let batch = self.data.batch(&windows, 0..longest(&windows), Split::Validation);
            let start = self.network.start(windows.len() as i64);
            let outputs = tch::no_grad(|| self.network.forward(&batch.inputs, &start, None).0);
            loss += self.data.loss(&outputs, &batch).double_value(&[]);
            weight += batch.weights.sum(Kind::Double).double_value(&[]);
        }
        (weight > 0.0).then(|| loss / weight)
    }
}

fn copies(tensors: &[Tensor]) -> Vec<Tensor> {
    tch::no_grad(|| tensors.iter().map(|t| t.detach().copy()).collect())
}

fn assign(variables: &[Tensor], values: &[Tensor]) {
    tch::no_grad(|| variables.iter().zip(values).for_each(|(a, b)| a.shallow_clone().copy_(b)));
}

/// The norm of all gradients as one vector.
fn global_norm(variables: &[Tensor]) -> f64 {
    let squares = variables.iter().map(Tensor::grad).filter(Tensor::defined);
    squares.map(|g| g.square().sum(Kind::Double).double_value(&[])).sum::<f64>().sqrt()
}
