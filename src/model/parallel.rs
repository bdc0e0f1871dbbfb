//! Work shared among threads, with results that do not depend on which thread was faster.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

/// As many as there are cores.
pub(crate) fn threads() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Applies `work` to every item, on as many threads as there are cores; the results are in the items' order. Whenever one
/// is done, `done` hears how many are.
pub(crate) fn map<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync, mut done: impl FnMut(usize)) -> Vec<R> {
    let threads = threads().min(items.len());
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn results_are_in_the_items_order_whichever_is_done_first() {
        let items: Vec<u64> = (0..40).collect();
        let mut heard = Vec::new();
        let slow_first = |item: &u64| {
            thread::sleep(Duration::from_millis(if item.is_multiple_of(7) { 20 } else { 0 }));
            item * item
        };
        let results = map(&items, slow_first, |done| heard.push(done));
        assert_eq!(results, items.iter().map(|item| item * item).collect::<Vec<_>>());
        assert_eq!(heard, (1..=40).collect::<Vec<_>>());
        assert_eq!(map(&[], |item: &u64| *item, |_| {}), Vec::<u64>::new());
    }
}
