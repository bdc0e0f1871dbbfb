//! Parallel work whose results do not depend on the order in which threads finish.
//!
//! Short tasks run on rayon's global pool. Code that reports no progress uses `par_iter` directly, whose results are in
//! the order of the items. [`map_with_progress`] also reports progress. The members of an ensemble train for minutes
//! and would block the pool. They run on separate threads: see
//! [`train_members`](crate::model::ensemble::training::train_members).

use std::sync::mpsc;

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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rayon::ThreadPoolBuilder;

    use super::*;

    /// The results have the order of the items, although the first ones take longer. A thread of a pool does not wait for
    /// itself.
    #[test]
    fn results_are_in_the_order_of_the_items_in_every_pool() {
        let results_and_counts = |items: &[u64]| {
            let slow_first = |item: &u64| {
                std::thread::sleep(Duration::from_millis(if item.is_multiple_of(7) { 20 } else { 0 }));
                item * item
            };
            let mut counts = Vec::new();
            let results = map_with_progress(items, slow_first, |done| counts.push(done));
            (results, counts)
        };
        let items: Vec<u64> = (0..40).collect();
        let expected = (items.iter().map(|item| item * item).collect(), (1..=40).collect());
        assert_eq!(results_and_counts(&items), expected);
        assert_eq!(results_and_counts(&[]), (Vec::new(), Vec::new()));
        let pool = ThreadPoolBuilder::new().num_threads(1).build().expect("a thread can be started");
        assert_eq!(pool.install(|| results_and_counts(&items)), expected);
    }
}
