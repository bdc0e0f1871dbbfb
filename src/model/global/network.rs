//! The members of the ensemble: their networks, training, and mean prediction.
//!
//! A network predicts the whole horizon at every step, relative to the path of the smoothing bank there. One pass over a
//! series gives as many forecasts as there are positions (Wen, Torkkola, Narayanaswamy, Madeka 2017, "A multi-horizon
//! quantile recurrent forecaster", section 3.3, "forking sequences").

use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use crate::error::Result;
use crate::model::ensemble::training::{TrainedMembers, TrainingPhase, train_members};
use crate::model::global::windows::{MemberBatch, MemberWindows, Prediction};
use crate::model::nn::tensor::{self, no_grad_guard, to_numbers};
use crate::model::nn::{self, Batch, Kind, Network, NetworkShape, Recurrent, Split, Tensor, TrainingData};
use crate::model::nn::{TrainingSettings, Window};
use crate::model::{ensemble::checkpoints::Checkpoints, fit::Task, global::scaled_panel::ScaledPanel};
use crate::model::{global::settings::MemberConfig, observer::Observer};

/// The number of series whose predictions of all members are in memory together.
const SERIES_PER_CHUNK: usize = 2048;
/// The number of series in a pass through a network. The last bits of its outputs depend on that number.
pub(crate) const SERIES_PER_PASS: usize = 64;
/// The number of series for the estimate of the time of a prediction.
const TIMING_SERIES: usize = 512;

/// One network of the ensemble.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) config: MemberConfig,
    /// The tensors of libtorch may move between threads but must not be shared.
    network: Mutex<Network>,
}

impl Member {
    /// An untrained member, with one LSTM layer and a head of zeros. Its median is the forecast of the smoothing bank.
    pub(crate) fn new(config: &MemberConfig, periods: &[usize], task: &Task, number: usize) -> Self {
        let bias = initial_bias(task.horizon, &task.levels);
        let (inputs, outputs) = (config.inputs(periods), bias.len() + config.paths(periods));
        let shape = NetworkShape::lstm(inputs, config.hidden, outputs);
        let mut network = Network::new(shape, &mut ChaCha8Rng::seed_from_u64(member_seed(task, number)));
        network.set_bias(&bias);
        Self { config: config.clone(), network: Mutex::new(network) }
    }

    /// A member with the same weights.
    pub(crate) fn copy(&self, periods: &[usize], task: &Task, number: usize) -> Self {
        let copy = Self::new(&self.config, periods, task, number);
        let weights = tensor::weights_of(self.network().store());
        tensor::set_weights(copy.network().store(), weights).expect("the same inputs and outputs");
        copy
    }

    /// Waits for the network. It stays usable after a thread panicked with it, since that thread passes the panic on.
    pub(crate) fn network(&self) -> MutexGuard<'_, Network> {
        self.network.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn member_seed(task: &Task, number: usize) -> u64 {
    task.seed.wrapping_mul(1000).wrapping_add(number as u64)
}

/// The output bias before training, [horizon * levels]: the quantiles of a random walk with the steps of the series.
fn initial_bias(horizon: usize, levels: &[f64]) -> Vec<f32> {
    let of_step = |k: usize| {
        // the logistic distribution is close enough to the normal one for a start
        levels.iter().map(move |level| (0.7 * (k as f64).sqrt() * (level / (1.0 - level)).ln()) as f32)
    };
    (1..=horizon).flat_map(of_step).collect()
}

/// Trains members for one phase. [`train_members`] says which are left out.
///
/// A member that has finished the phase in `checkpoints` is restored. A member that finishes the phase now is saved
/// there.
///
/// # Errors
/// If every member diverged, or a checkpoint cannot be written.
pub(crate) fn train(
    members: Vec<Member>,
    panel: &ScaledPanel<'_>,
    task: &Task,
    phase: &TrainingPhase,
    checkpoints: Option<&Checkpoints>,
    observer: &mut dyn Observer,
) -> Result<TrainedMembers<Member>> {
    let count = members.len();
    let planned_epochs = |member: &Member| member.config.epochs;
    train_members(members, phase, planned_epochs, observer, |number, member, forwarder| {
        let config = &member.config;
        let (mut network, epochs) = (member.network(), phase.epochs(config.epochs));
        let set_weights = |weights| tensor::set_weights(network.store(), weights);
        if checkpoints.is_some_and(|checkpoints| checkpoints.restore(phase, number, set_weights)) {
            forwarder.skip_epochs(epochs);
            return Ok(());
        }
        let settings = TrainingSettings {
            weight_decay: 1e-2,
            average_decay: Some(0.998),
            budget: phase.budget_for(number, count),
            seed: member_seed(task, number).wrapping_add(phase.seed_offset),
            ..TrainingSettings::full_bptt(epochs, config.learning_rate * phase.learning_rate_factor)
        };
        nn::train(&mut *network, &MemberWindows::new(panel, config, task), &settings, forwarder)?;
        // the weights of an interrupted training are not those of a complete one
        let Some(checkpoints) = checkpoints.filter(|_| !forwarder.is_over()) else { return Ok(()) };
        checkpoints.save(phase, number, &tensor::weights_of(network.store()))
    })
}

/// Predicts the steps after the end of each series; one prediction a series, in the order of the panel. With `per_pass` of
/// 1, a prediction does not depend on the other series, not even in its last bits.
pub(crate) fn predict(members: &[Member], panel: &ScaledPanel<'_>, task: &Task, per_pass: usize) -> Vec<Prediction> {
    // series of similar length share a forward pass
    let mut order: Vec<usize> = (0..panel.series.len()).collect();
    order.sort_by_key(|i| panel.series[*i].values.len());
    let predictions =
        order.chunks(SERIES_PER_CHUNK).flat_map(|chunk| predict_series(members, panel, task, (chunk, per_pass)));
    let mut predictions: Vec<(usize, Prediction)> = order.iter().copied().zip(predictions).collect();
    predictions.sort_unstable_by_key(|(i, _)| *i);
    predictions.into_iter().map(|(_, prediction)| prediction).collect()
}

/// An estimate of the time that [`predict`] takes, from a sample of the series.
pub(crate) fn prediction_time(members: &[Member], panel: &ScaledPanel<'_>, task: &Task) -> Duration {
    let count = panel.series.len();
    let sample: Vec<usize> = (0..count).step_by(count.div_ceil(TIMING_SERIES)).collect();
    // the first pass takes longer, as libtorch initializes itself
    predict_series(members, panel, task, (&sample[..1], SERIES_PER_PASS));
    let began = Instant::now();
    predict_series(members, panel, task, (&sample, SERIES_PER_PASS));
    began.elapsed().mul_f64(count as f64 / sample.len() as f64)
}

/// The mean of the members' predictions of some series, of which `per_pass` share a pass.
fn predict_series(
    members: &[Member],
    panel: &ScaledPanel<'_>,
    task: &Task,
    (series, per_pass): (&[usize], usize),
) -> Vec<Prediction> {
    let of_member = |member: &Member| -> Vec<Prediction> {
        let windows = MemberWindows::new(panel, &member.config, task);
        let network = member.network();
        let of_pass = |pass: &[usize]| -> Vec<Prediction> {
            let last: Vec<Window> = pass.iter().map(|i| windows.last_window(*i)).collect();
            let outputs = predict_last(&network, &windows, &last); // [series, horizon * levels]
            let outputs = outputs.chunks(task.horizon * task.levels.len());
            pass.iter().zip(outputs).map(|(i, outputs)| windows.prediction(*i, outputs)).collect()
        };
        series.chunks(per_pass).flat_map(of_pass).collect()
    };
    let by_member: Vec<Vec<Prediction>> = members.par_iter().map(of_member).collect();
    let weight = 1.0 / members.len() as f32;
    let zero = Prediction {
        network: vec![0.0; task.horizon * task.levels.len()],
        smoothing: vec![0.0; task.horizon],
        naive: vec![0.0; task.horizon],
        comb: Vec::new(),
    };
    let mut mean = vec![zero; series.len()];
    for predictions in by_member {
        for (mean, one) in mean.iter_mut().zip(predictions) {
            let parts =
                [(&mut mean.network, one.network), (&mut mean.smoothing, one.smoothing), (&mut mean.naive, one.naive)];
            for (mean, part) in parts {
                mean.iter_mut().zip(part).for_each(|(mean, x)| *mean += weight * x);
            }
        }
    }
    mean
}

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
fn predict_last(network: &Network, data: &MemberWindows<'_>, windows: &[Window]) -> Vec<f64> {
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
