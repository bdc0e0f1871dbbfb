//! Ctrl-C: the first one stops training and keeps the best model so far; a second one, or one outside training, ends
//! the program.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;

/// The exit code of a run that was interrupted: 128 and the number of the signal.
pub(crate) const EXIT_CODE: u8 = 130;

static TRAINING: AtomicBool = AtomicBool::new(false);
static REQUESTED: AtomicBool = AtomicBool::new(false);

/// Installs the handler of Ctrl-C. It calls `announce` before it ends the program.
pub(crate) fn listen(announce: fn()) -> anyhow::Result<()> {
    ctrlc::set_handler(move || {
        let again = REQUESTED.swap(true, Ordering::SeqCst);
        if again || !TRAINING.load(Ordering::SeqCst) {
            announce();
            // without cleanup: libtorch crashes if its globals are destroyed while another thread trains
            signal_hook::low_level::exit(i32::from(EXIT_CODE));
        }
    })
    .context("listening for Ctrl-C failed")
}

/// Runs a training, which calls [`requested`] repeatedly.
pub(crate) fn while_training<T>(train: impl FnOnce() -> T) -> T {
    TRAINING.store(true, Ordering::SeqCst);
    let result = train();
    TRAINING.store(false, Ordering::SeqCst);
    result
}

/// Whether training should stop.
pub(crate) fn requested() -> bool {
    REQUESTED.load(Ordering::SeqCst)
}
