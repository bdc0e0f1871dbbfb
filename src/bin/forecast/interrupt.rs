//! Ctrl-C: the first one stops training and keeps the best so far; a second one, or one outside training, quits.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;

use crate::cli_error::INTERRUPTED;

static TRAINING: AtomicBool = AtomicBool::new(false);
static REQUESTED: AtomicBool = AtomicBool::new(false);

/// Takes charge of Ctrl-C from here on.
pub(crate) fn listen() -> anyhow::Result<()> {
    ctrlc::set_handler(|| {
        let again = REQUESTED.swap(true, Ordering::SeqCst);
        if again || !TRAINING.load(Ordering::SeqCst) {
            #[expect(clippy::exit, reason = "there is nothing to unwind to: the main thread is busy elsewhere")]
            std::process::exit(i32::from(INTERRUPTED));
        }
    })
    .context("listening for Ctrl-C failed")
}

/// Runs what may be stopped: whoever trains asks [`requested`] now and then.
pub(crate) fn while_training<T>(train: impl FnOnce() -> T) -> T {
    TRAINING.store(true, Ordering::SeqCst);
    let result = train();
    TRAINING.store(false, Ordering::SeqCst);
    result
}

/// Whether training was asked to stop.
pub(crate) fn requested() -> bool {
    REQUESTED.load(Ordering::SeqCst)
}
