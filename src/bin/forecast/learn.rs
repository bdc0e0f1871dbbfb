//! Fitting with someone watching: the epochs are kept, shown, and asked whether to go on.

use forecast::backtest;
use forecast::model::rnn;
use std::time::{Duration, Instant};

use forecast::backtest::Folds;
use forecast::model::{Control, Epoch, Event, Forecaster, Hindcast, Model, Observer, Task};
use forecast::panel::Panel;

use crate::interrupt;
use crate::report::terminal::{Progress, Terminal};
use crate::settings::Chosen;

/// A fitted model and how it came about.
#[derive(Debug)]
pub(crate) struct Fitted<F = Box<dyn Forecaster>> {
    pub(crate) forecaster: F,
    pub(crate) epochs: Vec<Epoch>,
    pub(crate) events: Vec<Event>,
    pub(crate) took: Duration,
}

impl<F> Fitted<F> {
    /// The epoch whose weights are kept, from 1; `None` where nothing was held back to tell.
    pub(crate) fn best(&self) -> Option<usize> {
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
}

/// Fits a model; `label` is what the progress line calls it.
pub(crate) fn fit(
    model: &dyn Model,
    train: &Panel,
    task: &Task,
    screen: &Terminal,
    label: &str,
) -> forecast::Result<Fitted> {
    watched(label, screen, true, |observer| model.fit(train, task, observer))
}

/// As [`fit`], of a network that is looked into afterwards.
pub(crate) fn fit_network(
    settings: &rnn::Rnn,
    train: &Panel,
    task: &Task,
    screen: &Terminal,
) -> forecast::Result<Fitted<rnn::FittedRnn>> {
    watched(&format!("fitting {}", settings.name()), screen, true, |observer| {
        settings.fit_network(train, task, observer)
    })
}

/// What a model says at the origins of the folds. What is not trained is fitted anew at each, whether `refit` is asked
/// for or not, and does not stop where training is interrupted.
pub(crate) fn backtest(
    chosen: &Chosen,
    panel: &Panel,
    task: &Task,
    folds: &Folds,
    refit: bool,
    screen: &Terminal,
    label: &str,
) -> forecast::Result<Vec<Hindcast>> {
    let trained = chosen.is_trained();
    let run =
        |observer: &mut dyn Observer| backtest::run(chosen.model(), panel, task, folds, refit || !trained, observer);
    watched(label, screen, trained, run).map(|fitted| fitted.forecaster)
}

fn watched<F>(
    what: &str,
    screen: &Terminal,
    stoppable: bool,
    fit: impl FnOnce(&mut dyn Observer) -> forecast::Result<F>,
) -> forecast::Result<Fitted<F>> {
    let began = Instant::now();
    let mut watcher = Watcher { progress: screen.progress(what), stoppable, epochs: Vec::new(), events: Vec::new() };
    let result = interrupt::while_training(|| {
        screen.detail(what);
        fit(&mut watcher)
    });
    watcher.progress.done();
    Ok(Fitted { forecaster: result?, epochs: watcher.epochs, events: watcher.events, took: began.elapsed() })
}

struct Watcher {
    progress: Progress,
    stoppable: bool,
    epochs: Vec<Epoch>,
    events: Vec<Event>,
}

impl Watcher {
    fn control(&self) -> Control {
        if self.stoppable && interrupt::requested() { Control::Stop } else { Control::Continue }
    }
}

impl Observer for Watcher {
    fn fold(&mut self, number: usize, of: usize) -> Control {
        self.progress.fold(number, of);
        self.control()
    }

    fn tried(&mut self, number: usize, of: usize) -> Control {
        self.progress.tried(number, of);
        self.control()
    }

    fn epoch(&mut self, epoch: &Epoch) -> Control {
        self.epochs.push(*epoch);
        self.progress.epoch(epoch);
        self.control()
    }

    fn event(&mut self, event: &Event) {
        self.events.push(event.clone());
    }
}
