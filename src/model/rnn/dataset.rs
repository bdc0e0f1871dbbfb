//! The training data of a recurrent forecaster: windows of prepared series, and the numbers of their steps.

use std::ops::Range;

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::model::nn::batch::{Split, Window, numbers_of_steps};
use crate::model::rnn::features::{Features, PreparedSeries};
use crate::model::rnn::settings::{Head, Rnn};

const BATCH_SIZE: usize = 32;
/// The smallest number of steps of a window, unless the series are shorter.
const MIN_WINDOW_LENGTH: usize = 128;
/// The largest number of steps that a network reads before a forecast.
const MAX_CONTEXT: usize = 1024;
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

impl RnnDataset<'_> {
    /// The number of steps ahead that the network predicts from each position.
    pub(crate) fn output_horizon(&self) -> usize {
        if self.head == Head::Recursive { 1 } else { self.horizon }
    }

    /// The positions with a next value that is a training target.
    fn training_positions(&self, series: &PreparedSeries) -> Range<usize> {
        series.first()..series.len().saturating_sub(self.validation_values + 1)
    }

    /// The length of a window. It gives enough windows for a batch, unless they would be too short.
    fn window_length(&self) -> usize {
        let longest = self.series.iter().map(|s| self.training_positions(s).len()).max().unwrap_or(1);
        let for_a_batch = self.series.iter().map(|s| self.training_positions(s).len()).sum::<usize>() / BATCH_SIZE;
        for_a_batch.clamp(MIN_WINDOW_LENGTH, longest.max(MIN_WINDOW_LENGTH))
    }

    /// The initial bias of the head [output horizon * levels]: the quantiles of the errors of the base forecast.
    pub(crate) fn initial_bias(&self) -> Vec<f32> {
        let mut bias = Vec::with_capacity(self.output_horizon() * self.levels.len());
        let total: usize = self.series.iter().map(|s| self.training_positions(s).len()).sum();
        let stride = (total / MAX_INITIAL_ERRORS).max(1);
        for k in 1..=self.output_horizon() {
            let mut errors: Vec<f64> = Vec::new();
            for s in self.series {
                let end = s.len().saturating_sub(self.validation_values + k);
                let positions = (s.first()..end).step_by(stride).filter(|t| s.observed[t + k]);
                errors.extend(positions.map(|t| s.target(t, k)));
            }
            errors.sort_by(f64::total_cmp);
            bias.extend(self.levels.iter().map(|level| quantile(&errors, *level) as f32));
        }
        bias
    }

    /// A window over the history of the position `from`, up to the position `to`.
    pub(crate) fn history(&self, sequence: usize, from: usize, to: usize) -> Window {
        let start = self.series[sequence].first().max((from + 1).saturating_sub(MAX_CONTEXT)).min(from);
        Window { sequence, start, length: to + 1 - start, warm_up: 0 }
    }

    pub(crate) fn output_steps(&self, steps: &Range<usize>) -> Vec<usize> {
        steps.clone().filter(|step| (step + 1) % self.stride == 0).collect()
    }

    /// Appends the known future inputs of a whole horizon after position `t`: [horizon, known].
    pub(crate) fn push_known(&self, series: &PreparedSeries, t: usize, into: &mut Vec<f32>) {
        for k in 1..=self.horizon {
            self.features.push_known(series, t, k, self.horizon, into);
        }
    }

    /// The known future inputs at some output steps: [output steps, batch, horizon, known].
    pub(crate) fn known_numbers(&self, windows: &[Window], output_steps: &[usize]) -> Vec<f32> {
        let mut numbers = Vec::new();
        for step in output_steps {
            for window in windows {
                // beyond the end of a window there is no loss
                let t = window.start + (*step).min(window.length - 1);
                self.push_known(&self.series[window.sequence], t, &mut numbers);
            }
        }
        numbers
    }

    /// The features of `steps`: [time, batch, features].
    pub(crate) fn feature_numbers(&self, windows: &[Window], steps: Range<usize>) -> Vec<f32> {
        numbers_of_steps(windows, steps, self.features.count(), |window, step, numbers| {
            self.features.push(&self.series[window.sequence], window.start + step, numbers);
        })
    }

    /// Target values and their loss weights: [output steps, batch, output horizon] each.
    pub(crate) fn target_numbers(
        &self,
        windows: &[Window],
        output_steps: &[usize],
        split: Split,
    ) -> (Vec<f32>, Vec<f32>) {
        let size = output_steps.len() * windows.len() * self.output_horizon();
        let (mut values, mut weights) = (vec![0.0f32; size], vec![0.0f32; size]);
        let mut place = 0;
        for step in output_steps {
            for window in windows {
                let (series, t) = (&self.series[window.sequence], window.start + step);
                let training_end = series.len().saturating_sub(self.validation_values);
                let targets = if split == Split::Validation { training_end..series.len() } else { 0..training_end };
                let has_loss = (window.warm_up..window.length).contains(step);
                for k in 1..=self.output_horizon() {
                    if has_loss && targets.contains(&(t + k)) && series.observed[t + k] {
                        values[place] = series.target(t, k).clamp(-MAX_TARGET, MAX_TARGET) as f32;
                        weights[place] = 1.0;
                    }
                    place += 1;
                }
            }
        }
        (values, weights)
    }

    /// Cuts each series into windows of equal length. The first cut is random, so that no position is always at the
    /// beginning of a window. Windows of similar length share a batch.
    pub(crate) fn cut_windows(&self, rng: &mut ChaCha8Rng) -> Vec<Vec<Window>> {
        let length = self.window_length();
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
    pub(crate) fn end_windows(&self) -> Vec<Vec<Window>> {
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
}

impl Rnn {
    /// The dataset of prepared series, without validation.
    pub(crate) fn dataset<'a>(
        &self,
        series: &'a [PreparedSeries],
        features: &'a Features,
        horizon: usize,
        levels: &'a [f64],
    ) -> RnnDataset<'a> {
        let stride =
            if self.head == Head::Decoder { horizon.div_ceil(Self::MAX_DECODER_STEPS_PER_POSITION) } else { 1 };
        RnnDataset { series, features, head: self.head, horizon, levels, stride, validation_values: 0, warm_up: 0 }
    }
}

/// Batches of windows of similar length.
fn batches(mut windows: Vec<Window>) -> Vec<Vec<Window>> {
    windows.sort_by_key(|window| window.length);
    windows.chunks(BATCH_SIZE).map(<[Window]>::to_vec).collect()
}

/// The quantile of sorted numbers, linear between neighbours; 0 if there are none.
pub(crate) fn quantile(sorted: &[f64], level: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
    let place = level * last as f64;
    let (low, share) = (place.floor() as usize, place.fract());
    sorted[low] + share * (sorted[(low + 1).min(last)] - sorted[low])
}
