//! The network of a member. It predicts the whole horizon at every step, relative to a base forecast that is known
//! there. One pass over a series gives as many forecasts as there are positions (Wen, Torkkola, Narayanaswamy, Madeka
//! 2017, "A multi-horizon quantile recurrent forecaster", section 3.3, "forking sequences").

use std::ops::Range;

use rand_chacha::ChaCha8Rng;

use crate::error::Result;
use crate::model::nn::batch::{Batch, Inputs, Recurrent, Split, TrainingData, Window};
use crate::model::nn::cell::CellKind;
use crate::model::nn::network::{Network, NetworkShape, Readout};
use crate::model::nn::tensor::{self, Kind, Tensor, from_numbers, no_grad_guard, to_numbers};
use crate::model::nn::train::train;
use crate::model::nn::training::TrainingSettings;
use crate::model::observer::Observer;
use crate::model::weights::Weights;

/// Windows of many series as plain numbers, without tensors.
pub(crate) trait Windows {
    /// Number of features at each position.
    fn inputs(&self) -> usize;

    /// Number of paths, in addition to the base forecast, that an output can combine.
    fn paths(&self) -> usize;

    /// The windows of one epoch, grouped into batches.
    fn training_windows(&self, rng: &mut ChaCha8Rng) -> Vec<Vec<Window>>;

    /// The numbers of all steps of a batch of windows.
    fn fill(&self, windows: &[Window], with_targets: bool) -> MemberBatch;
}

/// The numbers of a batch of windows, in row-major order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MemberBatch {
    steps: usize,
    batch: usize,
    inputs: usize,
    horizon: usize,
    /// Other paths than the base forecast.
    path_count: usize,
    /// [time, batch, inputs].
    features: Vec<f32>,
    /// [time, batch, horizon].
    values: Vec<f32>,
    /// [time, batch, horizon].
    weights: Vec<f32>,
    /// The other paths, less the base forecast: [time, batch, horizon, paths].
    paths: Vec<f32>,
}

impl MemberBatch {
    /// Zeros, with all loss weights 0.
    pub(crate) fn zeros(steps: usize, batch: usize, inputs: usize, horizon: usize, path_count: usize) -> Self {
        let targets = steps * batch * horizon;
        Self {
            steps,
            batch,
            inputs,
            horizon,
            path_count,
            features: vec![0.0; steps * batch * inputs],
            values: vec![0.0; targets],
            weights: vec![0.0; targets],
            paths: vec![0.0; targets * path_count],
        }
    }

    /// Sets the features [inputs] at a step of a window.
    pub(crate) fn set_inputs(&mut self, step: usize, window: usize, row: &[f32]) {
        let at = (step * self.batch + window) * self.inputs;
        self.features[at..at + self.inputs].copy_from_slice(row);
    }

    /// Sets the other paths, less the base forecast [horizon, paths], at a step of a window.
    pub(crate) fn set_paths(&mut self, step: usize, window: usize, row: &[f32]) {
        let at = (step * self.batch + window) * row.len();
        self.paths[at..at + row.len()].copy_from_slice(row);
    }

    /// Sets the target of step `k` of the horizon, from 0, at a step of a window, and its loss weight.
    pub(crate) fn set_target(&mut self, step: usize, window: usize, k: usize, value: f32, weight: f32) {
        let at = (step * self.batch + window) * self.horizon + k;
        (self.values[at], self.weights[at]) = (value, weight);
    }

    /// The loss weight of the target of step `k` of the horizon, from 0, at a step of a window.
    #[cfg(test)]
    pub(crate) fn loss_weight(&self, step: usize, window: usize, k: usize) -> f32 {
        self.weights[(step * self.batch + window) * self.horizon + k]
    }

    /// The numbers of `steps`, from an array with equally many numbers for each step of a window: [time, batch,
    /// shape…].
    fn tensor<const N: usize>(&self, numbers: &[f32], steps: &Range<usize>, shape: [usize; N]) -> Tensor {
        let width = numbers.len() / (self.steps * self.batch);
        let row = self.batch * width;
        let part = &numbers[steps.start * row..steps.end * row];
        let mut full = vec![steps.len() as i64, self.batch as i64];
        full.extend(shape.map(|size| size as i64));
        Tensor::from_slice(part).view(full.as_slice()) // [time, batch, shape…]
    }
}

/// [`Windows`] with the pinball loss at some quantile levels.
pub(crate) struct MemberDataset<'a, W> {
    windows: &'a W,
    levels: &'a [f32],
}

impl<W: Windows> TrainingData for MemberDataset<'_, W> {
    fn training_windows(&self, rng: &mut ChaCha8Rng) -> Vec<Vec<Window>> {
        self.windows.training_windows(rng)
    }

    fn batch(&self, windows: &[Window], steps: Range<usize>, _: Split) -> Batch {
        let numbers = self.windows.fill(windows, true);
        let (horizon, paths) = (numbers.horizon, numbers.path_count);
        Batch {
            inputs: numbers.tensor(&numbers.features, &steps, [numbers.inputs]).into(), // [time, batch, inputs]
            targets: numbers.tensor(&numbers.values, &steps, [horizon, 1]),             // [time, batch, horizon, 1]
            weights: numbers.tensor(&numbers.weights, &steps, [horizon, 1]),            // [time, batch, horizon, 1]
            context: Some(numbers.tensor(&numbers.paths, &steps, [horizon, paths])),    // [time, batch, horizon, paths]
        }
    }

    /// Twice the mean pinball loss over the levels. For the median alone it is the absolute error.
    fn loss(&self, outputs: &Tensor, batch: &Batch) -> Tensor {
        let paths = batch.context.as_ref().expect("a batch of this dataset has paths"); // [time, batch, horizon, paths]
        let quantiles = mix_paths(outputs, paths, self.levels.len()); // [time, batch, horizon, levels]
        if self.levels.len() == 1 {
            return batch.absolute_loss(&quantiles); // []
        }
        batch.pinball_loss(&quantiles, self.levels) * (2.0 / self.levels.len() as f64) // []
    }
}

/// The quantiles [time, batch, horizon, levels] from outputs [time, batch, horizon * levels + paths]. The other paths
/// [time, batch, horizon, paths] are added, each times its share among the outputs.
fn mix_paths(outputs: &Tensor, paths: &Tensor, levels: usize) -> Tensor {
    let (size, levels) = (outputs.size(), levels as i64);
    let (horizon, count) = (paths.size()[2], paths.size()[3]);
    // [time, batch, horizon, levels]
    let own = outputs.narrow(2, 0, horizon * levels).reshape([size[0], size[1], horizon, levels]);
    if count == 0 {
        return own;
    }
    let shares = outputs.narrow(2, horizon * levels, count).unsqueeze(2); // [time, batch, 1, paths]
    own + (paths * shares).sum_dim_intlist(-1, true, Kind::Float) // [time, batch, horizon, levels]
}

/// A network that predicts the whole horizon at every step.
#[derive(Debug)]
pub(crate) struct MemberNetwork(Network);

impl MemberNetwork {
    /// A network with one LSTM layer and a head of zeros. It predicts the `bias` [horizon * levels], relative to the
    /// base forecast.
    pub(crate) fn new(inputs: usize, hidden: usize, paths: usize, bias: &[f32], rng: &mut ChaCha8Rng) -> Self {
        let (cell, readout) = (CellKind::Lstm, Readout::Linear);
        let outputs = bias.len() + paths;
        let shape = NetworkShape { cell, inputs, hidden, layers: 1, outputs, dropout: 0.0, readout };
        let mut network = Network::new(shape, rng);
        network.set_bias(bias);
        Self(network)
    }

    /// Trains the network from its current weights. Returns the epoch whose weights it has afterwards.
    ///
    /// # Errors
    /// As [`train`].
    pub(crate) fn train<W: Windows>(
        &mut self,
        windows: &W,
        levels: &[f64],
        settings: &TrainingSettings,
        observer: &mut dyn Observer,
    ) -> Result<usize> {
        let levels: Vec<f32> = levels.iter().map(|level| *level as f32).collect();
        train(&mut self.0, &MemberDataset { windows, levels: &levels }, settings, observer)
    }

    pub(crate) fn weights(&self) -> Weights {
        tensor::weights_of(self.0.store())
    }

    /// Replaces the weights.
    ///
    /// # Errors
    /// If they do not fit the network; the text says why.
    pub(crate) fn set_weights(&mut self, weights: Weights) -> std::result::Result<(), String> {
        tensor::set_weights(self.0.store(), weights)
    }

    /// The outputs at the last step of each window: [window, horizon * levels] in row-major order.
    pub(crate) fn predict_last<W: Windows>(&self, source: &W, windows: &[Window], levels: usize) -> Vec<f32> {
        tensor::use_one_thread();
        let _guard = no_grad_guard();
        let numbers = source.fill(windows, false);
        let (batch, horizon, paths) = (numbers.batch, numbers.horizon, numbers.path_count);
        // [time, batch, inputs]
        let inputs = Inputs::from(numbers.tensor(&numbers.features, &(0..numbers.steps), [numbers.inputs]));
        // [time, batch, hidden]
        let (states, _) = self.0.hidden_states(&inputs.features, &self.0.start(batch as i64), None);
        let last = |(b, window): (usize, &Window)| ((window.length - 1) * batch + b) as i64;
        let rows: Vec<i64> = windows.iter().enumerate().map(last).collect();
        let hidden = states.view([-1, states.size()[2]]).index_select(0, &Tensor::from_slice(&rows)); // [batch, hidden]
        let outputs = self.0.readout(&hidden.unsqueeze(0), None, false); // [1, batch, horizon * levels + paths]
        let width = horizon * paths;
        let last_paths = rows.iter().flat_map(|at| &numbers.paths[*at as usize * width..(*at as usize + 1) * width]);
        // [1, batch, horizon, paths]
        let last_paths = from_numbers(&last_paths.copied().collect::<Vec<_>>(), [1, batch, horizon, paths]);
        to_numbers(&mix_paths(&outputs, &last_paths, levels)) // [batch * horizon * levels]
    }
}
