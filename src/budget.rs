//! The time that a computation may take, and how it is divided among its parts.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// All shares of a budget. Each is a part of the time that is left when its work begins.
pub mod shares {
    /// For the fit of a model that records hindcasts, from which its accuracy is known.
    pub const FIT_WITH_HINDCASTS: f64 = 0.9;
    /// For the fit of any other model; the rest is for another fit, which measures its accuracy.
    pub const FIT_WITHOUT_HINDCASTS: f64 = 0.55;
    /// For the candidates of one series; the rest is for their combination and for the forecast.
    pub(crate) const CANDIDATES: f64 = 0.7;
    /// For the global model, if it is combined with local models.
    pub(crate) const POOLED_GLOBAL: f64 = 0.75;
    /// For the local models, if they are combined with a global model. It is a share of the whole budget.
    pub(crate) const POOLED_LOCAL: f64 = 0.2;
    /// For both trainings of an ensemble of networks; the rest is for its forecasts.
    pub(crate) const ENSEMBLE_TRAINING: f64 = 0.9;
    /// For the first training of an ensemble, as a share of both.
    pub(crate) const ENSEMBLE_FIRST_TRAINING: f64 = 0.72;
    /// For both trainings of DeepAR; the rest is for its sample paths.
    pub(crate) const DEEPAR_TRAINING: f64 = 0.75;
    /// For the first training of DeepAR, as a share of both.
    pub(crate) const DEEPAR_FIRST_TRAINING: f64 = 0.67;
}

/// The time that a computation may take, counted from the moment at which the budget is made.
///
/// Parts of the computation have budgets of their own, which end no later. [`Budget::stop`] asks the computation and all
/// its parts to end sooner.
///
/// ```
/// use std::time::Duration;
/// use forecast::budget::Budget;
///
/// let budget = Budget::new(Some(Duration::from_secs(60)));
/// let training = budget.split(0.75);
/// assert!(training.left() <= Some(Duration::from_secs(45)));
/// budget.stop();
/// assert!(training.is_over());
/// assert_eq!(Budget::unlimited().left(), None);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Budget {
    /// `None`: without limit.
    end: Option<Instant>,
    /// True if this budget was stopped.
    stop: Arc<AtomicBool>,
    /// The `stop` of each budget of which this one is a part.
    outer_stops: Vec<Arc<AtomicBool>>,
}

impl Budget {
    /// A budget that ends after `limit`. It has no limit if `limit` is `None` or beyond the range of the clock.
    pub fn new(limit: Option<Duration>) -> Self {
        Self { end: limit.and_then(|limit| Instant::now().checked_add(limit)), ..Self::default() }
    }

    /// A budget without limit.
    pub fn unlimited() -> Self {
        Self::default()
    }

    /// Whether the budget has a limit.
    pub fn is_limited(&self) -> bool {
        self.end.is_some()
    }

    /// The time that is left; `None` without limit.
    pub fn left(&self) -> Option<Duration> {
        self.end.map(|end| end.saturating_duration_since(Instant::now()))
    }

    /// A part of this budget that ends after a share, in [0, 1], of the time that is left.
    #[must_use]
    pub fn split(&self, share: f64) -> Self {
        let share_of = |left: Duration| Duration::try_from_secs_f64(left.as_secs_f64() * share.clamp(0.0, 1.0));
        self.part(self.left().map(|left| share_of(left).unwrap_or(left)))
    }

    /// A part of this budget that ends after `limit`, and no later than this budget.
    #[must_use]
    pub fn part(&self, limit: Option<Duration>) -> Self {
        let own_end = limit.and_then(|limit| Instant::now().checked_add(limit));
        let outer_stops = [self.outer_stops.as_slice(), &[Arc::clone(&self.stop)]].concat();
        Self { end: [self.end, own_end].into_iter().flatten().min(), stop: Arc::default(), outer_stops }
    }

    /// A part of this budget that leaves `reserved` for what comes after it.
    #[must_use]
    pub fn reserving(&self, reserved: Duration) -> Self {
        self.part(self.left().map(|left| left.saturating_sub(reserved)))
    }

    /// Whether the time is over or the computation was asked to stop, so that no new part may begin.
    pub fn is_over(&self) -> bool {
        self.is_stopped() || self.end.is_some_and(|end| Instant::now() >= end)
    }

    /// Whether the computation was asked to stop.
    pub fn is_stopped(&self) -> bool {
        self.outer_stops.iter().chain([&self.stop]).any(|stop| stop.load(Ordering::Relaxed))
    }

    /// Asks the computation and all its parts to stop.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}
