//! Training and asking several networks, each on a thread of its own.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::saved::{keep, restore};
use super::settings::Kind;
use super::table::{Known, Table};
use super::windows::View;
use crate::error::Result;
use crate::model::categories::OneHots;
use crate::model::checkpoints::Checkpoints;
use crate::model::crew::{self, Stage};
use crate::model::global::{Pool, starting_bias};
use crate::model::rnn::{Clip, DilatedShape, JointNetwork, Training};
use crate::model::{Observer, parallel};

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
    /// Numbers that stand for categories.
    pub(super) categories: usize,
    pub(super) seed: u64,
}

/// Series, and the categories of each.
pub(super) type Material<'a> = (&'a Pool, &'a OneHots);

impl Trained {
    /// A member that has learned nothing: its median is what smoothing says.
    pub(super) fn new(kind: &Kind, common: &Common<'_>, number: usize, table: Table) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed(common, number));
        let shape = DilatedShape {
            inputs: View::inputs_for(kind, common.periods, common.categories),
            hidden: kind.hidden,
            outputs: common.horizon * common.levels.len(),
            dilations: kind.dilations.clone(),
        };
        let network = JointNetwork::new(&shape, &starting_bias(common.horizon, common.levels), &mut rng);
        Self { kind: kind.clone(), parts: Mutex::new((network, table)) }
    }

    fn lock(&self) -> MutexGuard<'_, (JointNetwork, Table)> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The smoothing parameters for another panel, of which some series are known.
    pub(super) fn table_for(&self, pool: &Pool, same: &[Option<usize>]) -> Table {
        let parts = self.lock();
        let known: Known<'_> = Some((&parts.1, same));
        Table::new(pool, self.kind.context, Some(&parts.1.shared), known)
    }
}

fn seed(common: &Common<'_>, number: usize) -> u64 {
    common.seed.wrapping_mul(1000).wrapping_add(number as u64)
}

/// Trains members in place, as many at once as there are cores. Members that were not begun when training was stopped,
/// and those that diverged, are left out. Also whether it was stopped.
///
/// # Errors
/// If every member diverged.
pub(super) fn train(
    members: Vec<Trained>,
    material: Material<'_>,
    common: &Common<'_>,
    stage: &Stage,
    checkpoints: Option<&Checkpoints>,
    observer: &mut dyn Observer,
) -> Result<(Vec<Trained>, bool)> {
    let count = members.len();
    crew::train_all(
        members,
        stage,
        |member| member.kind.epochs,
        observer,
        |number, member, relay| {
            if checkpoints.is_some_and(|kept| kept.restore(stage, number, |folder| restore(&mut member.lock(), folder)))
            {
                relay.done_before(stage.epochs(member.kind.epochs));
                return Ok(());
            }
            train_one(member, material, common, stage, (number, stage.time_for(number, count)), relay)?;
            // one that was stopped on the way is not what it would have been
            let Some(kept) = checkpoints.filter(|_| !relay.is_over()) else { return Ok(()) };
            kept.keep(stage, number, |folder| keep(&member.lock(), folder))
        },
    )
}

fn train_one(
    trained: &Trained,
    material: Material<'_>,
    common: &Common<'_>,
    stage: &Stage,
    (number, budget): (usize, Option<Duration>),
    observer: &mut dyn Observer,
) -> Result<()> {
    let training = Training {
        clip: Clip::Norm(1.0),
        weight_decay: WEIGHT_DECAY,
        average: Some(AVERAGE),
        budget,
        seed: seed(common, number).wrapping_add(stage.seed),
        ..Training::full(stage.epochs(trained.kind.epochs), trained.kind.learning_rate * stage.pace)
    };
    let mut parts = trained.lock();
    let (network, table) = &mut *parts;
    let view = View::new(material, &trained.kind, common.horizon, stage.pace, std::mem::take(table));
    let result = network.train(&view, common.levels, &training, observer);
    *table = view.into_table();
    result.map(drop)
}

/// The members' mean of the steps after the end of each series, on the pool's scale, [series][horizon * levels]. `same`
/// tells which of the series that they were trained on each is.
pub(super) fn ask(
    members: &[Trained],
    material: Material<'_>,
    common: &Common<'_>,
    same: &[Option<usize>],
) -> Vec<Vec<f32>> {
    let pool = material.0;
    let width = common.horizon * common.levels.len();
    let share = 1.0 / members.len() as f32;
    let mut total = vec![vec![0.0; width]; pool.count()];
    for answers in parallel::map(members, |member| ask_one(member, material, common, same), |_| {}) {
        for (sum, one) in total.iter_mut().zip(answers.chunks(width)) {
            sum.iter_mut().zip(one).for_each(|(sum, x)| *sum += share * x);
        }
    }
    total
}

/// [series * horizon * levels].
fn ask_one(trained: &Trained, material: Material<'_>, common: &Common<'_>, same: &[Option<usize>]) -> Vec<f32> {
    let pool = material.0;
    let view = View::new(material, &trained.kind, common.horizon, 0.0, trained.table_for(pool, same));
    let parts = trained.lock();
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
