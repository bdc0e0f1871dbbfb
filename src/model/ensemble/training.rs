//! Several trainings at once, a thread each, and one observer who hears of all of them.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::Result;
use crate::model::observer::{Control, Epoch, Event, Observer};
use crate::model::parallel::threads;

/// How a training of all members goes: the first one, or the one that adds what was held out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TrainingPhase {
    /// Share of a member's epochs.
    pub(crate) share: f64,
    /// Factor on its learning rates.
    pub(crate) pace: f64,
    /// Added to the seed.
    pub(crate) seed: u64,
    /// Epochs of all members done before and planned after, for whoever watches.
    pub(crate) before: usize,
    pub(crate) after: usize,
    /// When to stop.
    pub(crate) deadline: Option<Instant>,
}

impl TrainingPhase {
    /// Of the epochs of a member those of this stage.
    pub(crate) fn epochs(&self, planned: usize) -> usize {
        ((planned as f64 * self.share).ceil() as usize).max(1)
    }

    /// The time that a training may take: those still to come on its thread get as much.
    pub(crate) fn time_for(&self, number: usize, count: usize) -> Option<Duration> {
        let rounds = (count - number).div_ceil(threads().min(count)) as f64;
        self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()).div_f64(rounds))
    }
}

/// Runs `work` for every member, which tells the relay it is given of its epochs. Members that were not begun when the time
/// was up or the observer said stop, and those that failed, are left out; the first is always begun. Also whether the
/// observer said stop. `planned`: the epochs that a member is to be trained for.
///
/// # Errors
/// If none is left because they failed.
pub(crate) fn train_all<T: Sync>(
    members: Vec<T>,
    stage: &TrainingPhase,
    planned: impl Fn(&T) -> usize,
    observer: &mut dyn Observer,
    work: impl Fn(usize, &T, &mut ProgressForwarder<'_>) -> Result<()> + Sync,
) -> Result<(Vec<T>, bool)> {
    let plan = stage.before + members.iter().map(|member| stage.epochs(planned(member))).sum::<usize>() + stage.after;
    let (stop, next, count) = (AtomicBool::new(false), AtomicUsize::new(0), members.len());
    let results: Vec<Mutex<Option<Result<()>>>> = (0..count).map(|_| Mutex::new(None)).collect();
    thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        for _ in 0..threads().min(count) {
            let sender = sender.clone();
            let (stop, next, members, results, work) = (&stop, &next, &members, &results, &work);
            scope.spawn(move || {
                let mut relay = ProgressForwarder { sender, stop, deadline: stage.deadline };
                loop {
                    let i = next.fetch_add(1, Ordering::SeqCst);
                    if i >= count || (i > 0 && relay.is_over()) {
                        break;
                    }
                    let result = work(i, &members[i], &mut relay);
                    *results[i].lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
                }
            });
        }
        drop(sender);
        let mut done = stage.before;
        for news in receiver {
            match news {
                News::Event(event) => observer.event(&event),
                News::DoneBefore(epochs) => done += epochs,
                News::Epoch(epoch) => {
                    done += 1;
                    if observer.epoch(&Epoch { number: done, of: plan, ..epoch }) == Control::Stop {
                        stop.store(true, Ordering::SeqCst);
                    }
                }
            }
        }
    });
    let (mut kept, mut error) = (Vec::new(), None);
    for (member, result) in members.into_iter().zip(results) {
        match result.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(Ok(())) => kept.push(member),
            Some(Err(reason)) => error = error.or(Some(reason)),
            None => {}
        }
    }
    match error {
        Some(error) if kept.is_empty() => Err(error),
        _ => Ok((kept, stop.load(Ordering::SeqCst))),
    }
}

/// What a thread tells the one that watches.
enum News {
    Epoch(Epoch),
    Event(Event),
    /// So many epochs were done before this run.
    DoneBefore(usize),
}

/// Passes on what a training says, and that it is to stop.
pub(crate) struct ProgressForwarder<'a> {
    sender: Sender<News>,
    stop: &'a AtomicBool,
    deadline: Option<Instant>,
}

impl ProgressForwarder<'_> {
    /// Whether nothing new should be begun.
    pub(crate) fn is_over(&self) -> bool {
        self.stop.load(Ordering::SeqCst) || self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// Counts epochs that need not be done again.
    pub(crate) fn done_before(&self, epochs: usize) {
        let _ = self.sender.send(News::DoneBefore(epochs));
    }
}

impl Observer for ProgressForwarder<'_> {
    fn epoch(&mut self, epoch: &Epoch) -> Control {
        // whoever watches may be gone, training goes on
        let _ = self.sender.send(News::Epoch(*epoch));
        if self.is_over() { Control::Stop } else { Control::Continue }
    }

    fn event(&mut self, event: &Event) {
        let _ = self.sender.send(News::Event(event.clone()));
    }
}
