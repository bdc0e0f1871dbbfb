//! Losses in tensors.

use tch::{Kind, Tensor};

/// The sum of the pinball losses (Koenker, Bassett 1978, "Regression quantiles") over all values and quantile levels.
///
/// `quantiles` [output steps, batch, horizon, levels], `values` and `weights` [output steps, batch, horizon, 1],
/// `levels` [levels]. The result is a scalar.
pub(crate) fn pinball(quantiles: &Tensor, values: &Tensor, weights: &Tensor, levels: &[f32]) -> Tensor {
    let levels = Tensor::from_slice(levels); // [levels]
    let errors = values - quantiles; // [output steps, batch, horizon, levels]
    let losses = (&errors * &levels).maximum(&(&errors * (&levels - 1.0))); // [output steps, batch, horizon, levels]
    (losses * weights).sum(Kind::Float) // []
}

/// The weighted sum of absolute errors, a scalar. `weights` has the shape of `outputs` and `values`, or broadcasts to
/// it.
pub(crate) fn absolute(outputs: &Tensor, values: &Tensor, weights: &Tensor) -> Tensor {
    ((values - outputs).abs() * weights).sum(Kind::Float) // []
}
