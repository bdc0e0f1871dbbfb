//! Work shared among threads, with results that do not depend on which thread was faster.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

/// Applies `work` to every item, on as many threads as there are cores; the results are in the items' order. Whenever one
/// is done, `done` hears how many are.
pub(super) fn map<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync, mut done: impl FnMut(usize)) -> Vec<R> {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(items.len());
    let next = AtomicUsize::new(0);
    let mut results: Vec<(usize, R)> = Vec::with_capacity(items.len());
    thread::scope(|scope| {
        let (report, reports) = mpsc::channel();
        for _ in 0..threads {
            let (report, next, work) = (report.clone(), &next, &work);
            scope.spawn(move || {
                loop {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(i) else { return };
                    // nobody listens any more only where another thread's panic is on its way
                    let _ = report.send((i, work(item)));
                }
            });
        }
        drop(report);
        for result in reports {
            results.push(result);
            done(results.len());
        }
    });
    results.sort_by_key(|(i, _)| *i);
    results.into_iter().map(|(_, result)| result).collect()
}
