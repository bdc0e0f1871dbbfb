//! Ctrl-C: the first one stops a fit and keeps the best result so far; a second one, or one outside of work that has to
//! be completed, ends the program. A service of HTTP completes its requests after the first one.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;

/// The exit code of a run that was interrupted: 128 and the number of the signal.
pub(crate) const EXIT_CODE: u8 = 130;

/// Whether work is done that ends in an orderly way.
static DEFERRED: AtomicBool = AtomicBool::new(false);
static REQUESTED: AtomicBool = AtomicBool::new(false);
/// What the first Ctrl-C calls instead, and whether it was called.
static INSTEAD: OnceLock<Box<dyn Fn() + Send + Sync>> = OnceLock::new();
static WAS_CALLED: AtomicBool = AtomicBool::new(false);

/// Installs the handler of Ctrl-C. It calls `announce` at once, with whether it ends the program now.
pub(crate) fn listen(announce: fn(bool)) -> anyhow::Result<()> {
    ctrlc::set_handler(move || {
        if let Some(call) = INSTEAD.get()
            && !WAS_CALLED.swap(true, Ordering::SeqCst)
        {
            return call();
        }
        let again = REQUESTED.swap(true, Ordering::SeqCst);
        let ends_now = again || INSTEAD.get().is_some() || !DEFERRED.load(Ordering::SeqCst);
        announce(ends_now);
        if ends_now {
            end_without_cleanup(EXIT_CODE);
        }
    })
    .context("listening for Ctrl-C failed")
}

/// Ends the program at once. libtorch crashes if its globals are destroyed while another thread trains.
pub(crate) fn end_without_cleanup(code: u8) {
    signal_hook::low_level::exit(i32::from(code));
}

/// Lets the first Ctrl-C call `stop`, and nothing else. A second one ends the program.
#[cfg(feature = "serve")]
pub(crate) fn first_calls(stop: impl Fn() + Send + Sync + 'static) {
    // a process has one service
    let _ = INSTEAD.set(Box::new(stop));
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
