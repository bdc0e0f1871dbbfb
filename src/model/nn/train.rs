//! The training loop: truncated BPTT over parallel streams. It knows no network detail and nothing of forecasting.
//!
//! Streams are walked side by side in chunks (Williams, Peng 1990, "An efficient gradient-based algorithm for on-line
//! training of recurrent network trajectories"; Sutskever 2013, section 2.8.6): each chunk gives one update, its state
//! is carried into the next chunk, its gradients are not.

use std::f64::consts::PI;
use std::time::Duration;

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use tch::nn::{AdamW, Optimizer, OptimizerConfig, VarStore};
use tch::{Kind, Tensor};

use crate::error::{Error, Result};
use crate::model::nn::batch::{Batch, Input, Sequences};
use crate::model::nn::training_clock::Clock;
use crate::model::observer::{Control, Epoch, Event, Observer};
use crate::model::rnn::settings::Clip;

/// What the loop asks of a network.
pub trait Recurrent {
    /// What is carried from step to step.
    type State;

    /// All weights by name.
    fn store(&self) -> &VarStore;

    /// The state before anything was seen.
    fn start(&self, batch: i64) -> Self::State;

    /// The same state, cut off from the graph that made it: gradients go no further back.
    fn detached(&self, state: &Self::State) -> Self::State;

    /// Walks over `input` from `state`; gives what is said, [spoken, batch, …], and the last state. `training` gives
    /// the random numbers of what happens in training alone; `None` in use.
    fn forward(&self, input: &Input, state: &Self::State, training: Option<&mut ChaCha8Rng>) -> (Tensor, Self::State);
}

/// How to train.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Training {
    /// Steps that share one update.
    pub chunk: usize,
    /// How many steps back gradients reach: more than `chunk` walks some steps again, fewer cuts within the chunk.
    pub reach: usize,
    /// Whether the state is carried from chunk to chunk.
    pub carry: bool,
    /// How gradients are kept from exploding.
    pub clip: Clip,
    /// Passes over the data.
    pub epochs: usize,
    /// The highest learning rate: reached after a short warm-up, then lowered along a half cosine.
    pub learning_rate: f64,
    /// `AdamW`'s decoupled weight decay (Loshchilov, Hutter 2019).
    pub weight_decay: f64,
    /// Epochs without a better validation loss after which training stops.
    pub patience: usize,
    /// Decay a step of the moving average of the weights that is used in place of the last weights; `None`: no average
    /// (Polyak, Juditsky 1992, "Acceleration of stochastic approximation by averaging").
    pub average: Option<f64>,
    /// Seed of the streams' order and the dropped units.
    pub seed: u64,
    /// The time that training may take: the learning rate then falls with the time spent, where that runs out before the
    /// epochs do, and training ends in time. What it leads to depends on the machine. `None`: all the time it needs.
    pub budget: Option<Duration>,
}

impl Training {
    /// Full BPTT: one update for each walk, with gradients back to its first step; the norm clipped to 1.
    pub fn full(epochs: usize, learning_rate: f64) -> Self {
        Self {
            chunk: usize::MAX,
            reach: usize::MAX,
            carry: true,
            clip: Clip::Norm(1.0),
            epochs,
            learning_rate,
            weight_decay: 0.0,
            patience: usize::MAX,
            average: None,
            seed: 0,
            budget: None,
        }
    }
}

/// Steps that may be undone before training is given up.
const MOST_UNDONE: usize = 20;

/// Trains `network` in place and leaves it with the weights of the best validation loss, or with the last ones where
/// there is no validation. Gives the number of the epoch whose weights they are; 0: those it came with.
///
/// # Errors
/// [`Error::Diverged`] if the loss stays infinite or not a number although the learning rate was halved again and again.
pub fn train<N: Recurrent>(
    network: &mut N,
    data: &dyn Sequences,
    training: &Training,
    observer: &mut dyn Observer,
) -> Result<usize> {
    // these networks are too small to gain from more threads
    tch::set_num_threads(1);
    Loop::new(network, data, training)?.run(observer)
}

/// The state of a training in progress.
struct Loop<'a, N> {
    network: &'a mut N,
    data: &'a dyn Sequences,
    training: &'a Training,
    optimizer: Optimizer,
    variables: Vec<Tensor>,
    /// Weights before the latest update.
    previous: Vec<Tensor>,
    /// The moving average of the weights, where one is kept.
    average: Option<Vec<Tensor>>,
    rng: ChaCha8Rng,
    update: usize,
    updates: usize,
    /// Halved whenever a step is undone.
    brake: f64,
    undone: usize,
    clock: Clock,
}

/// Sums over an epoch.
#[derive(Default)]
struct Sums {
    loss: f64,
    weight: f64,
    norm: f64,
    clipped: usize,
    updates: usize,
}

impl<'a, N: Recurrent> Loop<'a, N> {
    fn new(network: &'a mut N, data: &'a dyn Sequences, training: &'a Training) -> Result<Self> {
        let settings = AdamW { wd: training.weight_decay, ..AdamW::default() };
        let optimizer = settings.build(network.store(), training.learning_rate).map_err(Error::torch)?;
        let variables = network.store().trainable_variables();
        let previous = copies(&variables);
        let average = training.average.map(|_| copies(&variables));
        let rng = ChaCha8Rng::seed_from_u64(training.seed);
        Ok(Self {
            network,
            data,
            training,
            optimizer,
            variables,
            previous,
            average,
            rng,
            update: 0,
            updates: 1,
            brake: 1.0,
            undone: 0,
            clock: Clock::new(training.budget),
        })
    }

    fn run(mut self, observer: &mut dyn Observer) -> Result<usize> {
        let (mut best, mut best_loss, mut best_weights) = (0, self.validate(), copies(&self.variables));
        for number in 1..=self.training.epochs {
            let sums = self.epoch(number, observer)?;
            if sums.updates == 0 && self.clock.is_up() {
                break;
            }
            let validation_loss = self.validate();
            if validation_loss.is_none_or(|loss| best_loss.is_none_or(|least| loss < least)) {
                (best, best_loss, best_weights) = (number, validation_loss, copies(self.kept()));
            }
            let epoch = Epoch {
                number,
                of: self.clock.epochs(number, self.training.epochs),
                training_loss: sums.loss / sums.weight.max(1.0),
                validation_loss,
                gradient_norm: sums.norm / sums.updates.max(1) as f64,
                clipped: sums.clipped as f64 / sums.updates.max(1) as f64,
                learning_rate: self.learning_rate(),
            };
            if observer.epoch(&epoch) == Control::Stop || self.clock.is_up() {
                break;
            }
            if number - best >= self.training.patience && number < self.training.epochs {
                observer.event(&Event::StoppedEarly { epoch: number, best });
                break;
            }
        }
        put(&self.variables, &best_weights);
        Ok(best)
    }

    /// The weights that are used in the end: the average where there is one.
    fn kept(&self) -> &[Tensor] {
        self.average.as_deref().unwrap_or(&self.variables)
    }

    /// One pass over the data.
    fn epoch(&mut self, number: usize, observer: &mut dyn Observer) -> Result<Sums> {
        let mut walks = self.data.walks(&mut self.rng);
        walks.shuffle(&mut self.rng);
        if number == 1 {
            let updates: usize = walks.iter().map(|walk| steps(walk).div_ceil(self.training.chunk)).sum();
            self.updates = (updates * self.training.epochs).max(1);
        }
        let mut sums = Sums::default();
        self.clock.before_updates();
        for walk in &walks {
            if self.clock.is_up() {
                break;
            }
            self.walk(walk, number, &mut sums, observer)?;
        }
        Ok(sums)
    }

    /// Walks some streams from beginning to end, an update a chunk.
    fn walk(&mut self, walk: &Batch, epoch: usize, sums: &mut Sums, observer: &mut dyn Observer) -> Result<()> {
        let (chunk, length) = (self.training.chunk, steps(walk));
        // walked again before the chunk, so that its gradients reach further back
        let lead = self.training.reach.saturating_sub(chunk);
        let mut state = self.network.start(walk.len() as i64);
        let mut begin = 0; // where `state` stands
        for from in (0..length).step_by(chunk) {
            let to = from.saturating_add(chunk).min(length);
            if !self.training.carry {
                (state, begin) = (self.network.start(walk.len() as i64), from);
            }
            let (outputs, next) = self.window(walk, &state, begin, from, to);
            let targets = self.data.targets(walk, from..to, false);
            let weight = targets.mask.sum(Kind::Double).double_value(&[]);
            if weight > 0.0 {
                let total = self.data.loss(&outputs, &targets);
                self.step((&total, weight), epoch, sums, observer)?;
            }
            let next_begin = to.saturating_sub(lead).max(begin);
            state = self.advance(walk, state, begin, next_begin, to, next);
            begin = next_begin;
            self.clock.after_update();
            if self.clock.is_up() {
                break;
            }
        }
        Ok(())
    }

    /// Outputs for steps `from..to`, with the graph back to `begin`, and the state at `to`.
    fn window(&mut self, walk: &Batch, state: &N::State, begin: usize, from: usize, to: usize) -> (Tensor, N::State) {
        let mut state = self.network.detached(state);
        if begin < from {
            let lead = self.data.inputs(walk, begin..from).silent();
            state = self.network.forward(&lead, &state, Some(&mut self.rng)).1;
        }
        let mut outputs = Vec::new();
        for first in (from..to).step_by(self.training.reach.clamp(1, self.training.chunk)) {
            if first > from {
                state = self.network.detached(&state);
            }
            let last = first.saturating_add(self.training.reach.max(1)).min(to);
            let input = self.data.inputs(walk, first..last);
            let (said, next) = self.network.forward(&input, &state, Some(&mut self.rng));
            outputs.push(said);
            state = next;
        }
        let outputs = if outputs.len() == 1 { outputs.remove(0) } else { Tensor::cat(&outputs, 0) };
        (outputs, self.network.detached(&state))
    }

    /// The state at `next_begin`: `at_end` where that is the window's end, else walked again without gradients.
    fn advance(
        &mut self,
        walk: &Batch,
        state: N::State,
        begin: usize,
        next_begin: usize,
        to: usize,
        at_end: N::State,
    ) -> N::State {
        if next_begin == to {
            return at_end;
        }
        if next_begin == begin {
            return state;
        }
        let input = self.data.inputs(walk, begin..next_begin).silent();
        tch::no_grad(|| self.network.forward(&input, &state, None).1)
    }

    /// One update, or none where the loss or its gradient is not finite.
    fn step(
        &mut self,
        (total, weight): (&Tensor, f64),
        epoch: usize,
        sums: &mut Sums,
        observer: &mut dyn Observer,
    ) -> Result<()> {
        self.update += 1;
        self.optimizer.zero_grad();
        let loss = total.double_value(&[]);
        (total / weight).backward();
        let norm = global_norm(&self.variables);
        if !(loss.is_finite() && norm.is_finite()) {
            return self.undo(epoch, observer);
        }
        let clipped = match self.training.clip {
            Clip::Norm(most) if norm > most => {
                self.each_gradient(|g| drop(g.g_mul_scalar_(most / norm)));
                true
            }
            Clip::Value(most) => {
                let largest = self.variables.iter().map(|v| v.grad().abs().max().double_value(&[])).fold(0.0, f64::max);
                self.each_gradient(|g| drop(g.clamp_(-most, most)));
                largest > most
            }
            Clip::Norm(_) | Clip::Off => false,
        };
        put(&self.previous, &self.variables);
        self.optimizer.set_lr(self.learning_rate());
        self.optimizer.step();
        if let (Some(decay), Some(average)) = (self.training.average, &self.average) {
            // early on the average forgets faster, so that it soon forgets the weights it began with
            let decay = decay.min((self.update as f64 + 1.0) / (self.update as f64 + 10.0));
            let towards = |(a, v): (&Tensor, &Tensor)| drop(a.shallow_clone().lerp_(v, 1.0 - decay));
            tch::no_grad(|| average.iter().zip(&self.variables).for_each(towards));
        }
        sums.loss += loss;
        sums.weight += weight;
        sums.norm += norm;
        sums.clipped += usize::from(clipped);
        sums.updates += 1;
        Ok(())
    }

    /// Takes the latest update back and halves the learning rate.
    fn undo(&mut self, epoch: usize, observer: &mut dyn Observer) -> Result<()> {
        self.undone += 1;
        if self.undone > MOST_UNDONE {
            return Err(Error::Diverged { epoch, undone: MOST_UNDONE });
        }
        put(&self.variables, &self.previous);
        self.brake /= 2.0;
        observer.event(&Event::StepUndone { epoch, learning_rate: self.learning_rate() });
        Ok(())
    }

    fn each_gradient(&self, change: impl Fn(&mut Tensor)) {
        tch::no_grad(|| self.variables.iter().for_each(|v| change(&mut v.grad())));
    }

    /// Warm-up over the first twentieth of the updates, or of the time where that runs out sooner, then a half cosine down
    /// to a hundredth.
    fn learning_rate(&self) -> f64 {
        let done = f64::max(self.update as f64 / self.updates as f64, self.clock.spent());
        let shape = if done < 0.05 {
            done / 0.05
        } else {
            0.01 + 0.99 * 0.5 * (1.0 + (PI * ((done - 0.05) / 0.95).min(1.0)).cos())
        };
        self.training.learning_rate * self.brake * shape.max(1e-3)
    }

    /// The mean loss over the validation walks, `None` without any.
    fn validate(&mut self) -> Option<f64> {
        self.clock.before_validation();
        let latest = self.average.as_ref().map(|average| {
            let latest = copies(&self.variables);
            put(&self.variables, average);
            latest
        });
        let loss = self.validation_loss();
        if let Some(latest) = latest {
            put(&self.variables, &latest);
        }
        self.clock.after_validation();
        loss
    }

    fn validation_loss(&self) -> Option<f64> {
        let (mut loss, mut weight) = (0.0, 0.0);
        for walk in self.data.validation() {
            let (input, targets) =
                (self.data.inputs(&walk, 0..steps(&walk)), self.data.targets(&walk, 0..steps(&walk), true));
            let start = self.network.start(walk.len() as i64);
            let outputs = tch::no_grad(|| self.network.forward(&input, &start, None).0);
            loss += self.data.loss(&outputs, &targets).double_value(&[]);
            weight += targets.mask.sum(Kind::Double).double_value(&[]);
        }
        (weight > 0.0).then(|| loss / weight)
    }
}

/// Steps of the longest stream.
fn steps(walk: &Batch) -> usize {
    walk.iter().map(|stream| stream.length).max().unwrap_or(0)
}

fn copies(tensors: &[Tensor]) -> Vec<Tensor> {
    tch::no_grad(|| tensors.iter().map(|t| t.detach().copy()).collect())
}

fn put(into: &[Tensor], from: &[Tensor]) {
    tch::no_grad(|| into.iter().zip(from).for_each(|(a, b)| a.shallow_clone().copy_(b)));
}

/// The norm of all gradients as one vector.
fn global_norm(variables: &[Tensor]) -> f64 {
    let squares = variables.iter().map(Tensor::grad).filter(Tensor::defined);
    squares.map(|g| g.square().sum(Kind::Double).double_value(&[])).sum::<f64>().sqrt()
}
