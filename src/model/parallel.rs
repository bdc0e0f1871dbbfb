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
