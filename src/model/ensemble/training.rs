//! Trains the members of an ensemble at the same time, and reports their progress as that of one training.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};
use std::thread;

use crate::budget::Budget;
use crate::error::Result;
use crate::model::observer::{Control, Epoch, Event, Observer};

/// One of the phases in which every member is trained: first without the holdout, then with it.
#[derive(Debug, Clone)]
pub(crate) struct TrainingPhase {
    /// Share of a member's epochs.
    pub(crate) epoch_share: f64,
    /// Factor on a member's learning rate.
    pub(crate) learning_rate_factor: f64,
    pub(crate) seed_offset: u64,
    /// Epochs of all members in the phases before and after this one, for the observer.
    pub(crate) epochs_before: usize,
    pub(crate) epochs_after: usize,
    pub(crate) budget: Budget,
}

impl TrainingPhase {
    /// The epochs of this phase for a member with this number of planned epochs.
    pub(crate) fn epochs(&self, planned: usize) -> usize {
        ((planned as f64 * self.epoch_share).ceil() as usize).max(1)
    }

    /// The budget of one member: the remaining time, divided by the number of members that remain on its thread.
    pub(crate) fn budget_for(&self, member: usize, members: usize) -> Budget {
        let rounds = (members - member).div_ceil(training_threads(members)) as f64;
        self.budget.split(1.0 / rounds)
    }
}

/// The number of members that are trained at the same time.
pub(crate) fn training_threads(members: usize) -> usize {
    rayon::current_num_threads().min(members)
}

#[derive(Debug)]
pub(crate) struct TrainedMembers<T> {
    pub(crate) members: Vec<T>,
    /// Whether the observer stopped the training.
    pub(crate) stopped: bool,
}

/// Calls `train` for every member, on as many threads as rayon's pool has. The calling thread reports to the observer.
///
/// Left out are members whose training failed, or had not begun when the budget ended or the observer stopped. The training
/// of the first member always begins. If every member failed, this returns the error of the first one.
///
/// The threads are separate from rayon's pool. A training takes minutes, and its network may itself use the pool.
pub(crate) fn train_members<T: Sync>(
    members: Vec<T>,
    phase: &TrainingPhase,
    planned_epochs: impl Fn(&T) -> usize,
    observer: &mut dyn Observer,
    train: impl Fn(usize, &T, &mut ProgressForwarder<'_>) -> Result<()> + Sync,
) -> Result<TrainedMembers<T>> {
    let count = members.len();
    let epochs_of_phase: usize = members.iter().map(|member| phase.epochs(planned_epochs(member))).sum();
    let all_epochs = phase.epochs_before + epochs_of_phase + phase.epochs_after;
    let (budget, next) = (phase.budget.part(None), AtomicUsize::new(0));
    let mut results: Vec<Option<Result<()>>> = members.iter().map(|_| None).collect();
    thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        for _ in 0..training_threads(count) {
            let sender = sender.clone();
            let (budget, next, members, train) = (&budget, &next, &members, &train);
            scope.spawn(move || {
                let mut forwarder = ProgressForwarder { sender, budget, member: 0 };
                loop {
                    let member = next.fetch_add(1, Ordering::SeqCst);
                    forwarder.member = member;
                    if member >= count || (member > 0 && forwarder.is_over()) {
                        break;
                    }
                    let result = train(member, &members[member], &mut forwarder);
                    forwarder.send(Message::Trained(member, result));
                }
            });
        }
        drop(sender);
        let mut done = phase.epochs_before;
        for message in receiver {
            match message {
                Message::Trained(member, result) => results[member] = Some(result),
                Message::Event(event) => observer.event(&event),
                Message::EpochsSkipped(epochs) => done += epochs,
                Message::Epoch(epoch) => {
                    done += 1;
                    if observer.epoch(&Epoch { number: done, of: all_epochs, ..epoch }) == Control::Stop {
                        budget.stop();
                    }
                }
            }
        }
    });
    let (mut trained, mut first_error) = (Vec::new(), None);
    for (member, result) in members.into_iter().zip(results) {
        match result {
            Some(Ok(())) => trained.push(member),
            Some(Err(error)) => first_error = first_error.or(Some(error)),
            None => {}
        }
    }
    match first_error {
        Some(error) if trained.is_empty() => Err(error),
        _ => Ok(TrainedMembers { members: trained, stopped: budget.is_stopped() }),
    }
}

enum Message {
    Epoch(Epoch),
    Event(Event),
    /// Epochs that a checkpoint made unnecessary.
    EpochsSkipped(usize),
    /// The number of a member, and the result of its training.
    Trained(usize, Result<()>),
}

/// Forwards the progress of one training to the calling thread, and stops the training when the budget is over.
pub(crate) struct ProgressForwarder<'a> {
    sender: Sender<Message>,
    budget: &'a Budget,
    member: usize,
}

impl ProgressForwarder<'_> {
    pub(crate) fn is_over(&self) -> bool {
        self.budget.is_over()
    }

    /// Reports epochs that are skipped, because a checkpoint has their result.
    pub(crate) fn skip_epochs(&self, epochs: usize) {
        self.send(Message::EpochsSkipped(epochs));
    }

    fn send(&self, message: Message) {
        // the receiver is gone only while another panic unwinds
        let _ = self.sender.send(message);
    }
}

impl Observer for ProgressForwarder<'_> {
    fn epoch(&mut self, epoch: &Epoch) -> Control {
        self.send(Message::Epoch(Epoch { member: self.member, ..*epoch }));
        if self.is_over() { Control::Stop } else { Control::Continue }
    }

    fn event(&mut self, event: &Event) {
        self.send(Message::Event(event.clone()));
    }
}
