//! Tensors: their types from libtorch, conversion from and to plain numbers, and the thread that computes them. Families of
//! models import the types from here, so that only this folder names the crate.

pub use tch::nn::VarStore;
pub(crate) use tch::no_grad_guard;
pub use tch::{Device, Kind, Tensor, no_grad};

/// Makes libtorch compute on one thread, from the calling thread on. The networks are too small for more threads, and
/// the order of its sums is the same on every machine.
pub(crate) fn use_one_thread() {
    tch::set_num_threads(1);
}

/// A tensor of `shape` from numbers in row-major order.
pub(crate) fn from_numbers<const N: usize>(numbers: &[f32], shape: [usize; N]) -> Tensor {
    Tensor::from_slice(numbers).view(shape.map(|size| size as i64).as_slice()) // [shape]
}

/// All numbers of a tensor in row-major order.
pub(crate) fn to_numbers(tensor: &Tensor) -> Vec<f64> {
    let flat = tensor.detach().reshape([-1]).to_kind(Kind::Double); // [numbers]
    let mut numbers = vec![0.0; flat.numel()];
    flat.copy_data(&mut numbers, flat.numel());
    numbers
}
