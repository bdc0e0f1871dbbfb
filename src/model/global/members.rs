//! The members of the ensemble, their training, and their mean prediction.

use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use crate::error::Result;
use crate::model::ensemble::checkpoints::Checkpoints;
use crate::model::ensemble::training::{TrainedMembers, TrainingPhase, train_members};
use crate::model::global::network::predict_last;
use crate::model::global::scaled_panel::ScaledPanel;
use crate::model::global::settings::MemberConfig;
use crate::model::global::windows::{MemberWindows, Prediction};
use crate::model::nn::{self, CellKind, Network, NetworkShape, Readout, Recurrent, TrainingSettings, Window, tensor};
use crate::model::observer::Observer;
use crate::model::parallel::Exclusive;
use crate::model::task::Task;

/// Decay of the moving average of the weights, for each update.
const WEIGHT_AVERAGE_DECAY: f64 = 0.998;
/// Decoupled weight decay of `AdamW`.
const WEIGHT_DECAY: f64 = 1e-2;
/// The number of series whose predictions of all members are in memory together.
const SERIES_PER_CHUNK: usize = 2048;
const SERIES_PER_PASS: usize = 64;
/// The number of series for the estimate of the time of a prediction.
const TIMING_SERIES: usize = 512;

/// One network of the ensemble.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) config: MemberConfig,
    pub(crate) network: Exclusive<Network>,
}

impl Member {
    /// An untrained member, with one LSTM layer and a head of zeros. Its median is the forecast of the smoothing bank.
    pub(crate) fn new(config: &MemberConfig, periods: &[usize], task: &Task, number: usize) -> Self {
        let bias = initial_bias(task.horizon, &task.levels);
        let shape = NetworkShape {
            cell: CellKind::Lstm,
            inputs: config.inputs(periods),
            hidden: config.hidden,
            layers: 1,
            outputs: bias.len() + config.paths(periods),
            dropout: 0.0,
            readout: Readout::Linear,
        };
        let mut network = Network::new(shape, &mut ChaCha8Rng::seed_from_u64(member_seed(task, number)));
        network.set_bias(&bias);
        Self { config: config.clone(), network: Exclusive::new(network) }
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
    train_members(members, phase, planned_epochs, observer, |number, Member { config, network }, forwarder| {
        let (mut network, epochs) = (network.lock(), phase.epochs(config.epochs));
        let set_weights = |weights| tensor::set_weights(network.store(), weights);
        if checkpoints.is_some_and(|checkpoints| checkpoints.restore(phase, number, set_weights)) {
            forwarder.skip_epochs(epochs);
            return Ok(());
        }
        let settings = TrainingSettings {
            weight_decay: WEIGHT_DECAY,
            average_decay: Some(WEIGHT_AVERAGE_DECAY),
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

/// Predicts the steps after the end of each series; one prediction a series, in the order of the panel.
pub(crate) fn predict(members: &[Member], panel: &ScaledPanel<'_>, task: &Task) -> Vec<Prediction> {
    // series of similar length share a forward pass
    let mut order: Vec<usize> = (0..panel.series.len()).collect();
    order.sort_by_key(|i| panel.series[*i].values.len());
    let predictions = order.chunks(SERIES_PER_CHUNK).flat_map(|chunk| predict_series(members, panel, task, chunk));
    let mut predictions: Vec<(usize, Prediction)> = order.iter().copied().zip(predictions).collect();
    predictions.sort_unstable_by_key(|(i, _)| *i);
    predictions.into_iter().map(|(_, prediction)| prediction).collect()
}

/// An estimate of the time that [`predict`] takes, from a sample of the series.
pub(crate) fn prediction_time(members: &[Member], panel: &ScaledPanel<'_>, task: &Task) -> Duration {
    let count = panel.series.len();
    let sample: Vec<usize> = (0..count).step_by(count.div_ceil(TIMING_SERIES)).collect();
    // the first pass takes longer, as libtorch initializes itself
    predict_series(members, panel, task, &sample[..1]);
    let began = Instant::now();
    predict_series(members, panel, task, &sample);
    began.elapsed().mul_f64(count as f64 / sample.len() as f64)
}

/// The mean of the members' predictions of some series.
fn predict_series(members: &[Member], panel: &ScaledPanel<'_>, task: &Task, series: &[usize]) -> Vec<Prediction> {
    let of_member = |member: &Member| -> Vec<Prediction> {
        let windows = MemberWindows::new(panel, &member.config, task);
        let network = member.network.lock();
        let of_pass = |pass: &[usize]| -> Vec<Prediction> {
            let last: Vec<Window> = pass.iter().map(|i| windows.last_window(*i)).collect();
            let outputs = predict_last(&network, &windows, &last); // [series, horizon * levels]
            let outputs = outputs.chunks(task.horizon * task.levels.len());
            pass.iter().zip(outputs).map(|(i, outputs)| windows.prediction(*i, outputs)).collect()
        };
        series.chunks(SERIES_PER_PASS).flat_map(of_pass).collect()
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
