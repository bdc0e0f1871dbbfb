//! The observer of a fit. It receives progress and events, and decides whether the fit continues.

use serde::Serialize;

/// The state of a training after an epoch, which is one pass over the data.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Epoch {
    /// The number of the epoch, counted from 1.
    pub number: usize,
    /// The network of an ensemble, counted from 0. Networks that are trained at the same time report in any order.
    pub member: usize,
    /// The number of planned epochs. Training may stop earlier.
    pub of: usize,
    /// The mean loss over the training positions, on the scale of the series.
    pub training_loss: f64,
    /// The mean loss over the validation positions; `None` if the series are too short for a validation set.
    pub validation_loss: Option<f64>,
    /// The mean global norm of the gradient before clipping.
    pub gradient_norm: f64,
    /// The share of updates whose gradient was clipped, in [0, 1].
    pub clipped: f64,
    /// The learning rate at the end of the epoch.
    pub learning_rate: f64,
}

/// An unusual event of a training.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// An update whose loss or gradient was not finite was undone, and the learning rate was halved.
    StepUndone {
        /// The number of the epoch, counted from 1.
        epoch: usize,
        /// The new learning rate.
        learning_rate: f64,
    },
    /// The validation loss did not improve for some epochs. The best weights are used.
    StoppedEarly {
        /// The number of the last epoch, counted from 1.
        epoch: usize,
        /// The number of the epoch whose weights are used, counted from 1.
        best: usize,
    },
}

/// The decision whether a fit continues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// The fit continues.
    Continue,
    /// The fit stops, and uses the best result so far.
    Stop,
}

/// Observes a fit. The library prints nothing; a caller that shows progress implements this trait.
///
/// ```
/// use forecast::model::{Control, Epoch, Observer, Task};
/// use forecast::panel::Panel;
/// use forecast::rnn::Rnn;
///
/// struct ThreeEpochs;
///
/// impl Observer for ThreeEpochs {
///     fn epoch(&mut self, epoch: &Epoch) -> Control {
///         if epoch.number < 3 { Control::Continue } else { Control::Stop }
///     }
/// }
///
/// let values: Vec<f64> = (0..60).map(|t| f64::from(t % 7)).collect();
/// let settings = Rnn { hidden: 4, ..Rnn::default() };
/// let fitted = settings.fit_network(&Panel::from_values(&values, 7), &Task::new(7), None, &mut ThreeEpochs)?;
/// assert!(fitted.best_epoch() <= 3);
/// # Ok::<(), forecast::Error>(())
/// ```
pub trait Observer {
    /// Called before each fold of a backtest. Folds are counted from 1.
    fn fold(&mut self, _number: usize, _of: usize) -> Control {
        Control::Continue
    }

    /// Called after each candidate of an ensemble was evaluated, in any order. Candidates are counted from 1.
    fn candidate(&mut self, _number: usize, _of: usize) -> Control {
        Control::Continue
    }

    /// Called after each epoch.
    fn epoch(&mut self, _: &Epoch) -> Control {
        Control::Continue
    }

    /// Called at each event.
    fn event(&mut self, _: &Event) {}
}

/// An observer that does nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct SilentObserver;

impl Observer for SilentObserver {}
