//! Training and asking many networks, each on a thread of its own.

use crate::model::ensemble::training;
use crate::model::parallel;
use crate::model::stat::comb;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::error::Result;
use crate::model::ensemble::checkpoints::Checkpoints;
use crate::model::ensemble::training::TrainingPhase;
use crate::model::global::network::{Member, Windows};
use crate::model::global::series_pool::Pool;
use crate::model::global::settings::Kind;
use crate::model::global::windows::View;
use crate::model::nn::train::Training;
use crate::model::observer::Observer;
use crate::model::rnn::settings::Clip;

/// Decay of the moving average of the weights.
const AVERAGE: f64 = 0.998;
/// Decoupled weight decay.
const WEIGHT_DECAY: f64 = 1e-2;
/// Series that are asked about at once.
const CHUNK: usize = 2048;
/// Series that are walked over at once when asked.
const ASKED: usize = 64;
/// Series that tell how long asking takes.
const SAMPLE: usize = 512;

/// A network, and what it sees.
#[derive(Debug)]
pub(crate) struct TrainedMember {
    pub(crate) kind: Kind,
    pub(crate) member: Mutex<Member>,
}

/// What all members are told beside their kind.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Common<'a> {
    pub(crate) horizon: usize,
    pub(crate) levels: &'a [f64],
    pub(crate) seed: u64,
}

/// What is said of one series.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Prediction {
    /// The networks' mean on the pool's scale, [horizon * levels].
    pub(crate) network: Vec<f32>,
    /// The bank's base on the pool's scale, [horizon].
    pub(crate) base: Vec<f32>,
    /// The last value with the season to come, on the pool's scale, [horizon].
    pub(crate) naive: Vec<f32>,
    /// The mean of three smoothings fitted to the series, on the pool's scale, [horizon]; empty where nobody asked.
    pub(crate) comb: Vec<f32>,
}

/// Adds what three smoothings, fitted to each series by itself, say.
pub(crate) fn add_combs(said: &mut [Prediction], pool: &Pool, horizon: usize) {
    let numbers: Vec<usize> = (0..said.len()).collect();
    let season = pool.periods().first().copied().unwrap_or(1);
    let comb = |i: &usize| {
        let scale = pool.series(*i).scale;
        let values: Vec<f64> = pool.numbers(*i).iter().map(|x| scale.value(f64::from(*x))).collect();
        let path = comb::forecast(&values, season, horizon);
        path.into_iter().map(|v| scale.number(v) as f32).collect::<Vec<f32>>()
    };
    for (said, path) in said.iter_mut().zip(parallel::map(&numbers, comb, |_| {})) {
        said.comb = path;
    }
}

impl TrainedMember {
    /// A member that has learned nothing: its median is the base.
    pub(crate) fn new(kind: &Kind, pool: &Pool, common: &Common<'_>, number: usize) -> Self {
        let view = View::new(pool, kind, common.horizon);
        let mut rng = ChaCha8Rng::seed_from_u64(common.seed.wrapping_mul(1000).wrapping_add(number as u64));
        let bias = starting_bias(common.horizon, common.levels);
        let member = Member::new(view.inputs(), kind.hidden, view.paths(), &bias, &mut rng);
        Self { kind: kind.clone(), member: Mutex::new(member) }
    }

    /// The network, for this thread alone.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Member> {
        self.member.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Quantiles start where a random walk of a series' own steps has them, [horizon * levels].
fn starting_bias(horizon: usize, levels: &[f64]) -> Vec<f32> {
    let of = |k: usize| {
        // the logistic distribution is close enough to begin with
        levels.iter().map(move |level| (0.7 * (k as f64).sqrt() * (level / (1.0 - level)).ln()) as f32)
    };
    (1..=horizon).flat_map(of).collect()
}

/// Trains members in place, as many at once as there are cores. Members that were not begun when training was stopped,
/// and those that diverged, are left out.
///
/// # Errors
/// If every member diverged.
pub(crate) fn train(
    members: Vec<TrainedMember>,
    pool: &Pool,
    common: &Common<'_>,
    stage: &TrainingPhase,
    checkpoints: Option<&Checkpoints>,
    observer: &mut dyn Observer,
) -> Result<(Vec<TrainedMember>, bool)> {
    let count = members.len();
    training::train_all(
        members,
        stage,
        |member| member.kind.epochs,
        observer,
        |number, member, relay| {
            if checkpoints.is_some_and(|kept| kept.restore(stage, number, |weights| member.lock().set_weights(weights)))
            {
                relay.done_before(stage.epochs(member.kind.epochs));
                return Ok(());
            }
            train_one(member, pool, common, stage, (number, stage.time_for(number, count)), relay)?;
            // one that was stopped on the way is not what it would have been
            let Some(kept) = checkpoints.filter(|_| !relay.is_over()) else { return Ok(()) };
            kept.keep(stage, number, &member.lock().weights())
        },
    )
}

fn train_one(
    trained: &TrainedMember,
    pool: &Pool,
    common: &Common<'_>,
    stage: &TrainingPhase,
    (number, budget): (usize, Option<Duration>),
    observer: &mut dyn Observer,
) -> Result<()> {
    let view = View::new(pool, &trained.kind, common.horizon);
    let training = Training {
        chunk: usize::MAX,
        reach: usize::MAX,
        carry: true,
        clip: Clip::Norm(1.0),
        epochs: stage.epochs(trained.kind.epochs),
        learning_rate: trained.kind.learning_rate * stage.pace,
        weight_decay: WEIGHT_DECAY,
        patience: usize::MAX,
        average: Some(AVERAGE),
        budget,
        seed: common.seed.wrapping_mul(1000).wrapping_add(number as u64).wrapping_add(stage.seed),
    };
    let mut member = trained.lock();
    member.train(&view, common.levels, &training, observer).map(drop)
}

/// What the members say of the steps after the end of each series.
pub(crate) fn ask(members: &[TrainedMember], pool: &Pool, common: &Common<'_>) -> Vec<Prediction> {
    // those of like length are walked together
    let mut order: Vec<usize> = (0..pool.count()).collect();
    order.sort_by_key(|i| pool.len(*i));
    let mut said: Vec<Option<Prediction>> = vec![None; pool.count()];
    for chunk in order.chunks(CHUNK) {
        for (i, one) in chunk.iter().zip(ask_some(members, pool, common, chunk)) {
            said[*i] = Some(one);
        }
    }
    said.into_iter().map(|one| one.expect("every series was asked about")).collect()
}

/// About how long [`ask`] takes, by a sample of the series.
pub(crate) fn asking_time(members: &[TrainedMember], pool: &Pool, common: &Common<'_>) -> Duration {
    let stride = pool.count().div_ceil(SAMPLE);
    let sample: Vec<usize> = (0..pool.count()).step_by(stride).collect();
    // the first time libtorch sets itself up
    ask_some(members, pool, common, &sample[..1]);
    let began = Instant::now();
    ask_some(members, pool, common, &sample);
    began.elapsed().mul_f64(pool.count() as f64 / sample.len() as f64)
}

fn ask_some(members: &[TrainedMember], pool: &Pool, common: &Common<'_>, series: &[usize]) -> Vec<Prediction> {
    let answers = parallel::map(members, |member| ask_one(member, pool, common, series), |_| {});
    let share = 1.0 / members.len() as f32;
    let mut total: Vec<Prediction> = Vec::new();
    for answer in answers {
        if total.is_empty() {
            let width = (common.horizon * common.levels.len(), common.horizon);
            total = vec![
                Prediction {
                    network: vec![0.0; width.0],
                    base: vec![0.0; width.1],
                    naive: vec![0.0; width.1],
                    comb: Vec::new(),
                };
                answer.len()
            ];
        }
        for (sum, one) in total.iter_mut().zip(answer) {
            let pairs = [(&mut sum.network, one.network), (&mut sum.base, one.base), (&mut sum.naive, one.naive)];
            for (sum, one) in pairs {
                sum.iter_mut().zip(one).for_each(|(sum, x)| *sum += share * x);
            }
        }
    }
    total
}

fn ask_one(trained: &TrainedMember, pool: &Pool, common: &Common<'_>, series: &[usize]) -> Vec<Prediction> {
    let view = View::new(pool, &trained.kind, common.horizon);
    let member = trained.lock();
    let (horizon, levels) = (common.horizon, common.levels.len());
    let mut answers = Vec::with_capacity(series.len());
    for part in series.chunks(ASKED) {
        let walk = part.iter().map(|i| view.whole(*i)).collect();
        let said = member.last_said(&view, &walk, levels); // [stream][horizon * levels]
        for (said, i) in said.chunks(horizon * levels).zip(part) {
            let base = view.base(*i);
            let network = |(at, x): (usize, &f32)| (base.path[at / levels] + base.unit * f64::from(*x)) as f32;
            let singles = |path: &[f64]| path.iter().map(|x| *x as f32).collect();
            answers.push(Prediction {
                network: said.iter().enumerate().map(network).collect(),
                base: singles(&base.path),
                naive: singles(&base.naive),
                comb: Vec::new(),
            });
        }
    }
    answers
}
