//! Parallel work whose results do not depend on the order in which threads finish.
//!
//! Short tasks run on rayon's global pool. Code that reports no progress uses `par_iter` directly, whose results are in
//! the order of the items. [`map_with_progress`] also reports progress. The members of an ensemble train for minutes
//! and would block the pool. They run on separate threads: see
//! [`train_members`](crate::model::ensemble::training::train_members).

use std::sync::mpsc;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Applies `work` to every item on rayon's pool and returns the results in the order of the items. After each result,
/// `progress` is called on the calling thread with the number of results so far.
///
/// Items are started in order, so that the first ones are done if a budget ends the work. A caller that is itself a
/// thread of the pool does all work alone. If it waited for messages, a pool of one thread would block.
pub(crate) fn map_with_progress<T: Sync, R: Send>(
    items: &[T],
    work: impl Fn(&T) -> R + Sync,
    mut progress: impl FnMut(usize),
) -> Vec<R> {
    if rayon::current_thread_index().is_some() {
        let work_and_report = |(i, item)| {
            let result = work(item);
            progress(i + 1);
            result
        };
        return items.iter().enumerate().map(work_and_report).collect();
    }
    let mut results: Vec<Option<R>> = items.iter().map(|_| None).collect();
    let (sender, receiver) = mpsc::channel();
    rayon::in_place_scope_fifo(|scope| {
        for (i, item) in items.iter().enumerate() {
            let (sender, work) = (sender.clone(), &work);
            scope.spawn_fifo(move |_| {
                // the receiver is gone only while another panic unwinds
                let _ = sender.send((i, work(item)));
            });
        }
        drop(sender);
        for (done, (i, result)) in receiver.into_iter().enumerate() {
            results[i] = Some(result);
            progress(done + 1);
        }
    });
    results.into_iter().map(|result| result.expect("the scope ends after all work")).collect()
}

/// A value that one thread uses at a time. The tensors of libtorch may move between threads but must not be shared.
#[derive(Debug)]
pub(crate) struct Exclusive<T>(Mutex<T>);

impl<T> Exclusive<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    /// Waits for the value. It stays usable after a thread panicked while it had the lock, since the scope of that
    /// thread passes the panic on.
    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::thread;
    use std::time::Duration;

    use rayon::ThreadPoolBuilder;
    use rayon::prelude::*;

    use super::*;

    /// Items that take longer when they come earlier.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the function is called with references to items")]
    fn slow_first(item: &u64) -> u64 {
        thread::sleep(Duration::from_millis(if item.is_multiple_of(7) { 20 } else { 0 }));
        item * item
    }

    #[test]
    fn results_are_in_the_order_of_the_items_whichever_finishes_first() {
        let items: Vec<u64> = (0..40).collect();
        let squares: Vec<u64> = items.iter().map(|item| item * item).collect();
        let mut counts = Vec::new();
        assert_eq!(map_with_progress(&items, slow_first, |done| counts.push(done)), squares);
        assert_eq!(counts, (1..=40).collect::<Vec<_>>());
        assert_eq!(map_with_progress(&[], slow_first, |_| {}), Vec::<u64>::new());
    }

    #[test]
    fn a_thread_of_a_small_pool_does_not_wait_for_itself() {
        let pool = ThreadPoolBuilder::new().num_threads(1).build().expect("a thread can be started");
        let items: Vec<u64> = (1..4).collect();
        let (mut results, mut counts) = (Vec::new(), Vec::new());
        pool.install(|| results = map_with_progress(&items, slow_first, |done| counts.push(done)));
        assert_eq!((results, counts), (vec![1, 4, 9], vec![1, 2, 3]));
    }

    #[test]
    fn one_thread_and_many_give_the_same_results() {
        let items: Vec<u64> = (0..100).collect();
        let sums = |threads: usize| -> Vec<f64> {
            let pool = ThreadPoolBuilder::new().num_threads(threads).build().expect("threads can be started");
            let sum = |item: &u64| (1..=*item).map(|n| 1.0 / n as f64).sum::<f64>();
            pool.install(|| items.par_iter().map(sum).collect())
        };
        assert_eq!(sums(1), sums(8));
    }

    #[test]
    fn a_value_can_be_locked_after_a_thread_panicked_with_the_lock() {
        let value = Exclusive::new(5);
        let panicked = thread::scope(|scope| {
            let panics = || {
                let _guard = value.lock();
                panic!("on purpose");
            };
            scope.spawn(panics).join()
        });
        assert!(panicked.is_err());
        assert_eq!(*value.lock(), 5);
    }
}
