//! The training of a network over segments.

use crate::error::Result;
use crate::model::nn::train::train;
use crate::model::nn::training::TrainingSettings;
use crate::model::observer::Observer;
use crate::model::regression::series_view::SeriesView;
use crate::model::segment::dataset::SegmentDataset;
use crate::model::segment::layout::Layout;
use crate::model::segment::network::SegmentNetwork;
use crate::model::segment::settings::{Base, SegmentSettings};

/// Passes over the data.
const EPOCHS: usize = 10;

impl SegmentNetwork {
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
        if known < layout.first().max(base.first()) + 3 * layout.segment + horizon.min(layout.segment) {
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
        let first = self.layout.first().max(base.first());
        let batches = settings.updates.div_ceil(EPOCHS);
        let data = SegmentDataset::new(&self.layout, view, base, known, first..known, batches);
        let training = TrainingSettings {
            weight_decay: settings.weight_decay,
            seed: settings.seed.wrapping_add(1),
            ..TrainingSettings::full_bptt(EPOCHS, settings.learning_rate)
        };
        train(&mut self.network, &data, &training, observer)?;
        Ok(())
    }
}
