//! The training data of a network over segments: windows of segments, and the errors of a base forecast.

use std::ops::Range;

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::model::nn::batch::{Batch, Split, TrainingData, Window, numbers_of_steps};
use crate::model::nn::tensor::{Tensor, from_numbers};
use crate::model::regression::DirectRidge;
use crate::model::regression::series_view::SeriesView;
use crate::model::segment::layout::Layout;

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
#[derive(Debug)]
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
