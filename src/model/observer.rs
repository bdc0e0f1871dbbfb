//! The observer of a training: epochs, events, and whether training goes on.

use serde::Serialize;

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
