//! The network over segments in tensors: batches, the loss, and predictions.

use std::ops::Range;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::model::nn::batch::{Batch, Inputs, Recurrent, Split, TrainingData, Window};
use crate::model::nn::cell::CellKind;
use crate::model::nn::network::{Network, NetworkShape, Readout};
use crate::model::nn::tensor::{self, Tensor, from_numbers, no_grad, to_numbers};
use crate::model::regression::series_view::SeriesView;
use crate::model::segment::dataset::SegmentDataset;
use crate::model::segment::layout::Layout;
use crate::model::segment::settings::Base;
use crate::model::weights::Weights;

#[derive(Debug)]
pub(crate) struct SegmentNetwork {
    pub(crate) network: Network,
    pub(crate) layout: Layout,
}

impl TrainingData for SegmentDataset<'_> {
    fn training_windows(&self, rng: &mut ChaCha8Rng) -> Vec<Vec<Window>> {
        self.random_windows(rng)
    }

    fn batch(&self, windows: &[Window], steps: Range<usize>, _: Split) -> Batch {
        let shape = [steps.len(), windows.len(), self.layout.horizon];
        let (values, weights) = self.target_numbers(windows, steps.clone());
        Batch {
            inputs: feature_tensor(self, windows, steps).into(), // [time, batch, features]
            targets: from_numbers(&values, shape),               // [time, batch, horizon]
            weights: from_numbers(&weights, shape),              // [time, batch, horizon]
            context: None,
        }
    }

    /// Absolute error.
    fn loss(&self, outputs: &Tensor, batch: &Batch) -> Tensor {
        batch.absolute_loss(outputs) // []
    }
}

fn feature_tensor(data: &SegmentDataset<'_>, windows: &[Window], steps: Range<usize>) -> Tensor {
    let shape = [steps.len(), windows.len(), data.layout.features()];
    from_numbers(&data.feature_numbers(windows, steps), shape) // [time, batch, features]
}

impl SegmentNetwork {
    /// A network with random layers and a head of zeros, which predicts the base forecast.
    pub(crate) fn new(layout: Layout, hidden: usize, seed: u64) -> Self {
        let shape = NetworkShape {
            cell: CellKind::Lstm,
            inputs: layout.features(),
            hidden,
            layers: 1,
            outputs: layout.horizon,
            dropout: 0.0,
            readout: Readout::Linear,
        };
        Self { network: Network::new(shape, &mut ChaCha8Rng::seed_from_u64(seed)), layout }
    }

    pub(crate) fn hidden(&self) -> usize {
        self.network.shape().hidden
    }

    pub(crate) fn weights(&self) -> Weights {
        tensor::weights_of(self.network.store())
    }

    /// A network with this layout and these weights.
    ///
    /// # Errors
    /// The reason in words, if the weights do not fit the network.
    pub(crate) fn with_weights(layout: Layout, hidden: usize, weights: Weights) -> Result<Self, String> {
        let network = Self::new(layout, hidden, 0);
        tensor::set_weights(network.network.store(), weights)?;
        Ok(network)
    }

    /// The forecast [horizon] after `values[..cutoff]`. `None` if the history is too short.
    pub(crate) fn predict(&self, view: SeriesView<'_>, base: &Base, cutoff: usize) -> Option<Vec<f64>> {
        let layout = &self.layout;
        let first = layout.first().max(base.first());
        let steps = (cutoff.checked_sub(first)? / layout.segment + 1).min(layout.window);
        let start = cutoff - (steps - 1) * layout.segment;
        let data = SegmentDataset::new(layout, view, base, cutoff, start..cutoff + 1, 0);
        let window = Window { sequence: 0, start, length: steps, warm_up: 0 };
        let mut inputs = Inputs::from(feature_tensor(&data, &[window], 0..steps)); // [time, 1, features]
        inputs.output_steps = Some(vec![steps as i64 - 1]);
        let (outputs, _) = no_grad(|| self.network.forward(&inputs, &self.network.start(1), None)); // [1, 1, horizon]
        let path = base.path(view.values, cutoff, layout);
        Some(path.into_iter().zip(to_numbers::<f64>(&outputs)).map(|(p, output)| p + layout.unit * output).collect())
    }
}
