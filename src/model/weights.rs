//! The weights of a model: named arrays of 32-bit floats, written as safetensors.

use std::borrow::Cow;
use std::collections::BTreeMap;

use half::f16;
use safetensors::tensor::{Dtype, SafeTensors, TensorView, View};

const FLOAT_BYTES: usize = size_of::<f32>();

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Array {
    pub(crate) shape: Vec<usize>,
    /// In row-major order.
    pub(crate) values: Vec<f32>,
}

/// Arrays of weights by name. The arrays of a network inside a model begin with the name of the network and a point.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Weights(BTreeMap<String, Array>);

impl Weights {
    pub(crate) fn insert(&mut self, name: String, array: Array) {
        self.0.insert(name, array);
    }

    /// Adds the weights of a part of the model under the name of this part.
    pub(crate) fn insert_part(&mut self, part: &str, weights: Self) {
        self.0.extend(weights.0.into_iter().map(|(name, array)| (format!("{part}.{name}"), array)));
    }

    /// Removes and returns the weights of a part of the model.
    pub(crate) fn take_part(&mut self, part: &str) -> Self {
        let prefix = format!("{part}.");
        let (inside, others): (BTreeMap<_, _>, _) =
            std::mem::take(&mut self.0).into_iter().partition(|(name, _)| name.starts_with(&prefix));
        self.0 = others;
        Self(inside.into_iter().map(|(name, array)| (name[prefix.len()..].to_owned(), array)).collect())
    }

    /// Removes and returns an array. The error says that it is missing or has another shape.
    pub(crate) fn take(&mut self, name: &str, shape: &[usize]) -> Result<Array, String> {
        let array = self.0.remove(name).ok_or_else(|| format!("the weight `{name}` is missing"))?;
        if array.shape == shape {
            Ok(array)
        } else {
            Err(format!("the weight `{name}` has the shape {:?}, but the settings need {shape:?}", array.shape))
        }
    }

    /// Checks that all arrays were removed. The error names one that is left.
    pub(crate) fn check_all_taken(&self) -> Result<(), String> {
        self.0.keys().next().map_or(Ok(()), |name| Err(format!("the weight `{name}` belongs to no part of the model")))
    }

    /// The weights as safetensors; empty if there are none.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        if self.0.is_empty() {
            return Vec::new();
        }
        safetensors::serialize(&self.0, &None).expect("shapes and values fit together")
    }

    /// Reads safetensors, all of whose numbers must be finite 32-bit or 16-bit floats.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        if bytes.is_empty() {
            return Ok(Self::default());
        }
        let tensors = SafeTensors::deserialize(bytes).map_err(|error| error.to_string())?;
        let array = |(name, view): (String, TensorView<'_>)| {
            let values: Vec<f32> = match view.dtype() {
                Dtype::F32 => {
                    view.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
                }
                Dtype::F16 => view.data().chunks_exact(2).map(|b| f16::from_le_bytes([b[0], b[1]]).to_f32()).collect(),
                _ => return Err(format!("the weight `{name}` has numbers other than 32-bit or 16-bit floats")),
            };
            if values.iter().any(|value| !value.is_finite()) {
                return Err(format!("the weight `{name}` is not finite"));
            }
            Ok((name, Array { shape: view.shape().to_vec(), values }))
        };
        tensors.tensors().into_iter().map(array).collect::<Result<_, _>>().map(Self)
    }
}

impl View for &Array {
    fn dtype(&self) -> Dtype {
        Dtype::F32
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        self.values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>().into()
    }

    fn data_len(&self) -> usize {
        self.values.len() * FLOAT_BYTES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_taken_out_by_their_name() {
        let array = |value: f32| Array { shape: vec![1], values: vec![value] };
        let part = |value: f32| Weights(BTreeMap::from([("bias".to_owned(), array(value))]));
        let mut weights = Weights::default();
        weights.insert_part("member_1", part(1.0));
        weights.insert_part("member_10", part(10.0));
        assert_eq!(weights.take_part("member_1"), part(1.0));
        assert!(weights.check_all_taken().unwrap_err().contains("member_10.bias"));
        assert!(weights.take_part("member_10").take("bias", &[3]).unwrap_err().contains("[3]"));
    }
}
