//! Ctrl-C: the first one stops a fit and keeps the best result so far; a second one, or one outside of work that has to
//! be completed, ends the program.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;

/// The exit code of a run that was interrupted: 128 and the number of the signal.
pub(crate) const EXIT_CODE: u8 = 130;

/// Whether work is done that ends in an orderly way.
static DEFERRED: AtomicBool = AtomicBool::new(false);
static REQUESTED: AtomicBool = AtomicBool::new(false);

/// Installs the handler of Ctrl-C. It calls `announce` at once, with whether it ends the program now.
pub(crate) fn listen(announce: fn(bool)) -> anyhow::Result<()> {
    ctrlc::set_handler(move || {
        let again = REQUESTED.swap(true, Ordering::SeqCst);
        let ends_now = again || !DEFERRED.load(Ordering::SeqCst);
        announce(ends_now);
        if ends_now {
            // without cleanup: libtorch crashes if its globals are destroyed while another thread trains
            signal_hook::low_level::exit(i32::from(EXIT_CODE));
        }
    })
    .context("listening for Ctrl-C failed")
}

/// Runs work that Ctrl-C does not end at once: a fit, which calls [`requested`] repeatedly, or the writing of the output.
pub(crate) fn deferred<T>(work: impl FnOnce() -> T) -> T {
    DEFERRED.store(true, Ordering::SeqCst);
    let result = work();
    DEFERRED.store(false, Ordering::SeqCst);
    result
}

/// Whether the work should stop.
pub(crate) fn requested() -> bool {
    REQUESTED.load(Ordering::SeqCst)
}
