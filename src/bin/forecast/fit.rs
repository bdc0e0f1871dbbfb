//! Runs a fit that shows its progress, keeps a log and stops at Ctrl-C.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use forecast::model::{Control, Epoch, Event, Fit, Observer};
use forecast::{Budget, Result};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::interrupt;
use crate::report::{ensemble_summary, terminal::Terminal, text_table::widest_that_fits};

/// The result of a fit, a model or hindcasts, and the course of the training.
pub(crate) struct Fitted<F = Fit> {
    pub(crate) fit: F,
    pub(crate) log: TrainingLog,
}

impl<F> Fitted<F> {
    pub(crate) fn print_log(&self, terminal: &Terminal) {
        self.log.notice().iter().for_each(|notice| terminal.notice(notice));
        self.log.in_words().iter().for_each(|line| terminal.detail(line));
    }
}

impl Fitted {
    /// Prints the course of the training, the notices of the fit and, in detail, the weights of an ensemble.
    pub(crate) fn print(&self, terminal: &Terminal) {
        self.print_log(terminal);
        self.fit.report.notices.iter().for_each(|notice| terminal.notice(notice));
        ensemble_summary::table(&self.fit.report.ensemble_weights).iter().for_each(|table| terminal.detail(table));
    }
}

/// Calls `fit` with an observer that shows the progress after `label`. Ctrl-C stops the fit if it is `stoppable`.
pub(crate) fn observed<F>(
    label: &str,
    terminal: &Terminal,
    budget: &Budget,
    stoppable: bool,
    fit: impl FnOnce(&mut dyn Observer) -> Result<F>,
) -> Result<Fitted<F>> {
    let start = Instant::now();
    let mut progress = Progress::new(label, terminal.shows_progress(), budget, stoppable);
    let result = interrupt::deferred(|| {
        // whoever reads the label may press Ctrl-C
        terminal.detail(label);
        progress.during(terminal, |progress| fit(progress))
    });
    progress.bar.finish_and_clear();
    Ok(Fitted { fit: result?, log: TrainingLog { duration: start.elapsed(), ..progress.log.in_order() } })
}

/// A longer time is printed in minutes.
const MAX_SECONDS: u64 = 120;
/// The time between lines of progress where stderr is not a terminal.
const LINE_INTERVAL: Duration = Duration::from_secs(10);

/// Shows the progress of a fit, and keeps a log. On a terminal it is a line that is redrawn.
struct Progress {
    label: String,
    /// Its prefix says what is done, and its message how it goes.
    bar: ProgressBar,
    /// The fold of a backtest, as in `fold 2/5, `.
    fold: String,
    budget: Budget,
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
    fn new(label: &str, visible: bool, budget: &Budget, stoppable: bool) -> Self {
        let target = if visible { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let style = ProgressStyle::with_template("{wide_msg}").expect("the template is a constant");
        let bar = ProgressBar::with_draw_target(None, target).with_style(style);
        let bar = bar.with_prefix(label.to_owned()).with_message(label.to_owned());
        Self {
            label: label.to_owned(),
            bar,
            fold: String::new(),
            budget: budget.clone(),
            stoppable,
            log: TrainingLog::default(),
        }
    }

    /// Calls `work`. Where no line is redrawn, a line is printed now and then until it ends.
    fn during<T>(&mut self, terminal: &Terminal, work: impl FnOnce(&mut Self) -> T) -> T {
        let (bar, budget) = (self.bar.clone(), self.budget.clone());
        let print = move || {
            let (what, left) = (bar.prefix(), time_left(&bar, &budget));
            terminal.message(&format!("{what}{left} ({} so far)", in_words(bar.elapsed())));
        };
        let interval = if terminal.shows_progress() { Duration::MAX } else { LINE_INTERVAL };
        repeating(interval, print, || work(self))
    }

    /// Shows what is done, how much of it, and how it goes.
    fn show(&self, what: &str, (number, of): (usize, usize), how: &str) -> Control {
        self.bar.set_length(of as u64);
        self.bar.set_position(number as u64);
        self.bar.set_prefix(format!("{}: {}{what}", self.label, self.fold));
        let left = time_left(&self.bar, &self.budget);
        self.bar.set_message(progress_line(
            &self.label,
            &format!("{}{what}", self.fold),
            &left,
            how,
            Terminal::width_of_stderr(),
        ));
        self.bar.tick();
        let is_to_stop = self.stoppable && (interrupt::requested() || self.budget.is_stopped());
        if is_to_stop { Control::Stop } else { Control::Continue }
    }
}

/// The line that is redrawn, in at most `width` columns: what is done, the time left, and how it goes.
fn progress_line(label: &str, what: &str, left: &str, how: &str, width: Option<usize>) -> String {
    let name = label.rsplit(' ').next().unwrap_or(label);
    let stopping = if interrupt::requested() { ", stopping with the best model so far" } else { "" };
    let stop = if interrupt::requested() { "stopping, " } else { "" };
    let lines = [
        format!("{label}: {what}{left}{stopping}{how}"),
        format!("{label}: {stop}{what}{left}"),
        format!("{name}: {stop}{what}{left}"),
        format!("{stop}{what}{left}"),
        format!("{stop}{what}"),
    ];
    widest_that_fits(lines.into_iter(), width)
}

/// Calls `work`, and `tick` after each interval until `work` ends.
fn repeating<T>(interval: Duration, tick: impl Fn() + Send, work: impl FnOnce() -> T) -> T {
    thread::scope(|scope| {
        let (_end, has_ended) = mpsc::channel::<()>();
        scope.spawn(move || {
            while has_ended.recv_timeout(interval) == Err(RecvTimeoutError::Timeout) {
                tick();
            }
        });
        work()
    })
}

/// `, 12 s left`: what remains takes as long as what is done, unless the budget ends; empty at the start.
fn time_left(bar: &ProgressBar, budget: &Budget) -> String {
    let (done, of) = (bar.position(), bar.length().unwrap_or(0));
    let to_done = |done: u64| bar.elapsed().mul_f64(of.saturating_sub(done) as f64 / done as f64);
    let left = [(done > 0).then(|| to_done(done)), budget.left()].into_iter().flatten().min();
    left.map_or_else(String::new, |left| format!(", {} left", in_words(left)))
}

fn in_words(time: Duration) -> String {
    let seconds = time.as_secs_f64().ceil() as u64;
    if seconds < MAX_SECONDS { format!("{seconds} s") } else { format!("{:.0} min", seconds as f64 / 60.0) }
}

impl Observer for Progress {
    fn fold(&mut self, number: usize, of: usize) -> Control {
        self.fold = format!("fold {number}/{of}, ");
        self.show("fitting", (number - 1, of), "")
    }

    fn candidate(&mut self, number: usize, of: usize) -> Control {
        self.show(&format!("{number} of {of} candidates"), (number, of), "")
    }

    fn epoch(&mut self, epoch: &Epoch) -> Control {
        self.log.epochs.push(*epoch);
        let Epoch { number, of, training_loss, gradient_norm, .. } = *epoch;
        let validation = epoch.validation_loss.map(|loss| format!(", validation {loss:.3}")).unwrap_or_default();
        let losses = format!(", loss {training_loss:.3}{validation}, gradient {gradient_norm:.3}");
        self.show(&format!("epoch {number}/{of}"), (number, of), &losses)
    }

    fn event(&mut self, event: &Event) {
        self.log.events.push(event.clone());
    }
}

impl TrainingLog {
    /// The log with the epochs of each network in a row. Their order does not depend on the number of threads.
    fn in_order(mut self) -> Self {
        let numbers: Vec<usize> = self.epochs.iter().map(|epoch| epoch.number).collect();
        self.epochs.sort_by_key(|epoch| epoch.member);
        for (epoch, number) in self.epochs.iter_mut().zip(numbers) {
            epoch.number = number;
        }
        self
    }

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

    /// A notice on undone updates, if there are any.
    fn notice(&self) -> Option<String> {
        let text = "training steps were not finite; each was undone and the learning rate halved";
        Some(self.undone_updates()).filter(|undone| *undone > 0).map(|undone| format!("{undone} {text}"))
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn the_line_of_progress_fits_a_narrow_terminal() {
        let line =
            |what: &str, width| progress_line("checking seasonal-naive", what, ", 12 min left", ", loss 0.123", width);
        assert_eq!(line("epoch 3/500", None), "checking seasonal-naive: epoch 3/500, 12 min left, loss 0.123");
        for what in ["epoch 300/500", "1234 of 1300 candidates", "fold 15/20, 1234 of 1300 candidates"] {
            let line = line(what, Some(40));
            assert!(line.contains(what) && line.chars().count() <= 40, "{line}");
        }
    }

    #[test]
    fn lines_are_printed_until_the_work_ends() {
        let (lines, start) = (AtomicUsize::new(0), Instant::now());
        let tick = || _ = lines.fetch_add(1, Ordering::SeqCst);
        repeating(Duration::from_millis(1), tick, || {
            while lines.load(Ordering::SeqCst) < 3 {
                thread::yield_now();
            }
        });
        let after_the_work = lines.load(Ordering::SeqCst);
        assert_eq!(repeating(Duration::MAX, tick, || 7), 7);
        assert_eq!(lines.load(Ordering::SeqCst), after_the_work);
        assert!(start.elapsed() < LINE_INTERVAL, "the end of the work is not waited for");
    }
}
