//! Models: settings that can be fitted, what they learn, and the contract between the two.

use std::fmt::Debug;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;

use crate::error::Result;
use crate::forecast::sample_paths::Paths;
use crate::forecast::{Forecast, LEVELS};
use crate::panel::Panel;
use crate::panel::covariates::Covariate;

/// What is asked of a model, whichever it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// Steps to forecast, at least 1.
    pub horizon: usize,
    /// Quantile levels in (0, 1), ascending, the median among them.
    pub levels: Vec<f64>,
    /// Seed of every random number.
    pub seed: u64,
    /// The time that fitting may take, `None` for as long as it needs.
    pub budget: Option<Duration>,
    /// A folder in which a long training keeps what is done of it, and finds it again if it was cut off; for models that
    /// do so ([`global`], and [`auto`] of many series).
    pub checkpoints: Option<PathBuf>,
}

impl Task {
    /// A task with the levels of [`LEVELS`], seed 0 all the time it needs and no checkpoints.
    pub fn new(horizon: usize) -> Self {
        Self { horizon, levels: LEVELS.to_vec(), seed: 0, budget: None, checkpoints: None }
    }
}

/// A model's settings: it has seen nothing yet.
pub trait Model: Debug + Send + Sync {
    /// The name it is asked for by.
    fn name(&self) -> &'static str;

    /// Whether it uses a panel's covariates; to any other model they are not there.
    fn uses_covariates(&self) -> bool {
        false
    }

    /// Learns from a panel. Nothing after the panel's end is ever seen.
    ///
    /// # Errors
    /// If no series is long enough, or training fails; never for a value's sake.
    fn fit(&self, train: &Panel, task: &Task, observer: &mut dyn Observer) -> Result<Box<dyn Forecaster>>;
}

/// A model that has learned.
pub trait Forecaster: Debug + Send {
    /// The steps right after the end of each series in `history`, which may be another than it learned from; one
    /// forecast a series, in the panel's order.
    ///
    /// # Errors
    /// If a series of `history` cannot be used.
    fn predict(&self, history: &Panel) -> Result<Vec<Forecast>>;

    /// What the model, fitted on the past alone, said of stretches of the panel it was fitted to that are over by now;
    /// empty for a model that keeps no such record.
    fn hindcasts(&self) -> &[Hindcast] {
        &[]
    }

    /// `count` joint sample paths of each series over the steps right after its end, in the panel's order; `None` for a
    /// model that says quantiles of each step alone, for which [`sample_paths::paths`] makes them.
    ///
    /// # Errors
    /// As [`Forecaster::predict`].
    fn paths(&self, _history: &Panel, _count: usize, _seed: u64) -> Result<Option<Vec<Paths>>> {
        Ok(None)
    }

    /// What a model that weighs others made of them, one item a series, in the order of the panel that it was fitted to;
    /// empty for any other model.
    fn weighing(&self) -> Vec<EnsembleWeights> {
        Vec::new()
    }

    /// The covariates that it learned from: what it forecasts must have the same.
    fn covariates(&self) -> &[Covariate] {
        &[]
    }

    /// Writes what was learned into an existing, empty folder, for [`load`].
    ///
    /// # Errors
    /// If the folder cannot be written.
    fn save(&self, folder: &Path) -> Result<()>;
}

/// A forecast of something that has happened since, made with what was known before it.
#[derive(Debug, Clone, PartialEq)]
pub struct Hindcast {
    /// The position of the series in its panel.
    pub series: usize,
    /// How many of the series' values were known: the forecast's first step is the value at this position.
    pub cutoff: usize,
    /// What was said.
    pub forecast: Forecast,
}

/// How the forecast of one series is made of others.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EnsembleWeights {
    /// The values of the series' id columns; none where it is of all series together.
    pub key: Vec<String>,
    /// The rolling origins at which all were tried.
    pub origins: usize,
    /// All that were tried, those that count most first.
    pub parts: Vec<Component>,
}

/// A forecast that takes part in another one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Component {
    /// What it is, in a word or two: `theta`, `direct (log)`.
    pub name: String,
    /// How much it counts, in [0, 1]; the weights of a series sum to 1.
    pub weight: f64,
    /// The size of its errors at the rolling origins, in the unit of the values: the geometric mean of its mean absolute
    /// and its root mean squared error. `None` where it could not be tried.
    pub error: Option<f64>,
}

/// How far training has come, after each pass over the data.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Epoch {
    /// From 1.
    pub number: usize,
    /// Passes planned; training may stop earlier.
    pub of: usize,
    /// Mean loss over the training positions, in units of a series' spread.
    pub training_loss: f64,
    /// Mean loss over the validation positions; `None` where the data are too short to hold any back.
    pub validation_loss: Option<f64>,
    /// Mean global gradient norm before clipping.
    pub gradient_norm: f64,
    /// Share of steps whose gradient was clipped, in [0, 1].
    pub clipped: f64,
    /// The learning rate at the epoch's end.
    pub learning_rate: f64,
}

/// Something out of the ordinary that happened in training.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// A step whose loss or gradient was not finite was undone and the learning rate halved.
    StepUndone {
        /// The epoch, from 1.
        epoch: usize,
        /// The learning rate from here on.
        learning_rate: f64,
    },
    /// Validation got no better for a while; the best weights so far are used.
    StoppedEarly {
        /// The epoch after which it stopped, from 1.
        epoch: usize,
        /// The epoch whose weights are kept, from 1.
        best: usize,
    },
}

/// Whether training goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// Go on.
    Continue,
    /// Stop now and keep the best so far.
    Stop,
}

/// Watches training. The library never prints: whoever wants to see something implements this.
pub trait Observer {
    /// Before each fold of a backtest, counted from 1.
    fn fold(&mut self, _number: usize, _of: usize) -> Control {
        Control::Continue
    }

    /// After every part that a model is made of was tried, in whatever order: how many were so far.
    fn tried(&mut self, _number: usize, _of: usize) -> Control {
        Control::Continue
    }

    /// After every epoch.
    fn epoch(&mut self, _: &Epoch) -> Control {
        Control::Continue
    }

    /// When something out of the ordinary happened.
    fn event(&mut self, _: &Event) {}
}

/// An observer that watches nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct SilentObserver;

impl Observer for SilentObserver {}
