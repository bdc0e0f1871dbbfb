//! Runs a fit that shows its progress, keeps a log and stops at Ctrl-C.

use std::time::{Duration, Instant};

use forecast::Result;
use forecast::model::{Control, Epoch, Event, Fit, Observer};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::interrupt;
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
    fit: impl FnOnce(&mut dyn Observer) -> Result<F>,
) -> Result<Fitted<F>> {
    let start = Instant::now();
    let mut progress = Progress::new(label, terminal.shows_progress(), stoppable);
    let result = interrupt::while_training(|| {
        // whoever reads the label may press Ctrl-C
        terminal.detail(label);
        fit(&mut progress)
    });
    progress.bar.finish_and_clear();
    Ok(Fitted { fit: result?, log: TrainingLog { duration: start.elapsed(), ..progress.log } })
}

/// A longer remaining time is printed in minutes.
const MAX_SECONDS: u64 = 120;

/// Shows the progress of a fit in a line that is redrawn, and keeps a log.
struct Progress {
    bar: ProgressBar,
    /// The fold of a backtest, as in `fold 2/5, `.
    fold: String,
    /// Whether Ctrl-C stops the fit.
    stoppable: bool,
    log: TrainingLog,
}

/// The epochs and events of a fit. A model that is not trained has no epochs.
#[derive(Default)]
pub(crate) struct TrainingLog {
    pub(crate) epochs: Vec<Epoch>,
    events: Vec<Event>,
    pub(crate) duration: Duration,
}

impl Progress {
    /// A line on stderr that begins with `label`; no line unless `visible`.
    fn new(label: &str, visible: bool, stoppable: bool) -> Self {
        let target = if visible { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let style = ProgressStyle::with_template("{prefix}: {wide_msg}").expect("the template is a constant");
        let bar = ProgressBar::with_draw_target(None, target).with_style(style).with_prefix(label.to_owned());
        Self { bar, fold: String::new(), stoppable, log: TrainingLog::default() }
    }

    fn time_left(&self, number: usize, of: usize) -> String {
        let left_to_done = of.saturating_sub(number) as f64 / number.max(1) as f64;
        let seconds = self.bar.elapsed().mul_f64(left_to_done).as_secs_f64().ceil() as u64;
        if seconds < MAX_SECONDS { format!("{seconds} s") } else { format!("{} min", seconds.div_ceil(60)) }
    }

    fn show(&self, message: String) -> Control {
        self.bar.set_message(message);
        self.bar.tick();
        if self.stoppable && interrupt::requested() { Control::Stop } else { Control::Continue }
    }
}

fn stopping() -> &'static str {
    if interrupt::requested() { ", stopping with the best model so far" } else { "" }
}

impl Observer for Progress {
    fn fold(&mut self, number: usize, of: usize) -> Control {
        self.fold = format!("fold {number}/{of}, ");
        self.show(format!("fold {number}/{of}"))
    }

    fn candidate(&mut self, number: usize, of: usize) -> Control {
        let (fold, left) = (&self.fold, self.time_left(number, of));
        self.show(format!("{fold}evaluated {number} of {of} candidates, {left} left{}", stopping()))
    }

    fn epoch(&mut self, epoch: &Epoch) -> Control {
        self.log.epochs.push(*epoch);
        let Epoch { number, of, training_loss, gradient_norm, .. } = epoch;
        let (fold, left, stopping) = (&self.fold, self.time_left(*number, *of), stopping());
        let validation = epoch.validation_loss.map(|loss| format!(", validation {loss:.3}")).unwrap_or_default();
        let losses = format!("loss {training_loss:.3}{validation}, gradient {gradient_norm:.3}");
        self.show(format!("{fold}epoch {number}/{of}, {left} left{stopping}, {losses}"))
    }

    fn event(&mut self, event: &Event) {
        self.log.events.push(event.clone());
    }
}

impl TrainingLog {
    /// The epoch whose weights are kept, counted from 1; `None` without validation.
    pub(crate) fn best_epoch(&self) -> Option<usize> {
        let best = |event: &Event| if let Event::StoppedEarly { best, .. } = event { Some(*best) } else { None };
        let stopped = self.events.iter().find_map(best);
        let validated = self.epochs.iter().filter_map(|epoch| Some((epoch.number, epoch.validation_loss?)));
        stopped.or_else(|| validated.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(number, _)| number))
    }

    /// The number of updates that were undone because a loss or a gradient was not finite.
    pub(crate) fn undone_updates(&self) -> usize {
        self.events.iter().filter(|event| matches!(event, Event::StepUndone { .. })).count()
    }

    /// The share of updates whose gradient was clipped, in [0, 1]; 0 without epochs.
    pub(crate) fn clipped_share(&self) -> f64 {
        self.epochs.iter().map(|epoch| epoch.clipped).sum::<f64>() / self.epochs.len().max(1) as f64
    }

    /// A note on undone updates, if there are any.
    fn note(&self) -> Option<String> {
        let text = "training steps were not finite; each was undone and the learning rate halved";
        Some(self.undone_updates()).filter(|undone| *undone > 0).map(|undone| format!("note: {undone} {text}"))
    }

    /// `trained 12 of 40 epochs in 3.1 s, the best was epoch 9; 12 % of the gradients were clipped`
    fn in_words(&self) -> Option<String> {
        let Epoch { number, of, .. } = self.epochs.last()?;
        let best = self.best_epoch().map(|best| format!(", the best was epoch {best}")).unwrap_or_default();
        let (seconds, clipped) = (self.duration.as_secs_f64(), 100.0 * self.clipped_share());
        Some(format!(
            "trained {number} of {of} epochs in {seconds:.1} s{best}; {clipped:.0} % of the gradients were clipped"
        ))
    }
}
