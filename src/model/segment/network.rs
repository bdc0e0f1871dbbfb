//! The network over segments: its training and its predictions.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::error::Result;
use crate::model::nn::batch::{Inputs, Recurrent, Window};
use crate::model::nn::cell::CellKind;
use crate::model::nn::network::{Network, NetworkShape, Readout};
use crate::model::nn::tensor::{no_grad, set_weights, to_numbers, weights_of};
use crate::model::nn::train::train;
use crate::model::nn::training::TrainingSettings;
use crate::model::observer::Observer;
use crate::model::regression::series_view::SeriesView;
use crate::model::segment::dataset::{Base, SegmentDataset};
use crate::model::segment::layout::Layout;
use crate::model::weights::Weights;

/// Passes over the data.
const EPOCHS: usize = 10;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct SegmentSettings {
    /// Size of the hidden state.
    pub(crate) hidden: usize,
    pub(crate) updates: usize,
    pub(crate) learning_rate: f64,
    pub(crate) weight_decay: f64,
    pub(crate) seed: u64,
}

#[derive(Debug)]
pub(crate) struct SegmentNetwork {
    network: Network,
    pub(crate) layout: Layout,
}

impl SegmentNetwork {
    /// A network with random layers and a head of zeros, which predicts the base forecast.
    fn new(layout: Layout, hidden: usize, seed: u64) -> Self {
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

    pub(crate) fn weights(&self) -> Weights {
        weights_of(self.network.store())
    }

    /// A network with this layout and these weights.
    ///
    /// # Errors
    /// The reason in words, if the weights do not fit the network.
    pub(crate) fn with_weights(layout: Layout, hidden: usize, weights: Weights) -> std::result::Result<Self, String> {
        let network = Self::new(layout, hidden, 0);
        set_weights(network.network.store(), weights)?;
        Ok(network)
    }

    /// Trains a new network on the first `known` values. `None` if there are too few.
    ///
    /// # Errors
    /// If training diverges.
    pub(crate) fn train(
        view: SeriesView<'_>,
        base: &Base,
        known: usize,
        horizon: usize,
        settings: &SegmentSettings,
        observer: &mut dyn Observer,
    ) -> Result<Option<Self>> {
        let layout = Layout::new(&view, known, horizon);
        if known < base.first(&layout) + 3 * layout.segment + horizon.min(layout.segment) {
            return Ok(None);
        }
        let mut network = Self::new(layout, settings.hidden, settings.seed);
        network.continue_training(view, base, known, settings, observer)?;
        Ok(Some(network))
    }

    /// Continues training from the current weights, on the first `known` values of the history.
    ///
    /// # Errors
    /// If training diverges.
    pub(crate) fn continue_training(
        &mut self,
        view: SeriesView<'_>,
        base: &Base,
        known: usize,
        settings: &SegmentSettings,
        observer: &mut dyn Observer,
    ) -> Result<()> {
        let (first, batches) = (base.first(&self.layout), settings.updates.div_ceil(EPOCHS));
        let data = SegmentDataset::new(&self.layout, view, base, known, first..known, batches);
        let training = TrainingSettings {
            weight_decay: settings.weight_decay,
            seed: settings.seed.wrapping_add(1),
            ..TrainingSettings::full_bptt(EPOCHS, settings.learning_rate)
        };
        train(&mut self.network, &data, &training, observer).map(drop)
    }

    /// The forecast [horizon] after `values[..cutoff]`. `None` if the history is too short.
    pub(crate) fn predict(&self, view: SeriesView<'_>, base: &Base, cutoff: usize) -> Option<Vec<f64>> {
        let layout = &self.layout;
        let steps = (cutoff.checked_sub(base.first(layout))? / layout.segment + 1).min(layout.window);
        let start = cutoff - (steps - 1) * layout.segment;
        let data = SegmentDataset::new(layout, view, base, cutoff, start..cutoff + 1, 0);
        let window = Window { sequence: 0, start, length: steps, warm_up: 0 };
        let mut inputs = Inputs::from(data.features(&[window], 0..steps)); // [time, 1, features]
        inputs.output_steps = Some(vec![steps as i64 - 1]);
        let (outputs, _) = no_grad(|| self.network.forward(&inputs, &self.network.start(1), None)); // [1, 1, horizon]
        let path = base.path(view.values, cutoff, layout);
        Some(path.into_iter().zip(to_numbers::<f64>(&outputs)).map(|(p, output)| p + layout.unit * output).collect())
    }
}
