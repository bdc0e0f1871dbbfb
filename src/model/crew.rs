//! Several trainings at once, a thread each, and one observer who hears of all of them.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use super::{Control, Epoch, Event, Observer};
use crate::error::Result;

/// The trainings of one stage among others.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shift {
    /// Epochs done before by all together.
    pub(super) before: usize,
    /// Epochs of all stages together.
    pub(super) plan: usize,
    /// When to stop.
    pub(super) deadline: Option<Instant>,
}

/// As many as there are cores.
pub(super) fn threads() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Runs `work` for `0..count`, which tells the observer it is given of its epochs. What was not begun when the time was up
/// or the observer said stop is `None`; the first is always begun. Also whether the observer said stop.
pub(super) fn train_all(
    count: usize,
    shift: &Shift,
    observer: &mut dyn Observer,
    work: impl Fn(usize, &mut dyn Observer) -> Result<()> + Sync,
) -> (Vec<Option<Result<()>>>, bool) {
    let (stop, next) = (AtomicBool::new(false), AtomicUsize::new(0));
    let results: Vec<Mutex<Option<Result<()>>>> = (0..count).map(|_| Mutex::new(None)).collect();
    thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        for _ in 0..threads().min(count) {
            let sender = sender.clone();
            let (stop, next, results, work) = (&stop, &next, &results, &work);
            scope.spawn(move || {
                let mut relay = Relay { sender, stop, deadline: shift.deadline };
                loop {
                    let i = next.fetch_add(1, Ordering::SeqCst);
                    if i >= count || (i > 0 && relay.is_over()) {
                        break;
                    }
                    let result = work(i, &mut relay);
                    *results[i].lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
                }
            });
        }
        drop(sender);
        let mut done = shift.before;
        for news in receiver {
            match news {
                News::Event(event) => observer.event(&event),
                News::Epoch(epoch) => {
                    done += 1;
                    if observer.epoch(&Epoch { number: done, of: shift.plan, ..epoch }) == Control::Stop {
                        stop.store(true, Ordering::SeqCst);
                    }
                }
            }
        }
    });
    let results = results.into_iter().map(|result| result.into_inner().unwrap_or_else(PoisonError::into_inner));
    (results.collect(), stop.load(Ordering::SeqCst))
}

/// What `work` gives for `0..count`, in order, on as many threads as there are cores.
pub(super) fn map<R: Send>(count: usize, work: impl Fn(usize) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let results: Vec<Mutex<Option<R>>> = (0..count).map(|_| Mutex::new(None)).collect();
    thread::scope(|scope| {
        for _ in 0..threads().min(count) {
            scope.spawn(|| {
                loop {
                    let i = next.fetch_add(1, Ordering::SeqCst);
                    let Some(place) = results.get(i) else { break };
                    let result = work(i);
                    *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
                }
            });
        }
    });
    let result = |place: Mutex<Option<R>>| place.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.into_iter().map(|place| result(place).expect("all were worked on")).collect()
}

/// What a thread tells the one that watches.
enum News {
    Epoch(Epoch),
    Event(Event),
}

/// Passes on what a training says, and that it is to stop.
struct Relay<'a> {
    sender: Sender<News>,
    stop: &'a AtomicBool,
    deadline: Option<Instant>,
}

impl Relay<'_> {
    fn is_over(&self) -> bool {
        self.stop.load(Ordering::SeqCst) || self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }
}

impl Observer for Relay<'_> {
    fn epoch(&mut self, epoch: &Epoch) -> Control {
        // whoever watches may be gone, training goes on
        let _ = self.sender.send(News::Epoch(*epoch));
        if self.is_over() { Control::Stop } else { Control::Continue }
    }

    fn event(&mut self, event: &Event) {
        let _ = self.sender.send(News::Event(event.clone()));
    }
}
