//! Random windows of all series, for training.

use std::ops::Range;

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::model::deepar::fitted::DeepArState;
use crate::model::deepar::inputs::{InputConfig, PastValues, StepInputs, WindowInputs, category_codes};
use crate::model::deepar::network::log_likelihood;
use crate::model::deepar::settings::DeepAr;
use crate::model::nn::batch::{Batch, Split, TrainingData, Window, longest};
use crate::model::nn::tensor::{Kind, StepNumbers, Tensor};
use crate::panel::{Panel, TimeSeries};

/// The probability that a category is replaced by the unknown one in training. So the network can forecast unknown
/// categories.
const UNKNOWN_CATEGORY_CHANCE: f64 = 0.1;
/// The largest number of series in the validation set.
const MAX_VALIDATION_SERIES: usize = 256;

/// The training windows of all series of a panel.
///
/// A drawn window is a [`Window`]. Its sequence number also encodes the features with a hidden category. The start of
/// its conditioning range follows from its end.
pub(crate) struct TrainingWindows<'a> {
    pub(crate) config: &'a InputConfig,
    series: Vec<TimeSeries<'a>>,
    /// The codes of the categories of each series.
    codes: Vec<Vec<usize>>,
    /// Series with more than one value, with the cumulative sum of their weights.
    cumulative_weights: Vec<(f64, usize)>,
    horizon: usize,
    /// The number of last values of each series for validation.
    validation_values: usize,
}

impl<'a> TrainingWindows<'a> {
    pub(crate) fn new(state: &'a DeepArState, panel: &'a Panel, validation_values: usize) -> Self {
        let DeepArState { input_config: config, static_features, settings, horizon, .. } = state;
        let series: Vec<TimeSeries<'a>> = panel.iter().collect();
        let size = |s: &TimeSeries<'_>| s.values.iter().map(|v| v.abs() / s.len() as f64).sum::<f64>().max(1e-300);
        let sizes: Vec<f64> = series.iter().map(size).collect();
        let largest = sizes.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
        let mut sum = 0.0;
        let mut cumulative_weights = Vec::with_capacity(series.len());
        for (i, size) in sizes.iter().enumerate().filter(|(i, _)| series[*i].len() > 1) {
            sum += (size / largest).powf(settings.size_power).max(1e-9);
            cumulative_weights.push((sum, i));
        }
        let codes = category_codes(static_features, panel);
        Self { config, series, codes, cumulative_weights, horizon: *horizon, validation_values }
    }

    /// The number of training values of a series.
    fn training_length(&self, series: usize) -> usize {
        let length = self.series[series].len();
        // a short series has no validation values
        if length >= 3 * self.validation_values { length - self.validation_values } else { length }
    }

    /// Draws a series, the end of a window, and the hidden features as the bits of a number.
    fn draw(&self, rng: &mut ChaCha8Rng) -> (usize, usize, usize) {
        let weights = &self.cumulative_weights;
        let total = weights.last().expect("a series has more than one value").0;
        let drawn = rng.random::<f64>() * total;
        let place = weights.partition_point(|(sum, _)| *sum <= drawn).min(weights.len() - 1);
        let series = weights[place].1;
        let end = rng.random_range(2..=self.training_length(series));
        let hidden = (0..self.codes[series].len()).filter(|_| rng.random::<f64>() < UNKNOWN_CATEGORY_CHANCE);
        (series, end, hidden.map(|feature| 1 << feature).sum())
    }

    /// The conditioning range of a window, which scales its values, and the position of its first value with loss.
    fn parts(&self, series: usize, end: usize, split: Split) -> (Range<usize>, usize) {
        let length = self.training_length(series);
        match split {
            Split::Training => {
                let start = end.saturating_sub(self.config.context + self.horizon);
                (start..end.saturating_sub(self.horizon).max(start + 1), 0)
            }
            Split::Validation => (length.saturating_sub(self.config.context)..length, length),
        }
    }

    fn window(&self, (series, end, hidden): (usize, usize, usize), split: Split) -> Window {
        // the first value of a series has no inputs
        let start = self.parts(series, end, split).0.start.max(1);
        Window { sequence: hidden * self.series.len() + series, start, length: end - start, warm_up: 0 }
    }
}

impl TrainingData for TrainingWindows<'_> {
    fn training_windows(&self, rng: &mut ChaCha8Rng) -> Vec<Vec<Window>> {
        let count = DeepAr::UPDATES_PER_EPOCH * DeepAr::WINDOWS_PER_UPDATE;
        let mut drawn: Vec<(usize, usize, usize)> = (0..count).map(|_| self.draw(rng)).collect();
        // windows of similar length share an update, because shorter ones are padded
        drawn.sort_by_key(|(series, end, _)| end - self.parts(*series, *end, Split::Training).0.start);
        batches(drawn.into_iter().map(|window| self.window(window, Split::Training)))
    }

    /// The validation values of some series, each with a conditioning range before them.
    fn validation_windows(&self) -> Vec<Vec<Window>> {
        let is_validated = |i: &usize| self.training_length(*i) < self.series[*i].len();
        let validated: Vec<usize> = (0..self.series.len()).filter(is_validated).collect();
        let stride = validated.len().div_ceil(MAX_VALIDATION_SERIES).max(1);
        let window = |i: &usize| self.window((*i, self.series[*i].len(), 0), Split::Validation);
        batches(validated.iter().step_by(stride).map(window))
    }

    /// The numbers of all steps are computed, since training runs over whole windows.
    fn batch(&self, windows: &[Window], steps: Range<usize>, split: Split) -> Batch {
        let (length, batch) = (longest(windows), windows.len());
        let mut inputs = StepInputs::zeros(self.config, self.codes[0].len(), length, batch);
        let (mut values, mut weights) = (StepNumbers::zeros(length, batch, 1), StepNumbers::zeros(length, batch, 1));
        for (b, window) in windows.iter().enumerate() {
            let (hidden, number) = (window.sequence / self.series.len(), window.sequence % self.series.len());
            let (conditioning, loss_start) = self.parts(number, window.start + window.length, split);
            let series = &self.series[number];
            // a hidden category has the code of unknown ones
            let code = |(feature, code): (usize, &usize)| if (hidden >> feature) & 1 == 1 { 0 } else { *code };
            let codes: Vec<usize> = self.codes[number].iter().enumerate().map(code).collect();
            let of_window = WindowInputs::new(series, &codes, self.config.scale(&series.values[conditioning]));
            for step in 0..window.length {
                let t = window.start + step;
                inputs.write((step, b), &of_window, &PastValues { history: &series.values[..t], sampled: &[] });
                values.set((step, b), [self.config.scaled(&of_window.scale, series.values[t])]);
                // a filled value is not a target
                weights.set((step, b), [f32::from(u8::from(series.observed[t] && t >= loss_start))]);
            }
        }
        let StepInputs { features, context, .. } = inputs;
        Batch {
            inputs: features.tensor(&steps, [features.width]).into(), // [time, batch, features]
            targets: values.tensor(&steps, []),                       // [time, batch]
            weights: weights.tensor(&steps, []),                      // [time, batch]
            context: Some(context.tensor(&steps, [context.width])),   // [time, batch, 1 + references]
        }
    }

    /// The negative log-likelihood.
    fn loss(&self, outputs: &Tensor, batch: &Batch) -> Tensor {
        let context = batch.context.as_ref().expect("a batch of this dataset has units and references");
        let log_likelihood = log_likelihood(self.config.distribution, &batch.targets, outputs, context); // [time, batch]
        -(log_likelihood * &batch.weights).sum(Kind::Double) // []
    }
}

fn batches(windows: impl Iterator<Item = Window>) -> Vec<Vec<Window>> {
    windows.collect::<Vec<Window>>().chunks(DeepAr::WINDOWS_PER_UPDATE).map(<[Window]>::to_vec).collect()
}
