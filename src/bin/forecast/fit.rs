//! Fits a model, shows the progress, and stops the training at Ctrl-C.

use std::time::Instant;

use forecast::backtest::{self, Folds};
use forecast::model::{Control, Epoch, Event, Fit, Hindcast, Model, Observer, Task, rnn};
use forecast::panel::Panel;

use crate::interrupt;
use crate::report::ensemble_summary;
use crate::report::progress::Progress;
use crate::report::terminal::Terminal;
use crate::report::training_log::TrainingLog;

/// A fitted model and the course of its training.
#[derive(Debug)]
pub(crate) struct Fitted<F = Fit> {
    pub(crate) fit: F,
    pub(crate) log: TrainingLog,
}

impl Fitted {
    /// Prints the notices of the fit, the course of training and, in detail, the weights of an ensemble.
    pub(crate) fn print(&self, terminal: &Terminal) {
        self.log.print(terminal);
        for notice in &self.fit.report.notices {
            terminal.note(&format!("note: {notice}"));
        }
        if let Some(table) = ensemble_summary::table(&self.fit.report.ensemble_weights) {
            terminal.detail(&table);
        }
    }
}

/// Fits a model; `label` stands in front of its progress.
pub(crate) fn fit(
    model: &dyn Model,
    train: &Panel,
    task: &Task,
    terminal: &Terminal,
    label: &str,
) -> forecast::Result<Fitted> {
    run_observed(label, terminal, true, |observer| model.fit(train, task, observer))
}

/// As [`fit`], for a network that is diagnosed afterwards.
pub(crate) fn fit_network(
    settings: &rnn::Rnn,
    train: &Panel,
    task: &Task,
    terminal: &Terminal,
) -> forecast::Result<Fitted<rnn::FittedRnn>> {
    let label = format!("fitting {}", settings.name());
    run_observed(&label, terminal, true, |observer| settings.fit_network(train, task, observer))
}

/// The forecasts of a model at the origins of the folds. A model that is not trained is always fitted again at
/// each origin, and Ctrl-C does not stop it.
pub(crate) fn backtest(
    model: &dyn Model,
    panel: &Panel,
    task: &Task,
    folds: &Folds,
    refit: bool,
    terminal: &Terminal,
    label: &str,
) -> forecast::Result<Vec<Hindcast>> {
    let trained = model.is_trained();
    let run = |observer: &mut dyn Observer| backtest::run(model, panel, task, folds, refit || !trained, observer);
    run_observed(label, terminal, trained, run).map(|fitted| fitted.fit)
}

fn run_observed<F>(
    label: &str,
    terminal: &Terminal,
    stoppable: bool,
    fit: impl FnOnce(&mut dyn Observer) -> forecast::Result<F>,
) -> forecast::Result<Fitted<F>> {
    let start = Instant::now();
    let mut observer = ProgressObserver { progress: terminal.progress(label), stoppable, log: TrainingLog::default() };
    let result = interrupt::while_training(|| {
        terminal.detail(label);
        fit(&mut observer)
    });
    observer.progress.clear();
    let log = TrainingLog { duration: start.elapsed(), ..observer.log };
    Ok(Fitted { fit: result?, log })
}

/// Shows the progress, keeps a log, and stops the training at Ctrl-C if it can be stopped.
struct ProgressObserver {
    progress: Progress,
    stoppable: bool,
    log: TrainingLog,
}

impl ProgressObserver {
    fn control(&self) -> Control {
        if self.stoppable && interrupt::requested() { Control::Stop } else { Control::Continue }
    }
}

impl Observer for ProgressObserver {
    fn fold(&mut self, number: usize, of: usize) -> Control {
        self.progress.fold(number, of);
        self.control()
    }

    fn candidate(&mut self, number: usize, of: usize) -> Control {
        self.progress.candidate(number, of);
        self.control()
    }

    fn epoch(&mut self, epoch: &Epoch) -> Control {
        self.log.epochs.push(*epoch);
        self.progress.epoch(epoch);
        self.control()
    }

    fn event(&mut self, event: &Event) {
        self.log.events.push(event.clone());
    }
}
