//! The training data of a network over segments: windows of segments, and the numbers of their steps.

use std::ops::Range;

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::model::nn::batch::{Window, numbers_of_steps};
use crate::model::regression::series_view::SeriesView;
use crate::model::segment::layout::Layout;
use crate::model::segment::settings::Base;

const BATCH_SIZE: usize = 32;
/// The largest number of steps of a window that only warm up the hidden state.
const MAX_WARM_UP: usize = 3;
/// Targets are clamped to ± this value, so that a spike does not outweigh all other values.
const MAX_TARGET: f64 = 10.0;

/// Windows of segments of one series. Step `i` of a window is at the position `start + i * segment`.
#[derive(Debug)]
pub(crate) struct SegmentDataset<'a> {
    pub(crate) layout: &'a Layout,
    pub(crate) view: SeriesView<'a>,
    pub(crate) known: usize,
    /// The first position of a step.
    pub(crate) first: usize,
    /// The base forecast from each position on, beginning with the first: [positions, horizon].
    pub(crate) paths: Vec<f32>,
    pub(crate) batches: usize,
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

    fn path(&self, t: usize) -> &[f32] {
        &self.paths[(t - self.first) * self.layout.horizon..][..self.layout.horizon]
    }

    fn position(&self, window: &Window, step: usize) -> usize {
        window.start + step * self.layout.segment
    }

    pub(crate) fn random_windows(&self, rng: &mut ChaCha8Rng) -> Vec<Vec<Window>> {
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

    /// The features of `steps`: [time, batch, features].
    pub(crate) fn feature_numbers(&self, windows: &[Window], steps: Range<usize>) -> Vec<f32> {
        numbers_of_steps(windows, steps, self.layout.features(), |window, step, numbers| {
            let t = self.position(window, step);
            self.layout.push_features(self.view.values, t, self.path(t), numbers);
        })
    }

    /// The errors of the base forecast and their loss weights: [time, batch, horizon] each.
    pub(crate) fn target_numbers(&self, windows: &[Window], steps: Range<usize>) -> (Vec<f32>, Vec<f32>) {
        let horizon = self.layout.horizon;
        let size = steps.len() * windows.len() * horizon;
        let (mut values, mut weights) = (vec![0.0f32; size], vec![0.0f32; size]);
        for (i, step) in steps.enumerate() {
            for (j, window) in windows.iter().enumerate() {
                if !(window.warm_up..window.length).contains(&step) {
                    continue;
                }
                let t = self.position(window, step);
                let path = self.path(t);
                let place = (i * windows.len() + j) * horizon;
                for k in 0..horizon.min(self.known - t) {
                    if self.view.observed[t + k] {
                        let error = (self.view.values[t + k] - f64::from(path[k])) / self.layout.unit;
                        values[place + k] = error.clamp(-MAX_TARGET, MAX_TARGET) as f32;
                        weights[place + k] = 1.0;
                    }
                }
            }
        }
        (values, weights)
    }
}
