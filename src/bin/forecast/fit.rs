//! Runs a fit that shows its progress and stops at Ctrl-C.

use std::time::Instant;

use forecast::model::{Fit, Observer};

use crate::interrupt;
use crate::report::progress::{Progress, TrainingLog};
use crate::report::{ensemble_summary, terminal::Terminal};

/// The result of a fit, a model or hindcasts, and the course of the training.
pub(crate) struct Fitted<F = Fit> {
    pub(crate) fit: F,
    pub(crate) log: TrainingLog,
}

impl<F> Fitted<F> {
    pub(crate) fn print_log(&self, terminal: &Terminal) {
        self.log.note().iter().for_each(|note| terminal.note(note));
        self.log.in_words().iter().for_each(|line| terminal.detail(line));
    }
}

impl Fitted {
    /// Prints the course of the training, the notices of the fit and, in detail, the weights of an ensemble.
    pub(crate) fn print(&self, terminal: &Terminal) {
        self.print_log(terminal);
        self.fit.report.notices.iter().for_each(|notice| terminal.note(&format!("note: {notice}")));
        ensemble_summary::table(&self.fit.report.ensemble_weights).iter().for_each(|table| terminal.detail(table));
    }
}

/// Calls `fit` with an observer that shows the progress after `label`. Ctrl-C stops the fit if it is `stoppable`.
pub(crate) fn observed<F>(
    label: &str,
    terminal: &Terminal,
    stoppable: bool,
    fit: impl FnOnce(&mut dyn Observer) -> forecast::Result<F>,
) -> forecast::Result<Fitted<F>> {
    let start = Instant::now();
    let mut progress = Progress::new(label, terminal.shows_progress(), stoppable);
    let result = interrupt::while_training(|| {
        // whoever reads the label may press Ctrl-C
        terminal.detail(label);
        fit(&mut progress)
    });
    progress.clear();
    Ok(Fitted { fit: result?, log: TrainingLog { duration: start.elapsed(), ..progress.log } })
}
