//! Recurrent layers on top of each other.

use rand_chacha::ChaCha8Rng;
use tch::{Tensor, nn};

use crate::model::nn::cell::{CellKind, State};
use crate::model::nn::layer::{Layer, dropout};

/// Recurrent layers on top of each other, with dropout between them in training.
#[derive(Debug)]
pub(crate) struct LayerStack {
    layers: Vec<Layer>,
    /// Share of the values that is dropped between layers, in [0, 1).
    dropout: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct LayerSizes {
    pub(crate) inputs: usize,
    pub(crate) hidden: usize,
    pub(crate) layers: usize,
    pub(crate) dropout: f64,
}

impl LayerStack {
    /// Layers with random weights, named `layer_0` and so on.
    pub(crate) fn new(root: &nn::Path<'_>, cell: CellKind, sizes: LayerSizes, rng: &mut ChaCha8Rng) -> Self {
        let layer = |i: usize| {
            let inputs = if i == 0 { sizes.inputs } else { sizes.hidden };
            Layer::new(&(root / format!("layer_{i}")), cell, inputs, sizes.hidden, rng)
        };
        Self { layers: (0..sizes.layers).map(layer).collect(), dropout: sizes.dropout }
    }

    /// The layers, the lowest first.
    pub(crate) fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// The state before the first step.
    pub(crate) fn start(&self, batch: i64) -> Vec<State> {
        self.layers.iter().map(|layer| layer.start(batch)).collect()
    }

    /// The top layer's hidden states [time, batch, hidden] over `features` [time, batch, features], and the last state
    /// of each layer. `training` is the source of random numbers for dropout, which only training has.
    pub(crate) fn forward(
        &self,
        features: &Tensor,
        state: &[State],
        mut training: Option<&mut ChaCha8Rng>,
    ) -> (Tensor, Vec<State>) {
        let mut x = features.shallow_clone(); // [time, batch, features]
        let mut last = Vec::with_capacity(self.layers.len());
        for (i, (layer, state)) in self.layers.iter().zip(state).enumerate() {
            if let (true, Some(rng)) = (i > 0 && self.dropout > 0.0, training.as_deref_mut()) {
                x = dropout(&x, self.dropout, rng); // [time, batch, hidden]
            }
            let (outputs, next) = layer.forward(&x, state); // [time, batch, hidden]
            x = outputs;
            last.push(next);
        }
        (x, last)
    }
}
