//! Tensors from numbers, and numbers from tensors. Families of models import the types of libtorch from here, so that only
//! this folder names the crate.

use std::ops::Range;

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use tch::kind::Element;
use tch::nn::{Init, Path};

use crate::model::persist::{Array, Weights};

pub use tch::nn::VarStore;
pub(crate) use tch::no_grad_guard;
pub use tch::{Device, Kind, Tensor, no_grad};

/// Makes libtorch compute in the calling thread alone. The networks are too small for more threads, and sums have the
/// same order on every computer.
pub(crate) fn use_one_thread() {
    tch::set_num_threads(1);
}

/// A tensor of `shape` from numbers in row-major order.
pub(crate) fn from_numbers<const N: usize>(numbers: &[f32], shape: [usize; N]) -> Tensor {
    Tensor::from_slice(numbers).view(shape.map(|size| size as i64).as_slice()) // [shape]
}

/// All numbers of a tensor in row-major order.
pub(crate) fn to_numbers<T: Element + Copy>(tensor: &Tensor) -> Vec<T> {
    Vec::try_from(tensor.detach().reshape([-1])).expect("one dimension") // [numbers]
}

/// The initial weights of matrices.
pub(crate) enum InitialWeights<'a> {
    Random(&'a mut ChaCha8Rng),
    /// For a network whose weights are set next.
    Zeros,
}

impl InitialWeights<'_> {
    /// A variable with initial weights, which are within ±`bound`.
    pub(crate) fn variable(&mut self, path: &Path<'_>, name: &str, shape: &[i64], bound: f32) -> Tensor {
        match self {
            Self::Random(rng) => uniform(path, name, shape, bound, rng),
            Self::Zeros => zeros(path, name, shape),
        }
    }
}

/// A variable drawn uniformly from ±`bound`. The numbers come from our own generator, so that a rerun gives the same
/// bytes.
pub(crate) fn uniform(path: &Path<'_>, name: &str, shape: &[i64], bound: f32, rng: &mut ChaCha8Rng) -> Tensor {
    let count = shape.iter().product::<i64>() as usize;
    let numbers: Vec<f32> = (0..count).map(|_| rng.random_range(-bound..bound)).collect();
    path.var_copy(name, &Tensor::from_slice(&numbers).view(shape).to_kind(path.kind())) // [shape]
}

pub(crate) fn zeros(path: &Path<'_>, name: &str, shape: &[i64]) -> Tensor {
    path.var(name, shape, Init::Const(0.0)) // [shape]
}

/// The weights of a store, as plain numbers.
pub(crate) fn weights_of(store: &VarStore) -> Weights {
    let mut weights = Weights::default();
    for (name, tensor) in store.variables() {
        weights.insert(name, Array { shape: shape_of(&tensor), values: to_numbers(&tensor) });
    }
    weights
}

/// Replaces the weights of a store: all that it has, and no others. The error names one that is missing, has another shape
/// or has no place in the store.
pub(crate) fn set_weights(store: &VarStore, mut weights: Weights) -> Result<(), String> {
    // in the order of their names, so that a message is the same each time
    let mut variables: Vec<(String, Tensor)> = store.variables().into_iter().collect();
    variables.sort_by(|a, b| a.0.cmp(&b.0));
    for (name, mut tensor) in variables {
        let array = weights.take(&name, &shape_of(&tensor))?;
        let values = Tensor::from_slice(&array.values).view(tensor.size().as_slice());
        tch::no_grad(|| tensor.copy_(&values));
    }
    weights.check_all_taken()
}

fn shape_of(tensor: &Tensor) -> Vec<usize> {
    tensor.size().iter().map(|size| *size as usize).collect()
}

/// Numbers of each step of each window of a batch, in row-major order: [time, batch, width]. At first they are 0.
#[derive(Debug, Clone)]
pub(crate) struct StepNumbers {
    pub(crate) steps: usize,
    pub(crate) batch: usize,
    pub(crate) width: usize,
    numbers: Vec<f32>,
}

impl StepNumbers {
    pub(crate) fn zeros(steps: usize, batch: usize, width: usize) -> Self {
        Self { steps, batch, width, numbers: vec![0.0; steps * batch * width] }
    }

    /// The numbers [width] of a step of a window.
    pub(crate) fn row(&mut self, step: usize, window: usize) -> &mut [f32] {
        let start = (step * self.batch + window) * self.width;
        &mut self.numbers[start..start + self.width]
    }

    /// Sets the numbers [width] of a step of a window.
    pub(crate) fn set(&mut self, (step, window): (usize, usize), numbers: impl IntoIterator<Item = f32>) {
        self.row(step, window).iter_mut().zip(numbers).for_each(|(place, number)| *place = number);
    }

    /// All numbers: [time, batch, width].
    pub(crate) fn all(&self) -> Tensor {
        self.tensor(&(0..self.steps), [self.width]) // [time, batch, width]
    }

    /// The numbers of `steps`: [time, batch, shape…]. The product of `shape` is the width.
    pub(crate) fn tensor<const N: usize>(&self, steps: &Range<usize>, shape: [usize; N]) -> Tensor {
        let row = self.batch * self.width;
        let part = &self.numbers[steps.start * row..steps.end * row];
        let size: Vec<i64> = [steps.len(), self.batch].into_iter().chain(shape).map(|size| size as i64).collect();
        Tensor::from_slice(part).view(size.as_slice()) // [time, batch, shape…]
    }
}
