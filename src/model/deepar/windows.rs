//! Random windows of all series, for training.

use std::ops::Range;

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::model::deepar::inputs::{InputConfig, PastValues, StaticInputs};
use crate::model::deepar::network::{DeepArConfig, SequenceBatch, SequenceDataset, StepInput};
use crate::model::deepar::settings::DeepAr;
use crate::model::nn::batch::{Split, Window, longest};
use crate::panel::Panel;
use crate::panel::series::TimeSeries;

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
    inputs: &'a InputConfig,
    config: &'a DeepArConfig,
    series: Vec<TimeSeries<'a>>,
    codes: &'a [Vec<usize>],
    /// Series with more than one value, with the cumulative sum of their weights.
    cumulative_weights: Vec<(f64, usize)>,
    horizon: usize,
    /// The number of last values of each series for validation.
    validation_values: usize,
}

/// The parts of a window of one series, as positions in the series.
struct WindowParts {
    /// The conditioning range, by which values are scaled.
    conditioning: Range<usize>,
    /// The first value with loss.
    loss_start: usize,
}

impl<'a> TrainingWindows<'a> {
    pub(crate) fn new(
        (inputs, config): (&'a InputConfig, &'a DeepArConfig),
        panel: &'a Panel,
        codes: &'a [Vec<usize>],
        size_power: f64,
        (horizon, validation_values): (usize, usize),
    ) -> Self {
        let series: Vec<TimeSeries<'a>> = panel.iter().collect();
        let size = |s: &TimeSeries<'_>| s.values.iter().map(|v| v.abs() / s.len() as f64).sum::<f64>().max(1e-300);
        let sizes: Vec<f64> = series.iter().map(size).collect();
        let largest = sizes.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
        let mut sum = 0.0;
        let mut cumulative_weights = Vec::with_capacity(series.len());
        for (i, size) in sizes.iter().enumerate().filter(|(i, _)| series[*i].len() > 1) {
            sum += (size / largest).powf(size_power).max(1e-9);
            cumulative_weights.push((sum, i));
        }
        Self { inputs, config, series, codes, cumulative_weights, horizon, validation_values }
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

    fn parts(&self, series: usize, end: usize, split: Split) -> WindowParts {
        match split {
            Split::Training => {
                let start = end.saturating_sub(self.inputs.context + self.horizon);
                WindowParts { conditioning: start..end.saturating_sub(self.horizon).max(start + 1), loss_start: 0 }
            }
            Split::Validation => {
                let length = self.training_length(series);
                WindowParts { conditioning: length.saturating_sub(self.inputs.context)..length, loss_start: length }
            }
        }
    }

    fn window(&self, (series, end, hidden): (usize, usize, usize), split: Split) -> Window {
        // the first value of a series has no inputs
        let start = self.parts(series, end, split).conditioning.start.max(1);
        Window { sequence: hidden * self.series.len() + series, start, length: end - start, warm_up: 0 }
    }

    /// The codes of a series, with that of unknown categories for hidden features.
    fn visible_codes(&self, series: usize, hidden: usize) -> Vec<usize> {
        let code = |(feature, code): (usize, &usize)| if (hidden >> feature) & 1 == 1 { 0 } else { *code };
        self.codes[series].iter().enumerate().map(code).collect()
    }
}

impl SequenceDataset for TrainingWindows<'_> {
    fn training_windows(&self, rng: &mut ChaCha8Rng) -> Vec<Vec<Window>> {
        let count = DeepAr::UPDATES_PER_EPOCH * DeepAr::WINDOWS_PER_UPDATE;
        let mut drawn: Vec<(usize, usize, usize)> = (0..count).map(|_| self.draw(rng)).collect();
        // windows of similar length share an update, because shorter ones are padded
        drawn.sort_by_key(|(series, end, _)| end - self.parts(*series, *end, Split::Training).conditioning.start);
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

    fn fill(&self, windows: &[Window], split: Split) -> SequenceBatch {
        let mut batch = SequenceBatch::zeros(longest(windows), windows.len(), self.config);
        let (mut input, lags) = (StepInput::default(), self.inputs.lags());
        for (b, window) in windows.iter().enumerate() {
            let (hidden, number) = (window.sequence / self.series.len(), window.sequence % self.series.len());
            let WindowParts { conditioning, loss_start } = self.parts(number, window.start + window.length, split);
            let (series, codes) = (&self.series[number], self.visible_codes(number, hidden));
            let scale = self.inputs.scale(&series.values[conditioning]);
            let static_inputs = StaticInputs::of(series, &codes);
            for step in 0..window.length {
                let t = window.start + step;
                let past = PastValues { history: &series.values[..t], sampled: &[] };
                self.inputs.write_step_input(&static_inputs, &past, &scale, &lags, &mut input);
                // a filled value is not a target
                let weight = f32::from(u8::from(series.observed[t] && t >= loss_start));
                batch.set((step, b), &input, (self.inputs.scaled(&scale, series.values[t]), weight));
            }
        }
        batch
    }
}

fn batches(windows: impl Iterator<Item = Window>) -> Vec<Vec<Window>> {
    windows.collect::<Vec<Window>>().chunks(DeepAr::WINDOWS_PER_UPDATE).map(<[Window]>::to_vec).collect()
}
