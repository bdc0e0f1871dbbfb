//! The network of a member in tensors: batches, the loss, and predictions.
//!
//! It predicts the whole horizon at every step, relative to the path of the smoothing bank there. One pass over a series
//! gives as many forecasts as there are positions (Wen, Torkkola, Narayanaswamy, Madeka 2017, "A multi-horizon quantile
//! recurrent forecaster", section 3.3, "forking sequences").

use std::ops::Range;

use rand_chacha::ChaCha8Rng;

use crate::model::global::windows::{MemberBatch, MemberWindows};
use crate::model::nn::tensor::{self, no_grad_guard, to_numbers};
use crate::model::nn::{Batch, Kind, Network, Recurrent, Split, Tensor, TrainingData, Window};

impl TrainingData for MemberWindows<'_> {
    fn training_windows(&self, rng: &mut ChaCha8Rng) -> Vec<Vec<Window>> {
        self.context_windows(rng)
    }

    fn batch(&self, windows: &[Window], steps: Range<usize>, _: Split) -> Batch {
        let MemberBatch { features, values, weights, paths } = self.fill(windows, true);
        let horizon = self.task.horizon;
        Batch {
            inputs: features.tensor(&steps, [features.width]).into(), // [time, batch, inputs]
            targets: values.tensor(&steps, [horizon, 1]),             // [time, batch, horizon, 1]
            weights: weights.tensor(&steps, [horizon, 1]),            // [time, batch, horizon, 1]
            context: Some(paths.tensor(&steps, [horizon, paths.width / horizon])), // [time, batch, horizon, paths]
        }
    }

    /// Twice the mean pinball loss over the levels. For the median alone it is the absolute error.
    fn loss(&self, outputs: &Tensor, batch: &Batch) -> Tensor {
        let levels: Vec<f32> = self.task.levels.iter().map(|level| *level as f32).collect();
        let paths = batch.context.as_ref().expect("a batch of this dataset has paths"); // [time, batch, horizon, paths]
        let quantiles = mix_paths(outputs, paths, levels.len()); // [time, batch, horizon, levels]
        if levels.len() == 1 {
            return batch.absolute_loss(&quantiles); // []
        }
        batch.pinball_loss(&quantiles, &levels) * (2.0 / levels.len() as f64) // []
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

/// The quantiles at the last step of each window, relative to the path of the bank: [window, horizon * levels] in
/// row-major order.
pub(crate) fn predict_last(network: &Network, data: &MemberWindows<'_>, windows: &[Window]) -> Vec<f64> {
    tensor::use_one_thread();
    let _guard = no_grad_guard();
    let MemberBatch { features, paths, .. } = data.fill(windows, false);
    let (batch, horizon) = (windows.len(), data.task.horizon);
    let (states, _) = network.hidden_states(&features.all(), &network.start(batch as i64), None); // [time, batch, hidden]
    let paths = paths.tensor(&(0..paths.steps), [horizon, paths.width / horizon]); // [time, batch, horizon, paths]
    let last = |(b, window): (usize, &Window)| ((window.length - 1) * batch + b) as i64;
    let last: Vec<i64> = windows.iter().enumerate().map(last).collect();
    let at_last = |all: &Tensor| all.flatten(0, 1).index_select(0, &Tensor::from_slice(&last)).unsqueeze(0); // [1, batch, …]
    let outputs = network.readout(&at_last(&states), None, false); // [1, batch, horizon * levels + paths]
    to_numbers(&mix_paths(&outputs, &at_last(&paths), data.task.levels.len())) // [1, batch, horizon, levels]
}
