//! Initial weights.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use tch::Tensor;
use tch::nn::{Init, Path};

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
