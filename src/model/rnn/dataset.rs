//! The training data of a recurrent forecaster: windows of prepared series, and the tensors of their steps.

use std::ops::Range;

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::forecast::sample_paths::quantile;
use crate::model::nn::batch::{Batch, FutureInputs, Inputs, Split, TrainingData, Window, numbers_of_steps};
use crate::model::nn::tensor::{Tensor, from_numbers};
use crate::model::rnn::features::{Features, PreparedSeries};
use crate::model::rnn::settings::{Head, Rnn};

const BATCH_SIZE: usize = 32;
/// The smallest number of steps of a window, unless the series are shorter.
const MIN_WINDOW_LENGTH: usize = 128;
/// The largest number of steps that a network reads before a forecast.
const MAX_CONTEXT: usize = 1024;
/// The largest mean number of decoder steps for each position in training. With a longer horizon the decoder starts from
/// fewer positions.
const MAX_DECODER_STEPS_PER_POSITION: usize = 8;
/// The approximate limit of errors for the initial quantiles of a step.
const MAX_INITIAL_ERRORS: usize = 4000;
/// Targets are clamped to ± this value, so that a spike does not outweigh all other values.
const MAX_TARGET: f64 = 50.0;

/// The prepared series of a panel, and what the network should predict from them.
#[derive(Debug)]
pub(crate) struct RnnDataset<'a> {
    pub(crate) series: &'a [PreparedSeries],
    pub(crate) features: &'a Features,
    pub(crate) head: Head,
    pub(crate) horizon: usize,
    pub(crate) levels: &'a [f64],
    /// Steps from one output step to the next. A decoder predicts a whole horizon at each, which would take too long at
    /// every step.
    pub(crate) stride: usize,
    /// Values at the end of each series that are targets of validation only.
    pub(crate) validation_values: usize,
    /// Steps that warm up the hidden state of a window that starts within a series.
    pub(crate) warm_up: usize,
}

impl<'a> RnnDataset<'a> {
    /// A dataset without validation.
    pub(crate) fn new(
        settings: &Rnn,
        series: &'a [PreparedSeries],
        features: &'a Features,
        horizon: usize,
        levels: &'a [f64],
    ) -> Self {
        let head = settings.head;
        let stride = if head == Head::Decoder { horizon.div_ceil(MAX_DECODER_STEPS_PER_POSITION) } else { 1 };
        Self { series, features, head, horizon, levels, stride, validation_values: 0, warm_up: 0 }
    }

    /// The number of steps ahead that the network predicts from each position.
    pub(crate) fn output_horizon(&self) -> usize {
        if self.head == Head::Recursive { 1 } else { self.horizon }
    }

    /// The positions with a next value that is a training target.
    fn training_positions(&self, series: &PreparedSeries) -> Range<usize> {
        series.first()..series.len().saturating_sub(self.validation_values + 1)
    }

    /// The initial bias of the head [output horizon * levels]: the quantiles of the errors of the base forecast.
    pub(crate) fn initial_bias(&self) -> Vec<f32> {
        let total: usize = self.series.iter().map(|s| self.training_positions(s).len()).sum();
        let stride = (total / MAX_INITIAL_ERRORS).max(1);
        let errors_of_series = |s: &'a PreparedSeries, k: usize| {
            let end = s.len().saturating_sub(self.validation_values + k);
            (s.first()..end).step_by(stride).filter(move |t| s.observed[t + k]).map(move |t| s.target(t, k))
        };
        let errors_of_step = |k| self.series.iter().flat_map(|s| errors_of_series(s, k)).collect();
        self.quantiles_of_errors((1..=self.output_horizon()).map(errors_of_step).collect())
    }

    /// The quantiles of the errors of each step: [steps * levels].
    pub(crate) fn quantiles_of_errors(&self, mut errors: Vec<Vec<f64>>) -> Vec<f32> {
        errors.iter_mut().for_each(|errors| errors.sort_by(f64::total_cmp));
        let quantile = |errors: &[f64], level| if errors.is_empty() { 0.0 } else { quantile(errors, level) as f32 };
        errors.iter().flat_map(|errors| self.levels.iter().map(|level| quantile(errors, *level))).collect()
    }

    /// A window over the history of the position `from`, up to the position `to`.
    pub(crate) fn history(&self, sequence: usize, from: usize, to: usize) -> Window {
        let start = self.series[sequence].first().max((from + 1).saturating_sub(MAX_CONTEXT)).min(from);
        Window { sequence, start, length: to + 1 - start, warm_up: 0 }
    }

    /// The features of `steps`: [time, batch, features].
    pub(crate) fn features(&self, windows: &[Window], steps: Range<usize>) -> Tensor {
        let (count, shape) = (self.features.count(), [steps.len(), windows.len(), self.features.count()]);
        let numbers = numbers_of_steps(windows, steps, count, |window, step, numbers| {
            self.features.push(&self.series[window.sequence], window.start + step, numbers);
        });
        from_numbers(&numbers, shape) // [time, batch, features]
    }

    /// Appends the known future inputs of a whole horizon after position `t`: [horizon, known].
    pub(crate) fn push_known(&self, series: &PreparedSeries, t: usize, into: &mut Vec<f32>) {
        for k in 1..=self.horizon {
            self.features.push_known(series, t, k, self.horizon, into);
        }
    }

    /// Targets and their loss weights: [output steps, batch, output horizon, 1] each.
    fn targets(&self, windows: &[Window], output_steps: &[usize], split: Split) -> (Tensor, Tensor) {
        let horizon = self.output_horizon();
        let pairs = numbers_of_steps(windows, output_steps.iter().copied(), horizon, |window, step, pairs| {
            let (series, t) = (&self.series[window.sequence], window.start + step);
            let training_end = series.len().saturating_sub(self.validation_values);
            let targets = if split == Split::Validation { training_end..series.len() } else { 0..training_end };
            let has_loss = |k| step >= window.warm_up && targets.contains(&(t + k)) && series.observed[t + k];
            let target = |k| series.target(t, k).clamp(-MAX_TARGET, MAX_TARGET) as f32;
            pairs.extend((1..=horizon).map(|k| if has_loss(k) { (target(k), 1.0) } else { (0.0, 0.0) }));
        });
        let (targets, weights): (Vec<f32>, Vec<f32>) = pairs.into_iter().unzip();
        let shape = [output_steps.len(), windows.len(), horizon, 1];
        (from_numbers(&targets, shape), from_numbers(&weights, shape)) // [output steps, batch, output horizon, 1] each
    }
}

impl TrainingData for RnnDataset<'_> {
    /// Cuts each series into windows of equal length. The first cut is random, so that no position is always at the
    /// beginning of a window. Windows of similar length share a batch.
    fn training_windows(&self, rng: &mut ChaCha8Rng) -> Vec<Vec<Window>> {
        let lengths: Vec<usize> = self.series.iter().map(|s| self.training_positions(s).len()).collect();
        let longest = lengths.iter().max().map_or(MIN_WINDOW_LENGTH, |longest| MIN_WINDOW_LENGTH.max(*longest));
        // enough windows for a batch, unless they would be too short
        let length = (lengths.iter().sum::<usize>() / BATCH_SIZE).clamp(MIN_WINDOW_LENGTH, longest);
        let mut windows = Vec::new();
        for (sequence, series) in self.series.iter().enumerate() {
            let positions = self.training_positions(series);
            let mut from = positions.start;
            let mut next =
                if positions.len() > length { from + rng.random_range(length / 2..=length) } else { positions.end };
            while from < positions.end {
                // a short rest is added to the window before it
                if next + length / 4 >= positions.end {
                    next = positions.end;
                }
                let start = from.saturating_sub(self.warm_up).max(positions.start);
                windows.push(Window { sequence, start, length: next - start, warm_up: from - start });
                (from, next) = (next, next + length);
            }
        }
        batches(windows)
    }

    /// One window over the end of each series, with a longer warm-up.
    fn validation_windows(&self) -> Vec<Vec<Window>> {
        if self.validation_values == 0 {
            return Vec::new();
        }
        let window = |(sequence, series): (usize, &PreparedSeries)| {
            let from = series.len().saturating_sub(self.validation_values + 1).max(series.first());
            let start = from.saturating_sub(4 * self.warm_up).max(series.first());
            Window { sequence, start, length: series.len() - 1 - start, warm_up: from - start }
        };
        batches(self.series.iter().enumerate().map(window).filter(|s| s.length > 0).collect())
    }

    fn batch(&self, windows: &[Window], steps: Range<usize>, split: Split) -> Batch {
        let output_steps: Vec<usize> = steps.clone().filter(|step| (step + 1) % self.stride == 0).collect();
        let mut inputs = Inputs::from(self.features(windows, steps.clone()));
        if self.head == Head::Decoder {
            let count = self.features.known_count();
            let shape = [output_steps.len(), windows.len(), self.horizon, count];
            let known =
                numbers_of_steps(windows, output_steps.iter().copied(), self.horizon * count, |window, step, known| {
                    self.push_known(&self.series[window.sequence], window.start + step, known);
                });
            // validation uses no teacher forcing, so that the teacher always has the targets of training
            let teacher = Some(self.targets(windows, &output_steps, Split::Training).0);
            inputs.future = Some(FutureInputs { known: from_numbers(&known, shape), teacher }); // [output steps, batch, horizon, known]
            inputs.output_steps = Some(output_steps.iter().map(|step| (step - steps.start) as i64).collect());
        }
        let (targets, weights) = self.targets(windows, &output_steps, split);
        Batch { inputs, targets, weights, context: None }
    }

    /// Pinball loss, the mean over the quantile levels.
    fn loss(&self, outputs: &Tensor, batch: &Batch) -> Tensor {
        let size = batch.targets.size();
        let quantiles = outputs.view([size[0], size[1], size[2], self.levels.len() as i64]); // [output steps, batch, output horizon, levels]
        let levels: Vec<f32> = self.levels.iter().map(|level| *level as f32).collect();
        batch.pinball_loss(&quantiles, &levels) / self.levels.len() as f64 // []
    }
}

/// Batches of windows of similar length.
fn batches(mut windows: Vec<Window>) -> Vec<Vec<Window>> {
    windows.sort_by_key(|window| window.length);
    windows.chunks(BATCH_SIZE).map(<[Window]>::to_vec).collect()
}
