//! Training and asking several networks, each on a thread of its own.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::settings::{Kind, Stage};
use super::table::{Known, Table};
use super::windows::View;
use crate::error::Result;
use crate::model::Observer;
use crate::model::crew::{self, Shift};
use crate::model::global::Pool;
use crate::model::rnn::{Clip, DilatedShape, JointNetwork, Training};

/// Decay of the moving average of the weights.
const AVERAGE: f64 = 0.998;
/// Decoupled weight decay.
const WEIGHT_DECAY: f64 = 1e-2;
/// Series that are walked over at once when asked.
const ASKED: usize = 64;

/// A network with the smoothing parameters that it was trained with.
#[derive(Debug)]
pub(super) struct Trained {
    pub(super) kind: Kind,
    pub(super) parts: Mutex<(JointNetwork, Table)>,
}

/// What all members are told beside their kind.
#[derive(Debug, Clone, Copy)]
pub(super) struct Common<'a> {
    pub(super) horizon: usize,
    pub(super) levels: &'a [f64],
    pub(super) periods: &'a [usize],
    pub(super) seed: u64,
}

impl Trained {
    /// A member that has learned nothing: its median is what smoothing says.
    pub(super) fn new(kind: &Kind, common: &Common<'_>, number: usize, table: Table) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed(common, number));
        let shape = DilatedShape {
            inputs: View::inputs_for(kind, common.periods),
            hidden: kind.hidden,
            outputs: common.horizon * common.levels.len(),
            dilations: kind.dilations.clone(),
        };
        let network = JointNetwork::new(&shape, &starting_bias(common), &mut rng);
        Self { kind: kind.clone(), parts: Mutex::new((network, table)) }
    }

    /// The smoothing parameters for another panel, of which some series are known.
    pub(super) fn table_for(&self, pool: &Pool, same: &[Option<usize>]) -> Table {
        let parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        let known: Known<'_> = Some((&parts.1, same));
        Table::new(pool, self.kind.context, Some(&parts.1.shared), known)
    }
}

fn seed(common: &Common<'_>, number: usize) -> u64 {
    common.seed.wrapping_mul(1000).wrapping_add(number as u64)
}

/// Quantiles start where a random walk of a series' own steps has them.
fn starting_bias(common: &Common<'_>) -> Vec<f32> {
    let of = |k: usize| {
        // the logistic distribution is close enough to begin with
        common.levels.iter().map(move |level| (0.7 * (k as f64).sqrt() * (level / (1.0 - level)).ln()) as f32)
    };
    (1..=common.horizon).flat_map(of).collect()
}

/// Trains members in place, as many at once as there are cores. Members that were not begun when training was stopped,
/// and those that diverged, are left out. Also whether it was stopped.
///
/// # Errors
/// If every member diverged.
pub(super) fn train(
    members: Vec<Trained>,
    pool: &Pool,
    common: &Common<'_>,
    stage: &Stage,
    observer: &mut dyn Observer,
) -> Result<(Vec<Trained>, bool)> {
    let epochs = |member: &Trained| stage.epochs(&member.kind);
    let plan = stage.before + members.iter().map(epochs).sum::<usize>() + stage.after;
    let shift = Shift { before: stage.before, plan, deadline: stage.deadline };
    let count = members.len();
    let (results, stopped) = crew::train_all(count, &shift, observer, |number, observer| {
        train_one(&members[number], pool, common, stage, (number, count), observer)
    });
    let (mut kept, mut error) = (Vec::new(), None);
    for (member, result) in members.into_iter().zip(results) {
        match result {
            Some(Ok(())) => kept.push(member),
            Some(Err(reason)) => error = error.or(Some(reason)),
            None => {}
        }
    }
    match error {
        Some(error) if kept.is_empty() => Err(error),
        _ => Ok((kept, stopped)),
    }
}

fn train_one(
    trained: &Trained,
    pool: &Pool,
    common: &Common<'_>,
    stage: &Stage,
    (number, count): (usize, usize),
    observer: &mut dyn Observer,
) -> Result<()> {
    // those still to come on this thread get as much time
    let rounds = (count - number).div_ceil(crew::threads().min(count)) as f64;
    let training = Training {
        clip: Clip::Norm(1.0),
        weight_decay: WEIGHT_DECAY,
        average: Some(AVERAGE),
        budget: stage.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()).div_f64(rounds)),
        seed: seed(common, number).wrapping_add(stage.seed),
        ..Training::full(stage.epochs(&trained.kind), trained.kind.learning_rate * stage.pace)
    };
    let mut parts = trained.parts.lock().unwrap_or_else(PoisonError::into_inner);
    let (network, table) = &mut *parts;
    let view = View::new(pool, &trained.kind, common.horizon, stage.pace, std::mem::take(table));
    let result = network.train(&view, common.levels, &training, observer);
    *table = view.into_table();
    result.map(drop)
}

/// The members' mean of the steps after the end of each series, on the pool's scale, [series][horizon * levels]. `same`
/// tells which of the series that they were trained on each is.
pub(super) fn ask(members: &[Trained], pool: &Pool, common: &Common<'_>, same: &[Option<usize>]) -> Vec<Vec<f32>> {
    let width = common.horizon * common.levels.len();
    let share = 1.0 / members.len() as f32;
    let mut total = vec![vec![0.0; width]; pool.count()];
    for answers in crew::map(members.len(), |i| ask_one(&members[i], pool, common, same)) {
        for (sum, one) in total.iter_mut().zip(answers.chunks(width)) {
            sum.iter_mut().zip(one).for_each(|(sum, x)| *sum += share * x);
        }
    }
    total
}

/// [series * horizon * levels].
fn ask_one(trained: &Trained, pool: &Pool, common: &Common<'_>, same: &[Option<usize>]) -> Vec<f32> {
    let view = View::new(pool, &trained.kind, common.horizon, 0.0, trained.table_for(pool, same));
    let parts = trained.parts.lock().unwrap_or_else(PoisonError::into_inner);
    let levels = common.levels.len();
    let width = common.horizon * levels;
    let mut answers = vec![0.0; pool.count() * width];
    // those of like length are walked together
    let mut order: Vec<usize> = (0..pool.count()).collect();
    order.sort_by_key(|i| pool.len(*i));
    for part in order.chunks(ASKED) {
        let walk = part.iter().map(|i| view.whole(*i)).collect();
        let said = parts.0.last_said(&view, &walk);
        for (b, (i, said)) in part.iter().zip(said.chunks(width)).enumerate() {
            let base = view.base(b);
            for (at, x) in said.iter().enumerate() {
                answers[i * width + at] = (base.path[at / levels] + base.spread * f64::from(*x)) as f32;
            }
        }
    }
    answers
}
