//! A dilated network and whatever makes its inputs and targets, trained together: the gradients of both are handed back
//! after each update, so that what made them can learn too.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use rand_chacha::ChaCha8Rng;
use tch::{Kind, Tensor};

use super::dilated::{Dilated, DilatedShape};
use super::sequences::{Input, Sequences, Stream, Targets, Walk};
use super::train::{Recurrent, Training, train};
use crate::error::{Error, Result};
use crate::model::Observer;

/// Many series as plain numbers that are made by something that learns.
pub(in crate::model) trait Joint {
    /// Numbers seen at each position.
    fn inputs(&self) -> usize;

    /// The walks of one epoch.
    fn walks(&self, rng: &mut ChaCha8Rng) -> Vec<Walk>;

    /// The numbers of all steps of a walk.
    fn fill(&self, walk: &Walk, with_targets: bool) -> Made;

    /// Whether it learns.
    fn learns(&self) -> bool;

    /// Learns from the walk that was filled last; `pace` is the learning rate as a share of the highest.
    fn learn(&self, walk: &Walk, gradients: &Gradients, pace: f64);
}

/// The numbers of a walk, [step][stream][…] in a row.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::model) struct Made {
    steps: usize,
    batch: usize,
    inputs: usize,
    horizon: usize,
    seen: Vec<f32>,
    values: Vec<f32>,
    weights: Vec<f32>,
    /// What is added to the sum of losses without a word from the network.
    pub(in crate::model) penalty: f64,
}

impl Made {
    /// All zero: nothing is seen and nothing counts.
    pub(in crate::model) fn zeros(steps: usize, batch: usize, inputs: usize, horizon: usize) -> Self {
        let said = steps * batch * horizon;
        let seen = vec![0.0; steps * batch * inputs];
        Self { steps, batch, inputs, horizon, seen, values: vec![0.0; said], weights: vec![0.0; said], penalty: 0.0 }
    }

    /// What is seen at a step of a stream.
    pub(in crate::model) fn set_inputs(&mut self, step: usize, stream: usize, row: &[f32]) {
        let at = (step * self.batch + stream) * self.inputs;
        self.seen[at..at + self.inputs].copy_from_slice(row);
    }

    /// What is to be said at a step of a stream of `ahead` steps later (from 0), and how much it counts.
    pub(in crate::model) fn set_target(&mut self, step: usize, stream: usize, ahead: usize, value: f32, weight: f32) {
        let at = (step * self.batch + stream) * self.horizon + ahead;
        (self.values[at], self.weights[at]) = (value, weight);
    }

    fn weight(&self) -> f64 {
        self.weights.iter().map(|w| f64::from(*w)).sum()
    }

    fn shape(&self, last: usize) -> [i64; 3] {
        [self.steps, self.batch, last].map(|n| n as i64)
    }
}

/// The gradients of the mean loss with respect to a walk's numbers.
#[derive(Debug, Clone, Default)]
pub(in crate::model) struct Gradients {
    batch: usize,
    inputs: usize,
    horizon: usize,
    seen: Vec<f32>,
    values: Vec<f32>,
    /// With respect to the penalty.
    pub(in crate::model) penalty: f64,
}

impl Gradients {
    /// With respect to what is seen and to what is to be said, [step][stream][inputs] and [step][stream][horizon] in a row,
    /// as many as `made` has, and to its penalty.
    pub(in crate::model) fn new(made: &Made, seen: Vec<f32>, values: Vec<f32>, penalty: f64) -> Self {
        Self { batch: made.batch, inputs: made.inputs, horizon: made.horizon, seen, values, penalty }
    }

    /// With respect to what is seen at a step of a stream.
    pub(in crate::model) fn inputs(&self, step: usize, stream: usize) -> &[f32] {
        let at = (step * self.batch + stream) * self.inputs;
        &self.seen[at..at + self.inputs]
    }

    /// With respect to what is to be said there.
    pub(in crate::model) fn targets(&self, step: usize, stream: usize) -> &[f32] {
        let at = (step * self.batch + stream) * self.horizon;
        &self.values[at..at + self.horizon]
    }
}

/// [`Joint`] as the training loop walks over it.
struct Walked<'a, J> {
    joint: &'a J,
    levels: &'a [f32],
    /// Of the walk that was filled last.
    leaves: RefCell<Option<Leaves>>,
}

/// The leaves of a graph that gradients are kept of.
struct Leaves {
    made: Made,
    /// [time, batch, inputs].
    seen: Tensor,
    /// [time, batch, horizon, 1].
    values: Tensor,
}

impl<J: Joint> Sequences for Walked<'_, J> {
    fn walks(&self, rng: &mut ChaCha8Rng) -> Vec<Walk> {
        self.joint.walks(rng)
    }

    fn validation(&self) -> Vec<Walk> {
        Vec::new()
    }

    /// A walk is never cut: `steps` are all of it.
    fn inputs(&self, walk: &Walk, _: Range<usize>) -> Input {
        let made = self.joint.fill(walk, true);
        let learns = self.joint.learns();
        let leaf = |numbers: &[f32], shape: &[i64]| Tensor::from_slice(numbers).view(shape).set_requires_grad(learns);
        let shape = made.shape(made.horizon);
        let values = leaf(&made.values, &[shape[0], shape[1], shape[2], 1]);
        let seen = leaf(&made.seen, &made.shape(made.inputs));
        let input = seen.shallow_clone().into();
        *self.leaves.borrow_mut() = Some(Leaves { made, seen, values });
        input
    }

    /// Values and weights: [time, batch, horizon, 1].
    fn targets(&self, _: &Walk, _: Range<usize>, _: bool) -> Targets {
        let leaves = self.leaves.borrow();
        let Leaves { made, values, .. } = leaves.as_ref().expect("what is seen was asked for");
        let mask = Tensor::from_slice(&made.weights).view(values.size().as_slice());
        Targets { values: values.shallow_clone(), mask }
    }

    /// Pinball loss (Koenker, Bassett 1978), twice the mean over the levels, and the penalty.
    fn loss(&self, outputs: &Tensor, targets: &Targets) -> Tensor {
        let size = targets.values.size();
        let count = self.levels.len();
        let said = outputs.view([size[0], size[1], size[2], count as i64]); // [time, batch, horizon, levels]
        let levels = Tensor::from_slice(self.levels); // [levels]
        let short = &targets.values - said; // [time, batch, horizon, levels]
        let loss = (&short * &levels).maximum(&(&short * (&levels - 1.0)));
        let penalty = self.leaves.borrow().as_ref().map_or(0.0, |leaves| leaves.made.penalty);
        (loss * &targets.mask).sum(Kind::Float) * (2.0 / count as f64) + penalty
    }

    fn learn(&self, walk: &Walk, pace: f64) {
        if !self.joint.learns() {
            return;
        }
        let leaves = self.leaves.borrow();
        let Leaves { made, seen, values } = leaves.as_ref().expect("an update is of a walk that was filled");
        let (seen, values) = (plain(&seen.grad()), plain(&values.grad()));
        self.joint.learn(walk, &Gradients::new(made, seen, values, 1.0 / made.weight()), pace);
    }
}

fn plain(tensor: &Tensor) -> Vec<f32> {
    let mut numbers = vec![0.0; tensor.numel()];
    tensor.contiguous().view([-1]).copy_data(&mut numbers, tensor.numel());
    numbers
}

/// A dilated network that says the whole horizon at every step.
#[derive(Debug)]
pub(in crate::model) struct JointNetwork(Dilated);

impl JointNetwork {
    /// A network that has learned nothing: it says `bias`, [horizon * levels].
    pub(in crate::model) fn new(shape: &DilatedShape, bias: &[f32], rng: &mut ChaCha8Rng) -> Self {
        Self(Dilated::new(shape, bias, rng))
    }

    /// Learns by the one training loop, together with what makes its numbers; see [`train`].
    ///
    /// # Errors
    /// As [`train`].
    pub(in crate::model) fn train<J: Joint>(
        &mut self,
        joint: &J,
        levels: &[f64],
        training: &Training,
        observer: &mut dyn Observer,
    ) -> Result<usize> {
        let levels: Vec<f32> = levels.iter().map(|level| *level as f32).collect();
        train(&mut self.0, &Walked { joint, levels: &levels, leaves: RefCell::default() }, training, observer)
    }

    /// What it says at the last step of each stream of a walk: [stream][horizon * levels] in a row.
    pub(in crate::model) fn last_said<J: Joint>(&self, joint: &J, walk: &Walk) -> Vec<f32> {
        tch::set_num_threads(1);
        let _guard = tch::no_grad_guard();
        let made = joint.fill(walk, false);
        let seen = Tensor::from_slice(&made.seen).view(made.shape(made.inputs)); // [time, batch, inputs]
        let last = |(b, stream): (usize, &Stream)| ((stream.length - 1) * made.batch + b) as i64;
        let rows = Tensor::from_slice(&walk.iter().enumerate().map(last).collect::<Vec<_>>());
        let at_last = |x: &Tensor| x.contiguous().view([-1, x.size()[2]]).index_select(0, &rows); // [batch, …]
        plain(&self.0.read(&at_last(&self.0.states(&seen)), &at_last(&seen))) // [batch, horizon * levels]
    }

    /// Writes its weights as safetensors.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub(in crate::model) fn save(&self, path: &Path) -> Result<()> {
        self.0.store().save(path).map_err(Error::torch)
    }

    /// Takes over weights that were saved; else says in a few words why not.
    pub(in crate::model) fn load(&mut self, path: &Path) -> Result<(), String> {
        self.0.store_mut().load(path).map_err(|e| first_line(&e))?;
        let finite = |v: &Tensor| v.isfinite().all().int64_value(&[]) == 1;
        if self.0.store().trainable_variables().iter().all(finite) {
            Ok(())
        } else {
            Err("a weight is not finite".into())
        }
    }
}

fn first_line(error: &tch::TchError) -> String {
    error.to_string().lines().next().unwrap_or("cannot be read").to_owned()
}

/// Writes lists of numbers by name as safetensors.
///
/// # Errors
/// If the file cannot be written.
pub(in crate::model) fn save_lists(path: &Path, lists: &[(&str, &[f32])]) -> Result<()> {
    let tensors: Vec<(&str, Tensor)> = lists.iter().map(|(name, list)| (*name, Tensor::from_slice(list))).collect();
    Tensor::write_safetensors(&tensors, path).map_err(Error::torch)
}

/// The lists of numbers in a file; else says in a few words why there are none.
pub(in crate::model) fn load_lists(path: &Path) -> Result<BTreeMap<String, Vec<f32>>, String> {
    let tensors = Tensor::read_safetensors(path).map_err(|e| first_line(&e))?;
    let list = |(name, tensor): (String, Tensor)| {
        if tensor.kind() == Kind::Float {
            Ok((name, plain(&tensor)))
        } else {
            Err(format!("{name} is no list of numbers"))
        }
    };
    tensors.into_iter().map(list).collect()
}
