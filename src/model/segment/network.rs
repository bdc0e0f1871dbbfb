//! The network over segments: the base forecast that it corrects, its training data, its training and its predictions.

use std::ops::Range;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::model::nn::batch::{Batch, Inputs, Recurrent, Split, TrainingData, Window, numbers_of_steps};
use crate::model::nn::network::{Network, NetworkShape};
use crate::model::nn::tensor::{Tensor, from_numbers, no_grad, set_weights, to_numbers, weights_of};
use crate::model::nn::train::train;
use crate::model::nn::training::TrainingSettings;
use crate::model::observer::Observer;
use crate::model::regression::DirectRidge;
use crate::model::regression::series_view::SeriesView;
use crate::model::segment::layout::Layout;
use crate::model::weights::Weights;

/// Passes over the data.
const EPOCHS: usize = 10;
const BATCH_SIZE: usize = 32;
/// The largest number of steps of a window that only warm up the hidden state.
const MAX_WARM_UP: usize = 3;
/// Targets are clamped to ± this value, so that a spike does not outweigh all other values.
const MAX_TARGET: f64 = 10.0;

/// The base forecast, whose errors the network learns.
#[derive(Debug, Clone)]
pub(crate) enum Base {
    /// The mean of the last season.
    Level,
    Direct(DirectRidge),
}

impl Base {
    /// The first position at which the base forecast and the features exist.
    pub(crate) fn first(&self, layout: &Layout) -> usize {
        match self {
            Self::Level => layout.first(),
            Self::Direct(direct) => layout.first().max(direct.first_position()),
        }
    }

    /// The base forecast [horizon] from position `t`, of which `values[..t]` are known.
    pub(crate) fn path(&self, values: &[f64], t: usize, layout: &Layout) -> Vec<f64> {
        match self {
            Self::Level => vec![layout.level_at(values, t); layout.horizon],
            Self::Direct(direct) => direct.predict(values, t),
        }
    }
}

/// Windows of segments of one series. Step `i` of a window is at the position `start + i * segment`.
pub(crate) struct SegmentDataset<'a> {
    layout: &'a Layout,
    view: SeriesView<'a>,
    known: usize,
    /// The first position of a step.
    first: usize,
    /// The base forecast from each position on, beginning with the first: [positions, horizon].
    paths: Vec<f32>,
    batches: usize,
}

impl<'a> SegmentDataset<'a> {
    /// A dataset of the first `known` values, with the base forecasts from the `positions`.
    pub(crate) fn new(
        layout: &'a Layout,
        view: SeriesView<'a>,
        base: &Base,
        known: usize,
        positions: Range<usize>,
        batches: usize,
    ) -> Self {
        let first = positions.start;
        let paths = positions.flat_map(|t| base.path(view.values, t, layout)).map(|v| v as f32).collect();
        Self { layout, view, known, first, paths, batches }
    }

    fn position(&self, window: &Window, step: usize) -> usize {
        window.start + step * self.layout.segment
    }

    fn path(&self, t: usize) -> &[f32] {
        &self.paths[(t - self.first) * self.layout.horizon..][..self.layout.horizon]
    }

    pub(crate) fn features(&self, windows: &[Window], steps: Range<usize>) -> Tensor {
        let shape = [steps.len(), windows.len(), self.layout.features()];
        let numbers = numbers_of_steps(windows, steps, self.layout.features(), |window, step, numbers| {
            let t = self.position(window, step);
            self.layout.push_features(self.view.values, t, self.path(t), numbers);
        });
        from_numbers(&numbers, shape) // [time, batch, features]
    }

    /// The error of the base forecast at step `k` of its horizon; `None` if it has no loss.
    fn target(&self, window: &Window, step: usize, k: usize) -> Option<f32> {
        let t = self.position(window, step);
        let has_loss = (window.warm_up..window.length).contains(&step);
        if !has_loss || t + k >= self.known || !self.view.observed[t + k] {
            return None;
        }
        let error = (self.view.values[t + k] - f64::from(self.path(t)[k])) / self.layout.unit;
        Some(error.clamp(-MAX_TARGET, MAX_TARGET) as f32)
    }
}

impl TrainingData for SegmentDataset<'_> {
    fn training_windows(&self, rng: &mut ChaCha8Rng) -> Vec<Vec<Window>> {
        let length = self.layout.window;
        // the last step of a window has at least one target
        let last = self.known - 1;
        let latest = last.saturating_sub((length - 1) * self.layout.segment).max(self.first);
        let mut window = || {
            let start = rng.random_range(self.first..=latest);
            let length = length.min((last - start) / self.layout.segment + 1);
            Window { sequence: 0, start, length, warm_up: MAX_WARM_UP.min(length / 3) }
        };
        (0..self.batches).map(|_| (0..BATCH_SIZE).map(|_| window()).collect()).collect()
    }

    fn batch(&self, windows: &[Window], steps: Range<usize>, _: Split) -> Batch {
        let horizon = self.layout.horizon;
        let shape = [steps.len(), windows.len(), horizon];
        let of_window = |step, window| (0..horizon).map(move |k| self.target(window, step, k));
        let targets = steps.clone().flat_map(|step| windows.iter().flat_map(move |window| of_window(step, window)));
        let (values, weights): (Vec<f32>, Vec<f32>) =
            targets.map(|target| target.map_or((0.0, 0.0), |error| (error, 1.0))).unzip();
        Batch {
            inputs: self.features(windows, steps).into(), // [time, batch, features]
            targets: from_numbers(&values, shape),        // [time, batch, horizon]
            weights: from_numbers(&weights, shape),       // [time, batch, horizon]
            context: None,
        }
    }

    /// Absolute error.
    fn loss(&self, outputs: &Tensor, batch: &Batch) -> Tensor {
        batch.absolute_loss(outputs) // []
    }
}

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
    pub(crate) fn new(layout: Layout, hidden: usize, seed: u64) -> Self {
        let shape = NetworkShape::lstm(layout.features(), hidden, layout.horizon);
        Self { network: Network::new(shape, &mut ChaCha8Rng::seed_from_u64(seed)), layout }
    }

    pub(crate) fn weights(&self) -> Weights {
        weights_of(self.network.store())
    }

    /// A network with this layout and these weights.
    ///
    /// # Errors
    /// The reason in words, if the weights do not fit the network.
    pub(crate) fn with_weights(layout: Layout, hidden: usize, weights: Weights) -> Result<Self, String> {
        let network = Self::new(layout, hidden, 0);
        set_weights(network.network.store(), weights)?;
        Ok(network)
    }

    /// Trains the current weights on the first `known` values. Returns whether there were enough values, and the training
    /// did not diverge.
    pub(crate) fn train(
        &mut self,
        view: SeriesView<'_>,
        base: &Base,
        known: usize,
        settings: &SegmentSettings,
        observer: &mut dyn Observer,
    ) -> bool {
        let (first, segment) = (base.first(&self.layout), self.layout.segment);
        if known < first + 3 * segment + self.layout.horizon.min(segment) {
            return false;
        }
        let batches = settings.updates.div_ceil(EPOCHS);
        let data = SegmentDataset::new(&self.layout, view, base, known, first..known, batches);
        let training = TrainingSettings {
            weight_decay: settings.weight_decay,
            seed: settings.seed.wrapping_add(1),
            ..TrainingSettings::full_bptt(EPOCHS, settings.learning_rate)
        };
        train(&mut self.network, &data, &training, observer).is_ok()
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
