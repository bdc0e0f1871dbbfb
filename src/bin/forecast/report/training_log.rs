//! The course of a training: its epochs and events.

use std::time::Duration;

use forecast::model::{Epoch, Event};

use crate::report::terminal::Terminal;

/// The epochs and events of a fit. A model that is not trained has no epochs.
#[derive(Debug, Clone, Default)]
pub(crate) struct TrainingLog {
    pub(crate) epochs: Vec<Epoch>,
    pub(crate) events: Vec<Event>,
    pub(crate) duration: Duration,
}

impl TrainingLog {
    /// The epoch whose weights are kept, counted from 1; `None` without validation.
    pub(crate) fn best_epoch(&self) -> Option<usize> {
        let stopped = self.events.iter().find_map(|event| match event {
            Event::StoppedEarly { best, .. } => Some(*best),
            _ => None,
        });
        let lowest = || {
            let validated = self.epochs.iter().filter_map(|epoch| Some((epoch.number, epoch.validation_loss?)));
            validated.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(number, _)| number)
        };
        stopped.or_else(lowest)
    }

    /// Training steps that were undone because a loss or gradient was not finite.
    pub(crate) fn undone_steps(&self) -> usize {
        self.events.iter().filter(|event| matches!(event, Event::StepUndone { .. })).count()
    }

    /// The share of steps whose gradient was clipped, in \[0, 1\]; 0 without epochs.
    pub(crate) fn clipped_share(&self) -> f64 {
        self.epochs.iter().map(|epoch| epoch.clipped).sum::<f64>() / self.epochs.len().max(1) as f64
    }

    /// Prints undone steps, and with `--verbose` a summary.
    pub(crate) fn print(&self, terminal: &Terminal) {
        match self.undone_steps() {
            0 => {}
            undone => terminal.note(&format!(
                "note: {undone} training steps were not finite; each was undone and the learning rate halved"
            )),
        }
        if let Some(line) = self.in_words() {
            terminal.detail(&line);
        }
    }

    /// `trained 12 of 40 epochs in 3.1 s, the best was epoch 9; 12 % of the gradients were clipped`
    fn in_words(&self) -> Option<String> {
        let last = self.epochs.last()?;
        let best = self.best_epoch().map(|best| format!(", the best was epoch {best}")).unwrap_or_default();
        Some(format!(
            "trained {} of {} epochs in {:.1} s{best}; {:.0} % of the gradients were clipped",
            last.number,
            last.of,
            self.duration.as_secs_f64(),
            100.0 * self.clipped_share()
        ))
    }
}
