//! The members of the ensemble, their training, and their mean prediction.

use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use crate::budget::Budget;
use crate::error::Result;
use crate::model::ensemble::checkpoints::Checkpoints;
use crate::model::ensemble::training::{TrainedMembers, TrainingPhase, train_members};
use crate::model::global::network::{MemberNetwork, Windows};
use crate::model::global::scaled_panel::ScaledPanel;
use crate::model::global::settings::MemberConfig;
use crate::model::global::windows::MemberWindows;
use crate::model::nn::batch::Window;
use crate::model::nn::training::{Clip, TrainingSettings};
use crate::model::observer::Observer;
use crate::model::parallel::Exclusive;
use crate::model::stat::comb;

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
    pub(crate) network: Exclusive<MemberNetwork>,
}

/// The task of all members.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EnsembleTask<'a> {
    pub(crate) horizon: usize,
    pub(crate) levels: &'a [f64],
    pub(crate) seed: u64,
}

/// The forecasts of one series that the ensemble combines, all on the scale of the scaled panel.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Prediction {
    /// Mean of the networks, [horizon * levels].
    pub(crate) network: Vec<f32>,
    /// Weighted mean of the smoothing bank, with the season, [horizon].
    pub(crate) smoothing: Vec<f32>,
    /// Last value without its season, plus the season of each step, [horizon].
    pub(crate) naive: Vec<f32>,
    /// Comb of three smoothings fitted to the series, [horizon]; empty if it is not used.
    pub(crate) comb: Vec<f32>,
}

/// Adds the [`comb`] forecast of each series to its prediction.
pub(crate) fn add_comb_forecasts(predictions: &mut [Prediction], panel: &ScaledPanel, horizon: usize) {
    let season = panel.periods().first().copied().unwrap_or(1);
    predictions.par_iter_mut().enumerate().for_each(|(i, prediction)| {
        let scale = panel.series(i).scale;
        let values: Vec<f64> = panel.values(i).iter().map(|x| scale.unscaled(f64::from(*x))).collect();
        let path = comb::fit(&values, season, horizon).median;
        prediction.comb = path.into_iter().map(|value| scale.scaled(value) as f32).collect();
    });
}

impl Member {
    /// An untrained member. Its median is the forecast of the smoothing bank.
    pub(crate) fn new(config: &MemberConfig, panel: &ScaledPanel, task: &EnsembleTask<'_>, number: usize) -> Self {
        let windows = MemberWindows::new(panel, config, task.horizon);
        let mut rng = ChaCha8Rng::seed_from_u64(member_seed(task, number));
        let bias = initial_bias(task.horizon, task.levels);
        let network = MemberNetwork::new(windows.inputs(), config.hidden, windows.paths(), &bias, &mut rng);
        Self { config: config.clone(), network: Exclusive::new(network) }
    }
}

fn member_seed(task: &EnsembleTask<'_>, number: usize) -> u64 {
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
    panel: &ScaledPanel,
    task: &EnsembleTask<'_>,
    phase: &TrainingPhase,
    checkpoints: Option<&Checkpoints>,
    observer: &mut dyn Observer,
) -> Result<TrainedMembers<Member>> {
    let count = members.len();
    let planned_epochs = |member: &Member| member.config.epochs;
    train_members(members, phase, planned_epochs, observer, |number, member, forwarder| {
        let set_weights = |weights| member.network.lock().set_weights(weights);
        if checkpoints.is_some_and(|checkpoints| checkpoints.restore(phase, number, set_weights)) {
            forwarder.skip_epochs(phase.epochs(member.config.epochs));
            return Ok(());
        }
        train_member(member, panel, task, phase, (number, phase.budget_for(number, count)), forwarder)?;
        // the weights of an interrupted training are not those of a complete one
        let Some(checkpoints) = checkpoints.filter(|_| !forwarder.is_over()) else { return Ok(()) };
        checkpoints.save(phase, number, &member.network.lock().weights())
    })
}

fn train_member(
    member: &Member,
    panel: &ScaledPanel,
    task: &EnsembleTask<'_>,
    phase: &TrainingPhase,
    (number, budget): (usize, Budget),
    observer: &mut dyn Observer,
) -> Result<()> {
    let windows = MemberWindows::new(panel, &member.config, task.horizon);
    let training = TrainingSettings {
        chunk: usize::MAX,
        reach: usize::MAX,
        carry: true,
        clip: Clip::Norm(1.0),
        epochs: phase.epochs(member.config.epochs),
        learning_rate: member.config.learning_rate * phase.learning_rate_factor,
        weight_decay: WEIGHT_DECAY,
        patience: usize::MAX,
        average_decay: Some(WEIGHT_AVERAGE_DECAY),
        budget,
        seed: member_seed(task, number).wrapping_add(phase.seed_offset),
    };
    member.network.lock().train(&windows, task.levels, &training, observer).map(drop)
}

/// Predicts the steps after the end of each series; one prediction a series, in the order of the panel.
pub(crate) fn predict(members: &[Member], panel: &ScaledPanel, task: &EnsembleTask<'_>) -> Vec<Prediction> {
    // series of similar length share a forward pass
    let mut order: Vec<usize> = (0..panel.count()).collect();
    order.sort_by_key(|i| panel.len(*i));
    let mut predictions: Vec<Option<Prediction>> = vec![None; panel.count()];
    for chunk in order.chunks(SERIES_PER_CHUNK) {
        for (i, prediction) in chunk.iter().zip(predict_series(members, panel, task, chunk)) {
            predictions[*i] = Some(prediction);
        }
    }
    predictions.into_iter().map(|prediction| prediction.expect("every series is in one chunk")).collect()
}

/// An estimate of the time that [`predict`] takes, from a sample of the series.
pub(crate) fn prediction_time(members: &[Member], panel: &ScaledPanel, task: &EnsembleTask<'_>) -> Duration {
    let stride = panel.count().div_ceil(TIMING_SERIES);
    let sample: Vec<usize> = (0..panel.count()).step_by(stride).collect();
    // the first pass takes longer, as libtorch initializes itself
    predict_series(members, panel, task, &sample[..1]);
    let began = Instant::now();
    predict_series(members, panel, task, &sample);
    began.elapsed().mul_f64(panel.count() as f64 / sample.len() as f64)
}

/// The mean of the members' predictions of some series.
fn predict_series(
    members: &[Member],
    panel: &ScaledPanel,
    task: &EnsembleTask<'_>,
    series: &[usize],
) -> Vec<Prediction> {
    let by_member: Vec<Vec<Prediction>> =
        members.par_iter().map(|member| member_predictions(member, panel, task, series)).collect();
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

fn member_predictions(
    member: &Member,
    panel: &ScaledPanel,
    task: &EnsembleTask<'_>,
    series: &[usize],
) -> Vec<Prediction> {
    let windows = MemberWindows::new(panel, &member.config, task.horizon);
    let network = member.network.lock();
    let (horizon, levels) = (task.horizon, task.levels.len());
    let mut predictions = Vec::with_capacity(series.len());
    for part in series.chunks(SERIES_PER_PASS) {
        let batch: Vec<Window> = part.iter().map(|i| windows.last_window(*i)).collect();
        let outputs = network.predict_last(&windows, &batch, levels); // [series][horizon * levels]
        for (outputs, i) in outputs.chunks(horizon * levels).zip(part) {
            let bank = windows.bank_forecast(*i);
            let network = |(at, x): (usize, &f32)| (bank.path[at / levels] + bank.unit * f64::from(*x)) as f32;
            let single = |path: &[f64]| path.iter().map(|x| *x as f32).collect();
            predictions.push(Prediction {
                network: outputs.iter().enumerate().map(network).collect(),
                smoothing: single(&bank.path),
                naive: single(&bank.naive),
                comb: Vec::new(),
            });
        }
    }
    predictions
}
