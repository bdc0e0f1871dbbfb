//! The weights of a network: out of its store, and into it.

use tch::nn::VarStore;
use tch::{Kind, Tensor};

use crate::model::weights::{Array, Weights};

pub(crate) fn copy_out(store: &VarStore) -> Weights {
    let mut weights = Weights::default();
    for (name, tensor) in store.variables() {
        let shape = shape_of(&tensor);
        let mut values = vec![0.0; tensor.numel()];
        tensor.detach().to_kind(Kind::Float).contiguous().view([-1]).copy_data(&mut values, tensor.numel());
        weights.insert(name, Array { shape, values });
    }
    weights
}

/// Copies weights into a store: all that the store has, and no others.
///
/// # Errors
/// If one is missing, has another shape or has no place in the store, in words.
pub(crate) fn copy_in(store: &VarStore, mut weights: Weights) -> Result<(), String> {
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
